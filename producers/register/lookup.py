"""From a number to its holder, at the counter: the one way there is, and every question is logged with its case."""

from dataclasses import dataclass

from asyncpg import CheckViolationError

from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.keys import NUMBERS_KEY, load_key
from infra.runtime.postgres import connect
from infra.runtime.queries import load_queries
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from producers.register.databases import NUMBERS_DATABASE, REGISTER_DATABASE
from topics.catalogue import REGISTER
from topics.guarded import MyNumber, Purpose, ResidentCode

_SQL = load_queries("producers.register", "queries.sql")
COUNTER_ROLE = "counter"


@dataclass(frozen=True, slots=True)
class Occasion:
    """Who asks, for what, in which case: what stands in the log of look-ups."""

    operator: str
    purpose: str
    case_number: str


async def find_resident(
    settings: Settings, municipality: str, number: MyNumber | ResidentCode, occasion: Occasion
) -> str | None:
    """The addressee number (宛名番号) of the number's holder, or None; raises `Refusal` for an incomplete occasion.

    The question is committed to the log before the register is asked.
    """
    references = await _references(settings, municipality, number, occasion)
    register = REGISTER_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, register, role=COUNTER_ROLE, principal=REGISTER)
    try:
        found: str | None = await connection.fetchval(_SQL["resident_of"], references)
    finally:
        await connection.close()
    return found


async def _references(
    settings: Settings, municipality: str, number: MyNumber | ResidentCode, occasion: Occasion
) -> list[str]:
    cipher = ColumnCipher(load_key(settings, NUMBERS_KEY), table="number_version", column="number")
    index = cipher.blind_index(number.reveal(Purpose.SEARCH).encode("ascii"))
    numbers = NUMBERS_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, numbers, role=COUNTER_ROLE, principal=REGISTER)
    asked = (occasion.operator, occasion.purpose, occasion.case_number)
    try:
        return [row["reference"] for row in await connection.fetch(_SQL["find_references"], index, *asked)]
    except CheckViolationError as error:
        field = (error.constraint_name or "").removeprefix("number_lookup_").removesuffix("_check")
        raise Refusal("KRN-LOOKUP", f"{field}: missing or not as an account, a purpose, a case is written") from None
    finally:
        await connection.close()
