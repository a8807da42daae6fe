"""Refusals (機能エラー): from a recipient's numbers to the register's changes, until it has applied later ones."""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Any

from hub.inbox.received import Received
from hub.returns.translation import Translation
from hub.router.intake import Unreadable
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.grant import Grant
from topics.messages.inbound import Acknowledgement, FunctionalError
from topics.messages.register_inbound import ChangeReference, DeliveriesRefused, RefusalsOver

_SQL = load_queries("hub.returns", "queries.sql")
UNKNOWN_DELIVERY = "HUB-DELIVERY-UNKNOWN"


async def refused(connection: Connection, grant: Grant, received: Sequence[Received]) -> Translation:
    """Functional errors: whom they concern; one that names what was never sent is not believed."""
    told = [(each, each.message) for each in received if isinstance(each.message, FunctionalError)]
    if not told:
        return Translation({})
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in await spans(connection, grant, [(m.generation, m.first, m.last) for _, m in told]):
        rows[row["place"]].append(row)
    whole = {place for place, (_, message) in enumerate(told) if len(rows[place]) == message.last - message.first + 1}
    sequences = [(told[place][1].generation, row) for place in sorted(whole) for row in rows[place]]
    await remember_refused(connection, grant, sequences)
    return Translation(
        {told[place][1].number: _draft(told[place][1], rows[place]) for place in whole},
        tuple(Unreadable(each.record, UNKNOWN_DELIVERY) for n, (each, _) in enumerate(told) if n not in whole),
    )


async def spans(connection: Connection, grant: Grant, asked: Sequence[tuple[int, int, int]]) -> list[Any]:
    """The deliveries from first to last of each (generation, first, last), as far as they were sent."""
    return list(await connection.fetch(_SQL["spans"], grant.recipient, *_columns(asked)))


async def remember_refused(connection: Connection, grant: Grant, rows: Sequence[tuple[int, Any]]) -> None:
    """What is sent of these residents next stands for these deliveries too; each comes with its generation."""
    await connection.execute(
        _SQL["remember_refused"],
        grant.recipient,
        [generation for generation, _ in rows],
        [row["addressee_number"] for _, row in rows],
        [row["sequence"] for _, row in rows],
    )


async def taken_since(connection: Connection, grant: Grant, received: Sequence[Received]) -> Translation:
    """Acknowledgements: of whom everything that was refused is over, since a later delivery is applied."""
    messages = [each.message for each in received if isinstance(each.message, Acknowledgement)]
    applied = [message for message in messages if message.outcome == "applied"]
    if not applied:
        return Translation({})
    residents: dict[int, list[str]] = defaultdict(list)
    asked = [(message.generation, message.first, message.last) for message in applied]
    for row in await connection.fetch(_SQL["forget_refused"], grant.recipient, *_columns(asked)):
        residents[applied[row["place"]].number].append(row["addressee_number"])
    if not grant.admits("functional-error"):
        return Translation({})  # the register was told of no refusal, and must not learn whom the recipient handles
    return Translation({number: partial(RefusalsOver, residents=tuple(sorted(of))) for number, of in residents.items()})


def _draft(message: FunctionalError, rows: Sequence[Any]) -> partial[DeliveriesRefused]:
    changes = tuple(
        ChangeReference(addressee_number=row["addressee_number"], history_number=row["history_number"]) for row in rows
    )
    return partial(DeliveriesRefused, code=message.code, changes=changes)


def _columns(asked: Sequence[tuple[int, int, int]]) -> list[list[int]]:
    return [list(column) for column in zip(*asked, strict=True)]
