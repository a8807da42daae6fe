"""Cases: the department says whom it handles (対象者の登録・解除); list and message to the hub are one transaction."""

from collections.abc import Sequence
from functools import partial
from typing import Literal

from consumers.databases import database_of
from consumers.kit.outbox import enqueue
from infra.runtime.postgres import Connection, connect
from infra.runtime.queries import load_queries
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.check_digits import is_serial
from topics.declared import declared_by_recipient
from topics.messages.inbound import Interest

_SQL = load_queries("consumers.welfare", "queries.sql")
WELFARE = "welfare"
Action = Literal["place", "remove"]


async def place(settings: Settings, municipality: str, addressee_numbers: Sequence[str]) -> int:
    """Put persons on the list; returns how many were not on it. The running welfare process tells the hub."""
    return await _change(settings, municipality, addressee_numbers, "place")


async def remove(settings: Settings, municipality: str, addressee_numbers: Sequence[str]) -> int:
    """Take persons off the list; returns how many were on it. The running welfare process tells the hub."""
    return await _change(settings, municipality, addressee_numbers, "remove")


async def _change(settings: Settings, municipality: str, addressee_numbers: Sequence[str], action: Action) -> int:
    if not all(map(is_serial, addressee_numbers)):
        raise Refusal("WELFARE-ADDRESSEE-NUMBER", "an addressee number has ten digits, the last a check digit")
    connection = await connect(settings, _database(settings, municipality), role=WELFARE, principal=WELFARE)
    try:
        async with connection.transaction():
            return await change_list(connection, municipality, addressee_numbers, action)
    finally:
        await connection.close()


async def change_list(
    connection: Connection, municipality: str, addressee_numbers: Sequence[str], action: Action
) -> int:
    """Change list and outbox within the caller's transaction; returns how many are on it, or off it, only now."""
    rows = await connection.fetch(_SQL[action], municipality, list(addressee_numbers))
    draft = partial(Interest, party=WELFARE, municipality=municipality, action=action)
    drafts = [partial(draft, addressee_number=row["addressee_number"]) for row in rows]
    await enqueue(connection, municipality, drafts)
    return len(rows)


def _database(settings: Settings, municipality: str) -> str:
    grant = declared_by_recipient(settings.grants_directory)[WELFARE]
    return database_of(grant).name(settings.environment, municipality)
