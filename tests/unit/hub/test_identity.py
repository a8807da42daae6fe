"""File 1 to file 2: counts of gaiji and readings without voicing marks."""

import pytest

from hub.router.identity import gaiji_count, seion
from infra.check.projection import gaiji, unvoiced

SEION = {
    "わたなべ しょうこ": "ワタナヘ シヨウコ",
    "じゅんいちろう": "シユンイチロウ",
    "ヴァレンティーノ": "ウアレンテイーノ",
    "ぱんだ　ぴっと": "ハンタ　ヒツト",
}
GAIJI = {"山田　太郎": 0, "髙橋": 1, "葛\U000e0100城": 1, "葛\U000e0100\U000e0101": 1, "": 0, "﨑": 0}


@pytest.mark.parametrize("kana", SEION)
def test_readings_lose_voicing_and_small_letters(kana: str) -> None:
    assert seion(kana) == SEION[kana] == unvoiced(kana)


@pytest.mark.parametrize("text", GAIJI)
def test_characters_outside_the_wire_set_are_counted(text: str) -> None:
    assert gaiji_count(text) == GAIJI[text]


@pytest.mark.parametrize("text", ["山田", "髙橋", "葛\U000e0100城", "𠮷野"])
def test_hub_and_verifier_count_alike(text: str) -> None:
    assert gaiji_count(text) == gaiji(text)
