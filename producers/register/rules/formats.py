"""The first stage of validation (フォーマットチェック) at the counter, of every item that a filing changes.

An annulment restores what stood, whatever its form.
"""

from collections.abc import Iterator, Sequence

from producers.register.book import Amendment, Book, changed_items
from producers.register.findings import FilingRefusedError, Finding, Notice, Rule
from topics.items.findings import Finding as ItemFinding
from topics.items.findings import Severity
from topics.items.resident import RESIDENT_FILE
from topics.items.validation import item_findings
from topics.messages.change import ChangeKind

GUARDED_ITEMS = frozenset({2, 3})
"""The register holds references in their place; the numbers were checked when they came in."""


def hold_formats(book: Book, amendments: Sequence[Amendment]) -> None:
    """Refuse an item that changes into what its format does not allow; what stood there before is let be."""
    for found in _findings(book, amendments):
        if found.severity is Severity.ERROR:
            raise FilingRefusedError(Rule.ITEM, found.field, _sentence(found))


def doubtful_items(book: Book, amendments: Sequence[Amendment]) -> Iterator[Finding]:
    """Warnings on the items that change."""
    for found in dict.fromkeys(_findings(book, amendments)):
        if found.severity is Severity.WARNING:
            yield Finding(Notice.ITEM, found.field, _sentence(found))


def _findings(book: Book, amendments: Sequence[Amendment]) -> Iterator[ItemFinding]:
    for amendment in amendments:
        if amendment.record is not None and amendment.kind is not ChangeKind.ANNULLED:
            before = book.residents.get(amendment.resident)
            changed = changed_items(before.record if before else None, amendment.record)
            told = amendment.record.model_dump(mode="json", exclude_none=True)
            yield from item_findings(RESIDENT_FILE, told, (each for each in changed if each not in GUARDED_ITEMS))


def _sentence(found: ItemFinding) -> str:
    return f"item {found.number} ({found.code}): {found.rule}"
