"""What a party gave up (破棄・再提供依頼): discards are entered in the ledger, and whom they concern is told anew.

All in the transaction that takes the message in, the telling as a row that asks for it: a worker that dies has done
either all of it or nothing.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from hub.inbox.received import Received
from hub.lane import Lane
from hub.ledger.entries import discarded
from hub.ledger.writing import Ledger, open_ledger
from hub.returns.redelivery import ask_redeliveries
from hub.returns.refusals import UNKNOWN_DELIVERY, remember_refused, spans
from hub.router.intake import Unreadable
from infra.runtime.postgres import Connection
from topics.grant import Grant
from topics.ledger.entry import EntryKind
from topics.messages.inbound import Discard, Redelivery

GivenUp = Discard | Redelivery


async def take_given_up(
    connection: Connection, lane: Lane, grant: Grant, received: Sequence[Received]
) -> list[Unreadable]:
    """Enter discards and ask that all concerned be told anew; returns what names deliveries that were never sent. The
    head must be locked."""
    told = [(each, each.message) for each in received if isinstance(each.message, GivenUp)]
    if not told:
        return []
    rows = await _concerned(connection, grant, [message for _, message in told])
    known = {place for place, (_, message) in enumerate(told) if len(rows[place]) == _length(message)}
    ledger = await open_ledger(connection, lane.settings.environment, lane.municipality)
    for place in sorted(known):
        _enter(ledger, told[place][1], rows[place])
    await ledger.save(connection)
    given_up = [(told[place][1].generation, row) for place in sorted(known) for row in rows[place]]
    await remember_refused(connection, grant, given_up)
    await ask_redeliveries(connection, grant.recipient, {row["addressee_number"] for _, row in given_up})
    return [Unreadable(each.record, UNKNOWN_DELIVERY) for place, (each, _) in enumerate(told) if place not in known]


async def _concerned(connection: Connection, grant: Grant, messages: Sequence[GivenUp]) -> Mapping[int, list[Any]]:
    """The deliveries of each message, by its place among `messages`."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in await spans(connection, grant, [(m.generation, m.first or 0, m.last or 0) for m in messages]):
        found[row["place"]].append(row)
    return found


def _length(message: GivenUp) -> int:
    return 0 if message.first is None or message.last is None else message.last - message.first + 1


def _enter(ledger: Ledger, message: GivenUp, rows: Sequence[Any]) -> None:
    if not isinstance(message, Discard):
        return
    if message.offset is not None:
        ledger.enter(EntryKind.DISCARD, discarded(message, None))
    for row in rows:
        ledger.enter(EntryKind.DISCARD, discarded(message, row["number"]), row["addressee_number"])
