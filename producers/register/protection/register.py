"""Files steps of protections (支援措置) and looks them up; each leaves in the transaction that files it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from infra.runtime.postgres import Connection, Pool
from infra.runtime.queries import load_queries
from producers.register.book import UNKNOWN
from producers.register.findings import FilingRefusedError, Rule
from producers.register.outbox import send, take_positions
from producers.register.protection.events import state_of, step_events
from producers.register.protection.steps import Protection, ProtectionFiling, after
from producers.register.registrar import Outcome, refused

_SQL = load_queries("producers.register.protection", "queries.sql")
Row = tuple[str, ProtectionFiling, Protection]


@dataclass(slots=True)
class Standing:
    """The persons a batch concerns, what holds of each, and the steps that are new."""

    known: set[str]
    now: dict[str, Protection]
    rows: list[Row] = field(default_factory=list)

    def take(self, filing: ProtectionFiling) -> Outcome:
        """Let a filing's steps stand for all its persons, or for none."""
        try:
            steps = [(who, filing, self._step(who, filing)) for who in dict.fromkeys(filing.residents)]
        except FilingRefusedError as refusal:
            return refused(filing.filing_id, refusal)
        self.rows += steps
        self.now |= {who: protection for who, _, protection in steps}
        return Outcome(filing.filing_id, "registered", tuple(who for who, _, _ in steps))

    def _step(self, who: str, filing: ProtectionFiling) -> Protection:
        if who not in self.known:
            raise FilingRefusedError(Rule.UNKNOWN_RESIDENT, "residents", UNKNOWN)
        return after(self.now.get(who), filing)


async def protect(pool: Pool, municipality: str, filings: Sequence[ProtectionFiling]) -> list[Outcome]:
    """File steps in the order given, in one transaction; idempotent by filing id; one refused stops no other.

    The persons stay locked until their steps have positions, so that no later change of theirs comes before these.
    """
    persons = sorted({who for filing in filings for who in filing.residents})
    async with pool.acquire() as connection, connection.transaction():
        known = {row["addressee_number"] for row in await connection.fetch(_SQL["lock_persons"], persons)}
        filed = await connection.fetch(_SQL["known_steps"], [filing.filing_id for filing in filings])
        standing = Standing(known, dict(await protections_of(connection, persons)))
        outcomes = _taken(standing, filings, {row["filing_id"] for row in filed})
        await _save(connection, municipality, standing.rows)
    return outcomes


def _taken(standing: Standing, filings: Sequence[ProtectionFiling], filed: set[UUID]) -> list[Outcome]:
    outcomes = []
    for filing in filings:
        repeated = filing.filing_id in filed
        outcomes.append(Outcome(filing.filing_id, "repeated") if repeated else standing.take(filing))
        if outcomes[-1].result == "registered":
            filed.add(filing.filing_id)
    return outcomes


async def protections_of(connection: Connection | Pool, residents: Sequence[str]) -> Mapping[str, Protection]:
    """What holds of these persons, as far as there ever was a protection: for whoever shows or sends a record."""
    return _by_person(await connection.fetch(_SQL["protections_of"], residents))


async def terms_over(connection: Connection | Pool, today: date) -> Mapping[str, Protection]:
    """Whose term is over: to be reviewed by hand, since the block stands."""
    return _by_person(await connection.fetch(_SQL["terms_over"], today))


def _by_person(rows: Sequence[Any]) -> dict[str, Protection]:
    return {row["addressee_number"]: Protection(*tuple(row)[1:]) for row in rows}


async def _save(connection: Connection, municipality: str, rows: Sequence[Row]) -> None:
    if not rows:
        return
    first = await take_positions(connection, len(rows))
    stands = [(filing.filing_id, who, state_of(protection)) for who, filing, protection in rows]
    events = step_events(stands, municipality, first, datetime.now(UTC))
    positions = [event.position for event in events]
    columns = map(list, zip(*map(_columns, rows), strict=True))
    await connection.execute(_SQL["save_steps"], *columns, positions)
    await connection.execute(_SQL["known_from"], [who for who, _, _ in rows], positions)
    await send(connection, events)


def _columns(row: Row) -> tuple[Any, ...]:
    who, filing, p = row
    return (who, p.number, filing.filing_id, filing.step, p.status, p.level, p.begins_on, p.ends_on, filing.filed_day,
            filing.operator)  # fmt: skip
