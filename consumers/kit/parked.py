"""What is parked, told without what is in it: coordinates, codes, ages, and how much waits behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from consumers.kit.order import Member, Order, State
from consumers.kit.record import Record
from infra.runtime.failures import FailureClass, failure_class


@dataclass(frozen=True, slots=True)
class Parked:
    """One parked record as it came, since when and why; `member` is its place, where that is known."""

    record: Record
    topic: str
    code: str
    since: datetime
    member: Member | None


@dataclass(frozen=True, slots=True)
class Told:
    """What may be told of a parked record: `behind` are the places of what cannot go before it."""

    parked: Parked
    failure: FailureClass
    behind: tuple[Member, ...]

    def to_json(self) -> dict[str, object]:
        """For programs and people: no byte of what it holds."""
        parked, member = self.parked, self.parked.member
        place = (
            {} if member is None else {"number": member.number, "subject": member.subject, "sequence": member.sequence}
        )
        return {
            "offset": parked.record.offset, "topic": parked.topic, "code": parked.code, "failure": self.failure.value,
            **place, "since": parked.since.isoformat(timespec="seconds"), "behind": len(self.behind),
            "residents": len({one.subject for one in (*self.behind, *([member] if member else []))}),
        }  # fmt: skip

    def details(self) -> dict[str, object]:
        """With sizes, digest, and the places of what waits behind."""
        record = self.parked.record
        return {
            **self.to_json(),
            "digest": record.digest().hex(),
            "value_bytes": len(record.value or b""),
            "headers": len(record.headers),
            "waits_behind": [
                {"number": one.number, "subject": one.subject, "sequence": one.sequence} for one in self.behind
            ],
        }


def told(parked: Sequence[Parked], state: State) -> list[Told]:
    """What may be told of these; `state` is the whole lane's."""
    order = Order(state)
    return [
        Told(one, failure_class(one.code), tuple(sorted(_behind(order, one.member), key=lambda each: each.number)))
        for one in parked
    ]


def _behind(order: Order, member: Member | None) -> set[Member]:
    return set() if member is None else order.behind([member])
