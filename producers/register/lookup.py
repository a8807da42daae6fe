"""From a number to its holder, at the counter: the one way there is, and every question is logged with its case."""

from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.keys import NUMBERS_KEY, load_key
from infra.runtime.postgres import connect
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from producers.register.access import Occasion, looking_up, occasions_complete
from producers.register.databases import NUMBERS_DATABASE
from topics.catalogue import REGISTER
from topics.guarded import MyNumber, Purpose, ResidentCode

_SQL = load_queries("producers.register", "queries.sql")
COUNTER_ROLE = "counter"


async def find_resident(
    settings: Settings, municipality: str, number: MyNumber | ResidentCode, occasion: Occasion
) -> str | None:
    """The addressee number (宛名番号) of the number's holder, or None; raises `Refusal` for an incomplete occasion.

    The question is committed to the log of numbers before the register is asked, and to the access log with its answer.
    """
    references = await _references(settings, municipality, number, occasion)
    async with looking_up(settings, municipality, COUNTER_ROLE, occasion) as lookup:
        found = [row["addressee_number"] for row in await lookup.ask("find_holder", references)]
        await lookup.tell(found)
    return found[0] if found else None


async def _references(
    settings: Settings, municipality: str, number: MyNumber | ResidentCode, occasion: Occasion
) -> list[str]:
    cipher = ColumnCipher(load_key(settings, NUMBERS_KEY), table="number_version", column="number")
    index = cipher.blind_index(number.reveal(Purpose.SEARCH).encode("ascii"))
    numbers = NUMBERS_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, numbers, role=COUNTER_ROLE, principal=REGISTER)
    try:
        with occasions_complete():
            rows = await connection.fetch(_SQL["find_references"], index, *occasion.told())
    finally:
        await connection.close()
    return [row["reference"] for row in rows]
