"""Exercises (訓練) and backups: what came of each the last time, one small file each in the state directory.

Counts and times alone, of nobody; whoever wants to know why one failed runs it again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.runtime.files import OWNER_ONLY, replace
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings

DIRECTORY = "exercises"
NAME = r"^[a-z][a-z0-9-]{1,40}$"


class Exercise(BaseModel):
    """The last result of one exercise; `figures` by their names, in the unit that the name says."""

    model_config = ConfigDict(extra="forbid", strict=False)

    name: str = Field(pattern=NAME)
    title: str = Field(max_length=100)
    ended: datetime = Field(default_factory=lambda: datetime.now(UTC))
    good: bool = True
    figures: dict[str, float] = Field(default_factory=dict)


@contextmanager
def exercised(settings: Settings, name: str, title: str) -> Iterator[Exercise]:
    """Keeps what the block says of the exercise; one that raises was not good; stopped by hand it leaves nothing."""
    exercise = Exercise(name=name, title=title)
    try:
        yield exercise
    except Exception:
        keep_exercise(settings, Exercise(name=name, title=title, good=False))
        raise
    keep_exercise(settings, exercise.model_copy(update={"ended": datetime.now(UTC)}))


def keep_exercise(settings: Settings, exercise: Exercise) -> None:
    """Put it in the place of the result before."""
    path = settings.state_directory / DIRECTORY / f"{exercise.name}.json"
    replace(path, exercise.model_dump_json(indent=1).encode("utf-8"), mode=OWNER_ONLY)


def last_exercises(settings: Settings) -> list[Exercise]:
    """All last results by name; raises `Refusal` that names a file which is none."""
    return [_read(path) for path in sorted((settings.state_directory / DIRECTORY).glob("*.json"))]


def _read(path: Path) -> Exercise:
    try:
        return Exercise.model_validate_json(path.read_bytes())
    except ValidationError:
        raise Refusal("KRN-EXERCISE", f"{DIRECTORY}/{path.name} is not a result of an exercise; remove it") from None
