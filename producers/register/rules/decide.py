"""The one entrance to the rules: which rule decides which filing."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from producers.register import filings
from producers.register.book import Amendment, Book
from producers.register.findings import FilingRefusedError, Rule
from producers.register.rules import annulling, correcting, entering, households, leaving, names, numbering
from producers.register.rules.formats import hold_formats
from producers.register.rules.table import hold, hold_residents

RULES: Mapping[type[filings.Filing], Callable[[Book, Any], list[Amendment]]] = MappingProxyType(
    {
        filings.Migration: entering.migrate,
        filings.DomesticMoveIn: entering.move_in,
        filings.MoveInFromAbroad: entering.move_in,
        filings.ExOfficioEntry: entering.move_in,
        filings.Birth: entering.birth,
        filings.MoveOutAnnounced: leaving.announce_move_out,
        filings.MoveOutEffective: leaving.take_effect,
        filings.MoveInNotice: leaving.take_notice,
        filings.Death: leaving.die,
        filings.ExOfficioRemoval: leaving.remove,
        filings.MoveWithin: households.move_within,
        filings.ChangeOfHead: households.change_head,
        filings.HouseholdSplit: households.split,
        filings.HouseholdMerge: households.merge,
        filings.HouseholdChange: households.change_household,
        filings.ExOfficioCorrection: correcting.correct,
        filings.ClericalCorrection: correcting.correct,
        filings.MinorAmendment: correcting.amend_slightly,
        filings.ResidenceNotice: correcting.take_residence_notice,
        filings.Renewal: correcting.renew,
        filings.NumberEntry: numbering.enter_numbers,
        filings.NumberChange: numbering.change_number,
        filings.CodeChange: numbering.change_number,
        filings.Naturalisation: names.naturalise,
        filings.NationalityLoss: names.lose_nationality,
        filings.FormerName: names.file_former_name,
        filings.Alias: names.file_alias,
        filings.Annulment: annulling.annul,
    }
)


def decide(book: Book, filing: filings.Filing) -> list[Amendment]:
    """The amendments that `filing` brings about, one for each person; raises `FilingRefusedError`."""
    proposed = RULES[type(filing)](book, filing)
    hold_residents(book, proposed)
    amendments = [amendment for amendment in proposed if _changes(book, amendment)]
    if not amendments:
        raise FilingRefusedError(Rule.NOTHING_CHANGES, "kind", "nothing would change; check the filing")
    if len({amendment.resident for amendment in amendments}) != len(amendments):
        raise FilingRefusedError(Rule.REPEATED, "persons", "a person stands twice; name each person once")
    hold(book, filing, amendments)
    hold_formats(book, amendments)
    return amendments


def _changes(book: Book, amendment: Amendment) -> bool:
    """Whether it leaves the person's record or state otherwise than they are."""
    now = book.residents.get(amendment.resident)
    return now is None or (now.state, now.record) != (amendment.state, amendment.record)
