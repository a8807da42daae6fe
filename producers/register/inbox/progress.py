"""How far the inbox of a register has come."""

from dataclasses import dataclass

from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from producers.register.connection import register_connection
from topics.catalogue import register_topic

_SQL = load_queries("producers.register.inbox", "queries.sql")


@dataclass(frozen=True, slots=True)
class Progress:
    """The first offset that is not settled, and the number of the message that comes next."""

    next_offset: int
    next_number: int


async def opened_progress(settings: Settings, municipality: str, first_offset: int) -> Progress:
    """Where the inbox stands, which is `first_offset` where it never read; raises `Refusal`."""
    return await _read(settings, municipality, first_offset) or Progress(first_offset, 1)


async def last_taken(settings: Settings, municipality: str) -> int:
    """The number of the last message that was taken in; raises `Refusal`."""
    progress = await _read(settings, municipality, None)
    return 0 if progress is None else progress.next_number - 1


async def _read(settings: Settings, municipality: str, first_offset: int | None) -> Progress | None:
    topic = register_topic(settings.environment)
    async with register_connection(settings, municipality) as connection:
        if first_offset is not None:
            await connection.execute(_SQL["open_progress"], topic, first_offset)
        row = await connection.fetchrow(_SQL["progress"], topic)
    return None if row is None else Progress(*row)
