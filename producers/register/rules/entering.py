"""Who enters the register (記載): migration, move-in, birth."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from producers.register.book import Amendment, Book
from producers.register.filings import Birth, DomesticMoveIn, Migration, MoveInFromAbroad, NewPerson
from producers.register.findings import FilingRefusedError, Rule
from producers.register.rules.common import no_head, not_in_future, one_head
from topics.items.resident import Address, ResidentRecord
from topics.messages.change import ChangeKind, RecordState
from topics.reasons import reason_code
from topics.relationship import HEAD


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


def move_in(book: Book, filing: DomesticMoveIn | MoveInFromAbroad) -> list[Amendment]:
    """Move-in (転入・国外転入) into a new household or one that exists."""
    not_in_future(filing.changed_on, filing.filed_on)
    reason = "domestic-move-in" if isinstance(filing, DomesticMoveIn) else "move-in-from-abroad"
    household, head = _home(book, filing)
    items = {
        "resident_since": filing.changed_on,
        "resident_since_filed_on": filing.filed_on,
        "resident_since_reason": reason_code(reason),
        "address": filing.address,
        "address_since": filing.changed_on,
        "address_since_filed_on": filing.filed_on,
        "previous_address": filing.origin.text,
        "moved_in_from": filing.origin,
        "household_number": household,
        "head_name": head,
    }
    return [_entered(book, filing.filing_id, m, person, reason, items) for m, person in enumerate(filing.persons)]


def birth(book: Book, filing: Birth) -> list[Amendment]:
    """Birth (出生): the child joins the household on the day of birth; My Number follows as a change of its own."""
    not_in_future(filing.changed_on, filing.filed_on)
    if filing.child.birth_date != filing.changed_on:
        raise FilingRefusedError(Rule.DATE_ORDER, "child.birth_date", "must be the day of the change")
    if filing.child.my_number is not None or filing.child.addressee_number is not None:
        raise FilingRefusedError(Rule.NUMBER, "child", "a newborn has neither number; the number entry follows")
    no_head((filing.child.relationship,), "child.relationship")
    members = book.household(filing.household_number, "household_number")
    items = {
        "resident_since": filing.changed_on,
        "resident_since_filed_on": filing.filed_on,
        "resident_since_reason": reason_code("birth"),
        "address": members[0].address,
        "address_since": filing.changed_on,
        "address_since_filed_on": filing.filed_on,
        "household_number": filing.household_number,
        "head_name": members[0].head_name,
    }
    return [_entered(book, filing.filing_id, 0, filing.child, "birth", items)]


def _home(book: Book, filing: DomesticMoveIn | MoveInFromAbroad) -> tuple[str, str | None]:
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
    number = _addressee_number(book, person)
    told = {
        "addressee_number": number,
        "my_number": book.references.get((filing_id, member, "my-number")),
        "resident_code": book.references.get((filing_id, member, "resident-code")),
        **{field: getattr(person, field) for field in _AS_FILED},
        **(_foreign(person) if person.foreign else {}),
    }
    _same_class(person)
    record = ResidentRecord.model_validate({**told, **items})
    return Amendment(number, ChangeKind.CREATED, reason_code(reason), RecordState.ACTIVE, record)


_AS_FILED = (
    "name", "birth_date", "sex", "relationship", "resident_class", "registered_domicile", "domicile_head",
)  # fmt: skip


def _addressee_number(book: Book, person: NewPerson) -> str:
    """A new number, or the former one of a person who comes back (再転入)."""
    if person.addressee_number is None:
        return next(book.addressee_numbers)
    former = book.residents.get(person.addressee_number)
    if former is None:
        raise FilingRefusedError(Rule.UNKNOWN_RESIDENT, "persons.addressee_number", "leave it out for a new person")
    if former.state is RecordState.ACTIVE:
        raise FilingRefusedError(Rule.CEASED, "persons.addressee_number", "the person is a resident already")
    return person.addressee_number


def _foreign(person: NewPerson) -> dict[str, object]:
    status = person.foreign
    return (
        {}
        if status is None
        else {
            "foreign_resident_since": status.since,
            "nationality": status.nationality,
            "article_30_45_class": status.article_30_45_class,
            "residence_card_number": status.residence_card_number,
            "residence_status": status.residence_status,
        }
    )


def _same_class(person: NewPerson) -> None:
    if (person.resident_class == "foreign") != (person.foreign is not None):
        raise FilingRefusedError(Rule.FORMAT, "persons.foreign", "is given for foreign residents and for nobody else")
