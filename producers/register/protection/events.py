"""From what is filed about protections (支援措置) to what leaves the register, each at a position of its own."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID, uuid5

from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from producers.register.protection.steps import Protection
from topics.messages.change import Group, ProtectionStep
from topics.messages.protection import ProtectionState

_SQL = load_queries("producers.register", "queries.sql") | load_queries("producers.register.protection", "queries.sql")
Stands = tuple[UUID, str, ProtectionState]
"""By which filing, of whom, what holds from then on."""


def state_of(protection: Protection) -> ProtectionState:
    """What of a protection is told: status, level and period."""
    return ProtectionState(
        status=protection.status, level=protection.level, begins_on=protection.begins_on, ends_on=protection.ends_on
    )


def step_events(stands: Sequence[Stands], municipality: str, first: int, now: datetime) -> list[ProtectionStep]:
    """One event for each, from position `first` on; the persons of one filing are a group."""
    events: list[ProtectionStep] = []
    for filing_id, members in groupby(stands, key=lambda each: each[0]):
        persons = list(members)
        for index, (_, resident, state) in enumerate(persons, start=1):
            events.append(
                ProtectionStep(
                    event_id=uuid5(filing_id, str(index)),
                    municipality=municipality,
                    position=first + len(events),
                    group=Group(filing=filing_id, index=index, count=len(persons)),
                    resident=resident,
                    state=state,
                    registered_at=now,
                )
            )
    return events


async def never_protected(connection: Connection, residents: Sequence[str]) -> frozenset[str]:
    """Of whom of these the register can say that there never was a protection; the persons are locked."""
    rows = await connection.fetch(_SQL["never_protected"], residents)
    return frozenset(row["addressee_number"] for row in rows)
