"""File 1 to file 2: hub and verifier, who derive it apart from each other, come to the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.check.projection import gaiji, unvoiced
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
