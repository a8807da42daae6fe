"""What a proposed grant would have changed, had it been in force: items, persons, disclosures. Replays the register."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from infra.check.entitlement import Owed, owed
from infra.check.projection import AsReferences
from infra.check.protection import UNPROTECTED, Timeline
from infra.check.sources import Version
from topics.grant import Grant


@dataclass(frozen=True, slots=True)
class Difference:
    """How many, or which, would be added and removed."""

    added: tuple[int, ...] | int
    removed: tuple[int, ...] | int


@dataclass(frozen=True, slots=True)
class Impact:
    """Proposed against present over a span of changes: `fuller` disclosures would be made anyway and tell more items,
    `barer` ones fewer."""

    items: Difference
    persons: Difference
    disclosures: Difference
    fuller: int
    barer: int
    wider: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """One city's past: its histories from `since` on count; `listed` are the persons the recipient follows. Who is not
    among `protections` was never protected."""

    histories: Mapping[str, Sequence[Version]]
    listed: frozenset[str]
    since: datetime
    protections: Mapping[str, Timeline] = field(default_factory=dict)


Disclosed = dict[tuple[str, int], frozenset[str]]


def impact(present: Grant | None, proposed: Grant, spans: Sequence[Span]) -> Impact:
    """What `proposed` would have added to and taken from `present` (None: there is no grant in force)."""
    before = [_disclosed(present, span) if present else {} for span in spans]
    after = [_disclosed(proposed, span) for span in spans]
    pairs = list(zip(before, after, strict=True))
    both = [(old[key], new[key]) for old, new in pairs for key in old.keys() & new.keys()]
    return Impact(
        items=_items(present, proposed),
        persons=Difference(
            sum(len(_persons(new) - _persons(old)) for old, new in pairs),
            sum(len(_persons(old) - _persons(new)) for old, new in pairs),
        ),
        disclosures=Difference(
            sum(len(new.keys() - old.keys()) for old, new in pairs),
            sum(len(old.keys() - new.keys()) for old, new in pairs),
        ),
        fuller=sum(bool(new - old) for old, new in both),
        barer=sum(bool(old - new) for old, new in both),
        wider=tuple(proposed.beyond(present.review.scope)) if present and present.review else ("a new grant",),
    )


def _items(present: Grant | None, proposed: Grant) -> Difference:
    old, new = set(present.items) if present else set(), set(proposed.items)
    return Difference(tuple(sorted(new - old)), tuple(sorted(old - new)))


def _persons(disclosed: Disclosed) -> set[str]:
    return {resident for resident, _ in disclosed}


def _disclosed(grant: Grant, span: Span) -> Disclosed:
    """The fields told by each disclosure in the span, by resident and history number."""
    return {
        (resident, state.version.history_number): _told(grant, state)
        for resident, history in span.histories.items()
        if grant.population != "interest" or resident in span.listed
        for state in owed(grant, history, AsReferences(), span.protections.get(resident, UNPROTECTED))
        if state.version.registered_at >= span.since
    }


def _told(grant: Grant, state: Owed) -> frozenset[str]:
    return frozenset((*state.items, *grant.delivery_fields))
