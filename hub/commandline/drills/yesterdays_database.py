"""The hub's database is set back to an earlier day.

Fault: the hub's database is copied; 150 changes later, hub and signer are stopped and the copy is put in its place,
as somebody would who restores a backup without what came after it. The signer is started on it.

Expectation: it is noticed before anything is disclosed anew: the signer signs nothing (LEDGER-ROLLED-BACK), since it
remembers what it signed; the replay of the ledger finds fewer entries than the witness has seen (LEDGER-TRUNCATED).
With the right database in place everything goes on.

Proof: both codes are seen; afterwards I1-I7 hold, no canary is readable, and lag is zero.
"""

import asyncio
from functools import partial

import asyncpg

from hub.commandline.drills.drill import drill
from hub.commandline.drills.ground import Ground
from hub.commandline.drills.waiting import NotShownError, until
from infra.check.ledger import replay_city
from infra.runtime.postgres import connect
from infra.runtime.queries import load_queries
from topics.catalogue import ADMIN

_SQL = load_queries("hub.commandline.drills", "databases.sql")
NOTICED_BY_SIGNER, NOTICED_BY_REPLAY = "LEDGER-ROLLED-BACK", "LEDGER-TRUNCATED"
ON_IT = ("hub", "checkpoints")


async def strike(ground: Ground) -> None:
    """Copy, carry on, set back, see it noticed, put right."""
    server = await connect(ground.settings, "postgres", role=ADMIN, principal=ADMIN)
    try:
        today, yesterday = ground.hub_database, f"{ground.hub_database}_yesterday"
        await _alone(ground, server)
        await server.execute(f'CREATE DATABASE "{yesterday}" TEMPLATE "{today}" STRATEGY file_copy')
        _start(ground, *ON_IT)
        await ground.flows(150)
        await until(partial(_has_witnessed_more, ground), "the witness saw nothing new")
        await _alone(ground, server)
        await _swap(server, today, yesterday)
        _start(ground, "checkpoints")
        await until(partial(_signer_notices, ground), f"the signer did not say {NOTICED_BY_SIGNER}")
        await _replay_notices(ground)
        await _alone(ground, server)
        await _swap(server, today, yesterday)
        _start(ground, *ON_IT)
    finally:
        await server.close()


async def _alone(ground: Ground, server: asyncpg.Connection) -> None:
    """Nobody has the hub's database open."""
    await ground.kill(*ON_IT)
    await server.execute(_SQL["end_connections"], ground.hub_database)
    await until(partial(_is_free, server, ground.hub_database), "somebody keeps the hub's database open")


async def _is_free(server: asyncpg.Connection, database: str) -> bool:
    return bool(await server.fetchval(_SQL["connections"], database) == 0)


async def _swap(server: asyncpg.Connection, one: str, other: str) -> None:
    for before, after in ((one, f"{one}_aside"), (other, one), (f"{one}_aside", other)):
        await server.execute(f'ALTER DATABASE "{before}" RENAME TO "{after}"')


def _start(ground: Ground, *names: str) -> None:
    for name in names:
        ground.supervisor.start_one(name)


async def _has_witnessed_more(ground: Ground) -> bool:
    replayed = await replay_city(ground.settings, ground.city)
    return replayed.entries == replayed.witnessed


async def _signer_notices(ground: Ground) -> bool:
    return NOTICED_BY_SIGNER in await asyncio.to_thread(ground.log, "checkpoints")


async def _replay_notices(ground: Ground) -> None:
    found = (await replay_city(ground.settings, ground.city)).findings
    if not any(NOTICED_BY_REPLAY in one for one in found):
        raise NotShownError(f"the replay of the ledger did not say {NOTICED_BY_REPLAY}")


DRILL = drill(__name__, __doc__, strike)
