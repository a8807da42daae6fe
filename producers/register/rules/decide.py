"""The one entrance to the rules: which rule decides which filing."""

from typing import assert_never

from producers.register import filings
from producers.register.book import Amendment, Book
from producers.register.findings import FilingRefusedError, Rule
from producers.register.rules import correcting, entering, households, leaving


def decide(book: Book, filing: filings.Filing) -> list[Amendment]:
    """The amendments that `filing` brings about, one for each person; raises `FilingRefusedError`."""
    amendments = [amendment for amendment in _by_kind(book, filing) if _changes(book, amendment)]
    if not amendments:
        raise FilingRefusedError(Rule.NOTHING_CHANGES, "kind", "nothing would change; check the filing")
    if len({amendment.resident for amendment in amendments}) != len(amendments):
        raise FilingRefusedError(Rule.REPEATED, "persons", "a person stands twice; name each person once")
    return amendments


def _changes(book: Book, amendment: Amendment) -> bool:
    """Whether it leaves the person's record or state otherwise than they are."""
    now = book.residents.get(amendment.resident)
    return now is None or (now.state, now.record) != (amendment.state, amendment.record)


def _by_kind(book: Book, filing: filings.Filing) -> list[Amendment]:
    match filing:
        case filings.Migration():
            return entering.migrate(book, filing)
        case filings.DomesticMoveIn() | filings.MoveInFromAbroad():
            return entering.move_in(book, filing)
        case filings.Birth():
            return entering.birth(book, filing)
        case filings.MoveOutAnnounced():
            return leaving.announce_move_out(book, filing)
        case filings.MoveOutEffective():
            return leaving.take_effect(book, filing)
        case filings.Death():
            return leaving.die(book, filing)
        case filings.MoveWithin():
            return households.move_within(book, filing)
        case filings.ChangeOfHead():
            return households.change_head(book, filing)
        case filings.HouseholdSplit():
            return households.split(book, filing)
        case filings.HouseholdMerge():
            return households.merge(book, filing)
        case filings.ExOfficioCorrection():
            return correcting.correct(book, filing)
        case filings.NumberEntry():
            return correcting.enter_numbers(book, filing)
        case filings.Annulment():
            return correcting.annul(book, filing)
        case _:
            assert_never(filing)
