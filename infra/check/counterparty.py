"""What another municipality must have been told, derived a second time from the register's history alone."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra.check.projection import triggers
from infra.check.sources import Version
from infra.check.streams import Sent
from topics.grant import Grant


def told_versions(grant: Grant, history: Sequence[Version]) -> Iterator[tuple[Version, bool]]:
    """The versions that tell the counterparty something, each with whether the person still concerns it."""
    told: set[int] = set()
    for version in history:
        if grant.population == "arrived" and _is_told_of_arrival(grant, version, told):
            told.add(version.history_number)
            yield version, _names(grant, version)
        elif grant.population == "leaving" and (_names(grant, version) or _withdraws(version, told)):
            told = {version.history_number} if _names(grant, version) else set()
            yield version, _names(grant, version)


def since(grant: Grant, history: Sequence[Version], began: int) -> list[Version]:
    """The history that a recipient is told which began at the position `began`: of an earlier arrival nothing, of who
    was leaving then her state."""
    earlier = [version for version in history if version.position < began]
    later = [version for version in history if version.position >= began]
    return later if grant.population == "arrived" else [*earlier[-1:], *later]


def remaining(grant: Grant, chain: Sequence[Sent]) -> tuple[str, dict[str, Any]]:
    """State and triggers that the copy is to hold after `chain`: as told last, without what was recalled since."""
    at = max((n for n, sent in enumerate(chain) if not sent.instructs), default=0)
    recalled = {field for sent in chain[at + 1 :] for field in sent.told().get("recalled") or ()}
    kept = {field: value for field, value in chain[at].items.items() if field not in recalled}
    return chain[at].state, triggers(grant, kept)


def _is_told_of_arrival(grant: Grant, version: Version, told: set[int]) -> bool:
    if version.kind in ("corrected", "annulled"):
        return version.refers_to in told and version.refers_to == version.history_number - 1
    return version.kind == "created" and _names(grant, version)


def _withdraws(version: Version, told: set[int]) -> bool:
    return version.kind == "annulled" and version.state == "active" and bool(told)


def _names(grant: Grant, version: Version) -> bool:
    record: Mapping[str, Any] = version.record or {}
    plan = record.get("planned_move_out") or {}
    place = record.get("moved_in_from") if grant.population == "arrived" else plan.get("to")
    return version.state == "active" and place is not None and place.get("municipality") == grant.counterparty
