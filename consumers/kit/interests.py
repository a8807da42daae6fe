"""Interests (対象者の登録・解除): whom a recipient handles; its list and its word to the hub are one transaction."""

from collections.abc import Sequence
from functools import partial
from typing import Literal

from consumers.kit.connection import recipient_connection
from consumers.kit.outbox import enqueue
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.check_digits import is_serial
from topics.declared import declared_by_recipient
from topics.grant import Grant
from topics.messages.inbound import Interest

_SQL = load_queries("consumers.kit", "interests.sql")
Action = Literal["place", "remove"]


async def place(settings: Settings, recipient: str, municipality: str, addressee_numbers: Sequence[str]) -> int:
    """Put persons on the list; returns how many were not on it. The recipient's running process tells the hub."""
    return await _change(settings, recipient, municipality, addressee_numbers, "place")


async def remove(settings: Settings, recipient: str, municipality: str, addressee_numbers: Sequence[str]) -> int:
    """Take persons off the list; returns how many were on it. The recipient's running process tells the hub."""
    return await _change(settings, recipient, municipality, addressee_numbers, "remove")


async def _change(
    settings: Settings, recipient: str, municipality: str, addressee_numbers: Sequence[str], action: Action
) -> int:
    if not all(map(is_serial, addressee_numbers)):
        raise Refusal("KIT-ADDRESSEE-NUMBER", "an addressee number has ten digits, the last a check digit")
    grant = _listing(settings, recipient)
    async with recipient_connection(settings, grant, municipality) as connection, connection.transaction():
        return await change_list(connection, recipient, municipality, addressee_numbers, action)


async def change_list(
    connection: Connection, recipient: str, municipality: str, addressee_numbers: Sequence[str], action: Action
) -> int:
    """Change list and outbox within the caller's transaction; returns how many are on it, or off it, only now."""
    rows = await connection.fetch(_SQL[action], municipality, list(addressee_numbers))
    draft = partial(Interest, party=recipient, municipality=municipality, action=action)
    drafts = [partial(draft, addressee_number=row["addressee_number"]) for row in rows]
    await enqueue(connection, municipality, drafts)
    return len(rows)


def _listing(settings: Settings, recipient: str) -> Grant:
    """The recipient's grant, when by it the population is a list of the recipient's own."""
    grant = declared_by_recipient(settings.grants_directory).get(recipient)
    if grant is None or grant.population != "interest":
        raise Refusal("KIT-INTERESTS", f"{recipient}: has no grant whose population is a list of its own")
    return grant
