"""Numbers (個人番号・住民票コード) by reference: entered where there is none, changed where there is one."""

from producers.register.book import Amendment, Book
from producers.register.filings import CodeChange, NumberChange, NumberEntry
from producers.register.findings import FilingRefusedError, Rule
from producers.register.rules.common import changed

_KINDS = {"my_number": "my-number", "resident_code": "resident-code"}


def enter_numbers(book: Book, filing: NumberEntry) -> list[Amendment]:
    """Entry of what the national organisation gave; with My Number it is told as the number's entry."""
    record = book.active(filing.resident, "resident")
    given = {field: reference for field in _KINDS if (reference := _reference(book, filing, field)) is not None}
    if not given:
        raise FilingRefusedError(Rule.NUMBER, "my_number", "give My Number, resident code, or both")
    for field, reference in given.items():
        _hold_free(book, filing.resident, field, reference, getattr(record, field))
    return [changed(record, "number-entry" if "my_number" in given else "code-entry", **given)]


def _hold_free(book: Book, resident: str, field: str, given: str, held: str | None) -> None:
    """Nobody has a second number, and no number has a second holder."""
    same = book.same_numbers.get(given, frozenset())
    if held is not None and held in same:
        raise FilingRefusedError(Rule.NOTHING_CHANGES, field, "the person has this very number; nothing is to be done")
    if held is not None:
        raise FilingRefusedError(Rule.NUMBER, field, "the person has one; file its change")
    others = (each.amendment for each in book.entries if each.amendment.resident != resident)
    entered_now = any(other.record is not None and other.record.my_number in same for other in others)
    if given in book.taken_numbers or entered_now:
        raise FilingRefusedError(Rule.NUMBER_TAKEN, field, "somebody else has this number; ask the organisation")


def change_number(book: Book, filing: NumberChange | CodeChange) -> list[Amendment]:
    """Another number in place of one's own; the former version stays in the history."""
    field = "resident_code" if isinstance(filing, CodeChange) else "my_number"
    record = book.active(filing.resident, "resident")
    if getattr(record, field) is None:
        raise FilingRefusedError(Rule.NUMBER, field, "the person has none yet; file its entry")
    given = _reference(book, filing, field)
    if given is None:
        raise FilingRefusedError(Rule.NUMBER, field, "give the new one")
    return [changed(record, filing.kind, **{field: given})]


def _reference(book: Book, filing: NumberEntry | NumberChange | CodeChange, field: str) -> str | None:
    return book.references.get((filing.filing_id, 0, _KINDS[field]))
