"""Drills as they are declared: each tells fault, expectation and proof, and its page says the same."""

from pathlib import Path

import pytest

from hub.commandline.drills.catalogue import DRILLS, named
from hub.commandline.drills.drill import Drill, drill
from hub.commandline.drills.pages import index, page, text, write_pages
from hub.commandline.drills.tally import Row, unexpected, unnoticed
from infra.check.findings import Finding, Invariant, Report
from infra.runtime.refusals import Refusal

PAGES = Path(__file__).parents[3] / "docs/drills"
GOOD = Row(DRILLS[0].name, 0, 0, 0, 3.25)


@pytest.mark.parametrize("one", DRILLS, ids=lambda one: one.name)
def test_every_drill_has_a_page_that_says_what_it_does(one: Drill) -> None:
    """Otherwise: kairan drill all --write docs/drills"""
    assert (PAGES / f"{one.name}.md").read_text(encoding="utf-8").startswith("\n".join(text(one)))


def test_the_index_names_them_all() -> None:
    told = (PAGES / "README.md").read_text(encoding="utf-8")
    assert [one.name for one in DRILLS if f"[{one.name}]({one.name}.md)" not in told] == []
    assert len({one.name for one in DRILLS}) == len(DRILLS) >= 22


def test_a_page_tells_the_last_result() -> None:
    assert "| 0 | 0 | 0 | 3.2 s |" in page(DRILLS[0], GOOD)
    assert f"[{GOOD.name}]({GOOD.name}.md) | {DRILLS[0].title} | 0 | 0 | 0 | 3.2 s |" in index(DRILLS, [GOOD])


def test_a_drill_that_failed_keeps_its_former_page(tmp_path: Path) -> None:
    write_pages(DRILLS[:1], [GOOD], tmp_path)
    before = (tmp_path / f"{GOOD.name}.md").read_text(encoding="utf-8")
    write_pages(DRILLS[:1], [Row(GOOD.name, 1, 0, 0, 99.0, "1 lost")], tmp_path)
    assert (tmp_path / f"{GOOD.name}.md").read_text(encoding="utf-8") == before


def test_an_unknown_drill_is_refused() -> None:
    with pytest.raises(Refusal, match="DRILL-NAME"):
        named("storm-in-a-teacup")


async def _nothing(_ground: object) -> None:
    return None


@pytest.mark.parametrize("missing", ["Fault: a.\n\nProof: c.", "Fault: a.\n\nProof: c.\n\nExpectation: b.", ""])
def test_a_drill_without_its_three_parts_is_none(missing: str) -> None:
    with pytest.raises(ValueError, match="must have Fault, Expectation, Proof"):
        drill("drills.synthetic", f"Title.\n\n{missing}", _nothing)


def test_traces_of_the_fault_must_be_found_and_nothing_else() -> None:
    whole = "Title.\n\nFault: a.\n\nExpectation: b.\n\nProof: c."
    clocks = drill("drills.clock_shifted", whole, _nothing, traces=("LEDGER-BACKDATED",))
    trace = Finding(Invariant.I7, "ledger", "142158", "LEDGER-BACKDATED: entry 7 is dated tomorrow")
    other = Finding(Invariant.I1, "out", "142158", "delivery 7 was not applied")
    both, none = Report((trace, other), 9, 9), Report((), 9, 9)
    assert (clocks.name, clocks.title) == ("clock-shifted", "Title")
    assert (unexpected(clocks, both), unnoticed(clocks, both)) == ([other], [])
    assert (unexpected(clocks, none), unnoticed(clocks, none)) == ([], ["LEDGER-BACKDATED"])


def test_a_row_has_its_fixed_form() -> None:
    assert GOOD.to_json() == {
        "name": GOOD.name, "lost": 0, "doubled": 0, "leaked": 0, "recovery_seconds": 3.2, "ok": True
    }  # fmt: skip
    bad = Row("x", 1, 0, 0, 1.0, "1 lost").to_json()
    assert (bad["ok"], bad["why"]) == (False, "1 lost")
