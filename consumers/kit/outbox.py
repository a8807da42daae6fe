"""The way back: rows for the hub, written with their cause and numbered 1..n without gap for each municipality."""

from collections.abc import Callable, Sequence
from functools import partial

from consumers.kit.gate import ranges
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.messages.inbound import Message, ResendRequest

Draft = Callable[..., Message]
"""A message that still lacks its `number`."""

_SQL = load_queries("consumers.kit", "queries.sql")


async def enqueue(connection: Connection, municipality: str, drafts: Sequence[Draft]) -> None:
    """Number and store `drafts` as the last step of the caller's transaction: the counter is locked until commit."""
    if not drafts:
        return
    last: int = await connection.fetchval(_SQL["allot"], municipality, len(drafts))
    numbers = range(last - len(drafts) + 1, last + 1)
    messages = [draft(number=number).to_wire() for draft, number in zip(drafts, numbers, strict=True)]
    await connection.execute(_SQL["enqueue"], municipality, list(numbers), messages)


def resend_requests(numbers: frozenset[int], party: str, municipality: str, generation: int) -> list[Draft]:
    """One request for each contiguous run of delivery numbers that never arrived."""
    draft = partial(ResendRequest, party=party, municipality=municipality, generation=generation)
    return [partial(draft, first=run.start, last=run.stop - 1) for run in ranges(numbers)]
