"""What may go wrong while a batch is settled: faults that pass, contents that will be refused again, and too many."""

from aiokafka.errors import KafkaError
from asyncpg.exceptions import DataError, IntegrityConstraintViolationError

from infra.runtime.postgres import DATABASE_ERRORS
from infra.runtime.refusals import Refusal

TRANSIENT = (OSError, TimeoutError, KafkaError, *DATABASE_ERRORS, Refusal)
"""Servers away, connections cut, rights withdrawn: nothing is lost by waiting, and nothing is gained by ending."""

NOT_STORABLE = "KIT-NOT-STORABLE"
NOT_APPLICABLE = "KIT-NOT-APPLICABLE"

NOT_STORED = (DataError, IntegrityConstraintViolationError)
NOT_UNDERSTOOD = (ValueError, TypeError, LookupError)
OF_CONTENTS = (*NOT_STORED, *NOT_UNDERSTOOD)
"""Errors that come from a delivery's contents, and would come again."""

LIMIT = "KIT-PARK-LIMIT"


class BrokenRuleError(ValueError):
    """A delivery breaks a rule of the recipient's that what is stored decides; it is parked under the rule's code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def code_of(error: Exception) -> str:
    """The code under which a delivery is parked whose contents raised one of `OF_CONTENTS`."""
    if isinstance(error, BrokenRuleError):
        return error.code
    return NOT_STORABLE if isinstance(error, NOT_STORED) else NOT_APPLICABLE


class ParkLimitError(Exception):
    """So much would be parked that the consumer itself must be amiss: nothing of the batch was written."""

    def __init__(self, parked: int) -> None:
        super().__init__(LIMIT)
        self.parked = parked
