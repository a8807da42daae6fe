"""Annulment (異動の取消し): what a filing changed is given back, history is stacked, households must fit together."""

from collections.abc import Iterator, Sequence

from producers.register.book import Amendment, Book, Resident
from producers.register.filings import Annulment
from producers.register.findings import FilingRefusedError, Rule
from topics.items.resident import ResidentRecord
from topics.messages.change import ChangeKind, RecordState
from topics.relationship import HEAD


def annul(book: Book, filing: Annulment) -> list[Amendment]:
    """Every change of the filing must be its person's newest; each before-image returns.

    Refused where a household would not fit together again, because others in it have changed since.
    """
    rows = book.filed.get(filing.annuls)
    if not rows:
        raise FilingRefusedError(Rule.UNKNOWN_FILING, "annuls", "no such registered filing; look it up")
    restored = [_restored(book, resident, number) for resident, number in rows]
    if not all(_fits_together(members) for members in _households_after(book, restored)):
        raise FilingRefusedError(
            Rule.HOUSEHOLD, "annuls", "the household has changed since; annul the later filings first"
        )
    return restored


def _restored(book: Book, resident: str, number: int) -> Amendment:
    now = book.residents[resident]
    if now.history_number != number:
        raise FilingRefusedError(Rule.NOT_LATEST, "annuls", "a later change stands on it; annul that one first")
    before = book.earlier.get((resident, number - 1)) or Resident(resident, 0, RecordState.ABSENT, None)
    reason = _reason(now.state, before.state)
    return Amendment(resident, ChangeKind.ANNULLED, reason, before.state, before.record, refers_to=number)


def _reason(now: RecordState, then: RecordState) -> str:
    """Whether there is one resident more, one less, or as many (増・減・修正)."""
    if (now is RecordState.ACTIVE) == (then is RecordState.ACTIVE):
        return "annulment-amend"
    return "annulment-increase" if then is RecordState.ACTIVE else "annulment-decrease"


def _households_after(book: Book, amendments: Sequence[Amendment]) -> Iterator[list[ResidentRecord]]:
    """The active members, afterwards, of every household that these persons leave or enter."""
    now = [book.residents[amendment.resident].record for amendment in amendments]
    then = [a.record for a in amendments if a.record is not None and a.state is RecordState.ACTIVE]
    concerned = {amendment.resident for amendment in amendments}
    for household in {record.household_number for record in (*now, *then) if record is not None}:
        others = [m for m in book.members_of(household) if m.addressee_number not in concerned]
        yield [*others, *(record for record in then if record.household_number == household)]


def _fits_together(members: Sequence[ResidentRecord]) -> bool:
    """One head at most, whom all members name, one address, and nobody alone without a head."""
    heads = [member.name.text for member in members if member.relationship == HEAD]
    named = {member.head_name for member in members}
    one_address = all(member.address == members[0].address for member in members)
    headed = bool(heads) or len(members) != 1
    return len(heads) <= 1 and named <= {heads[0] if heads else None} and one_address and headed
