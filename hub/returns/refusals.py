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
Span = Acknowledgement | FunctionalError


async def refused(connection: Connection, grant: Grant, received: Sequence[Received]) -> Translation:
    """Functional errors: whom they concern; one that names what was never sent is not believed."""
    told = [(each, each.message) for each in received if isinstance(each.message, FunctionalError)]
    if not told:
        return Translation({})
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in await connection.fetch(_SQL["spans"], grant.recipient, *_columns([message for _, message in told])):
        rows[row["place"]].append(row)
    whole = {place for place, (_, message) in enumerate(told) if len(rows[place]) == message.last - message.first + 1}
    sequences = [(told[place][1].generation, row) for place in sorted(whole) for row in rows[place]]
    await connection.execute(
        _SQL["remember_refused"],
        grant.recipient,
        [generation for generation, _ in sequences],
        [row["addressee_number"] for _, row in sequences],
        [row["sequence"] for _, row in sequences],
    )
    return Translation(
        {told[place][1].number: _draft(told[place][1], rows[place]) for place in whole},
        tuple(Unreadable(each.record, UNKNOWN_DELIVERY) for n, (each, _) in enumerate(told) if n not in whole),
    )


async def taken_since(connection: Connection, grant: Grant, received: Sequence[Received]) -> Translation:
    """Acknowledgements: of whom everything that was refused is over, since a later delivery is applied."""
    messages = [each.message for each in received if isinstance(each.message, Acknowledgement)]
    applied = [message for message in messages if message.outcome == "applied"]
    if not applied or not grant.admits("functional-error"):
        return Translation({})
    residents: dict[int, list[str]] = defaultdict(list)
    for row in await connection.fetch(_SQL["forget_refused"], grant.recipient, *_columns(applied)):
        residents[applied[row["place"]].number].append(row["addressee_number"])
    return Translation({number: partial(RefusalsOver, residents=tuple(sorted(of))) for number, of in residents.items()})


def _draft(message: FunctionalError, rows: Sequence[Any]) -> partial[DeliveriesRefused]:
    changes = tuple(
        ChangeReference(addressee_number=row["addressee_number"], history_number=row["history_number"]) for row in rows
    )
    return partial(DeliveriesRefused, code=message.code, changes=changes)


def _columns(messages: Sequence[Span]) -> list[list[int]]:
    return [[getattr(message, name) for message in messages] for name in ("generation", "first", "last")]
