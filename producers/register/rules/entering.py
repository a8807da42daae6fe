"""Who enters the register (記載): migration, move-in, birth."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from producers.register.book import Amendment, Book, Resident
from producers.register.filings import (
    Birth,
    DomesticMoveIn,
    ExOfficioEntry,
    ForeignStatus,
    Migration,
    MoveInFromAbroad,
    NewPerson,
)
from producers.register.findings import FilingRefusedError, Rule
from producers.register.rules.common import code_of, no_head, one_head
from topics.items.resident import Address, ResidentRecord
from topics.messages.change import ChangeKind, RecordState
from topics.reasons import names_of_code
from topics.relationship import HEAD

MoveIn = DomesticMoveIn | MoveInFromAbroad | ExOfficioEntry
UNREPORTED = "（未届）"
_REASONS = {
    "move-in-domestic": "domestic-move-in",
    "move-in-abroad": "move-in-from-abroad",
    "ex-officio-entry": "ex-officio-entry",
}


def migrate(book: Book, filing: Migration) -> list[Amendment]:
    """Take a household over as it stood in the former system."""
    household = next(book.household_numbers)
    one_head((person.relationship for person in filing.persons), "persons")
    head = next(person.name.text for person in filing.persons if person.relationship == HEAD)
    amendments = []
    for member, person in enumerate(filing.persons):
        items = {
            "resident_since": person.resident_since,
            "resident_since_reason": person.resident_since_reason,
            "address_since": person.address_since,
            "previous_address": person.previous_address,
            "address": filing.address,
            "household_number": household,
            "head_name": head,
        }
        amendments.append(_entered(book, filing.filing_id, member, person, "migration", items))
    return amendments


def move_in(book: Book, filing: MoveIn) -> list[Amendment]:
    """Move-in (転入・国外転入) or ex-officio entry (職権記載), into a new household or one that exists."""
    reason = _REASONS[filing.kind]
    household, head = _home(book, filing)
    items = {
        **_since(filing, reason),
        **_came_from(filing),
        "address": filing.address,
        "household_number": household,
        "head_name": head,
    }
    return [_entered(book, filing.filing_id, m, person, reason, items) for m, person in enumerate(filing.persons)]


def _since(filing: MoveIn | Birth, reason: str) -> dict[str, object]:
    filed_on = None if reason == "ex-officio-entry" else filing.filed_on
    return {
        "resident_since": filing.changed_on,
        "resident_since_filed_on": filed_on,
        "resident_since_reason": code_of(reason, filing),
        "address_since": filing.changed_on,
        "address_since_filed_on": filed_on,
    }


def _came_from(filing: MoveIn) -> dict[str, object]:
    """Where they lived before; of addresses never reported the latest, marked as such (未届転入, 4.x)."""
    if isinstance(filing, ExOfficioEntry):
        return {}
    unreported = filing.unreported if isinstance(filing, DomesticMoveIn) else ()
    before = f"{unreported[-1].text}{UNREPORTED}" if unreported else filing.origin.text
    return {"previous_address": before, "moved_in_from": filing.origin}


def birth(book: Book, filing: Birth) -> list[Amendment]:
    """Birth (出生): the child joins the household on the day of birth; My Number follows as a change of its own."""
    if filing.child.my_number is not None or filing.child.addressee_number is not None:
        raise FilingRefusedError(Rule.NUMBER, "child", "a newborn has neither number; the number entry follows")
    no_head((filing.child.relationship,), "child.relationship")
    members = book.household(filing.household_number, "household_number")
    items = {
        **_since(filing, "birth"),
        "address": members[0].address,
        "household_number": filing.household_number,
        "head_name": members[0].head_name,
    }
    return [_entered(book, filing.filing_id, 0, filing.child, "birth", items)]


def _home(book: Book, filing: MoveIn) -> tuple[str, str | None]:
    relationships = [person.relationship for person in filing.persons]
    if filing.household_number is None:
        one_head(relationships, "persons")
        return next(book.household_numbers), _head_name(filing.persons)
    no_head(relationships, "persons")
    members = book.household(filing.household_number, "household_number")
    same_place(members[0].address, filing.address)
    return filing.household_number, members[0].head_name


def same_place(there: Address, filed: Address) -> None:
    """A household lives at one address."""
    if there != filed:
        raise FilingRefusedError(Rule.HOUSEHOLD, "address", "must be the household's address; leave the household out")


def _head_name(persons: Sequence[NewPerson]) -> str | None:
    return next((person.name.text for person in persons if person.relationship == HEAD), None)


def _entered(
    book: Book, filing_id: UUID, member: int, person: NewPerson, reason: str, items: Mapping[str, object]
) -> Amendment:
    former = _former(book, person)
    number = former.addressee_number if former else next(book.addressee_numbers)
    told = {
        "addressee_number": number,
        **_numbers(book, filing_id, member, former),
        **{field: getattr(person, field) for field in _AS_FILED},
        **(foreign_items(person.foreign) if person.foreign else {}),
    }
    _same_class(person)
    record = ResidentRecord.model_validate({**told, **items})
    return Amendment(number, ChangeKind.CREATED, reason, RecordState.ACTIVE, record)


def _numbers(book: Book, filing_id: UUID, member: int, former: Resident | None) -> dict[str, str | None]:
    """The numbers filed; else those that a person who comes back had."""
    kept = former.record if former else None
    return {
        "my_number": book.references.get((filing_id, member, "my-number")) or (kept.my_number if kept else None),
        "resident_code": book.references.get((filing_id, member, "resident-code"))
        or (kept.resident_code if kept else None),
    }


_AS_FILED = (
    "name", "birth_date", "sex", "relationship", "resident_class", "registered_domicile", "domicile_head",
)  # fmt: skip


def _former(book: Book, person: NewPerson) -> Resident | None:
    """Whoever comes back (再転入) as the register had her: the addressee number is hers again."""
    if person.addressee_number is None:
        return None
    former = book.residents.get(person.addressee_number)
    if former is None:
        raise FilingRefusedError(Rule.UNKNOWN_RESIDENT, "persons.addressee_number", "leave it out for a new person")
    if former.state is RecordState.ACTIVE:
        raise FilingRefusedError(Rule.CEASED, "persons.addressee_number", "the person is a resident already")
    if (
        former.record is not None
        and former.record.removal is not None
        and "death" in names_of_code(former.record.removal.reason)
    ):
        raise FilingRefusedError(Rule.CEASED, "persons.addressee_number", "the record ended by death; annul that first")
    return former


def foreign_items(status: ForeignStatus) -> dict[str, object]:
    """Items 25-29 of a foreign resident."""
    return {
        "foreign_resident_since": status.since,
        "nationality": status.nationality,
        "article_30_45_class": status.article_30_45_class,
        "residence_card_number": status.residence_card_number,
        "residence_status": status.residence_status,
    }


def _same_class(person: NewPerson) -> None:
    if (person.resident_class == "foreign") != (person.foreign is not None):
        raise FilingRefusedError(Rule.FORMAT, "persons.foreign", "is given for foreign residents and for nobody else")
