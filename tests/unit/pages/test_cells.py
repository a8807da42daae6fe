"""What a list can and cannot hold, words in both languages, throttling, the drawing, vendored files."""

import re
from collections import Counter
from hashlib import sha256
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.commandline.drills.catalogue import DRILLS
from hub.pages.cells import Addressee, Reference, Text
from hub.pages.drawing import drawing
from hub.pages.throttle import COUNTED_SECONDS, wait_seconds
from hub.pages.views import pages
from hub.pages.words import preferred, word, words
from hub.watch.access.outcomes import NoteCode, Outcome
from hub.watch.access.rules import RULES
from topics.check_digits import my_number_digit, serial_digit
from topics.messages.delivery import DeliveryKind
from topics.obstacles import Code

ROOT = Path(__file__).parents[3]
TEMPLATES = sorted((ROOT / "hub/pages/templates").glob("*.html"))
VENDORED = (ROOT / "hub/pages/static/uplot", ROOT / "tests/browser/axe")


@given(st.text("0123456789", min_size=11, max_size=11), st.sampled_from(["", "-", " ", "‐", "・"]), st.booleans())
def test_no_list_can_hold_a_my_number(body: str, apart: str, wide: bool) -> None:
    number = body + my_number_digit(body)
    written = apart.join((number[:4], number[4:8], number[8:]))
    if wide:
        written = written.translate({ord(digit): ord("０") + int(digit) for digit in "0123456789"})
    for told in (written, f"個人番号{written}です", number, number[:11]):
        with pytest.raises(ValueError, match="number of a person"):
            Text(told)
        with pytest.raises(ValueError, match="addressee"):
            Addressee(told)
        with pytest.raises(ValueError, match="alert's id"):
            Reference(told)


@pytest.mark.parametrize("told", ["out.welfare.g2.v1", "2026-04-01 – 2031-03-31", "1, 4-17, 23-25", "<script>", ""])
def test_what_lists_do_hold(told: str) -> None:
    assert Text(told).value == told


@given(st.integers(0, 999_999_999))
def test_an_addressee_number_may_be_shown(serial: int) -> None:
    digit = serial_digit(f"{serial:09}")
    if digit is not None:
        assert Addressee(f"{serial:09}{digit}").value == f"{serial:09}{digit}"


def test_every_word_has_both_languages() -> None:
    assert [key for key, told in words().items() if set(told) != {"en", "ja"}] == []
    assert [key for key, told in words().items() if _figures(told["en"]) != _figures(told["ja"])] == []


def test_every_word_stands_once() -> None:
    text = files("hub.pages").joinpath("words.yaml").read_text(encoding="utf-8")
    assert [key for key, count in Counter(re.findall(r"(?m)^([\w-]+):", text)).items() if count > 1] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_word_of_a_template_is_there(template: Path) -> None:
    used = re.findall(r'word\("([a-z0-9-]+)"[,)]', template.read_text(encoding="utf-8"))
    assert [key for key in used if key not in words()] == []


def test_words_for_everything_that_has_a_code() -> None:
    needed = [f"page-{page.name}" for page in pages()]
    needed += [f"kind-{kind}" for kind in DeliveryKind]
    needed += [f"obstacle-{code.value}" for code in Code]
    needed += [f"outcome-{outcome}" for outcome in Outcome] + [f"note-{note}" for note in NoteCode]
    needed += [f"rule-{rule.code}" for rule in RULES]
    needed += [f"drill-{drill.name}" for drill in DRILLS]
    assert [key for key in needed if key not in words()] == []


def test_nothing_inline_and_nothing_from_elsewhere() -> None:
    for template in TEMPLATES:
        text = template.read_text(encoding="utf-8")
        assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=|https?://|\|\s*safe", text) == []


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        (None, "", "ja"), (None, "en-GB,en;q=0.9,ja;q=0.8", "en"), (None, "fr, ja;q=0.5", "ja"), ("ja", "en", "ja"),
        ("en", "ja", "en"), ("<script>", "de", "ja"),
    ],
)  # fmt: skip
def test_the_language_somebody_prefers(cookie: str | None, accepted: str, language: str) -> None:
    assert preferred(cookie, accepted) == language


def test_words_take_their_figures() -> None:
    assert word("failure-throttled", "en", seconds=30).endswith("in 30 seconds.")


@pytest.mark.parametrize(
    ("of_name", "of_address", "since", "wait"),
    [
        (0, 0, None, 0), (4, 4, 1, 0), (5, 5, 1, 14), (6, 6, 0, 30), (5, 5, 20, 0), (50, 50, 0, COUNTED_SECONDS),
        (1, 29, 0, 0), (1, 31, 0, 30),
    ],
)  # fmt: skip
def test_whoever_fails_often_waits_longer(of_name: int, of_address: int, since: float | None, wait: float) -> None:
    assert wait_seconds(of_name, of_address, since) == wait


@pytest.mark.parametrize("count", [1, 3, 12])
def test_the_drawing_has_a_row_for_everybody_and_no_box_on_another(count: int) -> None:
    made = drawing([f"r{number}" for number in range(count)])
    tops = [row.top for row in made.rows]
    assert all(later - earlier > 84 for earlier, later in pairwise(tops))
    assert tops[-1] + 84 < made.height


@pytest.mark.parametrize("directory", VENDORED, ids=lambda path: path.name)
def test_vendored_files_are_as_published(directory: Path) -> None:
    lines = (directory / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    told = {name: digest for digest, name in (line.split() for line in lines)}
    assert {name: sha256((directory / name).read_bytes()).hexdigest() for name in told} == told
    assert "LICENSE" in told


def _figures(text: str) -> set[str]:
    return set(re.findall(r"\{[a-z]+\}", text))
