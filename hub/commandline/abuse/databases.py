"""Cases 47-52 and 73: nobody reads a database, a column or a key that is not theirs; refused by SQLSTATE."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from hub.commandline.abuse.case import NOT_REFUSED, PLANTED_NAME, PLANTED_NUMBER, Attempt, Case, Evidence, all_refused
from hub.commandline.abuse.rights import intruder, victim
from hub.commandline.deployment import databases, grants_now
from infra.runtime.databases import Database
from infra.runtime.postgres import Connection, connect
from infra.runtime.queries import load_queries
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from producers.register.databases import NUMBERS_DATABASE, REGISTER_DATABASE
from topics.catalogue import ADMIN, AUDITOR, DESK, HUB, REGISTER

_SQL = load_queries("hub.commandline.abuse", "catalogue.sql")
JOIN, SWEEP = "hub_join", "number_sweep"
GUEST = JOIN
SETTINGS = ("app.recipient", "app.municipality", "kairan.recipient", "kairan.municipality")
NUMBER_COLUMNS = {
    REGISTER: ("SELECT sealed FROM number_version", "SELECT reference FROM number_version WHERE sealed = $1",
               "SELECT reference FROM number_version ORDER BY sealed"),
    SWEEP: ("SELECT sealed FROM number_version", "SELECT reference FROM number_version WHERE blind_index = $1",
            "SELECT reference FROM number_version ORDER BY blind_index"),
    JOIN: ("SELECT blind_index FROM number_version", "SELECT reference FROM number_version WHERE blind_index = $1",
           "SELECT reference FROM number_version ORDER BY filing_id"),
}  # fmt: skip
PRINCIPALS = {
    JOIN: HUB, SWEEP: REGISTER, "counter": REGISTER, "certificate": REGISTER, "relay": REGISTER, "reviewer": DESK,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A database as one role sees it."""

    settings: Settings
    database: str
    role: str

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection, closed afterwards."""
        principal = PRINCIPALS.get(self.role, self.role)
        connection = await connect(self.settings, self.database, role=self.role, principal=principal)
        try:
            yield connection
        finally:
            await connection.close()


async def entered(place: Place) -> Attempt:
    """Whether the role is refused the database at the door."""
    try:
        async with place.opened():
            return Attempt(refused=False, cause=NOT_REFUSED)
    except Refusal as refusal:
        return Attempt(refused=True, cause=refusal.sentence.rpartition(": ")[2])


async def done(connection: Connection, statement: str, *values: Any) -> Attempt:
    """What the server says to a statement; nothing it does remains."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(statement, *values)
    except asyncpg.PostgresError as error:
        return Attempt(refused=True, cause=f"{type(error).__name__} {error.sqlstate}: {error.args[0]}")
    finally:
        await transaction.rollback()
    return Attempt(refused=False, cause=NOT_REFUSED)


def named(settings: Settings, kind: str) -> Iterator[str]:
    """The databases of one kind."""
    for database in databases(settings):
        if database.kind == kind:
            yield from database.names(settings.environment, settings.municipalities)


def _numbers(settings: Settings) -> str:
    return NUMBERS_DATABASE.name(settings.environment, settings.municipalities[0])


async def _foreign_databases(settings: Settings) -> Attempt:
    """Every recipient at every database that is not its own."""
    recipients = [grant.recipient for grant in grants_now(settings)]
    pairs = [(role, kind) for role in recipients for kind in (d.kind for d in databases(settings)) if role != kind]
    places = [Place(settings, name, role) for role, kind in pairs for name in named(settings, kind)]
    return all_refused(*[await entered(place) for place in places])


async def _settings(settings: Settings) -> Attempt:
    """No policy goes by a setting, so setting one shows nothing more; and nobody makes himself somebody else by one."""
    own = Place(settings, next(named(settings, intruder(settings))), intruder(settings))
    async with own.opened() as connection:
        async with connection.transaction(isolation="repeatable_read"):
            before = await _visible(connection)
            for setting in SETTINGS:
                await connection.execute("SELECT set_config($1, $2, false)", setting, victim(settings))
            shown = await _visible(connection)
        policies = await connection.fetchval(_SQL["policies"])
        posed = await done(connection, f"SET SESSION AUTHORIZATION {ADMIN}")
    unchanged = before == shown and policies == 0
    told = f"{len(before)} tables show the same after {len(SETTINGS)} settings; {policies} policies"
    return all_refused(posed, Attempt(unchanged, told))


async def _visible(connection: Connection) -> dict[str, int]:
    tables = [row["table"] for row in await connection.fetch(_SQL["tables"])]
    return {table: await connection.fetchval(f'SELECT count(*) FROM "{table}"') for table in tables}  # noqa: S608 - names of the catalogue


