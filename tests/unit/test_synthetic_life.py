"""A year of a synthetic city on the rules alone: every reason occurs, moves peak in spring, a seed is a year."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import count

import pytest

from producers.register.book import Book
from producers.register.filings import Filing
from producers.register.numbers import given_numbers
from producers.register.registrar import Outcome
from producers.register.rules.decide import decide
from producers.register.serials import numbered
from producers.synthetic.city import SyntheticCity
from producers.synthetic.life import Life
from topics.items.resident import RESIDENT_FILE, ResidentRecord
from topics.items.validation import acceptable, format_findings
from topics.reason_matrix import reason_matrix, removals_in_pairs
from topics.reasons import reason_names

RESIDENTS, CHANGES, AT_ONCE = 3000, 6000, 120
PAIRED = removals_in_pairs(reason_matrix().values())


@dataclass(slots=True)
class Year:
    """What was registered: (month of filing, reason, resident, history number) of every change, and what stands."""

    changes: list[tuple[int, str, str, int]] = field(default_factory=list)
    records: list[ResidentRecord] = field(default_factory=list)

    def reasons(self) -> Counter[str]:
        """How often each reason occurred."""
        return Counter(reason for _, reason, _, _ in self.changes)


class Rules:
    """The register's rules on a book in memory; whatever they refuse, raises."""

    def __init__(self) -> None:
        self.book = Book()
        self.book.addressee_numbers = _serials(100_000_000)
        self.book.household_numbers = _serials(200_000_000)
        self.year = Year()

    def register(self, filings: Sequence[Filing]) -> list[Outcome]:
        """Decide and enact one by one."""
        return [self._register(filing) for filing in filings]

    def _register(self, filing: Filing) -> Outcome:
        self.book.references = {(n.filing_id, n.member, n.kind): n.reference for n in given_numbers([filing])}
        amendments = decide(self.book, filing)
        before = len(self.book.entries)
        self.book.enact(filing.filing_id, amendments)
        month = date.fromisoformat(filing.filed_on).month
        for e in self.book.entries[before:]:
            self.year.changes.append((month, e.amendment.reason, e.amendment.resident, e.history_number))
        record = amendments[0].record
        residents = tuple(amendment.resident for amendment in amendments)
        return Outcome(filing.filing_id, "registered", residents, record.household_number if record else None)


def _serials(first: int) -> Iterator[str]:
    return (number for serial in count(first) for number in numbered([serial]))


@cache
def _lived(seed: int, *, by_request: bool = False) -> Year:
    city, rules = SyntheticCity(seed, "142158", RESIDENTS, by_request), Rules()
    for batch in city.initial():
        for (filing, household), outcome in zip(batch, rules.register([f for f, _ in batch]), strict=True):
            assert filing.filing_id == outcome.filing_id
            city.settle(household, outcome)
    life, loaded = Life(city), len(rules.year.changes)
    while (made := len(rules.year.changes) - loaded) < CHANGES:
        for event in life.next_batch(made / CHANGES, min(CHANGES - made, AT_ONCE)):
            event.learn(rules.register([event.filing])[0])
    rules.year.records = [r.record for r in rules.book.residents.values() if r.record is not None]
    return rules.year


def test_every_reason_occurs_in_a_year() -> None:
    assert set(_lived(1).reasons()) == set(reason_names()) - PAIRED


@pytest.mark.parametrize(
    ("reason", "least", "most"),
    [("domestic-move-in", 0.15, 0.32), ("domestic-move-out", 0.1, 0.25), ("move-within", 0.05, 0.2),
     ("birth", 0.015, 0.06), ("death", 0.015, 0.06)],
)  # fmt: skip
def test_what_is_frequent_in_a_city_is_frequent_here(reason: str, least: float, most: float) -> None:
    assert least <= _lived(1).reasons()[reason] / CHANGES <= most


def test_every_record_can_be_taken_by_its_format() -> None:
    for record in _lived(1).records:
        assert acceptable(format_findings(RESIDENT_FILE, record.model_dump(mode="json", exclude_none=True)))


def test_by_request_nobody_here_files_a_number() -> None:
    reasons = _lived(1, by_request=True).reasons()
    assert (reasons["number-entry"], reasons["birth"] > 0, reasons["code-entry"] > 0) == (0, True, True)


def test_moves_peak_in_march_and_april() -> None:
    months = Counter(month for month, reason, _, _ in _lived(1).changes if reason == "domestic-move-in")
    assert (months[3] + months[4]) / months.total() > 0.28
    assert min(months[3], months[4]) > max(months[month] for month in months if month not in (3, 4))


def test_the_same_seed_is_the_same_year_and_another_is_not() -> None:
    first = _lived(1)
    _lived.cache_clear()
    assert _lived(1) == first
    assert _lived(2) != first
