"""The plain copy: whatever a grant permits is kept, numbers sealed; whom it handles may be a list of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import yaml

from consumers.copy.apply import NO_LINK_NUMBER, GrantedCopy
from consumers.databases import database_of
from consumers.kit import interests
from infra.check.sources import read_copy, read_interests
from infra.runtime.keys import create_key, load_key
from infra.runtime.migrations import prepare_databases
from infra.runtime.postgres import connect
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.declared import declared_by_recipient
from topics.grant import Grant
from topics.messages.delivery import Delivery

CITY = "142158"
GRANTS = declared_by_recipient()
MY_NUMBER, RESIDENT_CODE = "123456789018", "24727059608"
ADDRESSEE_NUMBER = "0000000019"


def _like(recipient: str, name: str) -> Grant:
    """A grant as `recipient` has it, for somebody without a folder."""
    return GRANTS[recipient].model_copy(update={"recipient": name, "store": "municipality"})


def _delivery(grant: Grant, sequence: int = 1, **changes: Any) -> Delivery:
    base = {
        "recipient": grant.recipient, "municipality": CITY, "generation": 1, "number": 1, "sequence": sequence,
        "subject": "a", "kind": "changed", "state": "active", "items": {},
    }  # fmt: skip
    return Delivery.model_validate(base | changes)


async def _applied(settings: Settings, grant: Grant, *deliveries: Delivery) -> None:
    async with _connected(settings, grant) as connection, connection.transaction():
        await GrantedCopy(grant, load_key(settings, grant.recipient)).apply(connection, CITY, deliveries)


@asynccontextmanager
async def _connected(settings: Settings, grant: Grant, role: str | None = None) -> AsyncIterator[asyncpg.Connection]:
    name, who = database_of(grant).name(settings.environment, CITY), role or grant.recipient
    connection = await connect(settings, name, role=who, principal=who)
    try:
        yield connection
    finally:
        await connection.close()


async def test_numbers_are_sealed_and_the_verifier_opens_them(settings: Settings) -> None:
    grant = _like("prefecture", "number-office")
    create_key(settings, grant.recipient)
    await prepare_databases(settings, (database_of(grant),))
    items = {"my_number": MY_NUMBER, "resident_code": RESIDENT_CODE, "name": "合成　太郎"}
    await _applied(settings, grant, _delivery(grant, items=items))
    (row,) = (await read_copy(settings, CITY, grant)).values()
    assert row.items == items
    async with _connected(settings, grant) as connection:
        stored = await connection.fetchval("SELECT person::text FROM person")
    assert "合成" in stored
    assert MY_NUMBER not in stored
    assert RESIDENT_CODE not in stored


async def test_who_is_gone_is_gone_and_an_earlier_grant_is_forgotten(settings: Settings) -> None:
    grant = _like("welfare", "housing-office")
    create_key(settings, grant.recipient)
    await prepare_databases(settings, (database_of(grant),))
    await _applied(settings, grant, *(_delivery(grant, subject=subject, items={"sex": "9"}) for subject in "abc"))
    await _applied(settings, grant, _delivery(grant, 2, kind="tombstone"), _delivery(grant, 2, subject="b"))
    assert {row: copy.sequence for row, copy in (await read_copy(settings, CITY, grant)).items()} == {"b": 2, "c": 1}
    async with _connected(settings, grant) as connection, connection.transaction():
        await GrantedCopy(grant, load_key(settings, grant.recipient)).forget(connection, CITY)
    assert await read_copy(settings, CITY, grant) == {}


def test_who_knows_persons_by_link_numbers_takes_nobody_without_one() -> None:
    linked, named = (GrantedCopy(_like(like, "office"), bytes(32)) for like in ("intermediate", "welfare"))
    bare = _delivery(GRANTS["welfare"])
    assert (linked.check(bare), named.check(bare)) == (NO_LINK_NUMBER, None)
    assert linked.check(bare.model_copy(update={"link_number": "l"})) is None
    assert linked.check(_delivery(GRANTS["welfare"], kind="tombstone")) is None


async def test_a_list_of_its_own_is_kept_and_told(settings: Settings, tmp_path: Path) -> None:
    grant = _like("welfare", "housing-office")
    (tmp_path / "housing-office.yaml").write_text(yaml.safe_dump(grant.model_dump(mode="json")), encoding="utf-8")
    own = settings.model_copy(update={"grants_directory": tmp_path})
    await prepare_databases(own, (database_of(grant),))
    assert await interests.place(own, grant.recipient, CITY, [ADDRESSEE_NUMBER]) == 1
    assert await read_interests(own, CITY, grant) == {ADDRESSEE_NUMBER}
    assert await interests.remove(own, grant.recipient, CITY, [ADDRESSEE_NUMBER]) == 1
    async with _connected(own, grant) as connection:
        assert await connection.fetchval("SELECT count(*) FROM outbox") == 2
    assert await read_interests(own, CITY, grant) == frozenset()


async def test_who_follows_everybody_has_no_list(settings: Settings) -> None:
    for name in ("prefecture", "library"):
        with pytest.raises(Refusal, match="KIT-INTERESTS"):
            await interests.place(settings, name, CITY, [ADDRESSEE_NUMBER])
