"""Drills and backups (訓練・バックアップ): what came of each the last time, and how long ago that is."""

from datetime import UTC, datetime, timedelta

from starlette.responses import Response

from hub.pages.cells import Cell, Mark, Moment, Table, Text
from hub.pages.page import Page
from hub.pages.visit import Visit
from hub.pages.words import word, words
from hub.watch.words import Language, span
from infra.runtime.exercises import Exercise, last_exercises

EXPECTED = ("backup", "restore", "abuse")
"""What every deployment has; of the drills, those that were run here."""
COLUMNS = ("exercise", "what", "done", "age", "came-to", "state")
OLD = {"backup": timedelta(days=1)}


async def _show(visit: Visit) -> Response:
    done = {each.name: each for each in last_exercises(visit.desk.settings)}
    names = [*EXPECTED, *sorted(done.keys() - set(EXPECTED))]
    now, language = datetime.now(UTC), visit.language
    rows = tuple(_row(name, done.get(name), now, language) for name in names)
    return visit.answer("exercises.html", table=Table("exercises", COLUMNS, rows))


def _row(name: str, done: Exercise | None, now: datetime, language: Language) -> tuple[Cell, ...]:
    if done is None:
        never = (Moment(None), Text("–"), Text("–"), Mark("never-done", "blind"))
        return (Text(name), Text(_title(name, "", language)), *never)
    figures = [word(f"figure-{key}", language, value=f"{value:,.10g}") for key, value in done.figures.items()]
    return (
        Text(name),
        Text(_title(name, done.title, language)),
        Moment(done.ended),
        Text(span(max(0.0, (now - done.ended).total_seconds()), language)),
        Text(word("listed", language).join(figures) or "–"),
        _state(done, now),
    )


def _title(name: str, title: str, language: Language) -> str:
    key = f"exercise-{name}" if name in EXPECTED else f"drill-{name}"
    return word(key, language) if key in words() else title


def _state(done: Exercise, now: datetime) -> Mark:
    if not done.good:
        return Mark("exercise-failed", "late")
    old = now - done.ended > OLD.get(done.name, timedelta.max)
    return Mark("exercise-old", "behind") if old else Mark("exercise-good", "ok")


PAGE = Page("/exercises", "exercises", 60, _show)
