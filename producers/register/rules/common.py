"""What several rules share: dates, heads, and amendments of a household's other members."""

from collections.abc import Iterable, Iterator, Sequence

from producers.register.book import Amendment, Book
from producers.register.filings import Filing, Place
from producers.register.findings import FilingRefusedError, Rule
from topics.items.resident import PersonName, ReasonCode, ResidentRecord
from topics.messages.change import ChangeKind, RecordState
from topics.reasons import reason_code
from topics.relationship import HEAD


def changed(record: ResidentRecord, reason: str, **items: object) -> Amendment:
    """An active resident's record with these items replaced."""
    after = record.model_copy(update=items)
    return Amendment(record.addressee_number, ChangeKind.CHANGED, reason, RecordState.ACTIVE, after)


def code_of(reason: str, filing: Filing) -> ReasonCode:
    """The code of the reason on the day of filing; refused where none was valid yet."""
    try:
        return reason_code(reason, filing.filed_day)
    except LookupError:
        raise FilingRefusedError(
            Rule.REASON, "filed_on", "the reason had no code on that day; check the day of filing"
        ) from None


def told_of_head(book: Book, before: ResidentRecord, name: PersonName | None) -> Iterator[Amendment]:
    """A head's new name reaches item 13 of all other members (職権修正)."""
    if name is None or before.relationship != HEAD or before.head_name == name.text:
        return
    for member in book.members_of(before.household_number):
        if member.addressee_number != before.addressee_number:
            yield changed(member, "ex-officio-correction", head_name=name.text)


def renamed(record: ResidentRecord, name: PersonName | None) -> dict[str, object]:
    """The items that change with a person's name: her own, and the head's if she is it."""
    if name is None:
        return {}
    return {"name": name, **({"head_name": name.text} if record.relationship == HEAD else {})}


def one_head(relationships: Iterable[str], field: str) -> None:
    """A household that is formed has exactly one head."""
    if list(relationships).count(HEAD) != 1:
        raise FilingRefusedError(Rule.HEAD, field, f"exactly one person must be {HEAD}")


def no_head(relationships: Iterable[str], field: str) -> None:
    """Who joins a household that has a head does not bring another."""
    if HEAD in relationships:
        raise FilingRefusedError(Rule.HEAD, field, f"the household has a head; nobody who joins can be {HEAD}")


def head_name_among(records: Sequence[tuple[ResidentRecord, str]]) -> str | None:
    """The name of whoever is the head."""
    return next((record.name.text for record, relationship in records if relationship == HEAD), None)


def placed(book: Book, places: Sequence[Place]) -> list[tuple[ResidentRecord, str]]:
    """The records of the persons to be placed, with their new relationships; each person once."""
    numbers = [place.addressee_number for place in places]
    if len(set(numbers)) != len(numbers):
        raise FilingRefusedError(Rule.RELATIONSHIP, "places", "a person stands twice; name each person once")
    return [(book.active(place.addressee_number, "places"), place.relationship) for place in places]


def same_household(records: Sequence[ResidentRecord], field: str) -> str:
    """The one household that these persons belong to."""
    households = {record.household_number for record in records}
    if len(households) != 1:
        raise FilingRefusedError(Rule.HOUSEHOLD, field, "the persons must belong to one household; file for each")
    return households.pop()


def left_behind(book: Book, household_number: str, leaving: Iterable[str]) -> Iterator[Amendment]:
    """What becomes of a household whose head goes: a single member becomes head at once, several have none as yet.

    So does the last one of several who had none.
    住民記録システム標準仕様書 4.0.4 and 1.1.10 (世帯主未設定).
    """
    gone = set(leaving)
    head = book.head_of(household_number)
    if head is not None and head not in gone:
        return
    remaining = [m for m in book.members_of(household_number) if m.addressee_number not in gone]
    if len(remaining) == 1:
        only = remaining[0]
        yield changed(only, "change-of-head", relationship=HEAD, head_name=only.name.text)
    else:
        for member in remaining:
            yield changed(member, "household-change", relationship=None, head_name=None)
