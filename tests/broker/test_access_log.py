"""The access log's way out of the register: in the look-up's own transaction, by pseudonym, sealed, until confirmed."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import asyncpg
import pytest

from hub.commandline.deployment import broker, lent, prepare
from infra.check.topic_reader import Raw, read_partition
from infra.embedded.supervisor import Supervisor
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from producers.register.access import Occasion, subject_pseudonyms
from producers.register.databases import REGISTER_DATABASE
from producers.register.registrar import Registrar
from producers.register.search import search_residents, wanted
from producers.register.staff import Member, save_staff
from producers.register.standing import last_access_number
from tests.broker.test_counter_search import BIRTH, NAME, OCCASION, _move_in
from tests.polling import until
from tests.sealing import opened_as
from tests.unit.register.counter import person
from topics.catalogue import ADMIN, AUDITOR, REGISTER, Acl, access_topic
from topics.envelope.places import access_terms
from topics.messages.access import Entry, Handling, LookUp, Standing, Tie, read_entry
from topics.partitions import partition_of

CITY = "142158"
DEADLINE_SECONDS = 30.0
