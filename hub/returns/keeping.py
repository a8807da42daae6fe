"""What a party said that concerns the register is kept for it, in the transaction that takes the party's message in."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from hub.inbox.received import Received
from hub.lane import Lane
from hub.returns.letters import carried
from hub.returns.numbers import number_replies
from hub.returns.refusals import refused, taken_since
from hub.router.intake import Unreadable
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.catalogue import HUB, REGISTER
from topics.envelope.places import register_terms
from topics.envelope.run import Head
from topics.envelope.sealing import Sealer
from topics.grant import Grant
from topics.messages.register_inbound import RegisterMessage

_SQL = load_queries("hub.returns", "queries.sql")
TRANSLATORS = (refused, taken_since, number_replies, carried)
"""Each picks its own type of message, and tells what they come to in the register's words."""


async def keep_for_register(
    connection: Connection, lane: Lane, grant: Grant, received: Sequence[Received]
) -> list[Unreadable]:
    """Number, seal and keep what concerns the register, in the order sent; returns what is not believed. The head must
    be locked."""
    told = [await translate(connection, grant, received) for translate in TRANSLATORS]
    drafts = {number: draft for each in told for number, draft in each.drafts.items()}
    if drafts:
        origin = {"municipality": lane.municipality, "party": grant.recipient, "received_at": datetime.now(UTC)}
        complete = [partial(drafts[number], party_number=number, **origin) for number in sorted(drafts)]
        last: int = await connection.fetchval(_SQL["take_numbers"], len(complete))
        numbers = range(last - len(complete) + 1, last + 1)
        messages = [draft(number=number) for draft, number in zip(complete, numbers, strict=True)]
        await connection.execute(_SQL["keep"], list(numbers), _sealed(lane, messages))
    return [unreadable for each in told for unreadable in each.refused]


def _sealed(lane: Lane, messages: Sequence[RegisterMessage]) -> list[bytes]:
    city = lane.municipality
    sealer = Sealer(register_terms(lane.settings.environment, city), lane.ring.between(HUB, REGISTER))
    return [sealer.seal(_head(city, message.number), message.to_wire()) for message in messages]


def _head(municipality: str, number: int) -> Head:
    return Head(key=municipality, event_id=event_id(municipality, number), number=number, sequence=number)


def event_id(municipality: str, number: int) -> str:
    """The name of a message to the register; it tells nothing of the party."""
    return f"register-{municipality}-{number}"
