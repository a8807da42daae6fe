"""What is put right in a record: ex officio (職権修正), clerical errors (誤記修正), minor amendments (軽微な修正)."""

from collections.abc import Sequence
from typing import Any

from producers.register.book import Amendment, Book
from producers.register.filings import ClericalCorrection, ExOfficioCorrection, MinorAmendment, Renewal, ResidenceNotice
from producers.register.findings import FilingRefusedError, Rule
from producers.register.rules.common import changed, renamed, told_of_head
from topics.items.resident import Address, PersonName, ResidentRecord
from topics.messages.change import ChangeKind, RecordState

_CORRECTABLE = (
    "birth_date", "sex", "resident_since", "address_since", "previous_address", "registered_domicile",
    "domicile_head", "de_facto_head", "remarks",
)  # fmt: skip
_OF_RESIDENCE = (
    "nationality", "article_30_45_class", "residence_card_number", "residence_status", "residence_card",
)  # fmt: skip
_SHEETS = {"renewal": "改製", "reproduction": "再製"}


def correct(book: Book, filing: ExOfficioCorrection | ClericalCorrection) -> list[Amendment]:
    """A correction; a head's corrected name reaches item 13 of all members."""
    record = book.active(filing.resident, "resident")
    if filing.refers_to is not None and filing.refers_to > book.residents[filing.resident].history_number:
        raise FilingRefusedError(Rule.NOT_LATEST, "refers_to", "the person's history has no such number")
    after = record.model_copy(update={**_given(filing, _CORRECTABLE), **renamed(record, filing.name)})
    state = RecordState.ACTIVE
    own = Amendment(filing.resident, ChangeKind.CORRECTED, filing.kind, state, after, filing.refers_to)
    return [own, *told_of_head(book, record, filing.name)]


def _given(filing: Any, fields: tuple[str, ...]) -> dict[str, object]:
    return {field: value for field in fields if (value := getattr(filing, field)) is not None}


def amend_slightly(book: Book, filing: MinorAmendment) -> list[Amendment]:
    """Either a name in other characters, or other words for the address of all who live there."""
    match filing.resident, filing.name, filing.household_number, filing.address:
        case str() as resident, PersonName() as name, None, None:
            return _written_otherwise(book, book.active(resident, "resident"), name)
        case None, None, str() as household, Address() as address:
            return _worded_otherwise(book.household(household, "household_number"), address)
    raise FilingRefusedError(
        Rule.FORMAT, "resident", "give resident and name, or household_number and address, and nothing else"
    )


def _written_otherwise(book: Book, record: ResidentRecord, name: PersonName) -> list[Amendment]:
    if name.kana != record.name.kana:
        raise FilingRefusedError(Rule.NAME, "name", "the reading must stay; another name is a correction")
    own = changed(record, "minor-amendment", **renamed(record, name))
    return [own, *told_of_head(book, record, name)]


def _worded_otherwise(members: Sequence[ResidentRecord], address: Address) -> list[Amendment]:
    if address.municipality != members[0].address.municipality:
        raise FilingRefusedError(Rule.ADDRESS, "address", "the municipality must stay; another place is a move")
    return [changed(member, "minor-amendment", address=address) for member in members]


def take_residence_notice(book: Book, filing: ResidenceNotice) -> list[Amendment]:
    """Items 26-29 and 39 as the immigration authority tells them."""
    record = book.active(filing.resident, "resident")
    return [changed(record, "residence-notice", **_given(filing, _OF_RESIDENCE))]


def renew(book: Book, filing: Renewal) -> list[Amendment]:
    """The present sheet is closed and another begun (改製・再製): a pair of which nobody outside hears."""
    record = book.active(filing.resident, "resident")
    sheet = f"{_SHEETS[filing.kind]} {filing.changed_on}"
    sheets = sheet if record.removed_record is None else f"{record.removed_record}　{sheet}"
    return [changed(record, f"{filing.kind}-entry", removed_record=sheets)]
