"""As much of Prometheus' language as the alert rules use, evaluated on samples of one moment.

``<vector> <comparison> <vector>``, where a vector is a number, a selector with equal-matchers, a number times one,
``time() - `` one, or ``absent(...)`` of one alone. Anything else is refused, so that a rule cannot pass unread.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client.samples import Sample

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
NUMBER = r"[0-9]+(?:\.[0-9]+)?"
SELECTOR = re.compile(r"([a-z_:]+)(?:\{([^}]*)\})?")
COMPARED = re.compile(r"(.+?)\s*(>=|<=|==|!=|>|<)\s*(.+)")
ABSENT = re.compile(r"absent\((.+)\)")

Labels = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Moment:
    """All samples of one moment, and its time in seconds since 1970."""

    samples: Sequence[Sample]
    time: float


def firing(expression: str, moment: Moment) -> list[Mapping[str, str]]:
    """The labels of what an expression yields; empty when the alert does not fire."""
    absent = ABSENT.fullmatch(expression)
    if absent is not None:
        return [] if _selected(absent[1], moment) else [{}]
    compared = COMPARED.fullmatch(expression)
    if compared is None:
        raise ValueError(f"not an expression that is understood here: {expression}")
    left, right = _vector(compared[1], moment), _vector(compared[3], moment)
    return [dict(labels) for labels, value in left.items() if _holds(compared[2], value, labels, right)]


def selectors(expression: str) -> list[str]:
    """The names of the metrics that an expression reads."""
    return [found[1] for found in SELECTOR.finditer(expression) if "_" in found[1]]


def _holds(comparison: str, value: float, labels: Labels, right: Mapping[Labels, float]) -> bool:
    scalar = right.get(frozenset({("", "")}))
    other = scalar if scalar is not None else right.get(labels)
    return other is not None and COMPARISONS[comparison](value, other)


def _vector(text: str, moment: Moment) -> dict[Labels, float]:
    """A number stands under the one label that no sample has."""
    if re.fullmatch(NUMBER, text):
        return {frozenset({("", "")}): float(text)}
    times = re.fullmatch(rf"({NUMBER})\s*\*\s*(.+)", text)
    if times is not None:
        return {labels: float(times[1]) * value for labels, value in _selected(times[2], moment).items()}
    since = re.fullmatch(r"time\(\)\s*-\s*(.+)", text)
    if since is not None:
        return {labels: moment.time - value for labels, value in _selected(since[1], moment).items()}
    return _selected(text, moment)


def _selected(text: str, moment: Moment) -> dict[Labels, float]:
    found = SELECTOR.fullmatch(text)
    if found is None:
        raise ValueError(f"not a selector: {text}")
    wanted = dict(re.findall(r'([a-z_]+)="([^"]*)"', found[2] or ""))
    return {
        frozenset(sample.labels.items()): sample.value
        for sample in moment.samples
        if sample.name == found[1] and all(sample.labels.get(name) == value for name, value in wanted.items())
    }
