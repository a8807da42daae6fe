"""Lists for spreadsheets: no cell is a formula, and every one reads back as it was."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.text.spreadsheets import FORMULA, cell, to_csv


@pytest.mark.parametrize(
    "formula", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "＝1", " =1", "　=1", "=cmd|' /C x'!A0"]
)
def test_a_formula_is_text(formula: str) -> None:
    assert cell(formula) == f"'{formula}"


@pytest.mark.parametrize("text", ["", "合成　太郎", "2026-04-01", "1=1", "'=1", "a@b", "〓"])
def test_what_is_no_formula_stays(text: str) -> None:
    assert cell(text) == text


@given(st.lists(st.lists(st.text(max_size=8), min_size=1), max_size=5))
def test_every_cell_reads_back_and_none_calculates(rows: list[list[str]]) -> None:
    written = to_csv(["synthetic"], rows).decode("utf-8-sig")
    read = list(csv.reader(StringIO(written, newline="")))[1:]
    assert read == [[cell(text) for text in row] for row in rows]
    assert not [text for row in read for text in row if text[:1] in FORMULA and text]
