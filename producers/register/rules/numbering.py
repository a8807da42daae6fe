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
    for field in given:
        if getattr(record, field) is not None:
            raise FilingRefusedError(Rule.NUMBER, field, "the person has one; file its change")
    return [changed(record, "number-entry" if "my_number" in given else "code-entry", **given)]


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
