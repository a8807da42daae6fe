"""Institutions are dated data, and all of them synthetic."""

from datetime import date

from topics.institutions import institutions, institutions_on


def test_there_are_three_at_least_and_all_are_synthetic() -> None:
    assert len(institutions_on(date(2026, 11, 24))) >= 3
    assert all(each.synthetic and each.title_ja.startswith("合成") for each in institutions().values())


def test_codes_are_made_within_an_institutions_dates_only() -> None:
    assert "former-institute" in institutions_on(date(2026, 9, 30))
    assert "former-institute" not in institutions_on(date(2026, 10, 1))
    assert institutions_on(date(2026, 3, 31)) == ()
