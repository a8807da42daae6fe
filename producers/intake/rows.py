"""From a line's values to a row of the former system: its key, its flags, the resident's record, the numbers apart."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from producers.intake.findings import IntakeCode as Code
from producers.intake.findings import LineFinding, finding
from producers.intake.layout import NOTATION, UNKNOWN
from producers.intake.reading import Values
from topics.check_digits import is_municipality_code
from topics.date_texts import DateColumns, DateTextError, from_columns
from topics.dates import is_legal
from topics.guarded import MyNumber, ResidentCode
from topics.items.findings import FindingCode, Severity
from topics.items.resident import RESIDENT_FILE
from topics.items.validation import format_findings
from topics.reason_matrix import reason_matrix
from topics.reasons import names_of_code, reasons

SERIAL_DIGITS = 10
FAMILY_AND_GIVEN = "　"
_AS_GIVEN = (
    "sex", "relationship", "head_name", "resident_since_filed_on", "resident_since_reason", "address_since_filed_on",
    "previous_address", "domicile_head", "nationality", "article_30_45_class", "residence_card_number",
    "residence_status", "remarks",
)  # fmt: skip
_UNCERTAIN = ("birth_date", "resident_since", "address_since", "foreign_resident_since")
_CLASSES = {"1": "japanese", "2": "foreign"}
_PLACEHOLDER = "0" * 32
"""Stands for a reference while a record's form is looked over: whether there is a number is a matter of form."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row in good form. `version` is 履歴番号 and 枝番; `record` is without items 2 and 3."""

    line: int
    addressee_number: str
    version: tuple[int, int]
    latest: bool
    deleted: bool
    reason: str
    operator: str
    changed_on: str
    filed_on: str
    household_number: str
    record: Mapping[str, Any] = field(repr=False)
    my_number: MyNumber | None
    resident_code: ResidentCode | None

    @property
    def removed(self) -> bool:
        """Whether the person had ceased to be a resident (除票)."""
        return "removal" in self.record


def source_row(line: int, values: Values, municipality: str) -> tuple[SourceRow | None, list[LineFinding]]:
    """The row in values that are in form; None with what is wrong, else the row and its warnings."""
    found = list(_of_key(line, values, municipality))
    dates = {name: _date(line, values, name, found) for name in (*_UNCERTAIN, "changed_on", "removed_on")}
    record = _record(values, dates, municipality)
    found += _of_change(line, values, dates["changed_on"])
    found += _of_removal(line, values, record)
    told = {each.field for each in found}
    found += [each for each in _of_record(line, values, record) if each.field not in told]
    if any(each.refused for each in found):
        return None, found
    return _row(line, values, dates, record), found


def serial(text: str) -> str:
    """A number of the city without the zeros that fill its column."""
    return text.lstrip("0").rjust(SERIAL_DIGITS, "0") if len(text) > SERIAL_DIGITS else text


def _row(line: int, values: Values, dates: Mapping[str, str | None], record: dict[str, Any]) -> SourceRow:
    number, code = values.get("my_number"), values.get("resident_code")
    return SourceRow(
        line=line,
        addressee_number=record["addressee_number"],
        version=(int(values["history_number"]), int(values["history_branch"])),
        latest=values["latest"] == "1",
        deleted=values["deleted"] == "1",
        reason=values["reason"],
        operator=values["operator"],
        changed_on=dates["changed_on"] or values["operated_on"],
        filed_on=values.get("filed_on") or values["operated_on"],
        household_number=record["household_number"],
        record=record,
        my_number=None if number is None else MyNumber(number),
        resident_code=None if code is None else ResidentCode(code),
    )


def _of_key(line: int, values: Values, municipality: str) -> Iterator[LineFinding]:
    told = values["municipality"]
    if not is_municipality_code(told):
        yield LineFinding(line, FindingCode.CHECK_DIGIT.value, "municipality", refused=True)
    elif told != municipality:
        yield finding(line, Code.MUNICIPALITY, "municipality")


def _date(line: int, values: Values, name: str, found: list[LineFinding]) -> str | None:
    """The date that three columns make."""
    day, unknown, notation = (values.get(name + ending, "") for ending in ("", UNKNOWN, NOTATION))
    if not notation and unknown in {"", "0"}:
        return day or None
    try:
        return from_columns(DateColumns(day, unknown, notation)).value
    except DateTextError:
        found.append(finding(line, Code.DATE, name))
        return None


