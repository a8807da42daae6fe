"""Reference pages agree with what is declared, and the command that writes them speaks for people and programs."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.commandline.docs_matrix import matrix_page
from hub.commandline.docs_reasons import reasons_page
from hub.commandline.main import app
from hub.commandline.output import console
from topics.reasons import reason_names

ROOT = Path(__file__).parents[3]


def test_the_page_of_reasons_is_up_to_date() -> None:
    """Otherwise: kairan docs reasons --markdown > docs/reference/reasons.md"""
    assert (ROOT / "docs/reference/reasons.md").read_text(encoding="utf-8") == reasons_page()


def test_the_page_of_the_matrix_is_up_to_date() -> None:
    """Otherwise: kairan docs matrix --markdown > docs/reference/matrix.md"""
    assert (ROOT / "docs/reference/matrix.md").read_text(encoding="utf-8") == matrix_page()


def test_the_matrix_is_told_to_programs_and_people(monkeypatch: pytest.MonkeyPatch) -> None:
    told = json.loads(CliRunner().invoke(app, ["docs", "matrix", "--json"]).stdout)
    death = next(row for row in told if row["reason"] == "death")
    assert (death["prefecture"], death["welfare"]) == ("ceased", "ceased")
    monkeypatch.setattr(console, "width", 240)
    assert "move-out-certificate" in CliRunner().invoke(app, ["docs", "matrix"]).stdout


def test_reasons_are_told_to_programs() -> None:
    told = json.loads(CliRunner().invoke(app, ["docs", "reasons", "--json"]).stdout)
    assert {row["name"] for row in told} == set(reason_names())
    death = next(row for row in told if row["name"] == "death")
    assert (death["code"], death["items"], death["partners"]["vendor-next"]) == ("23", [24], "21")


def test_reasons_are_told_to_people() -> None:
    shown = CliRunner().invoke(app, ["docs", "reasons"]).stdout
    assert "change-of-head" in shown