async def _unique_keys(settings: Settings) -> Attempt:
    """Whoever is refused before the key is looked at learns nothing from it; whoever may write may also read it."""
    async with Place(settings, _numbers(settings), JOIN).opened() as connection:
        insertion = "INSERT INTO number_version (reference, kind, filing_id, member, sealed, blind_index)"
        values = "VALUES ($1, 'my-number', gen_random_uuid(), 0, convert_to($2, 'UTF8'), ''::bytea)"
        blind = await done(connection, f"{insertion} {values}", PLANTED_NUMBER, PLANTED_NAME)
    found = [await _probeable(settings, name) for database in databases(settings) for name in _of(settings, database)]
    told = f"{len(found)} databases hold no key that a role may try and not read"
    return all_refused(blind, Attempt(not any(found), told if not any(found) else str(next(filter(None, found)))))


async def _probeable(settings: Settings, database: str) -> Sequence[str]:
    async with Place(settings, database, ADMIN).opened() as connection:
        rows = await connection.fetch(_SQL["probeable"])
    return [f"{row['role']} may try {row['table']}.{row['column']}" for row in rows]


async def _views(settings: Settings) -> Attempt:
    """Every view asks for its reader's own rights; to be allowed the view alone is to be allowed nothing."""
    names = [name for database in databases(settings) for name in _of(settings, database)]
    attempts = [attempt for name in names for attempt in await _views_of(settings, name)]
    return all_refused(*attempts)


async def _views_of(settings: Settings, database: str) -> list[Attempt]:
    async with Place(settings, database, ADMIN).opened() as connection:
        views = await connection.fetch(_SQL["views"])
        plain = [Attempt(False, f"{database}.{row['view']} lends its owner's rights") for row in views  # noqa: FBT003
                 if not row["invoker"]]  # fmt: skip
        return [*plain, *[await through_view(connection, row["view"]) for row in views]]


async def through_view(connection: Connection, view: str) -> Attempt:
    """What a role is told that may read the view and nothing below it; the right is taken back."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(f'GRANT USAGE ON SCHEMA public TO "{GUEST}"')
        await connection.execute(f'GRANT SELECT ON "{view}" TO "{GUEST}"')
        await connection.execute(f'SET LOCAL ROLE "{GUEST}"')
        return await done(connection, f'SELECT * FROM "{view}"')  # noqa: S608 - a name of the catalogue
    finally:
        await transaction.rollback()


async def _number_columns(settings: Settings) -> Attempt:
    attempts = []
    for role, statements in NUMBER_COLUMNS.items():
        async with Place(settings, _numbers(settings), role).opened() as connection:
            attempts += [await done(connection, one, *[b"synthetic"] * one.count("$1")) for one in statements]
    return all_refused(*attempts, *await _beside_the_view(settings))


async def _beside_the_view(settings: Settings) -> list[Attempt]:
    """Of a recipient's copy the auditor reads what its view shows; no other column of the same tables."""
    name = next(named(settings, victim(settings)))
    async with Place(settings, name, ADMIN).opened() as connection:
        hidden = await connection.fetch(_SQL["beside_the_view"])
    async with Place(settings, name, AUDITOR).opened() as connection:
        asked = [f'SELECT "{row["column"]}" FROM "{row["table"]}"' for row in hidden]  # noqa: S608 - names of the catalogue
        return [await done(connection, one) for one in asked]


async def _other_roles(settings: Settings) -> Attempt:
    async with Place(settings, next(named(settings, intruder(settings))), intruder(settings)).opened() as connection:
        own = [await done(connection, f"SET ROLE {role}") for role in (victim(settings), AUDITOR, REGISTER, ADMIN)]
    register = REGISTER_DATABASE.name(settings.environment, settings.municipalities[0])
    async with Place(settings, register, REGISTER).opened() as connection:
        return all_refused(*own, await done(connection, f"SET ROLE {JOIN}"))


async def _dead_letters(settings: Settings) -> Attempt:
    """Where records are parked, the auditor sees that and why; what is in them, sealed as it is, is not even told."""
    attempts = []
    for kind in (HUB, *(grant.recipient for grant in grants_now(settings))):
        async with Place(settings, next(named(settings, kind)), AUDITOR).opened() as connection:
            columns = [row["column"] for row in await connection.fetch(_SQL["sealed_columns"], "parked")]
            attempts += [await done(connection, f'SELECT "{column}" FROM parked') for column in columns]  # noqa: S608
            attempts.append(Attempt({"sealed_key", "sealed_value"} <= {*columns}, f"of {kind} the sealed columns"))
    return all_refused(*attempts)


def _of(settings: Settings, database: Database) -> tuple[str, ...]:
    return database.names(settings.environment, settings.municipalities)


DATABASES = (
    Case(47, "a recipient opens another's database", Evidence.SQLSTATE, _foreign_databases),
    Case(48, "a session setting that says who one is", Evidence.SQLSTATE, _settings),
    Case(49, "a unique key tells whether somebody is there", Evidence.SQLSTATE, _unique_keys),
    Case(50, "a view that lends its owner's rights", Evidence.SQLSTATE, _views),
    Case(51, "columns of numbers by roles that may not read them", Evidence.SQLSTATE, _number_columns),
    Case(52, "a role puts on another role", Evidence.SQLSTATE, _other_roles),
    Case(73, "a dead letter read by who does not settle it", Evidence.SQLSTATE, _dead_letters),
)
