"""The last half hour of surveys, as points for charts."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from hub.watch.survey import Survey

MOST_POINTS = 900


@dataclass(frozen=True, slots=True)
class Point:
    """One survey: its time, the age of the oldest unread record by reader and topic, and what was written to each."""

    at: float
    ages: dict[tuple[str, str], float]
    written: dict[str, int]


@dataclass(slots=True)
class Past:
    """Points in time order."""

    points: deque[Point] = field(default_factory=lambda: deque(maxlen=MOST_POINTS))

    def keep(self, survey: Survey) -> None:
        """Add a survey, unless it is there."""
        at = survey.taken_at.timestamp()
        if self.points and self.points[-1].at >= at:
            return
        ages: dict[tuple[str, str], float] = {}
        written: dict[str, int] = {}
        for each in survey.watched:
            reader = (each.stream.reader, each.stream.topic)
            ages[reader] = max(ages.get(reader, 0.0), each.reading.age_seconds)
            written[each.stream.topic] = written.get(each.stream.topic, 0) + each.reading.latest
        self.points.append(Point(at, ages, written))

    def since(self, after: float) -> Sequence[Point]:
        """The points later than `after`, and the one before them."""
        later = sum(point.at > after for point in self.points)
        return list(self.points)[max(0, len(self.points) - later - 1) :]
