"""Faults that pass: whoever sends waits a moment and begins anew."""

from aiokafka.errors import KafkaError
from asyncpg import InterfaceError, PostgresError

from infra.runtime.refusals import Refusal

RETRY_SECONDS = 1.0
TRANSIENT = (PostgresError, InterfaceError, OSError, KafkaError, Refusal)
