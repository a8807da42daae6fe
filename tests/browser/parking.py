"""A resident whom a recipient's own database refuses: parked there, and all that follows waits, until it is mended."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

from pydantic_core import to_json

from consumers.databases import database_of
from infra.runtime.postgres import Connection, connect
from producers.register.filings import Filing, parse_filing
from producers.register.registrar import Registrar
from tests.browser.seen import Seen
from topics.catalogue import ADMIN
from topics.declared import declared_by_recipient

RECIPIENT = "addressee"
DAY = "2026-05-11"
NAMES = (
    {"text": "合成　壱子", "kana": "ごうせい　いちこ"},
    {"text": "合成　弐子", "kana": "ごうせい　にこ"},
    {"text": "合成　参子", "kana": "ごうせい　さんこ"},
)


async def park(seen: Seen) -> None:
    """Let the recipient's database refuse the resident, and correct her name thrice: the first is parked, the others
    wait behind it.
    """
    async with _copy(seen) as connection:
        await connection.execute(
            f"ALTER TABLE person ADD CONSTRAINT refused CHECK (addressee_number <> '{seen.resident}') NOT VALID"
        )
    async with Registrar.open(seen.settings, seen.city) as registrar:
        outcomes = await registrar.register(_corrections(seen.resident))
    assert [outcome.result for outcome in outcomes] == ["registered"] * len(NAMES)


async def mend(seen: Seen) -> None:
    """Let the recipient's database take everybody again; what is parked stays parked until it is tried again."""
    async with _copy(seen) as connection:
        await connection.execute("ALTER TABLE person DROP CONSTRAINT refused")


def _corrections(resident: str) -> Sequence[Filing]:
    told = {"kind": "ex-officio-correction", "operator": "synthetic-1", "filed_on": DAY, "changed_on": DAY}
    return [parse_filing(to_json({**told, "filing_id": uuid4(), "resident": resident, "name": name})) for name in NAMES]


@asynccontextmanager
async def _copy(seen: Seen) -> AsyncIterator[Connection]:
    """The recipient's database as its owner sees it."""
    grant = declared_by_recipient(seen.settings.grants_directory)[RECIPIENT]
    name = database_of(grant).name(seen.settings.environment, seen.city)
    connection = await connect(seen.settings, name, role=ADMIN, principal=ADMIN)
    try:
        yield connection
    finally:
        await connection.close()
