"""Who lives with whom: move within the city, change of head, split and merge."""

from producers.register.book import Amendment, Book
from producers.register.filings import ChangeOfHead, HouseholdChange, HouseholdMerge, HouseholdSplit, MoveWithin, Place
from producers.register.findings import FilingRefusedError, Rule
from producers.register.rules.common import (
    changed,
    head_name_among,
    left_behind,
    no_head,
    one_head,
    placed,
    same_household,
)
from producers.register.rules.entering import same_place
from topics.items.resident import ResidentRecord

Placed = list[tuple[ResidentRecord, str]]


def move_within(book: Book, filing: MoveWithin) -> list[Amendment]:
    """Move within (転居): all members keep their household number, some get a new one or join another household."""
    movers = placed(book, filing.places)
    left = same_household([record for record, _ in movers], "places")
    household, head = _goal(book, filing, movers, left)
    amendments = [
        changed(
            record,
            "move-within",
            household_number=household,
            relationship=relationship,
            head_name=head,
            address=filing.address,
            address_since=filing.changed_on,
            address_since_filed_on=filing.filed_on,
            previous_address=record.address.text,
        )
        for record, relationship in movers
    ]
    return [*amendments, *_stay(book, left, filing.places)]


def _goal(book: Book, filing: MoveWithin, movers: Placed, left: str) -> tuple[str, str | None]:
    relationships = [relationship for _, relationship in movers]
    if filing.household_number is not None:
        if filing.household_number == left:
            raise FilingRefusedError(Rule.HOUSEHOLD, "household_number", "is where the persons live; leave it out")
        no_head(relationships, "places")
        members = book.household(filing.household_number, "household_number")
        same_place(members[0].address, filing.address)
        return filing.household_number, members[0].head_name
    one_head(relationships, "places")
    whole = len(movers) == len(book.members_of(left))
    return left if whole else next(book.household_numbers), head_name_among(movers)


def change_head(book: Book, filing: ChangeOfHead) -> list[Amendment]:
    """Change of head (世帯主変更): every member's relationship is told anew."""
    members = placed(book, filing.places)
    _all_members(book, filing.household_number, filing.places)
    one_head((relationship for _, relationship in members), "places")
    head = head_name_among(members)
    return [changed(r, "change-of-head", relationship=relation, head_name=head) for r, relation in members]


def split(book: Book, filing: HouseholdSplit) -> list[Amendment]:
    """Household split (世帯分離): some members, not all, become a household of their own at the same address."""
    leavers = placed(book, filing.places)
    left = same_household([record for record, _ in leavers], "places")
    one_head((relationship for _, relationship in leavers), "places")
    if len(leavers) == len(book.members_of(left)):
        raise FilingRefusedError(Rule.HOUSEHOLD, "places", "somebody must stay in the household")
    household, head = next(book.household_numbers), head_name_among(leavers)
    amendments = [
        changed(r, "household-split", household_number=household, relationship=relation, head_name=head)
        for r, relation in leavers
    ]
    return [*amendments, *_stay(book, left, filing.places)]


def change_household(book: Book, filing: HouseholdChange) -> list[Amendment]:
    """Household change (世帯変更): some members, not all, join another household at the same address."""
    movers = placed(book, filing.places)
    left = same_household([record for record, _ in movers], "places")
    if len(movers) == len(book.members_of(left)):
        raise FilingRefusedError(Rule.HOUSEHOLD, "places", "all members join: file a merge")
    return [*_joined(book, filing, movers, left, "household-change"), *_stay(book, left, filing.places)]


def merge(book: Book, filing: HouseholdMerge) -> list[Amendment]:
    """Household merge (世帯合併): all members of another household at the same address join this one."""
    joiners = placed(book, filing.places)
    source = same_household([record for record, _ in joiners], "places")
    amendments = _joined(book, filing, joiners, source, "household-merge")
    _all_members(book, source, filing.places)
    return amendments


def _joined(
    book: Book, filing: HouseholdMerge | HouseholdChange, joiners: Placed, source: str, reason: str
) -> list[Amendment]:
    members = book.household(filing.household_number, "household_number")
    if source == filing.household_number:
        raise FilingRefusedError(Rule.HOUSEHOLD, "household_number", "must be another household than the persons'")
    same_place(members[0].address, joiners[0][0].address)
    no_head((relationship for _, relationship in joiners), "places")
    goal, head = filing.household_number, members[0].head_name
    return [changed(r, reason, household_number=goal, relationship=relation, head_name=head) for r, relation in joiners]


def _all_members(book: Book, household: str, places: tuple[Place, ...]) -> None:
    named = {place.addressee_number for place in places}
    if named != {member.addressee_number for member in book.household(household, "household_number")}:
        raise FilingRefusedError(Rule.HOUSEHOLD, "places", "must name every member of the household and nobody else")


def _stay(book: Book, household: str, places: tuple[Place, ...]) -> list[Amendment]:
    return list(left_behind(book, household, [place.addressee_number for place in places]))
