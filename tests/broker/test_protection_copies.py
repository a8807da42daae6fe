"""What each recipient keeps of blocks and recalls, in a real PostgreSQL: what it had, without what was recalled."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest
from pydantic_core import from_json

from consumers.databases import database_of
from consumers.intermediate.answering import may_answer
from consumers.kit.protection import keep_protections
from consumers.service import copy_of
from infra.runtime.keys import create_key, load_key
from infra.runtime.migrations import prepare_databases
from infra.runtime.postgres import Connection, connect
from infra.runtime.settings import Settings
from topics.declared import declared_by_recipient
from topics.messages.delivery import Delivery

CITY, WHO, LINK, HOME = "142158", "anna", "link-anna", "海老名市中央1番1号"
PLAIN = declared_by_recipient()["prefecture"].model_copy(update={"recipient": "number-office", "store": "municipality"})
"""Of a recipient without duties of its own: it keeps a plain copy."""
GRANTS = {**declared_by_recipient(), PLAIN.recipient: PLAIN}
NUMBERED = ("prefecture", "jlis", "numbering", PLAIN.recipient)
BLOCKED: dict[str, Any] = {"blocked": True, "status": "full", "level": "address", "begins_on": "2026-04-01",
                           "ends_on": "2027-04-01"}  # fmt: skip


@pytest.mark.parametrize("recipient", GRANTS)
async def test_a_block_leaves_the_copy_and_a_recall_takes_its_fields(settings: Settings, recipient: str) -> None:
    async with _database(settings, recipient) as connection:
        copy = copy_of(settings, GRANTS[recipient], load_key(settings, recipient))
        await keep_protections(connection, CITY, _come_and_gone(recipient))
        assert await _looked_at(settings, recipient, "protection") == []
        for batch in (
            [_told(recipient, 1), _instruction(recipient, 2, "block", protection=BLOCKED)],
            [_instruction(recipient, 3, "recall", recalled=["address", "my_number"])],
        ):
            await copy.apply(connection, CITY, batch)
            await keep_protections(connection, CITY, batch)
        (row,) = await _looked_at(settings, recipient, "verify_copy")
        items = from_json(row["items"])
        assert (row["sequence"], row["state"]) == (3, "active")
        assert items.keys() - {"addressee_number"} == (set() if recipient == "numbering" else {"birth_date"})
        if recipient in NUMBERED:
            assert row["sealed_my_number"] is None and row["sealed_resident_code"] is not None
        (kept,) = await _looked_at(settings, recipient, "protection")
        assert tuple(kept) == (CITY, WHO, 2, True, "full", "address", date(2026, 4, 1), date(2027, 4, 1))
        gone = [_told(recipient, 4, kind="annulled", state="absent", items={}, protection=None)]
        await copy.apply(connection, CITY, gone)
        await keep_protections(connection, CITY, gone)
        for table in ("verify_copy", "protection"):
            assert await _looked_at(settings, recipient, table) == []


async def test_who_was_told_of_nothing_is_answered_nothing(settings: Settings) -> None:
    async with _database(settings, "intermediate") as connection:
        copy = copy_of(settings, GRANTS["intermediate"], load_key(settings, "intermediate"))
        assert not await may_answer(connection, CITY, LINK)
        answers = []
        for number, told in enumerate((None, {"blocked": False}, {"blocked": True}, {"blocked": False}), start=1):
            batch = [_told("intermediate", number, protection=told)]
            await copy.apply(connection, CITY, batch)
            await keep_protections(connection, CITY, batch)
            answers.append(await may_answer(connection, CITY, LINK))
        assert answers == [False, True, False, True]
        assert not await may_answer(connection, "142166", LINK)


async def test_the_case_view_shows_whoever_is_not_told_of_as_protected(settings: Settings) -> None:
    async with _database(settings, "welfare") as connection:
        copy = copy_of(settings, GRANTS["welfare"], load_key(settings, "welfare"))
        shown = []
        for number, told in enumerate((None, {"blocked": False, "status": "none"}, BLOCKED), start=1):
            batch = [_told("welfare", number, protection=told)]
            await copy.apply(connection, CITY, batch)
            await keep_protections(connection, CITY, batch)
            shown.append(tuple((await connection.fetch("SELECT blocked, protection FROM case_view"))[0]))
        assert shown == [(True, "unknown"), (False, "none"), (True, "full")]


def _come_and_gone(recipient: str) -> list[Delivery]:
    """A protected person who comes and goes within one batch."""
    gone = _told(recipient, 2, kind="annulled", state="absent", items={}, protection=None)
    return [_told(recipient, 1, protection=BLOCKED), gone]


def _told(recipient: str, sequence: int, **changes: Any) -> Delivery:
    numbers = {"my_number": "123456789018", "resident_code": "24727059608"} if recipient in NUMBERED else {}
    address = HOME if recipient in NUMBERED else {"text": HOME}
    known = {"addressee_number": "1000000018"} if recipient == "addressee" else {}
    told = {
        "recipient": recipient,
        "municipality": CITY,
        "generation": 1,
        "number": sequence,
        "sequence": sequence,
        "subject": WHO,
        "kind": "created" if sequence == 1 else "changed",
        "state": "active",
        "link_number": LINK if recipient == "intermediate" else None,
        "items": {"birth_date": "1980-02-29", "address": address, **known, **numbers},
    }
    return Delivery.model_validate(told | changes)


def _instruction(recipient: str, sequence: int, kind: str, **told: Any) -> Delivery:
    return _told(recipient, sequence, kind=kind, items={}, **told)


async def _looked_at(settings: Settings, recipient: str, table: str) -> list[Any]:
    """All rows, as the auditor sees them."""
    name = database_of(GRANTS[recipient]).name(settings.environment, CITY)
    connection = await connect(settings, name, role="auditor", principal="auditor")
    try:
        return list(await connection.fetch(f"SELECT * FROM {table}"))
    finally:
        await connection.close()


@asynccontextmanager
async def _database(settings: Settings, recipient: str) -> AsyncIterator[Connection]:
    """The recipient's own database, as the recipient."""
    database = database_of(GRANTS[recipient])
    create_key(settings, recipient)
    await prepare_databases(settings, (database,))
    name = database.name(settings.environment, CITY)
    connection = await connect(settings, name, role=recipient, principal=recipient)
    try:
        yield connection
    finally:
        await connection.close()
