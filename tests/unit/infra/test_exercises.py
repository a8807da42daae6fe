"""The last result of an exercise: kept when it was good, when it was not, and not when somebody stopped it."""

from pathlib import Path

import pytest

from hub.commandline.backup import Made, Proof
from hub.commandline.drills.tally import Row
from hub.pages.words import words
from infra.backup.archive import BaseBackup
from infra.runtime.exercises import Exercise, exercised, last_exercises
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings

NOW = Exercise(name="now", title="now").ended


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose state is nobody else's."""
    return Settings(state_directory=tmp_path)


def test_the_last_result_takes_the_place_of_the_one_before(settings: Settings) -> None:
    assert last_exercises(settings) == []
    for seconds in (3, 4):
        with exercised(settings, "backup", "synthetic") as result:
            result.figures = {"seconds": seconds}
    (kept,) = last_exercises(settings)
    assert (kept.good, kept.figures, kept.ended >= NOW) == (True, {"seconds": 4}, True)
    (file,) = (settings.state_directory / "exercises").iterdir()
    assert file.stat().st_mode & 0o077 == 0


def test_one_that_raises_was_not_good_and_says_no_more(settings: Settings) -> None:
    with pytest.raises(Refusal), exercised(settings, "backup", "synthetic") as result:
        result.figures = {"seconds": 3}
        raise Refusal("BACKUP-NONE", "synthetic")
    (kept,) = last_exercises(settings)
    assert (kept.good, kept.figures) == (False, {})


def test_one_that_is_stopped_leaves_what_was(settings: Settings) -> None:
    with pytest.raises(KeyboardInterrupt), exercised(settings, "backup", "synthetic"):
        raise KeyboardInterrupt
    assert last_exercises(settings) == []


@pytest.mark.parametrize("content", [b"", b"{}", b'{"name": "../x", "title": ""}', b"[]"])
def test_a_file_that_is_no_result_is_named(settings: Settings, content: bytes) -> None:
    file = settings.state_directory / "exercises/backup.json"
    file.parent.mkdir()
    file.write_bytes(content)
    with pytest.raises(Refusal, match=r"KRN-EXERCISE: exercises/backup\.json"):
        last_exercises(settings)


def test_there_are_words_for_every_figure() -> None:
    row = Row("drill", 0, 0, 0, 1.25)
    made = Made(BaseBackup("b", NOW, "0", 1_500_000), 1, 0, 2.0)
    proof = Proof("b", None, {}, (), None, 0.0, 0.0)
    told = [*row.figures(), *made.figures(), *proof.figures(), "tried", "refused"]
    assert [key for key in told if f"figure-{key}" not in words()] == []
