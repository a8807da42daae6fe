"""Faults that pass: whoever sends waits a moment and begins anew."""

from aiokafka.errors import KafkaError

from infra.runtime.postgres import DATABASE_ERRORS
from infra.runtime.refusals import Refusal

RETRY_SECONDS = 1.0
TRANSIENT = (*DATABASE_ERRORS, OSError, KafkaError, Refusal)
