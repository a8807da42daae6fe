"""The list of staff as a file, and the days on which the town hall is open."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from infra.runtime.refusals import Refusal
from producers.register.staff import Member, read_staff
from tests.unit.register.counter import MY_NUMBER
from topics.office_days import day_of, is_open

GOOD = """
- {account: counter-1, addressee_number: "0000000019", since: 2026-04-01, leave: [2026-08-13]}
- {account: counter-2, since: 2024-04-01, until: 2026-03-31}
"""


def test_a_list_is_read(tmp_path: Path) -> None:
    (tmp_path / "staff.yaml").write_text(GOOD, encoding="utf-8")
    assert read_staff(tmp_path / "staff.yaml") == [
        Member(
            account="counter-1", addressee_number="0000000019", since=date(2026, 4, 1), leave=(date(2026, 8, 13),)
        ),
        Member(account="counter-2", since=date(2024, 4, 1), until=date(2026, 3, 31)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"- {{account: counter-1, since: 2026-04-01, addressee_number: '{MY_NUMBER}'}}", "staff 0/addressee_number"),
        (f"- {{account: counter-1, since: 2026-04-01, '{MY_NUMBER}': 1}}", "staff 0: extra_forbidden"),
        (f"- {{account: '合成 {MY_NUMBER}', since: 2026-04-01}}", "staff 0/account"),
        ("- {account: counter-1}", "staff 0/since: missing"),
        ("account: counter-1", "list_type"),
        ("- {account: [", "no YAML file"),
    ],
)
def test_what_is_no_list_is_refused_by_place(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "staff.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(Refusal, match="KRN-STAFF") as refused:
        read_staff(tmp_path / "staff.yaml")
    assert told in str(refused.value)
    assert MY_NUMBER not in str(refused.value)


@pytest.mark.parametrize(
    ("day", "opened"),
    [
        (date(2026, 11, 24), True), (date(2026, 11, 23), False), (date(2026, 11, 22), False),
        (date(2026, 12, 28), True),
        (date(2026, 12, 29), False), (date(2027, 1, 3), False), (date(2027, 1, 4), True), (date(2031, 5, 5), True),
    ],
)  # fmt: skip
def test_open_days(day: date, opened: bool) -> None:
    assert is_open(day) is opened


def test_a_day_is_japans() -> None:
    assert day_of(datetime(2026, 6, 1, 15, 30, tzinfo=UTC)) == date(2026, 6, 2)
