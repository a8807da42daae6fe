"""A counter without a database: a book, and filings decided on it one by one."""

from itertools import count
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from producers.register.book import Book, Entry
from producers.register.filings import Filing, parse_filing
from producers.register.numbers import given_numbers
from producers.register.rules.decide import decide
from producers.register.serials import numbered
from topics.guarded import KINDS, Guarded
from topics.items.resident import ResidentRecord

DAY = "2026-04-01"
HOME = {"text": "海老名市中央1番1号", "municipality": "142158", "postal_code": "2430432", "town_code": "00001"}
AWAY = {"text": "座間市緑ケ丘1番1号", "municipality": "142166"}
NEAR = {"text": "綾瀬市深谷1番1号", "municipality": "142182"}
ABROAD = {"text": "合成国"}
MY_NUMBER, RESIDENT_CODE = "123456789018", "24727059608"


def person(relationship: str = "世帯主", **items: Any) -> dict[str, Any]:
    """A person as a filing tells one; the name is the relationship, so that it can be followed."""
    told = {
        "name": {"text": f"合成　{relationship}", "kana": "ごうせい　だれか"},
        "birth_date": "1980-02-29",
        "sex": "1",
        "relationship": relationship,
    }
    return told | items


class Counter:
    """Hands filings in and remembers what stands."""

    def __init__(self) -> None:
        self.book = Book()
        self.book.addressee_numbers = iter(numbered(range(100_000_000, 100_001_000)))
        self.book.household_numbers = iter(numbered(range(200_000_000, 200_001_000)))
        self.filings: dict[UUID, Filing] = {}
        self._ids = count(1)

    def file(self, kind: str, **items: Any) -> list[Entry]:
        """The entries that a filing of this kind brings about; raises what the rules raise."""
        filing = self.filing(kind, **items)
        self.filings[filing.filing_id] = filing
        numbers = given_numbers([filing])
        self.book.references = {(n.filing_id, n.member, n.kind): n.reference for n in numbers}
        before = len(self.book.entries)
        self.book.enact(filing.filing_id, decide(self.book, filing))
        return self.book.entries[before:]

    def filing(self, kind: str, **items: Any) -> Filing:
        """A well-formed filing of this kind."""
        told = {"filing_id": UUID(int=next(self._ids)), "operator": "synthetic-1", "filed_on": DAY, "changed_on": DAY}
        return parse_filing(to_json({"kind": kind, **told, **items}, exclude_none=True))

    def family(self, *relationships: str, **items: Any) -> list[str]:
        """A household moved in from elsewhere; returns its members' addressee numbers."""
        people = [person(relationship) for relationship in relationships]
        entries = self.file("move-in-domestic", origin=AWAY, address=HOME, persons=people, **items)
        return [entry.amendment.resident for entry in entries]

    def record(self, number: str) -> ResidentRecord:
        """A resident's present record."""
        record = self.book.residents[number].record
        assert record is not None
        return record

    def household(self, number: str) -> str:
        """The household a resident belongs to."""
        return self.record(number).household_number


class NumberedCounter(Counter):
    """A counter that remembers which number stands behind which reference."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: dict[str, Guarded] = {}

    def filing(self, kind: str, **items: Any) -> Filing:
        """A filing whose numbers are known from now on."""
        filing = super().filing(kind, **items)
        self.numbers |= {n.reference: KINDS[n.kind](n.value.decode("ascii")) for n in given_numbers([filing])}
        return filing
