"""What ought to stand at a recipient (整合用データ), from register and grant; batch by batch, as keyed digests.

The projection is the verifier's. Whoever has deliveries under way is listed without a word of what she ought to be:
what holds is said only of residents whose last delivery is acknowledged, as the register stood when the hub had routed
just that.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.check.entitlement import Owed, owed, possible
from infra.check.projection import person_fields
from infra.check.protection import UNPROTECTED, Timeline
from infra.check.sources import Register, Standing, Standings, Version, read_register, read_standings
from infra.runtime.settings import Settings
from topics.grant import Grant
from topics.messages.consistency import BATCH_RESIDENTS, ConsistencyBatch, Expected, item_digest
from topics.scope import CATALOGUES


async def consistency_list(settings: Settings, municipality: str, grant: Grant) -> list[ConsistencyBatch]:
    """The whole list, sorted by subject; at least one batch."""
    standings = await read_standings(settings, municipality, grant)
    register = await read_register(settings, municipality)
    return batches(grant, municipality, standings, dict(_entitled(grant, register, standings.next_position)))


def batches(
    grant: Grant, municipality: str, standings: Standings, entitled: Mapping[str, "Present"]
) -> list[ConsistencyBatch]:
    """The list of all whom the recipient was told of, under a new key; `entitled` by addressee number."""
    key, fields = secrets.token_bytes(32), person_fields(grant)
    rows = [_expected(key, fields, each, entitled.get(each.addressee_number)) for each in standings.residents]
    rows.sort(key=lambda row: row.subject)
    parts = [rows[first : first + BATCH_RESIDENTS] for first in range(0, len(rows), BATCH_RESIDENTS)] or [[]]
    whole = ConsistencyBatch(
        recipient=grant.recipient,
        municipality=municipality,
        generation=grant.generation,
        list_id=secrets.token_hex(16),
        batch=1,
        batches=len(parts),
        position=standings.last_number,
        untold=_untold(standings, entitled),
        key=key.hex(),
        items=_numbers(grant, fields),
        residents=(),
    )
    return [whole.model_copy(update={"batch": n, "residents": tuple(part)}) for n, part in enumerate(parts, start=1)]


def _untold(standings: Standings, entitled: Mapping[str, "Present"]) -> int:
    known = {each.addressee_number for each in standings.residents}
    return sum(1 for who, present in entitled.items() if who not in known and present.state != "absent")


@dataclass(frozen=True, slots=True)
class Present:
    """A resident's present state under the grant; `vague` are fields that changed since and need not be told."""

    state: str
    items: Mapping[str, Any]
    vague: frozenset[str]


def _entitled(grant: Grant, register: Register, next_position: int) -> Iterator[tuple[str, Present]]:
    for who, history in register.histories.items():
        routed = [version for version in history if version.position < next_position]
        timeline = _until(register.protections.get(who, UNPROTECTED), next_position)
        present = present_state(grant, routed, register.numbers, timeline) if routed else None
        if present is not None:
            yield who, present


def _until(timeline: Timeline, next_position: int) -> Timeline:
    return Timeline(tuple(stand for stand in timeline.stands if stand.position < next_position))


def present_state(
    grant: Grant, history: Sequence[Version], numbers: Mapping[str, str], timeline: Timeline = UNPROTECTED
) -> Present | None:
    """What the recipient ought to hold after `history`; None when it was never entitled."""
    states = owed(grant, history, numbers, timeline)
    if not states:
        return None
    last = states[-1]
    since = [version for version in history if version.position >= last.version.position]
    later = possible(grant, since, numbers, timeline)
    return Present(last.state, last.items, frozenset(field for field in last.items if _moved(field, last, later)))


def _moved(field: str, last: Owed, later: Sequence[Owed]) -> bool:
    return any(each.items.get(field) != last.items[field] for each in later)


def _expected(key: bytes, fields: Sequence[str], standing: Standing, present: Present | None) -> Expected:
    who = Expected(
        subject=standing.subject, sequence=standing.sequence, number=standing.number, settled=standing.settled
    )
    if not standing.settled or present is None or present.state == "absent":
        return who
    digests = _digests(key, fields, standing.subject, present)
    return who.model_copy(update={"state": present.state, "digests": digests})


def _digests(key: bytes, fields: Sequence[str], subject: str, present: Present) -> tuple[str | None, ...]:
    return tuple(
        None if field in present.vague else item_digest(key, subject, field, present.items.get(field))
        for field in fields
    )


def _numbers(grant: Grant, fields: Sequence[str]) -> tuple[int, ...]:
    known = CATALOGUES[grant.catalogue].by_number
    return tuple(number for number in grant.items if known[number].field in fields)
