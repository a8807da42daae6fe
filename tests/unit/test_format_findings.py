"""The first stage of validation: each fault has its code, its field and its severity, and no value is told."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.register.numbers import given_numbers
from producers.register.rules.decide import decide
from producers.synthetic.city import SyntheticCity
from tests.unit.register.counter import Counter
from tests.unit.validation_records import GAIJI_NAME, JIS_X_0213, MY_NUMBER, RECORDS
from topics.items.catalogue import Catalogue
from topics.items.delivery_address import DELIVERY_ADDRESS_FILE
from topics.items.findings import RULES, FindingCode, Severity
from topics.items.measures import measured
from topics.items.resident import RESIDENT_FILE
from topics.items.validation import acceptable, format_findings

C = FindingCode
LONG = "合" * 121

FAULTS: list[tuple[str, dict[str, Any], FindingCode, str]] = [
    ("resident", {"addressee_number": None}, C.MISSING, "addressee_number"),
    ("resident", {"addressee_number": "1000000008"}, C.CHECK_DIGIT, "addressee_number"),
    ("resident", {"addressee_number": "000001000000007"}, C.PATTERN, "addressee_number"),
    ("resident", {"resident_code": None}, C.EXPECTED, "resident_code"),
    ("resident", {"my_number": MY_NUMBER}, C.PATTERN, "my_number"),
    ("resident", {"name": "合成"}, C.TYPE, "name"),
    ("resident", {"name": {"text": "合成"}}, C.MISSING, "name.kana"),
    ("resident", {"name": {"text": "　", "kana": "ごうせい"}}, C.BLANK, "name.text"),
    ("resident", {"name": {"text": LONG, "kana": "ごうせい"}}, C.TOO_LONG, "name.text"),
    ("resident", {"name": {"text": LONG[1:], "kana": "ごうせい"}}, C.AT_LIMIT, "name.text"),
    ("resident", {"name": {"text": "合\u200b成", "kana": "ごうせい"}}, C.UNSEEN, "name.text"),
    ("resident", {"name": {"text": "合〓成", "kana": "ごうせい"}}, C.LOST_CHARACTER, "name.text"),
    ("resident", {"name": {"text": "合●成", "kana": "ごうせい"}}, C.LOST_CHARACTER, "name.text"),
    ("resident", {"name": {"text": "合\ue000成", "kana": "ごうせい"}}, C.PRIVATE_USE, "name.text"),
    ("resident", {"name": {"text": "合成", "kana": "GOSEI"}}, C.KANA, "name.kana"),
    ("resident", {"name": {"text": "合成", "kana": "ごうせい", "roman": "x"}}, C.UNKNOWN, "name.roman"),
    ("resident", {"birth_date": "S25.5.3"}, C.DATE, "birth_date"),
    ("resident", {"birth_date": "1975-02-30"}, C.IMPOSSIBLE_DATE, "birth_date"),
    ("resident", {"resident_since_filed_on": "2001-02-29"}, C.IMPOSSIBLE_DATE, "resident_since_filed_on"),
    ("resident", {"sex": "3"}, C.CODE, "sex"),
    ("resident", {"relationship": "孫"}, C.RELATIONSHIP, "relationship"),
    ("resident", {"resident_since_reason": "00"}, C.CODE, "resident_since_reason"),
    ("resident", {"address": {"text": "合成", "municipality": "142159"}}, C.CHECK_DIGIT, "address.municipality"),
    ("resident", {"address": {"text": "合成", "postal_code": "243-0492"}}, C.PATTERN, "address.postal_code"),
    ("resident", {"registered_domicile": None}, C.EXPECTED, "registered_domicile"),
    ("resident", {"removal": {"reason": "31", "removed_on": "2001-02-29", "filed_on": "2001-03-01"}},
     C.IMPOSSIBLE_DATE, "removal.removed_on"),
    ("resident", {"planned_move_out": {"planned_on": "2026-04-01", "to": {}}}, C.MISSING, "planned_move_out.to.text"),
    ("resident", {"residence_card_number": "AB1234567CD"}, C.PATTERN, "residence_card_number"),
    ("identity", {"my_number": "123456789017"}, C.CHECK_DIGIT, "my_number"),
    ("identity", {"my_number": "１２３４５６７８９０１８"}, C.PATTERN, "my_number"),
    ("identity", {"my_number": 123456789018}, C.TYPE, "my_number"),
    ("identity", {"resident_code": "24727059601"}, C.CHECK_DIGIT, "resident_code"),
    ("identity", {"name_gaiji": 0}, C.GAIJI, "name_gaiji"),
    ("identity", {"name_gaiji": "1"}, C.TYPE, "name_gaiji"),
    ("identity", {"name_gaiji": True}, C.TYPE, "name_gaiji"),
    ("identity", {"previous_address": "合成"}, C.MISSING, "previous_address_gaiji"),
    ("identity", {"name_seion": "タカバシ　タロウ"}, C.SEION, "name_seion"),
    ("identity", {"changed_on": "2001-02-29", "reason": "31"}, C.IMPOSSIBLE_DATE, "changed_on"),
    ("identity", {"planned": "false"}, C.TYPE, "planned"),
    ("identity", {"update_sequence": -1}, C.TYPE, "update_sequence"),
    ("identity", {"timestamp": "2026-04-01"}, C.PATTERN, "timestamp"),
    ("delivery-address", {"name_length": 4}, C.LENGTH, "name_length"),
    ("delivery-address", {"name_length": None}, C.MISSING, "name_length"),
    ("delivery-address", {"municipality_name_length": None}, C.MISSING, "municipality_name_length"),
    ("delivery-address", {"destination_name_gaiji": 2}, C.GAIJI, "destination_name_gaiji"),
    ("delivery-address", {"substitute_name_positions": [2]}, C.POSITIONS, "substitute_name_positions"),
    ("delivery-address", {"substitute_name_positions": None}, C.MISSING, "substitute_name_positions"),
    ("delivery-address", {"substitute_name": "高橋　太"}, C.SUBSTITUTE, "substitute_name"),
    ("delivery-address", {"substitute_name": GAIJI_NAME}, C.SUBSTITUTE, "substitute_name"),
    ("delivery-address", {"residence_until": "2001-02-29"}, C.IMPOSSIBLE_DATE, "residence_until"),
    ("delivery-address", {MY_NUMBER: "x"}, C.UNKNOWN, "?"),
]  # fmt: skip


def _with(file: str, items: dict[str, Any]) -> tuple[Catalogue, dict[str, Any]]:
    catalogue, record = RECORDS[file]
    return catalogue, {field: value for field, value in {**record, **items}.items() if value is not None}


@pytest.mark.parametrize("file", RECORDS)
def test_a_well_formed_record_has_no_findings(file: str) -> None:
    catalogue, record = RECORDS[file]
    assert [str(finding) for finding in format_findings(catalogue, record)] == []
    catalogue.model.model_validate(record)


@pytest.mark.parametrize(("file", "items", "code", "field"), FAULTS)
def test_a_fault_has_its_code_and_field(file: str, items: dict[str, Any], code: FindingCode, field: str) -> None:
    catalogue, record = _with(file, items)
    findings = format_findings(catalogue, record)
    assert (code, field) in {(finding.code, finding.field) for finding in findings}
    found = next(finding for finding in findings if (finding.code, finding.field) == (code, field))
    assert acceptable([found]) == (found.severity is Severity.WARNING)
    known = catalogue.by_field.get(field.partition(".")[0])
    assert found.number == (known.number if known else None)


@pytest.mark.parametrize(("file", "items", "code", "field"), FAULTS)
def test_no_finding_tells_a_value(file: str, items: dict[str, Any], code: FindingCode, field: str) -> None:
    told = " ".join(map(repr, format_findings(*_with(file, items))))
    values = [value for value in items.values() if isinstance(value, str) and len(value) > 1]
    assert not [value for value in [*values, MY_NUMBER] if value in told]
    assert code in told and field in told


def test_every_code_is_found_somewhere_and_has_its_rule() -> None:
    assert {code for _, _, code, _ in FAULTS} == set(FindingCode) == set(RULES)


def test_a_death_may_fall_on_a_leap_day_of_a_common_year() -> None:
    removal = {"reason": "23", "removed_on": "2001-02-29", "filed_on": "2001-03-01"}
    assert format_findings(*_with("resident", {"removal": removal})) == []


def test_a_removed_record_may_be_without_a_resident_code() -> None:
    removal = {"reason": "23", "removed_on": "2001-03-01", "filed_on": "2001-03-01"}
    assert format_findings(*_with("resident", {"removal": removal, "resident_code": None})) == []


def test_a_foreign_resident_is_expected_to_have_a_card() -> None:
    findings = format_findings(*_with("resident", {"resident_class": "foreign", "registered_domicile": None}))
    assert [finding.field for finding in findings] == ["foreign_resident_since", "residence_card_number"]
    assert acceptable(findings)


def test_what_the_synthetic_city_registers_is_well_formed() -> None:
    book = Counter().book
    for filing, _ in (pair for batch in SyntheticCity(7, "142158", 300).initial() for pair in batch):
        numbers = given_numbers([filing])
        book.references = {(n.filing_id, n.member, n.kind): n.reference for n in numbers}
        book.enact(filing.filing_id, decide(book, filing))
    records = [entry.amendment.record for entry in book.entries]
    assert len(records) == 300
    found = [format_findings(RESIDENT_FILE, record.model_dump(exclude_none=True)) for record in records if record]
    assert {str(finding) for findings in found for finding in findings} == set()


@given(st.text(alphabet="山髙葛𠮷\ue000か\U000e0100\u3099", min_size=1))
def test_what_is_measured_is_well_formed(name: str) -> None:
    texts = {"name": name, "destination_name": name}
    record = measured(DELIVERY_ADDRESS_FILE, RECORDS["delivery-address"][1] | texts, JIS_X_0213)
    assert acceptable(format_findings(DELIVERY_ADDRESS_FILE, record))
    assert ("substitute_name" in record) == (record["name_gaiji"] > 0)


def test_a_text_is_told_with_its_measures() -> None:
    told = RECORDS["delivery-address"][1]
    assert (told["name_length"], told["name"], told["name_gaiji"]) == (5, GAIJI_NAME, 1)
    assert (told["substitute_name_length"], told["substitute_name"]) == (5, "高橋　太郎")
    assert told["substitute_name_positions"] == (1,)
    assert not {"substitute_address", "substitute_address_positions", "card_address_length"} & set(told)


@given(st.dictionaries(st.text(max_size=5) | st.sampled_from(sorted(RESIDENT_FILE.by_field)), st.from_type(object)))
def test_whatever_comes_is_told_in_findings(record: dict[str, Any]) -> None:
    assert not acceptable(format_findings(RESIDENT_FILE, record))
