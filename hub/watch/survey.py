"""A survey: all streams and the hub's rows at one moment; and the surveyor, which remembers the last ones."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from hub.watch.offsets import Offsets
from hub.watch.owed import HubRows, read_hub
from hub.watch.readings import Reading
from hub.watch.streams import LIMIT_SECONDS, Stream, streams
from hub.watch.verdict import Pace, State, Verdict, drain_seconds, judge, pace
from hub.watch.words import told
from infra.runtime.settings import Settings
from topics.declared import grants_in_force

WINDOW_SECONDS = 60.0
ANSWER_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Register:
    """One municipality's register: the last position given, and how many changes its outbox still holds."""

    municipality: str
    position: int
    outbox: int


ReadRegisters = Callable[[Settings], Awaitable[tuple[Register, ...]]]
"""The registers are another package's; whoever wires the watch gives it their reader."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One stream as it stands."""

    stream: Stream
    reading: Reading
    verdict: Verdict
    pace: Pace

    @property
    def drain_seconds(self) -> float | None:
        """How long until everything is read at the present pace; None when it never is."""
        return drain_seconds(self.reading.lag, self.pace)

    def to_json(self) -> dict[str, object]:
        """For programs."""
        return {
            **asdict(self.stream),
            "committed": self.reading.committed,
            "latest": self.reading.latest,
            "lag": self.reading.lag,
            "age_seconds": round(self.reading.age_seconds, 3),
            "drain_seconds": self.drain_seconds,
            "members": self.reading.members,
            "written_per_second": round(self.pace.written, 3),
            "read_per_second": round(self.pace.read, 3),
            "state": self.verdict.state.value,
            "reason": self.verdict.reason.value,
            "told": told(self.verdict.reason, self.reading, LIMIT_SECONDS),
        }


@dataclass(frozen=True, slots=True)
class Survey:
    """Everything at `taken_at`."""

    taken_at: datetime
    registers: tuple[Register, ...]
    watched: tuple[Watched, ...]
    hub: HubRows

    @property
    def is_good(self) -> bool:
        """Whether every stream is well and nothing is later than its limit."""
        return all(each.verdict.state is State.OK for each in self.watched) and not any(
            each.is_late for each in self.hub.owed
        )

    def to_json(self) -> dict[str, object]:
        """For programs."""
        owed = [{**asdict(each), "late": each.is_late} for each in self.hub.owed]
        return {
            "taken_at": self.taken_at.isoformat(timespec="milliseconds"),
            "good": self.is_good,
            "registers": [asdict(each) for each in self.registers],
            "streams": [each.to_json() for each in self.watched],
            "owed": owed,
            "ledgers": [asdict(each) for each in self.hub.ledgers],
        }


class Surveyor:
    """Takes surveys; the readings of the last minute tell progress and pace."""

    def __init__(self, settings: Settings, registers: ReadRegisters) -> None:
        self._settings = settings
        self._registers = registers
        self._offsets = Offsets(settings)
        self._windows: dict[Stream, deque[Reading]] = {}

    async def survey(self) -> Survey:
        """Look once; raises `BrokerError` or `Refusal` when a server does not answer."""
        grants = grants_in_force(datetime.now(UTC).date(), self._settings.grants_directory)
        readings = await asyncio.to_thread(self._offsets.read, streams(self._settings, grants))
        async with asyncio.timeout(ANSWER_SECONDS):
            hub = await read_hub(self._settings, grants)
            registers = await self._registers(self._settings)
        watched = tuple(self._watched(stream, reading) for stream, reading in readings.items())
        return Survey(datetime.now(UTC), registers, watched, hub)

    def _watched(self, stream: Stream, reading: Reading) -> Watched:
        window = self._windows.setdefault(stream, deque())
        window.append(reading)
        while window[0].moment < reading.moment - WINDOW_SECONDS:
            window.popleft()
        return Watched(stream, reading, judge(window, LIMIT_SECONDS), pace(window))