def _record(values: Values, dates: Mapping[str, str | None], municipality: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "addressee_number": serial(values["addressee_number"]),
        "household_number": serial(values["household_number"]),
        "resident_class": _CLASSES[values["resident_class"]],
        "name": _name(values),
        "address": _home(values, municipality),
        "alias": _parts(text=values.get("alias"), kana=values.get("alias_kana")),
        "moved_in_from": _elsewhere(values, "moved_in_from"),
        "registered_domicile": _joined(values, "domicile_prefecture", "domicile_city", "domicile_town", "domicile_lot"),
        **{name: values.get(name) for name in _AS_GIVEN},
        **{name: dates[name] for name in _UNCERTAIN},
        **_leaving(values, dates),
    }
    return {name: value for name, value in told.items() if value is not None}


def _leaving(values: Values, dates: Mapping[str, str | None]) -> dict[str, Any]:
    """Where the person goes: to go yet (転出予定), or gone (消除)."""
    to = _elsewhere(values, "moved_out_to")
    if "removal_reason" in values or dates["removed_on"] is not None:
        removal = _parts(
            reason=values.get("removal_reason"),
            removed_on=dates["removed_on"],
            filed_on=values.get("removal_filed_on"),
        )
        return {"removal": removal, "moved_out_to": to}
    planned_on = values.get("move_out_planned_on")
    return {"planned_move_out": planned_on and _parts(planned_on=planned_on, to=to), "moved_out_to": to}


def _name(values: Values) -> dict[str, Any] | None:
    if values["resident_class"] == "2":
        return _parts(text=values.get("foreign_name"), kana=values.get("foreign_kana"))
    return _parts(text=_pair(values, "family_name", "given_name"), kana=_pair(values, "family_kana", "given_kana"))


def _home(values: Values, municipality: str) -> dict[str, Any] | None:
    street = _joined(values, "prefecture", "city", "town", "lot")
    text = FAMILY_AND_GIVEN.join(part for part in (street, values.get("building")) if part)
    return text and _parts(
        text=text,
        municipality=municipality,
        postal_code=values.get("postal_code"),
        town_code=values.get("town_code"),
    )  # type: ignore[return-value]


def _elsewhere(values: Values, name: str) -> dict[str, Any] | None:
    return _parts(text=values.get(name), municipality=values.get(f"{name}_municipality"))


def _parts(**parts: Any) -> dict[str, Any] | None:
    given = {name: value for name, value in parts.items() if value is not None}
    return given or None


def _joined(values: Values, *names: str) -> str | None:
    return "".join(values.get(name, "") for name in names) or None


def _pair(values: Values, family: str, given: str) -> str | None:
    return FAMILY_AND_GIVEN.join(part for part in (values.get(family), values.get(given)) if part) or None


def _of_change(line: int, values: Values, changed_on: str | None) -> Iterator[LineFinding]:
    names = names_of_code(values["reason"])
    if not names:
        yield LineFinding(line, FindingCode.CODE.value, "reason", refused=True)
    leap_day = any(not reason_matrix()[name].dates.exact for name in names)
    if changed_on is not None and not is_legal(changed_on, leap_day=leap_day):
        yield LineFinding(line, FindingCode.IMPOSSIBLE_DATE.value, "changed_on", refused=True)


def _of_removal(line: int, values: Values, record: Mapping[str, Any]) -> Iterator[LineFinding]:
    if "removal" in record and values.get("removal_reason") not in _removing():
        yield finding(line, Code.REMOVAL, "removal_reason")


def _of_record(line: int, values: Values, record: Mapping[str, Any]) -> list[LineFinding]:
    references: dict[str, Any] = {name: _PLACEHOLDER for name in ("my_number", "resident_code") if name in values}
    return [
        LineFinding(line, found.code.value, found.field, refused=found.severity is Severity.ERROR)
        for found in format_findings(RESIDENT_FILE, {**record, **references})
    ]


@cache
def _removing() -> frozenset[str]:
    return frozenset(reason.code for reason in reasons() if reason.effect == "remove")
