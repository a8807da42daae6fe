"""What lets a filing stand and is to be looked at (警告): the second stage of validation, apart from refusals."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from producers.register.book import Amendment, Book
from producers.register.filings import Filing
from producers.register.findings import Finding, Notice
from producers.register.rules.formats import doubtful_items
from topics.dates import DateKind, calendar_day, kind_of
from topics.messages.change import ChangeKind

TERMS = {
    "domestic-move-in": timedelta(days=14),
    "move-in-from-abroad": timedelta(days=14),
    "birth": timedelta(days=14),
    "move-within": timedelta(days=14),
    "household-split": timedelta(days=14),
    "household-merge": timedelta(days=14),
    "household-change": timedelta(days=14),
    "change-of-head": timedelta(days=14),
    "death": timedelta(days=7),
}
"""Within how many days the law asks for the filing: 住民基本台帳法 第22条, 第23条, 第25条; 戸籍法 第49条, 第86条."""
_ENTERED = {"domestic-move-in", "migration"}


def notices_of(book: Book, filing: Filing, amendments: Sequence[Amendment]) -> Iterator[Finding]:
    """The warnings of a filing that stands; `book` is as it was before."""
    for look in _LOOKS:
        yield from look(book, filing, amendments)


def _filed_late(_: Book, filing: Filing, amendments: Sequence[Amendment]) -> Iterator[Finding]:
    day, term = calendar_day(filing.changed_on), TERMS.get(amendments[0].reason)
    if day is not None and term is not None and filing.filed_day - day > term:
        yield Finding(Notice.FILED_LATE, "filed_on", "the term of the law is over; tell the court where it is due")


def _impossible_day(_: Book, filing: Filing, __: Sequence[Amendment]) -> Iterator[Finding]:
    if kind_of(filing.changed_on) is DateKind.IMPOSSIBLE:
        yield Finding(Notice.IMPOSSIBLE_DAY, "changed_on", "no calendar has this day; check that it was told so")


def _no_head(_: Book, __: Filing, amendments: Sequence[Amendment]) -> Iterator[Finding]:
    if any(a.record is not None and a.record.relationship is None for a in amendments):
        yield Finding(Notice.NO_HEAD, "kind", "a household has no head now (世帯主未設定); file a change of head")


def _return_differs(book: Book, _: Filing, amendments: Sequence[Amendment]) -> Iterator[Finding]:
    for amendment in amendments:
        former = book.residents.get(amendment.resident)
        if amendment.kind is not ChangeKind.CREATED or former is None or former.record is None or not amendment.record:
            continue
        before, after = former.record, amendment.record
        if (before.birth_date, before.sex) != (after.birth_date, after.sex):
            yield Finding(Notice.RETURN_DIFFERS, "persons", "day of birth or sex differ from the former record")


def _no_number(_: Book, __: Filing, amendments: Sequence[Amendment]) -> Iterator[Finding]:
    entered = [a for a in amendments if a.reason in _ENTERED]
    if any(a.record is not None and a.record.my_number is None for a in entered):
        yield Finding(Notice.NO_NUMBER, "persons", "somebody has no My Number; ask for it and file its entry")


def _moves_while_leaving(_: Book, __: Filing, amendments: Sequence[Amendment]) -> Iterator[Finding]:
    moving = [a.record for a in amendments if a.reason == "move-within"]
    if any(record is not None and record.planned_move_out is not None for record in moving):
        yield Finding(Notice.MOVES_WHILE_LEAVING, "places", "a move-out is announced; check which of the two holds")


def _doubtful_items(book: Book, _: Filing, amendments: Sequence[Amendment]) -> Iterator[Finding]:
    return doubtful_items(book, amendments)


_LOOKS: tuple[Callable[[Book, Filing, Sequence[Amendment]], Iterator[Finding]], ...] = (
    _filed_late, _impossible_day, _no_head, _return_differs, _no_number, _moves_while_leaving,
    _doubtful_items,
)  # fmt: skip
