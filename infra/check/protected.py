"""Protections held against what was sent: nothing registered under a block is shown without it, and all is told."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra.check.entitlement import Owed, possible
from infra.check.findings import Invariant
from infra.check.parked import KeptBack
from infra.check.projection import triggers
from infra.check.protection import UNPROTECTED, told
from infra.check.sources import Register
from infra.check.streams import Sent, Stream
from topics.grant import Grant


def of_protections(
    grant: Grant,
    register: Register,
    stream: Stream,
    residents: Mapping[str, str],
    kept: Mapping[str, dict[str, Any]],
    waits: Mapping[str, KeptBack],
) -> Iterator[tuple[Invariant, str]]:
    """What is amiss in what the recipient was told of protections, and in what it keeps of that; whoever `waits`
    keeps what went before."""
    if grant.protection.told == "none":
        if kept:
            yield Invariant.I2, f"{len(kept)} persons' protections are kept, none is told"
        return
    for subject, chain in stream.by_subject.items():
        resident = residents.get(subject, "")
        if not any(delivery.content is None for delivery in chain):
            timeline = register.protections.get(resident, UNPROTECTED)
            states = possible(grant, register.histories.get(resident, []), register.numbers, timeline)
            present = told(grant, timeline.present)
            yield from _of_chain(grant, states, chain)
            yield from _of_last(chain[-1], present)
            applied = chain[: waits[subject].sequence - 1] if subject in waits else chain
            yield from _of_kept(applied[-1] if applied else None, kept.get(subject))


def _of_chain(grant: Grant, states: Sequence[Owed], chain: Sequence[Sent]) -> Iterator[tuple[Invariant, str]]:
    """Each state that was shown is one of the register's, with the protection of that moment or a later one."""
    allowed = [(state.state, state.triggers, told(grant, state.stand)) for state in states]
    for delivery in chain:
        if delivery.instructs or delivery.state == "absent":
            continue
        if (delivery.state, triggers(grant, delivery.items), delivery.protection) not in allowed:
            yield Invariant.I3, f"delivery {delivery.number} does not tell the protection under which its state stands"


def _of_last(last: Sent, present: dict[str, Any] | None) -> Iterator[tuple[Invariant, str]]:
    if last.state != "absent" and last.protection != present:
        yield Invariant.I1, f"where a person's protection stands was not told (last number {last.number})"


def _of_kept(last: Sent | None, kept: dict[str, Any] | None) -> Iterator[tuple[Invariant, str]]:
    if last is None or last.state == "absent":
        if kept is not None:
            yield Invariant.I5, "a protection is kept of a person who should not be there"
    elif kept != last.protection:
        yield Invariant.I5, f"after delivery {last.number} another protection is kept than was told"
