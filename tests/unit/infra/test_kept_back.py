"""The verifier's own idea of who waits behind what is parked."""

from infra.check.parked import KeptBack, kept_back
from infra.check.sources import SetAside

A_PARKED = SetAside("a", 3, 10, 10, 1, "KIT-UNDECODABLE")
"""Of a filing of three that it does not tell itself."""
FELLOWS = [SetAside("b", 1, 9, 9, 3, None), SetAside("c", 5, 11, 9, 3, None)]
LATER = [SetAside("c", 6, 14, 14, 2, None), SetAside("d", 2, 15, 14, 2, None), SetAside("d", 3, 20, 20, 1, None)]
OF_OTHERS = [SetAside("e", 2, 16, 16, 1, None)]


def test_the_filing_and_what_follows_of_its_residents_wait_and_nobody_else() -> None:
    found = kept_back([A_PARKED, *FELLOWS, *LATER, *OF_OTHERS])
    assert {subject: kept.sequence for subject, kept in found.items()} == {"a": 3, "b": 1, "c": 5, "d": 2}
    assert set(found.values()) >= {KeptBack(3, 10, "KIT-UNDECODABLE")}
    assert "10 is parked (KIT-UNDECODABLE)" in found["d"].sentence()


def test_what_waits_for_something_missing_is_not_behind_what_is_parked() -> None:
    assert kept_back([*FELLOWS, *LATER]) == {}
