"""The way back: rows for the hub, written with their cause and numbered 1..n without gap for each municipality."""

from collections.abc import Callable, Sequence
from functools import partial

from consumers.kit.gate import ranges
from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from infra.runtime.tracing import PROCESSED
from topics.messages.inbound import Message, ResendRequest
from topics.messages.numbers import SealedWireModel

Draft = Callable[..., Message]
"""A message that still lacks its `number`."""

_SQL = load_queries("consumers.kit", "queries.sql")


async def enqueue(
    connection: Connection, municipality: str, drafts: Sequence[Draft], cipher: ColumnCipher | None = None
) -> None:
    """Number and store `drafts` as the last step of the caller's transaction: the counter is locked until commit.

    What is written while a traced batch is processed keeps that batch's context.
    Without `cipher` no message with a number of a person is stored: TypeError.
    """
    if not drafts:
        return
    last: int = await connection.fetchval(_SQL["allot"], municipality, len(drafts))
    numbers = range(last - len(drafts) + 1, last + 1)
    rows = [_stored(draft(number=number), cipher) for draft, number in zip(drafts, numbers, strict=True)]
    columns = map(list, zip(*rows, strict=True))
    await connection.execute(_SQL["enqueue"], municipality, PROCESSED.get(), list(numbers), *columns)


def outbox_cipher(key: bytes) -> ColumnCipher:
    """What seals and opens messages with numbers, under the recipient's key."""
    return ColumnCipher(key, table="outbox", column="sealed_message")


def outbox_row(municipality: str, number: int) -> str:
    """To which row a sealed message is bound."""
    return f"{municipality}/{number}"


def _stored(message: Message, cipher: ColumnCipher | None) -> tuple[bytes | None, bytes | None]:
    """The columns `message` and `sealed_message`."""
    if not isinstance(message, SealedWireModel):
        return message.to_wire(), None
    if cipher is None:
        raise TypeError(f"{message.type}: is stored sealed only")
    return None, cipher.seal(outbox_row(message.municipality, message.number), message.to_wire())


def resend_requests(numbers: frozenset[int], party: str, municipality: str, generation: int) -> list[Draft]:
    """One request for each contiguous run of delivery numbers that never arrived."""
    draft = partial(ResendRequest, party=party, municipality=municipality, generation=generation)
    return [partial(draft, first=run.start, last=run.stop - 1) for run in ranges(numbers)]
