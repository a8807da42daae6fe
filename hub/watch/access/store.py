"""The review list's database, as the analysis writes it: alerts once, and where an entry lies that failed."""

from collections.abc import Sequence

from pydantic_core import to_json

from hub.databases import ANALYSIS_DATABASE
from hub.watch.access.alert import MOST_EVIDENCE, Alert
from infra.runtime.postgres import Pool, open_pool
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from topics.catalogue import ANALYSIS

_SQL = load_queries("hub.watch.access", "queries.sql")
CONNECTIONS = 2


class Store:
    """One municipality's review list. What this process has said already is not said again."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._said: set[str] = set()

    async def say(self, alerts: Sequence[Alert]) -> None:
        """Enter alerts that are not there yet; returns when they are committed."""
        new = list({alert.id: alert for alert in alerts if alert.id not in self._said}.values())
        if not new:
            return
        await self._pool.execute(
            _SQL["raise_alerts"],
            [alert.id for alert in new],
            [alert.rule for alert in new],
            [alert.operator for alert in new],
            [alert.window.first for alert in new],
            [alert.window.last for alert in new],
            [alert.window.subject for alert in new],
            [to_json(alert.evidence[:MOST_EVIDENCE]).decode() for alert in new],
            [to_json(dict(alert.figures)).decode() for alert in new],
        )
        self._said |= {alert.id for alert in new}

    async def fail(self, topic: str, partition: int, offset: int, code: str) -> None:
        """Remember an entry that was not taken in."""
        await self._pool.execute(_SQL["fail_entry"], topic, partition, offset, code)

    async def take_up_to(self, number: int) -> None:
        """Everything up to this number of the register's is taken in."""
        await self._pool.execute(_SQL["take_up_to"], number)

    async def taken(self) -> int:
        """Up to which of the register's numbers everything was taken in."""
        return int(await self._pool.fetchval(_SQL["taken"]))

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.close()


async def open_store(settings: Settings, municipality: str) -> Store:
    """The municipality's list; raises `Refusal` when its database is not there."""
    name = ANALYSIS_DATABASE.name(settings.environment, municipality)
    return Store(await open_pool(settings, name, role=ANALYSIS, principal=ANALYSIS, connections=CONNECTIONS))
