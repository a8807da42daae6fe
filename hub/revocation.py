"""Revocation (取消し): once it returns, nothing more is routed or sent under a grant; what waited is void or gone."""

from hub.databases import HUB_DATABASE
from hub.ledger.entries import voided
from hub.ledger.standing import enter_standing, revocation
from hub.ledger.writing import open_ledger
from hub.store import SQL
from hub.windows.waiting import WINDOWS_SQL
from infra.runtime.postgres import Connection, connect
from infra.runtime.settings import Settings
from topics.catalogue import HUB
from topics.grant import Grant
from topics.ledger.entry import EntryKind


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
            await connection.execute(SQL["forget_all_asked"], *place)
            await connection.execute(WINDOWS_SQL["forget_waiting"], *place)
            await _void_unsent(connection, settings.environment, municipality, grant)
        return int(await connection.fetchval(SQL["voided"], *place))
    finally:
        await connection.close()


async def _void_unsent(connection: Connection, environment: str, municipality: str, grant: Grant) -> None:
    """Void what no dispatcher has begun to send; what one may have sent before it died stays disclosed."""
    ledger = await open_ledger(connection, environment, municipality)
    for row in await connection.fetch(SQL["void_unsent"], grant.recipient, grant.generation):
        ledger.enter(EntryKind.VOID, voided(grant, row["first"], row["last"]))
    await enter_standing(connection, ledger, [revocation(grant)])
    await ledger.save(connection)
