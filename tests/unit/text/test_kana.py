"""Readings: 清音化かな after the known vectors, and the rules that this project fixes where no source does."""

import pytest

from topics.text.kana import seion
from topics.text.search import kana_key, name_key

KNOWN = {
    "わたなべ しょうこ": "ワタナヘ シヨウコ",
    "じゅんいちろう": "シユンイチロウ",
    "ヴァレンティーノ": "ウアレンテイーノ",
    "ぱんだ　ぴっと": "ハンタ　ヒツト",
}
FIXED = {
    "ー stays": ("たろー", "タロー"),
    "ヵヶ are large letters": ("ヵヶゕゖ", "カケカケ"),
    "ゐゑ keep their letters": ("ゐゑヰヱ", "ヰヱヰヱ"),
    "ヴ is ウ": ("ゔヴ", "ウウ"),
    "voiced ワ row": ("ヷヸヹヺ", "ワヰヱヲ"),
    "iteration marks": ("みすゞゝヾ", "ミスヽヽヽ"),
    "marks that stand alone": ("か\u3099は゜", "カハ"),
    "ゎ": ("ゎヮ", "ワワ"),
    "what is no kana": ("A・１", "A・１"),
}


@pytest.mark.parametrize("kana", KNOWN)
def test_readings_lose_voicing_and_small_letters(kana: str) -> None:
    assert seion(kana) == KNOWN[kana]


@pytest.mark.parametrize("rule", FIXED)
def test_what_no_source_fixes_is_fixed_here(rule: str) -> None:
    kana, expected = FIXED[rule]
    assert seion(kana) == expected == seion(expected)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("髙橋　太郎", "高橋太郎"),
        ("葛\U000e0100城", "葛城"),
        ("\ufa19田", "神田"),
        ("John S", "ｊｏｈｎ　Ｓ"),
        ("㈱合", "(株)合"),
    ],
)
def test_names_that_a_searcher_takes_for_one_have_one_key(one: str, other: str) -> None:
    assert one != other and name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), [("﨑", "崎"), ("合成", "合戒"), ("斉藤", "斎藤")])
def test_other_characters_have_another_key(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("わたなべ　しょうこ", "ﾜﾀﾅﾍﾞｼｮｳｺ"), ("たー", "タ"), ("ゐづみ", "いつみ"), ("マリ・ア", "マリア")],
)
def test_readings_that_sound_alike_have_one_key(one: str, other: str) -> None:
    assert kana_key(one) == kana_key(other)
