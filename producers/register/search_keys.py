"""Search keys of residents: derived with the row they belong to, and for rows that were there before them."""

from collections.abc import Sequence

from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from producers.register.connection import register_connection
from producers.register.former_name import without_former
from topics.items.resident import PersonName, ResidentRecord
from topics.text.search import kana_key, name_key

_SQL = load_queries("producers.register", "queries.sql")
BATCH = 5000

Keys = tuple[str | None, str | None, str | None, str | None, str | None]
"""Birth date, keys of name and reading, keys of alias and its reading."""


def keys_of(record: ResidentRecord | None) -> Keys:
    """What a resident is found by, the name without a former one; nothing for a record that is absent."""
    if record is None:
        return None, None, None, None, None
    return record.birth_date, *_name(record.name), *_name(record.alias)


async def save_search_keys(connection: Connection, numbers: Sequence[str], keys: Sequence[Keys]) -> None:
    """Keep the keys of these residents, in place of those they had."""
    if numbers:
        await connection.execute(_SQL["save_search_keys"], numbers, *map(list, zip(*keys, strict=True)))


async def complete_search_keys(settings: Settings, municipality: str) -> int:
    """Derive the keys of residents who have none yet; returns of how many. A second time there are none."""
    done = 0
    async with register_connection(settings, municipality) as connection:
        while rows := await connection.fetch(_SQL["without_search_keys"], BATCH):
            records = [row["record"] and ResidentRecord.model_validate_json(row["record"]) for row in rows]
            await save_search_keys(connection, [row["addressee_number"] for row in rows], list(map(keys_of, records)))
            done += len(rows)
    return done


def _name(name: PersonName | None) -> tuple[str | None, str | None]:
    if name is None:
        return None, None
    present = without_former(name)
    return name_key(present.text), kana_key(present.kana)
