"""What two colluders see of a city's changes under windows of one length, in the hub's own order; and over many."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from random import Random
from statistics import median

from benchmarks.linkage.attack import Score, Sight, attack
from benchmarks.linkage.year import Event
from hub.windows.due import due_at
from hub.windows.order import interleaving, newest
from topics.scope import Timing

SIZE = 2900
FEW = 5
Names = Callable[[int], str]
Window = Sequence[Event]


@dataclass(frozen=True, slots=True)
class Row:
    """Windows of one length: how many, persons in one (median), share of persons in one of fewer than five; the shares
    joined at random and by the best way; and by the best way had every change been sent, or the order been kept."""

    minutes: int
    windows: int
    median_persons: float
    among_few: float
    chance: float
    way: str
    joined: float
    joined_by_counts: float
    joined_in_order: float


def measured(events: Sequence[Event], minutes: int, random: Random) -> Row:
    """Attack every window of this length."""
    windows = list(cut(events, minutes))
    sizes = [len({event.person for event in window}) for window in windows]
    orders = (_hubs_order, _every_change, _registers_order)
    shuffled, counted, kept = (_score(windows, order, random) for order in orders)
    way, joined = shuffled.best
    few = sum(size for size in sizes if size < FEW) / sum(sizes)
    return Row(minutes, len(windows), median(sizes), few, shuffled.chance, way, joined, counted.best[1], kept.best[1])


def cut(events: Sequence[Event], minutes: int) -> Iterator[list[Event]]:
    """The events by window, as the hub waits for its end; lengths that no grant may have are for comparison."""
    timing = Timing.model_construct(window_minutes=minutes, limit_minutes=minutes)
    for _, window in groupby(events, key=lambda event: due_at(event.moment, timing, None)):
        yield list(window)


def joined_over(events: Sequence[Event], minutes: int) -> tuple[int, float]:
    """Of how many persons who changed, which share is joined by the windows in which they appeared.

    Whoever alone appeared in just these windows is joined; of several one is, on average.
    """
    appeared: dict[int, list[int]] = {}
    for place, window in enumerate(cut(events, minutes)):
        for person in {event.person for event in window}:
            appeared.setdefault(person, []).append(place)
    return len(appeared), len({tuple(places) for places in appeared.values()}) / len(appeared)


def _score(windows: Sequence[Window], order: Callable[[Window, Random], Window], random: Random) -> Score:
    names = [_names(random) for _ in range(2)]
    seen = [_stream(windows, order, name, random) for name in names]
    people = {event.person for window in windows for event in window}
    same = {names[0](person): names[1](person) for person in people}
    return attack(zip(*seen, strict=True), same)


def _names(random: Random) -> Names:
    """One recipient's pseudonyms."""
    salt = random.getrandbits(64)
    return lambda person: f"{Random(salt + person).getrandbits(96):024x}"  # noqa: S311 - no secret, synthetic


def _stream(
    windows: Sequence[Window], order: Callable[[Window, Random], Window], name: Names, random: Random
) -> Iterator[list[Sight]]:
    number = 0
    for window in windows:
        sights = []
        for event in order(window, random):
            number += 1
            sights.append(_sight(event, name, number, random))
        yield sights


def _sight(event: Event, name: Names, number: int, random: Random) -> Sight:
    person = name(event.person)
    return Sight(person, person[::-1], number - 1, number, "", number, SIZE, random.randbytes(16))


def _hubs_order(window: Window, random: Random) -> Window:
    kept = [window[index] for index in newest([str(event.person) for event in window])]
    return [kept[index] for index in interleaving([str(event.person) for event in kept], random)]


def _every_change(window: Window, random: Random) -> Window:
    return [window[index] for index in interleaving([str(event.person) for event in window], random)]


def _registers_order(window: Window, _: Random) -> Window:
    return window


def within(events: Sequence[Event], begin: datetime, end: datetime) -> list[Event]:
    """The events of a span."""
    return [event for event in events if begin <= event.moment < end]
