"""``kairan docs items``: what it prints is what is declared, and the page in the repository is what it prints."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.commandline.docs_items import items_page
from hub.commandline.main import app
from topics.scope import CATALOGUES

ROOT = Path(__file__).parents[3]


def test_the_items_page_is_what_is_declared() -> None:
    """Otherwise: kairan docs items --markdown > docs/reference/items.md"""
    page = (ROOT / "docs/reference/items.md").read_text(encoding="utf-8")
    assert page == items_page(list(CATALOGUES.values()))


def test_programs_get_every_item() -> None:
    told = json.loads(CliRunner().invoke(app, ["docs", "items", "--json"]).output)
    assert {name: len(items) for name, items in told.items()} == {
        "resident": 44,
        "identity": 36,
        "delivery-address": 61,
    }
    assert told["resident"][4]["parts"]["kana"]["format"] == "kana"


@pytest.mark.parametrize("option", ["--json", "--markdown"])
def test_one_file_is_shown_alone(option: str) -> None:
    output = CliRunner().invoke(app, ["docs", "items", "--file", "delivery-address", option]).output
    assert "送付先管理番号" in output and "宛名番号" not in output


def test_people_get_a_table_and_help_with_an_example() -> None:
    assert "外字" in CliRunner().invoke(app, ["docs", "items", "--file", "identity"]).output
    assert "Example: " in CliRunner().invoke(app, ["docs", "items", "--help"]).output
    assert CliRunner().invoke(app, ["docs", "items", "--file", "library"]).exit_code != 0
