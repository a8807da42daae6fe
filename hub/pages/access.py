"""The access log (アクセスログ) of the pages: each look-up of a resident or alert, each replay, leaves a row."""

from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from asyncpg import CheckViolationError

from hub.pages.accounts import SQL
from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.keys import ACCESS_KEY, load_key
from infra.runtime.postgres import Connection
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One look-up: who asks what, for which purpose and case, about whom (addressee numbers, 宛名番号).

    `sealed_by` seals the subjects for their row.
    """

    question: Literal["who", "proof", "preview", "alert"]
    operator: str
    purpose: str
    case_number: str
    sealed_by: ColumnCipher
    subjects: tuple[str, ...] = ()
    number_touched: bool = False


async def record_access(connection: Connection, entry: AccessEntry) -> None:
    """Write the row, in the caller's transaction, which must be committed before anything is shown; raises `Refusal`
    that names the field when purpose or case are not as they must be."""
    lookup = uuid4()
    sealed = [entry.sealed_by.seal(str(lookup), subject.encode("ascii")) for subject in entry.subjects]
    told = (entry.question, entry.operator, entry.purpose, entry.case_number, entry.number_touched)
    try:
        await connection.execute(SQL["record_access"], lookup, *told, sealed)
    except CheckViolationError as error:
        field = (error.constraint_name or "").removeprefix("access_log_").removesuffix("_check")
        raise Refusal("KRN-LOOKUP", f"{field}: missing or not as a purpose, a case is written") from None


def subject_cipher(settings: Settings) -> ColumnCipher:
    """Seals and opens the subjects in the pages' access log."""
    return ColumnCipher(load_key(settings, ACCESS_KEY), table="desk_access_log", column="subjects")
