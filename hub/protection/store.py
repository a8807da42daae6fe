"""Reads and saves what the hub knows of protections; a few statements a batch, none per record."""

import json
from collections.abc import Sequence

from hub.protection.holders import holders
from hub.router.routing import Routing
from hub.router.state import Recall
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.messages.protection import ProtectionState

PROTECTION_SQL = load_queries("hub.protection", "queries.sql")


async def read_protections(connection: Connection, routing: Routing, residents: Sequence[str]) -> None:
    """Fill `routing` with where these residents' protections stand, as far as the register has told."""
    for row in await connection.fetch(PROTECTION_SQL["protections"], residents):
        who, *state = tuple(row)
        routing.protections[who] = ProtectionState(**dict(zip(_COLUMNS, state, strict=True)))


async def read_holders(connection: Connection, routing: Routing, residents: Sequence[str]) -> None:
    """Fill `routing` with who was told these residents' addresses."""
    rows = await connection.fetch(PROTECTION_SQL["disclosed"], residents) if residents else []
    routing.holders |= holders((row["addressee_number"], json.loads(row["entry"])) for row in rows)


async def save_protections(connection: Connection, routing: Routing) -> None:
    """Save what was told anew, and who is to give an address back, in the transaction of the deliveries."""
    if routing.protections_told:
        told = sorted(routing.protections_told)
        states = [routing.protections[who] for who in told]
        columns = ([getattr(state, column) for state in states] for column in _COLUMNS)
        await connection.execute(PROTECTION_SQL["save_protections"], told, *columns)
    if routing.recalls:
        rows = zip(*map(_row, routing.recalls), strict=True)
        await connection.execute(PROTECTION_SQL["save_recalls"], *map(list, rows))


_COLUMNS = ("status", "level", "begins_on", "ends_on")


def _row(recall: Recall) -> tuple[object, ...]:
    return (
        recall.recipient,
        recall.generation,
        recall.addressee_number,
        recall.position,
        recall.number,
        recall.reach,
        recall.hours,
    )
