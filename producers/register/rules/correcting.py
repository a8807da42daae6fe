"""What the office amends by itself (職権) and what it takes back: correction, number entry, annulment."""

from collections.abc import Iterator, Sequence

from producers.register.book import Amendment, Book, Resident
from producers.register.filings import Annulment, ExOfficioCorrection, NumberEntry
from producers.register.findings import FilingRefusedError, Rule
from producers.register.rules.common import changed, not_in_future
from topics.items.resident import ResidentRecord
from topics.messages.change import ChangeKind, RecordState
from topics.reasons import reason_code
from topics.relationship import HEAD

_CORRECTABLE = ("name", "birth_date", "sex", "registered_domicile", "remarks")


def correct(book: Book, filing: ExOfficioCorrection) -> list[Amendment]:
    """Ex-officio correction (職権修正); a head's corrected name reaches item 13 of all members."""
    not_in_future(filing.changed_on, filing.filed_on)
    record = book.active(filing.resident, "resident")
    if filing.refers_to is not None and filing.refers_to > book.residents[filing.resident].history_number:
        raise FilingRefusedError(Rule.NOT_LATEST, "refers_to", "the person's history has no such number")
    told = {field: value for field in _CORRECTABLE if (value := getattr(filing, field)) is not None}
    if filing.name is not None and record.relationship == HEAD:
        told["head_name"] = filing.name.text
    after = record.model_copy(update=told)
    reason = reason_code("ex-officio-correction")
    own = Amendment(filing.resident, ChangeKind.CORRECTED, reason, RecordState.ACTIVE, after, filing.refers_to)
    return [own, *_told_of_head(book, record, after)]


def _told_of_head(book: Book, before: ResidentRecord, after: ResidentRecord) -> Iterator[Amendment]:
    if before.head_name == after.head_name or before.relationship != HEAD:
        return
    for member in book.members_of(before.household_number):
        if member.addressee_number != before.addressee_number:
            yield changed(member, "ex-officio-correction", head_name=after.head_name)


def enter_numbers(book: Book, filing: NumberEntry) -> list[Amendment]:
    """Entry of the numbers that the national organisation gave."""
    not_in_future(filing.changed_on, filing.filed_on)
    record = book.active(filing.resident, "resident")
    told = {
        "my_number": book.references.get((filing.filing_id, 0, "my-number")),
        "resident_code": book.references.get((filing.filing_id, 0, "resident-code")),
    }
    given = {field: reference for field, reference in told.items() if reference is not None}
    if not given:
        raise FilingRefusedError(Rule.NUMBER, "my_number", "give My Number, resident code, or both")
    return [changed(record, "number-entry", **given)]


def annul(book: Book, filing: Annulment) -> list[Amendment]:
    """Annulment (異動の取消し): every change of the filing must be its person's newest; each before-image returns.

    Refused where a household would not fit together again, because others in it have changed since.
    """
    rows = book.filed.get(filing.annuls)
    if not rows:
        raise FilingRefusedError(Rule.UNKNOWN_FILING, "annuls", "no such registered filing; look it up")
    restored = [_restored(book, resident, number) for resident, number in reversed(rows)]
    if not all(_fits_together(members) for members in _households_after(book, restored)):
        raise FilingRefusedError(
            Rule.HOUSEHOLD, "annuls", "the household has changed since; annul the later filings first"
        )
    return restored


def _restored(book: Book, resident: str, number: int) -> Amendment:
    if book.residents[resident].history_number != number:
        raise FilingRefusedError(Rule.NOT_LATEST, "annuls", "a later change stands on it; annul that one first")
    before = book.earlier.get((resident, number - 1)) or Resident(resident, 0, RecordState.ABSENT, None)
    reason = reason_code("annulment")
    return Amendment(resident, ChangeKind.ANNULLED, reason, before.state, before.record, refers_to=number)


def _households_after(book: Book, amendments: Sequence[Amendment]) -> Iterator[list[ResidentRecord]]:
    """The active members, afterwards, of every household that these persons leave or enter."""
    now = [book.residents[amendment.resident].record for amendment in amendments]
    then = [a.record for a in amendments if a.record is not None and a.state is RecordState.ACTIVE]
    concerned = {amendment.resident for amendment in amendments}
    for household in {record.household_number for record in (*now, *then) if record is not None}:
        others = [m for m in book.members_of(household) if m.addressee_number not in concerned]
        yield [*others, *(record for record in then if record.household_number == household)]


def _fits_together(members: Sequence[ResidentRecord]) -> bool:
    """One head at most, whom all members name, and one address."""
    heads = [member.name.text for member in members if member.relationship == HEAD]
    named = {member.head_name for member in members}
    one_address = all(member.address == members[0].address for member in members)
    return len(heads) <= 1 and named <= {heads[0] if heads else None} and one_address
