"""From bytes to persons without a database: every code by its line, and what a good row becomes."""

import io
from collections.abc import Sequence

import pytest

from producers.intake.batches import Batch, Batches
from producers.intake.findings import IntakeCode, rule_of
from producers.intake.layout import load_layout
from producers.intake.lines import Place, lines
from producers.intake.reading import Reader
from producers.synthetic.city import SyntheticCity
from producers.synthetic.register_faults import FAULTS, REPEATING, Fault
from producers.synthetic.register_rows import Row, layout_line, resident_rows
from topics.items.resident import ResidentRecord

CITY = "142158"
LAYOUT = load_layout()
JAPANESE, *_ = (r[-1] for r in resident_rows(SyntheticCity(1, CITY, 20)) if r[-1]["resident_class"] == "1")
FOREIGN, *_ = (r[-1] for r in resident_rows(SyntheticCity(1, CITY, 400)) if r[-1]["resident_class"] == "2")
DATES = {
    ("1980-02-29", "0", ""): "1980-02-29",
    ("1981-02-29", "0", ""): "1981-02-29",
    ("", "1", "昭和25年5月　日不詳"): "1950-05-XX",
    ("", "1", "年月日不詳"): "XXXX-XX-XX",
    ("", "1", "昭和25年5月頃"): "1950-05-XX~",
}
NOT_DATES = (("1980-01-01", "1", ""), ("", "1", ""), ("1980-01-01", "0", "昭和25年5月頃"), ("", "1", "むかし"))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault[0])
def test_a_fault_is_told_by_line_code_and_field(fault: Fault) -> None:
    _, code, field = fault
    spoiled = FAULTS[fault](LAYOUT, JAPANESE)
    written = [layout_line(LAYOUT, JAPANESE), spoiled] if code in REPEATING else [spoiled]
    batch = _read([*written, layout_line(LAYOUT, FOREIGN)])
    assert [(f.line, f.code, f.field) for f in batch.findings if f.refused] == [(len(written), code, field)]
    assert batch.persons[-1].addressee_number == FOREIGN["addressee_number"][-10:]
    assert rule_of(code)


@pytest.mark.parametrize(("columns", "value"), DATES.items(), ids=lambda value: str(value))
def test_three_columns_make_one_date(columns: tuple[str, str, str], value: str) -> None:
    assert _record(JAPANESE | _birth(columns)).birth_date == value


@pytest.mark.parametrize("columns", NOT_DATES)
def test_columns_that_do_not_fit_together_are_no_date(columns: tuple[str, str, str]) -> None:
    batch = _read([layout_line(LAYOUT, JAPANESE | _birth(columns))])
    assert [(f.code, f.field) for f in batch.findings] == [("INTAKE-DATE", "birth_date")]


def test_a_row_becomes_a_record() -> None:
    record = _record(JAPANESE | {"building": "合成荘１０１", "moved_in_from": "座間市緑ケ丘", "alias": ""})
    street = "".join(JAPANESE.get(name, "") for name in ("prefecture", "city", "town", "lot"))
    assert record.name.text == f"{JAPANESE['family_name']}　{JAPANESE['given_name']}"
    assert record.address.text == f"{street}　合成荘１０１"
    assert record.moved_in_from is not None
    assert (record.household_number, record.my_number) == (JAPANESE["household_number"][-10:], None)
    assert _record(FOREIGN).nationality == FOREIGN["nationality"]


def test_a_removed_or_planned_move_out_is_told() -> None:
    removed = {"removal_reason": "23", "removed_on": "1999-02-29", "removal_filed_on": "1999-03-01"}
    told = _record(JAPANESE | removed).removal
    assert told is not None
    assert told.removed_on == "1999-02-29"
    planned = _record(JAPANESE | {"move_out_planned_on": "2026-04-01", "moved_out_to": "座間市"}).planned_move_out
    assert planned is not None
    assert planned.to.text == "座間市"


def test_what_has_no_item_is_a_warning() -> None:
    batch = _read([layout_line(LAYOUT, JAPANESE | {"former_family_name": "旧"})])
    assert [(f.code, f.field, f.refused) for f in batch.findings] == [("INTAKE-NOT-TAKEN", "former_family_name", False)]
    assert len(batch.persons) == 1


def test_only_the_highest_version_is_the_present_state() -> None:
    versions = [("1", "0", "0"), ("2", "0", "0"), ("2", "1", "1")]
    person = _read([_version(*version) for version in versions[::-1]]).persons[0]
    assert person.present is not None
    assert person.present.version == (2, 1)
    assert {row.version for row in person.former} == {(1, 0), (2, 0)}


def test_without_a_latest_row_nothing_is_the_present_state() -> None:
    batch = _read([_version("1", "0", "0"), _version("2", "0", "0")])
    assert batch.persons[0].present is None
    assert [(f.code, f.refused) for f in batch.findings] == [(IntakeCode.NO_LATEST.value, False)]


def test_a_batch_holds_whole_persons_and_says_where_to_go_on() -> None:
    people = [row for rows in resident_rows(SyntheticCity(2, CITY, 200)) for row in rows]
    content = b"".join(layout_line(LAYOUT, row) for row in people)
    first, *rest = _batches(content, Place(0, 0), size=50)
    assert rest == list(_batches(content, first.place, size=50))
    assert sum(batch.rows for batch in (first, *rest)) == len(people)
    numbers = [person.addressee_number for batch in (first, *rest) for person in batch.persons]
    assert len(numbers) == len(set(numbers)) == 200


def test_a_row_and_a_batch_show_no_number() -> None:
    batch = _read([layout_line(LAYOUT, JAPANESE)])
    assert JAPANESE["my_number"] not in repr(batch)
    assert JAPANESE["resident_code"] not in repr(batch)
    assert JAPANESE["family_name"] not in repr(batch)


def _version(history: str, branch: str, latest: str) -> bytes:
    cells = {"history_number": history, "history_branch": branch, "latest": latest}
    return layout_line(LAYOUT, JAPANESE | cells)


def _birth(columns: tuple[str, str, str]) -> Row:
    return dict(zip(("birth_date", "birth_date.unknown", "birth_date.notation"), columns, strict=True))


def _record(row: Row) -> ResidentRecord:
    batch = _read([layout_line(LAYOUT, row)])
    assert batch.findings == []
    present = batch.persons[0].present
    assert present is not None
    return ResidentRecord.model_validate(present.record)


def _read(written: Sequence[bytes]) -> Batch:
    (batch,) = _batches(b"".join(written), Place(0, 0), size=1000)
    return batch


def _batches(content: bytes, place: Place, size: int) -> list[Batch]:
    found = lines(io.BytesIO(content), place, LAYOUT.longest_line)
    return list(Batches(Reader(LAYOUT), CITY, place, size).of(found))
