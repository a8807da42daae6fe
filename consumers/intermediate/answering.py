"""Whether an inquiry may be answered without staff (自動応答); a protected person's never is (自動応答不可)."""

from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries

_SQL = load_queries("consumers.intermediate", "queries.sql")


async def may_answer(connection: Connection, municipality: str, link_number: str) -> bool:
    """Whether there is a copy of the person, and the hub has told that she is not protected; nothing told: no."""
    return bool(await connection.fetchval(_SQL["may_answer"], municipality, link_number))
