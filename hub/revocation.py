"""Revocation (取消し): once it returns, nothing more is routed or sent under a grant; what waited is void or gone."""

from hub.databases import HUB_DATABASE
from hub.store import SQL
from hub.windows.waiting import WINDOWS_SQL
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from topics.catalogue import HUB
from topics.grant import Grant


async def revoke(settings: Settings, grant: Grant) -> int:
    """Void the grant's unsent deliveries in every municipality; returns how many are void. Repeatable.

    Takes the head first, as the router does, then the lock that dispatch shares while it sends.
    """
    return sum([await _revoke(settings, municipality, grant) for municipality in settings.municipalities])


async def _revoke(settings: Settings, municipality: str, grant: Grant) -> int:
    name = HUB_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, name, role=HUB, principal=HUB)
    place = (grant.recipient, grant.generation)
    try:
        async with connection.transaction():
            await connection.fetchrow(SQL["lock_head"])
            await connection.execute(SQL["take_grant"], *place)
            await connection.execute(SQL["revoke"], *place)
            await connection.execute(SQL["void_unsent"], *place)
            await connection.execute(SQL["forget_all_asked"], *place)
            await connection.execute(WINDOWS_SQL["forget_waiting"], *place)
        return int(await connection.fetchval(SQL["voided"], *place))
    finally:
        await connection.close()
