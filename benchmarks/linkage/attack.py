"""Joining by what is not content: order, times, numbers, keys, sizes, how often a person appears. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

RUN_RECORDS = 64


@dataclass(frozen=True, slots=True)
class Sight:
    """One record as a colluding recipient has it, opened, without the items it tells.

    `person` is its pseudonym there (the message key), `link` the link number, `milliseconds` the broker's time stamp,
    `told_time` the header's, `sealed` the ciphertext.
    """

    person: str
    link: str
    offset: int
    milliseconds: int
    told_time: str
    number: int
    size: int
    sealed: bytes = b""


@dataclass(slots=True)
class Score:
    """How many persons stood in both institutions' windows, over how many windows, and who was joined rightly by each
    way of joining."""

    persons: int = 0
    windows: int = 0
    right: Counter[str] = field(default_factory=Counter)

    @property
    def chance(self) -> float:
        """The share that joins at random: one of k in each window."""
        return self.windows / self.persons

    @property
    def best(self) -> tuple[str, float]:
        """The best way of joining, and the share of persons it joined."""
        way, right = self.right.most_common(1)[0]
        return way, right / self.persons


@dataclass(frozen=True, slots=True)
class Seen:
    """A person's records within one window: the first of them, and how many."""

    first: Sight
    count: int
    progress: float
    """When the first came, from 0 (the window's first record) to 1 (its last)."""


Order = Callable[[Seen], Any]

ORDERS: Mapping[str, Order] = {
    "order on the topic": lambda seen: seen.first.offset,
    "broker's time": lambda seen: (seen.first.milliseconds, seen.first.offset),
    "header's time": lambda seen: (seen.first.told_time, seen.first.offset),
    "records of a person": lambda seen: (seen.count, seen.first.offset),
    "size": lambda seen: (seen.first.size, seen.first.offset),
    "message key": lambda seen: seen.first.person,
    "link number": lambda seen: seen.first.link,
    "event id": lambda seen: str(seen.first.number),
    "place in a run": lambda seen: (seen.first.number % RUN_RECORDS, seen.first.number),
    "sealed bytes": lambda seen: seen.first.sealed,
    "digest of the key": lambda seen: sha256(seen.first.person.encode()).digest(),
}
"""Ways to line up the persons of one window in both streams; who stands at the same place is held to be the same."""


def attack(windows: Iterable[tuple[Sequence[Sight], Sequence[Sight]]], same: Mapping[str, str]) -> Score:
    """Join each window's two sides in every way. `same` is the truth: one side's pseudonym → the other's."""
    score = Score()
    for one, other in windows:
        mine, theirs = persons(one), persons(other)
        common = {seen.first.person for seen in mine if same.get(seen.first.person) in _names(theirs)}
        if common:
            score.persons += len(common)
            score.windows += 1
            for way, joined in guesses(mine, theirs).items():
                score.right[way] += sum(same.get(person) == guess for person, guess in joined)
    return score


def guesses(mine: Sequence[Seen], theirs: Sequence[Seen]) -> Mapping[str, Iterable[tuple[str, str]]]:
    """For each way of joining, the pairs it holds to be one person."""
    lined_up = {way: _lined_up(sorted(mine, key=order), sorted(theirs, key=order)) for way, order in ORDERS.items()}
    backwards = _lined_up(mine, theirs[::-1])
    return {**lined_up, "order against the other's": backwards, "nearest in time": _nearest(mine, theirs)}


def persons(records: Sequence[Sight]) -> list[Seen]:
    """The persons of a window in order of appearance."""
    counts = Counter(record.person for record in records)
    firsts: dict[str, Sight] = {}
    for record in records:
        firsts.setdefault(record.person, record)
    times = [record.milliseconds for record in records] or [0]
    begun, lasted = min(times), max(1, max(times) - min(times))
    return [Seen(first, counts[name], (first.milliseconds - begun) / lasted) for name, first in firsts.items()]


def _names(side: Sequence[Seen]) -> set[str]:
    return {seen.first.person for seen in side}


def _lined_up(mine: Sequence[Seen], theirs: Sequence[Seen]) -> list[tuple[str, str]]:
    """The same place on both sides, in proportion where one side is longer."""
    return [
        (seen.first.person, theirs[place * len(theirs) // len(mine)].first.person) for place, seen in enumerate(mine)
    ]


def _nearest(mine: Sequence[Seen], theirs: Sequence[Seen]) -> list[tuple[str, str]]:
    """Each with whoever of the other side came at the nearest moment of the window and is free yet."""
    free = list(theirs)
    pairs = []
    for seen in mine if len(mine) <= len(theirs) else mine[: len(theirs)]:
        found = min(free, key=lambda other: abs(other.progress - seen.progress))
        free.remove(found)
        pairs.append((seen.first.person, found.first.person))
    return pairs
