"""A bulk of filings (一括処理), such as new addresses for a whole district (住居表示): it gives way to the counter.

Registered in small transactions at a measured pace, so that what is filed at the counter meanwhile takes the next
position and leaves at once; the hub keeps up, and never has more than a moment of the bulk before it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from producers.register.filings import Filing, parse_filing
from producers.register.findings import FilingRefusedError
from producers.register.registrar import Outcome, Registrar

AT_ONCE = 50
"""Filings in one transaction: how long the counter may wait for it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A line whose filing was refused: the rule and the field, never a value."""

    line: int
    code: str
    field: str
    sentence: str


@dataclass(slots=True)
class Standing:
    """What became of the lines so far."""

    lines: int = 0
    changes: int = 0
    results: dict[str, int] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)


Line = tuple[int, Filing | Refused]


def read_filings(file: Path) -> Iterator[Line]:
    """The filings of a file of JSON lines, or why a line is none; raises OSError."""
    with file.open("rb") as lines:
        for number, text in enumerate(lines, start=1):
            if text.strip():
                yield number, _read(number, text)


def _read(number: int, text: bytes) -> Filing | Refused:
    try:
        return parse_filing(text)
    except FilingRefusedError as refusal:
        return Refused(number, refusal.rule.value, refusal.field, refusal.sentence)


async def register_in_bulk(
    registrar: Registrar, lines: Iterable[Line], changes_per_second: float
) -> AsyncIterator[Standing]:
    """Register chunk after chunk, no faster than the pace, and tell the standing after each.

    Handed in again after a crash, what was registered counts as repeated.
    """
    standing, source = Standing(), iter(lines)
    while chunk := list(islice(source, AT_ONCE)):
        begun, before = time.monotonic(), standing.changes
        await _register(registrar, chunk, standing)
        yield standing
        due = begun + (standing.changes - before) / changes_per_second
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def _register(registrar: Registrar, chunk: Sequence[Line], standing: Standing) -> None:
    filings = [(line, filing) for line, filing in chunk if not isinstance(filing, Refused)]
    outcomes = await registrar.register([filing for _, filing in filings])
    standing.lines += len(chunk)
    for _, refusal in chunk:
        if isinstance(refusal, Refused):
            _note(standing, refusal)
    for (line, _), outcome in zip(filings, outcomes, strict=True):
        _note(standing, _refusal(line, outcome) if outcome.result == "refused" else outcome)


def _refusal(line: int, outcome: Outcome) -> Refused:
    return Refused(line, outcome.code or "", outcome.field or "", outcome.sentence or "")


def _note(standing: Standing, told: Outcome | Refused) -> None:
    result = "refused" if isinstance(told, Refused) else told.result
    standing.results[result] = standing.results.get(result, 0) + 1
    if isinstance(told, Refused):
        standing.refused.append(told)
    else:
        standing.changes += len(told.residents)
