"""Verdicts in words, for people of two languages."""

from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

from hub.watch.readings import Reading
from hub.watch.verdict import Reason

Language = Literal["en", "ja"]
UNITS: dict[Language, tuple[str, str, str, str]] = {
    "en": (" s", " min", " h", " d"),
    "ja": (" 秒", " 分", " 時間", " 日"),
}


def told(reason: Reason, reading: Reading, limit_seconds: float, language: Language = "en") -> str:
    """A reason in one sentence, with its figures."""
    figures = {"lag": f"{reading.lag:,}", "lost": f"{reading.lost:,}"}
    spans = {"age": span(reading.age_seconds, language), "limit": span(limit_seconds, language)}
    return _sentences()[reason.value][language].format(**figures, **spans)


def span(seconds: float, language: Language = "en") -> str:
    """A span of time in the unit in which people would tell it."""
    second, minute, hour, day = UNITS[language]
    if seconds < 120:
        return f"{seconds:.0f}{second}"
    if seconds < 2 * 3600:
        return f"{seconds / 60:.0f}{minute}"
    return f"{seconds / 3600:.0f}{hour}" if seconds < 2 * 86_400 else f"{seconds / 86_400:.0f}{day}"


@cache
def _sentences() -> dict[str, dict[Language, str]]:
    sentences: dict[str, dict[Language, str]] = yaml.safe_load(
        files("hub.watch").joinpath("reasons.yaml").read_text(encoding="utf-8")
    )
    return sentences
