"""The check of consistency (整合性確認), decided purely: what stands here against what ought to, resident by resident.

A finding names item numbers, never a value. What is under way is no finding: a resident whose last delivery here is not
the one of which the list speaks, or of whom something waits or is parked, is counted and passed over.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from topics.messages.consistency import ConsistencyBatch, Expected, item_digest

Kind = Literal["missing", "surplus", "different"]


@dataclass(frozen=True, slots=True)
class Row:
    """The recipient's copy of one resident, numbers opened."""

    sequence: int
    state: str
    items: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stands:
    """How a resident stands here: the sequence last applied, whether more of hers waits or is parked, and her row."""

    gate: int | None = None
    kept_back: bool = False
    row: Row | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One finding, under the recipient's own pseudonym; `number` is the delivery after which it ought not to be so."""

    kind: Kind
    subject: str
    items: tuple[int, ...] = ()
    number: int | None = None
    gate: int | None = None

    def to_json(self) -> dict[str, object]:
        """For programs and people."""
        return {"kind": self.kind, "subject": self.subject, "items": list(self.items)}


@dataclass(slots=True)
class Compared:
    """What a check came to: residents compared, passed over as under way or kept back, never told of, and findings."""

    compared: int = 0
    under_way: int = 0
    kept_back: int = 0
    untold: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        """Whether nothing was found."""
        return not self.differences and not self.untold


@dataclass(frozen=True, slots=True)
class Lane:
    """How far the recipient's lane is: the highest delivery number seen, those before it that never came, and the items
    that stand for a row's own sequence and state."""

    reached: int
    missing: frozenset[int]
    fields: tuple[str, ...]
    sequence_item: int
    state_item: int


def compare(lane: Lane, batch: ConsistencyBatch, stands: Mapping[str, Stands], result: Compared) -> None:
    """Compare one batch with all that stands within its range of subjects, into `result`."""
    result.untold = batch.untold
    for expected in batch.residents:
        _one(lane, batch, expected, stands.get(expected.subject, Stands()), result)
    listed = {expected.subject for expected in batch.residents}
    for subject in sorted(stands.keys() - listed):
        _unlisted(lane, batch, subject, stands[subject], result)


def _one(lane: Lane, batch: ConsistencyBatch, expected: Expected, here: Stands, result: Compared) -> None:
    if here.kept_back:
        result.kept_back += 1
    elif not expected.settled or expected.number in lane.missing or (here.gate or 0) > expected.sequence:
        result.under_way += 1
    else:
        result.compared += 1
        result.differences += _found(lane, batch, expected, here)


def _found(lane: Lane, batch: ConsistencyBatch, expected: Expected, here: Stands) -> Iterator[Difference]:
    def named(kind: Kind, items: tuple[int, ...] = ()) -> Difference:
        return Difference(kind, expected.subject, items, expected.number, here.gate)

    if expected.state == "absent":
        if here.row is not None:
            yield named("surplus")
    elif here.row is None:
        yield named("missing")
    elif items := tuple(sorted(_different(lane, batch, expected, here.row))):
        yield named("different", items)


def _different(lane: Lane, batch: ConsistencyBatch, expected: Expected, row: Row) -> Iterator[int]:
    key = bytes.fromhex(batch.key)
    if row.sequence != expected.sequence:
        yield lane.sequence_item
    if row.state != expected.state:
        yield lane.state_item
    for number, name, digest in zip(batch.items, lane.fields, expected.digests, strict=True):
        if digest is not None and digest != item_digest(key, expected.subject, name, row.items.get(name)):
            yield number


def _unlisted(lane: Lane, batch: ConsistencyBatch, subject: str, here: Stands, result: Compared) -> None:
    """Somebody of whom the list does not know: she came after it was made, or she does not belong here."""
    if here.row is None:
        return
    if here.gate is not None and lane.reached > batch.position:
        result.under_way += 1
    else:
        result.compared += 1
        result.differences.append(Difference("surplus", subject, gate=here.gate))
