"""Who lives with whom: births, deaths, heads, splits, merges."""

from collections.abc import Sequence
from functools import partial

from producers.register.filings import (
    Annulment,
    Birth,
    ChangeOfHead,
    Death,
    Filing,
    HouseholdChange,
    HouseholdMerge,
    HouseholdSplit,
    MoveWithin,
    NumberEntry,
    Place,
)
from producers.register.registrar import Outcome
from producers.synthetic.city import Household, Member
from producers.synthetic.occasions.desk import Desk, Event, places
from producers.synthetic.people import child, my_number
from topics.relationship import HEAD

ANNULLED_SHARE = 0.03


def birth(desk: Desk, household: Household) -> Event:
    """A child; a few are annulled before they are numbered, since another city had entered them; none is where nobody
    here knows when they are numbered."""
    told = child(desk.random, household.name, desk.day)
    filing = Birth(**desk.told(household_number=household.number, child=told))
    return Event(filing, partial(_born, desk, household, filing))


def _born(desk: Desk, household: Household, filing: Birth, outcome: Outcome) -> None:
    if desk.likely(ANNULLED_SHARE) and not desk.city.numbers_by_request:
        desk.follow(household, partial(annul, desk, filing))
        return
    who = filing.child
    newborn = Member(outcome.residents[0], "子", who.birth_date, who.name, who.sex, coded=True)
    household.members.append(newborn)
    if not desk.city.numbers_by_request:
        desk.follow(household, partial(_number, desk, newborn))


def _number(desk: Desk, newborn: Member) -> Event:
    told = desk.told(resident=newborn.addressee_number, my_number=my_number(desk.random), **desk.today("notified_on"))
    return Event(NumberEntry(**told), lambda _: setattr(newborn, "numbered", True))


def death(desk: Desk, household: Household) -> Event:
    """The oldest dies; a few times it was somebody else, and the filing is annulled."""
    oldest = min(household.members, key=lambda member: member.birth_date)
    filing = Death(**desk.told(resident=oldest.addressee_number))
    if oldest.relationship != HEAD and desk.likely(ANNULLED_SHARE * 5):
        return Event(filing, lambda _: desk.follow(household, partial(annul, desk, filing)))
    return Event(filing, partial(left, desk, household, [oldest]))


def annul(desk: Desk, filing: Filing) -> Event:
    """A filing is taken back, and with it what it changed."""
    return Event(Annulment(**desk.told(annuls=filing.filing_id)))


def left(desk: Desk, household: Household, leavers: Sequence[Member], _: Outcome) -> None:
    """Who is gone is remembered no more; a household without head is to name one."""
    gone = {member.addressee_number for member in leavers}
    household.members = [m for m in household.members if m.addressee_number not in gone]
    if not household.members:
        del desk.city.households[household.number]
    elif any(member.relationship == HEAD for member in leavers):
        _headless(desk, household)


def _headless(desk: Desk, household: Household) -> None:
    if len(household.members) == 1:
        household.members[0].relationship = HEAD
    else:
        desk.follow(household, partial(_new_head, desk, household))


def _new_head(desk: Desk, household: Household) -> Event:
    for index, member in enumerate(household.members):
        member.relationship = HEAD if index == 0 else "縁故者"
    told = desk.told(household_number=household.number, places=places(household.members))
    return Event(ChangeOfHead(**told))


def change_head(desk: Desk, household: Household) -> Event | None:
    """The second member becomes head."""
    if len(household.members) < 2:
        return None
    household.members[:2] = household.members[1::-1]
    return _new_head(desk, household)


def split(desk: Desk, household: Household) -> Event | None:
    """The last member becomes a household of her own at the same address; later they merge, or another one joins."""
    if len(household.members) < 3 or household.members[-1].relationship == HEAD:
        return None
    leaver = household.members[-1]
    told = desk.told(places=(Place(addressee_number=leaver.addressee_number, relationship=HEAD),))
    return Event(HouseholdSplit(**told), partial(_separated, desk, household, leaver))


def _separated(desk: Desk, household: Household, leaver: Member, outcome: Outcome) -> None:
    household.members.remove(leaver)
    own = Household(outcome.household_number or "", household.address, household.name, [leaver])
    desk.city.households[own.number] = own
    leaver.relationship = HEAD
    if desk.likely(0.7):
        own.pending += 1
        desk.follow(household, partial(_reunited if desk.likely(0.6) else _follows, desk, household, own))


def _reunited(desk: Desk, household: Household, own: Household) -> Event:
    told = desk.told(household_number=household.number, places=_as_lodger(own.members[0]))
    joined = partial(_joined, desk, household, own, own.members[0])
    return Event(HouseholdMerge(**told), joined)


def _follows(desk: Desk, household: Household, own: Household) -> Event:
    """Another one than the head joins the household that was founded."""
    mover = next(member for member in household.members if member.relationship != HEAD)
    told = desk.told(household_number=own.number, places=_as_lodger(mover))
    return Event(HouseholdChange(**told), partial(_followed, household, own, mover))


def _followed(household: Household, own: Household, mover: Member, _: Outcome) -> None:
    own.pending -= 1
    mover.relationship = "同居人"
    household.members.remove(mover)
    own.members.append(mover)


def join(desk: Desk, household: Household) -> Event | None:
    """A person who lived alone moves in with this household."""
    other = next((h for h in desk.homes if len(h.members) == 1), None)
    if other is None:
        return None
    desk.homes.remove(other)
    mover = other.members[0]
    told = desk.told(places=_as_lodger(mover), address=household.address, household_number=household.number)
    return Event(MoveWithin(**told), partial(_joined, desk, household, other, mover))


def _as_lodger(mover: Member) -> tuple[Place, ...]:
    return (Place(addressee_number=mover.addressee_number, relationship="同居人"),)


def _joined(desk: Desk, household: Household, other: Household, mover: Member, _: Outcome) -> None:
    mover.relationship = "同居人"
    household.members.append(mover)
    del desk.city.households[other.number]
