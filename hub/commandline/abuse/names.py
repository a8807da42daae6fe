"""Cases 40-43: names that would be more than text, or be read otherwise than they stand."""

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from hub.commandline.abuse.case import PLANTED_NAME, Attempt, Case, Evidence, accepted, all_refused
from hub.commandline.abuse.doors import filing, told_by_recipient
from hub.commandline.abuse.rights import intruder
from infra.runtime.postgres import Connection, connect
from infra.runtime.settings import Settings
from producers.register.databases import REGISTER_DATABASE
from producers.register.events import change_event
from producers.register.filings import Filing, parse_filing
from producers.register.findings import FilingRefusedError
from producers.register.loading import load_book
from producers.register.rules.decide import decide
from producers.register.writing import save_book, save_filings
from topics.catalogue import REGISTER
from topics.items.resident import ResidentRecord
from topics.messages.change import Change, RecordState
from topics.messages.delivery import Delivery, DeliveryKind

SQL_TEXTS = (
    "'; DROP TABLE resident; --",
    "合成' OR '1'='1",
    "$1); DELETE FROM history; --",
    "\\'; SELECT pg_sleep(9); --",
    '{"name": "x"}',
)
CONTROLS = ("\n", "\r\n", "\x1b[2J", "\x00", "\x85", "\u2028")
UNSEEN = ("\u202e", "\u2066", "\u2069", "\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u3164")
AS_RECEIVED = (
    "葛\U000e0100城　花子",
    "辻\U000e0101\u3000太郎",
    "\ue000\uf8ff合成",
    "\U00020bb7野家　次郎",
    "\ufa19\u795e",
    "か\u3099き",
    "Ａlｉсе Сmith",
    "𛀂𛂁",
)
LOGGING = """
import sys
from infra.runtime.log import configure_logging
configure_logging("INFO", "drill").error("told", recipient=sys.stdin.buffer.read().decode("utf-8"))
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A name as the register holds it, and as the change of it and a delivery of that carry it."""

    register: str
    change: str
    delivery: str


async def kept(settings: Settings, name: str) -> Kept:
    """Register a person called `name`, look, and take it back: nothing of it remains."""
    told = parse_filing(json.dumps(filing(settings.municipalities[0], name)))
    database = REGISTER_DATABASE.name(settings.environment, settings.municipalities[0])
    connection = await connect(settings, database, role=REGISTER, principal=REGISTER)
    transaction = connection.transaction()
    await transaction.start()
    try:
        return await _kept(connection, told, settings)
    finally:
        await transaction.rollback()
        await connection.close()


async def _kept(connection: Connection, told: Filing, settings: Settings) -> Kept:
    city = settings.municipalities[0]
    book = await load_book(connection, [told])
    book.enact(told.filing_id, decide(book, told))
    await save_filings(connection, [told], [])
    await save_book(connection, book, {told.filing_id: told}, city)
    entry = book.entries[0]
    number = entry.amendment.resident
    row = await connection.fetchval("SELECT record::text FROM resident WHERE addressee_number = $1", number)
    wire = change_event(entry, told, city, 1, datetime.now(UTC)).to_wire()
    after = Change.from_wire(wire).after
    record = ResidentRecord.model_validate_json(row)
    return Kept(record.name.text, after.name.text if after else "", _delivered(record, settings))


def _delivered(record: ResidentRecord, settings: Settings) -> str:
    sent = Delivery(
        recipient=intruder(settings),
        municipality=settings.municipalities[0],
        generation=1,
        number=1,
        sequence=1,
        subject="synthetic",
        kind=DeliveryKind.CREATED,
        state=RecordState.ACTIVE,
        items={"name": record.name.model_dump()},
    )
    _, items = told_by_recipient(settings, sent.to_wire(), sent.subject)
    return str(items.get("name", {}).get("text", ""))


async def _stays_text(settings: Settings, names: tuple[str, ...]) -> Attempt:
    """Nothing is done with the text but to keep it, code point by code point."""
    same = [await kept(settings, name) == Kept(name, name, name) for name in names]
    digest = sha256("\0".join(names).encode()).hexdigest()[:16]
    cause = f"{len(names)} names kept as received in register, change and delivery (sha256 {digest})"
    return Attempt(refused=True, cause=cause) if all(same) else accepted()


async def _sql(settings: Settings) -> Attempt:
    return await _stays_text(settings, SQL_TEXTS)


async def _variants(settings: Settings) -> Attempt:
    lone = [_refused(settings, rf"{PLANTED_NAME}\ud842", escaped=True)]
    return all_refused(await _stays_text(settings, AS_RECEIVED), *lone)


async def _unseen(settings: Settings) -> Attempt:
    return all_refused(*[_refused(settings, PLANTED_NAME + character) for character in UNSEEN])


async def _controls(settings: Settings) -> Attempt:
    filings = [_refused(settings, PLANTED_NAME + character + "x") for character in CONTROLS]
    return all_refused(*filings, await _one_line(PLANTED_NAME.join(CONTROLS)))


def _refused(settings: Settings, name: str, *, escaped: bool = False) -> Attempt:
    """What the counter says to a filing with this name; `escaped` when the name is JSON text already."""
    text = json.dumps(filing(settings.municipalities[0], "NAME" if escaped else name))
    with suppress(UnicodeError):
        try:
            parse_filing(text.replace("NAME", name) if escaped else text)
        except FilingRefusedError as refusal:
            return Attempt(refused=True, cause=str(refusal))
    return accepted()


async def _one_line(text: str) -> Attempt:
    """Such a text reaches the log as one line of plain characters, should it ever get that far."""
    logging = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LOGGING, stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    _, written = await logging.communicate(text.encode())
    lines = written.decode("ascii", "replace").splitlines()
    plain = len(lines) == 1 and lines[0].isprintable() and lines[0].isascii()
    return Attempt(refused=True, cause="log: one line, escaped") if plain else accepted()


NAMES = (
    Case(40, "SQL in a name", Evidence.KEPT, _sql),
    Case(41, "control characters in a name", Evidence.FINDING, _controls),
    Case(42, "characters that turn the direction or are not seen", Evidence.FINDING, _unseen),
    Case(43, "variants, gaiji and look-alikes replaced on the way", Evidence.KEPT, _variants),
)
