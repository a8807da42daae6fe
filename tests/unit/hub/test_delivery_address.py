"""File 1 to file 3: hub and verifier, who derive it apart from each other, come to the same; nothing is invented."""

from collections.abc import Container
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.jlis.apply import MEASURE, DeliveryAddresses
from hub.router.projection import project
from hub.router.state import Occasion, Record, Sending
from infra.check.projection import person_fields
from infra.check.projection import project as derived
from topics.declared import declared_by_recipient
from topics.guarded import MyNumber, ResidentCode
from topics.items.delivery_address import DELIVERY_ADDRESS_FILE
from topics.items.validation import format_findings
from topics.messages.delivery import Delivery
from topics.offices import office_on

JLIS = declared_by_recipient()["jlis"]
NUMBERS = {"a" * 32: ResidentCode("24727059608"), "b" * 32: MyNumber("123456789018")}
PLAIN = {"a" * 32: "24727059608", "b" * 32: "123456789018"}
CITY, ELSEWHERE = "142158", "142182"
DAY = date(2026, 11, 25)
ODD = "山髙葛𠮷濵か\ue000A" + "\ufe00\u3099\u309a\U000e0100\U000e0101"
NEVER_TOLD = {"card_place", "card_address", "card_phone", "card_postal_code", "terminal", "print_class",
              "residence_until", "gaiji_patterns"}  # fmt: skip


def _record(name: str = "合成　太郎", address: str = "海老名市中央1番1号", **items: Any) -> Record:
    return {
        "name": {"text": name, "kana": "ごうせい　たろう"},
        "birth_date": "1980-02-29",
        "sex": "1",
        "address": {"text": address, "municipality": CITY, "postal_code": "2430432"},
        "resident_code": "a" * 32,
        "my_number": "b" * 32,
        **items,
    }


def _told(record: Record, withheld: Container[str] = frozenset(), city: str = CITY) -> dict[str, Any]:
    occasion = Occasion("changed", operator="counter-1")
    return project(JLIS, record, "active", NUMBERS, occasion, Sending(city, 1, 42, DAY), withheld)


def _person(told: dict[str, Any]) -> dict[str, Any]:
    return {field: told[field] for field in person_fields(JLIS) if field in told}


@pytest.mark.parametrize("withheld", [frozenset(), frozenset(JLIS.withheld_fields())], ids=["shown", "withheld"])
@pytest.mark.parametrize("name", ["合成　太郎", "髙橋　葛\U000e0100", "𠮷野か\u309a", "\ue000原"])
def test_hub_and_verifier_derive_it_alike(name: str, withheld: frozenset[str]) -> None:
    record = _record(name, "海老名市濵田1番", article_30_45_class="2")
    assert _person(_told(record, withheld)) == derived(JLIS, record, PLAIN, withheld)


@given(st.text(alphabet=ODD, min_size=1), st.text(alphabet=ODD, min_size=1))
def test_hub_and_verifier_derive_it_alike_from_any_texts(name: str, address: str) -> None:
    assert _person(_told(_record(name, address))) == derived(JLIS, _record(name, address), PLAIN)


def test_it_is_the_file_that_is_declared_and_invents_nothing() -> None:
    told = _told(_record("髙橋\ue000　葛\U000e0100城"))
    assert not NEVER_TOLD & set(told)
    assert set(DELIVERY_ADDRESS_FILE.by_field) - set(told) - NEVER_TOLD == {
        "card_place_length", "card_place_gaiji", "card_address_length", "card_address_gaiji", "article_30_45_class",
        "substitute_address_length", "substitute_address", "substitute_address_positions",
    }  # fmt: skip
    assert (told["management_number"], told["processed_on"], told["persons"]) == ("142158-1-42", "2026-11-25", 1)
    severe = [finding for finding in format_findings(DELIVERY_ADDRESS_FILE, told) if finding.severity.value == "error"]
    assert severe == []


def test_what_is_withheld_is_not_measured_either() -> None:
    told = _told(_record(address="海老名市\ue0001番"), frozenset(JLIS.withheld_fields()))
    assert not {name for name in told if "address" in name and not name.startswith(("municipality", "handover"))}
    assert (told["gaiji"], told["substitution_result"]) == (False, "0")


def test_a_city_that_declares_nothing_says_nothing_of_itself() -> None:
    assert office_on(ELSEWHERE, DAY) is None
    assert not {name for name in _told(_record(), city=ELSEWHERE) if name.startswith(("municipality_", "handover"))}


def test_a_day_before_the_first_row_has_none() -> None:
    assert office_on(CITY, date(2026, 3, 31)) is None


@pytest.mark.parametrize("amiss", ["name_length", "address_gaiji", "substitute_name_positions"])
def test_what_does_not_measure_up_is_parked(amiss: str) -> None:
    told = _told(_record("髙橋\ue000"))
    copy = DeliveryAddresses(bytes(32))
    assert copy.check(_delivery(told)) is None
    assert copy.check(_delivery(told | {amiss: [9] if isinstance(told[amiss], list) else 9})) == MEASURE


def _delivery(items: dict[str, Any]) -> Delivery:
    place = {"recipient": "jlis", "municipality": CITY, "generation": 1, "number": 42, "sequence": 3, "subject": "abc"}
    return Delivery.model_validate({**place, "kind": "changed", "state": "active", "items": items})
