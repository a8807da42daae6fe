"""The content keys that the hub keeps while a run can still take records: none stays under a key to be destroyed."""

from hub.databases import HUB_DATABASE
from infra.runtime.postgres import connect
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from topics.catalogue import HUB

_SQL = load_queries("hub.keys", "queries.sql")


async def forget_content_keys(settings: Settings, key_id: str) -> None:
    """Forget those of all runs sealed to the key, in every municipality; the key is retired, so no run goes on."""
    for city in settings.municipalities:
        connection = await connect(settings, HUB_DATABASE.name(settings.environment, city), role=HUB, principal=HUB)
        try:
            await connection.execute(_SQL["forget_content_keys"], key_id)
        finally:
            await connection.close()
