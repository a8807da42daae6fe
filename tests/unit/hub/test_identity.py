"""File 1 to file 2: hub and verifier, who derive it apart from each other, come to the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.check.projection import gaiji, unvoiced
from tests.unit.hub.protected import change, image, routing, told
from topics.text.character_sets import character_set
from topics.text.encoding import gaiji_count
from topics.text.kana import seion

JIS_X_0213 = character_set("jis-x-0213")
MARKS = "\ufe00\u3099\u309a\U000e0100\U000e0101"
READ = "ぁあかがはぱゔわゎゐゑをんゕゖゝゞァアガパヴヷヸヹヺヵヶーヽヾ・　aÅ゛゜\u3099\u309aｶﾞ"


@pytest.mark.parametrize("text", ["山田", "髙橋", "葛\U000e0100城", "𠮷野", "か\u309a", "か\u3099", "\U000e0100"])
def test_hub_and_verifier_count_gaiji_alike(text: str) -> None:
    assert gaiji_count(text, JIS_X_0213) == gaiji(text)


@given(st.text(alphabet="山髙葛𠮷かA\ue000\n" + MARKS))
def test_hub_and_verifier_count_gaiji_alike_in_any_text(text: str) -> None:
    assert gaiji_count(text, JIS_X_0213) == gaiji(text)


@given(st.text(alphabet=READ))
def test_hub_and_verifier_unvoice_readings_alike(kana: str) -> None:
    assert seion(kana) == unvoiced(kana)


def test_who_loses_her_number_is_told_of_without_it() -> None:
    """The entry of a number may be annulled; the prefecture follows whoever had one."""
    made = routing()
    numberless = image(2)
    assert numberless.record is not None
    del numberless.record["my_number"]
    for person in (image(1), numberless):
        change(made, person, "prefecture")
    first, second = told(made, "prefecture")
    assert "my_number" in first.items and "my_number" not in second.items
    assert second.items["resident_code"] == first.items["resident_code"]
