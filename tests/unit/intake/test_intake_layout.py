"""The layout of a register system's file: what may be declared, and what the shipped one says."""

from pathlib import Path

import pytest

from infra.runtime.refusals import Refusal
from producers.intake.layout import ColumnType, load_layout

COLUMN = "{name: sex, name_ja: 性別, type: digits, length: 1}"
NOT_LAYOUTS = {
    "not YAML": "{",
    "no columns": "name: a\ntitle: b\ncolumns: []",
    "unknown type": "name: a\ntitle: b\ncolumns: [{name: a, name_ja: b, type: colour, length: 1}]",
    "unknown key": "name: a\ntitle: b\ncolumns: [{name: a, name_ja: b, type: text, length: 1, width: 2}]",
    "no length": "name: a\ntitle: b\ncolumns: [{name: a, name_ja: b, type: text, length: 0}]",
    "a name twice": f"name: a\ntitle: b\ncolumns: [{COLUMN}, {COLUMN}]",
}


def test_the_shipped_layout_is_keyed_and_has_three_columns_for_a_date() -> None:
    layout = load_layout()
    assert layout.header[:6] == ("市区町村コード", "宛名番号", "履歴番号", "履歴番号枝番", "最新フラグ", "削除フラグ")
    place = layout.header.index("生年月日")
    assert layout.header[place : place + 3] == ("生年月日", "生年月日_不詳フラグ", "生年月日_不詳表記")
    uncertain = sum(column.type is ColumnType.UNCERTAIN_DATE for column in layout.columns)
    assert len(layout.physical) == len(layout.columns) + 2 * uncertain


def test_a_layout_can_be_the_citys_own(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(f"name: own\ntitle: 自庁\ncolumns: [{COLUMN}]", encoding="utf-8")
    assert load_layout(file).header == ("性別",)


@pytest.mark.parametrize("text", NOT_LAYOUTS.values(), ids=NOT_LAYOUTS)
def test_what_is_no_layout_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Refusal, match="INTAKE-LAYOUT"):
        load_layout(file)
