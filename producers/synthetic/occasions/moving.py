"""Who comes and goes: move-ins, returns, announced move-outs with their notices, moves within, entries ex officio."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from producers.register.filings import (
    DomesticMoveIn,
    ExOfficioEntry,
    ExOfficioRemoval,
    MoveInFromAbroad,
    MoveInNotice,
    MoveOutAnnounced,
    MoveOutEffective,
    MoveWithin,
    NewPerson,
    NumberEntry,
)
from producers.register.registrar import Outcome
from producers.synthetic.city import Household, Member, remembered
from producers.synthetic.occasions.desk import Desk, Event, places
from producers.synthetic.occasions.family import left
from producers.synthetic.people import child, family, my_number, persons, resident_code
from producers.synthetic.places import abroad, elsewhere, home
from topics.items.resident import Address
from topics.relationship import HEAD

UNREPORTED_SHARE = 0.03
WITH_BIRTH_SHARE = 0.01
ABROAD_SHARE = 0.08
NOTICE_FIRST_SHARE = 0.6
NOTICE_AFTER_SHARE = 0.8
CODE_FIRST_SHARE = 0.2

Arrival = type[DomesticMoveIn] | type[MoveInFromAbroad] | type[ExOfficioEntry]


def move_in(desk: Desk, _: Household | None) -> Event:
    """A family from another municipality; a few had moved on without reporting it, a few bring a newborn."""
    here = desk.city.municipality
    unreported = (elsewhere(desk.random, here),) if desk.likely(UNREPORTED_SHARE) else ()
    origin = elsewhere(desk.random, here)
    return _arrival(desk, DomesticMoveIn, numbered=True, origin=origin, unreported=unreported)


def from_abroad(desk: Desk, _: Household) -> Event:
    """A family from abroad, numbered afterwards."""
    return _arrival(desk, MoveInFromAbroad, numbered=False, origin=abroad(desk.random))


def found_here(desk: Desk, _: Household) -> Event:
    """A family that lived here and stood in no register."""
    return _arrival(desk, ExOfficioEntry, numbered=False)


def _arrival(desk: Desk, kind: Arrival, *, numbered: bool, **items: Any) -> Event:
    address = home(desk.random, desk.city.municipality)
    kin = family(desk.random, elsewhere(desk.random, desk.city.municipality))
    people = persons(desk.random, kin, desk.day, numbered=numbered)
    if numbered and not kin.foreign and desk.likely(WITH_BIRTH_SHARE):
        people.append(child(desk.random, kin.name, desk.day))
    filing = kind(**desk.told(address=address, persons=people, **items))
    household = remembered(kin.name, address, filing.persons)
    return Event(filing, partial(_arrived, desk, household))


def _arrived(desk: Desk, household: Household, outcome: Outcome) -> None:
    desk.city.settle(household, outcome)
    for member in household.members:
        if not member.numbered:
            number(desk, household, member, coded=member.coded)


def number(desk: Desk, household: Household, member: Member, *, coded: bool) -> None:
    """The national organisation's numbers follow, at times the code before the number; by request only the code."""
    if desk.city.numbers_by_request:
        if not coded:
            desk.follow(household, partial(_numbers, desk, member, code=True, my=False))
        return
    if not coded and desk.likely(CODE_FIRST_SHARE):
        desk.follow(household, partial(_numbers, desk, member, code=True, my=False))
        coded = True
    desk.follow(household, partial(_numbers, desk, member, code=not coded, my=True))


def _numbers(desk: Desk, member: Member, *, code: bool, my: bool) -> Event:
    told = desk.told(resident=member.addressee_number, **desk.today("notified_on"))
    given = {"my_number": my_number(desk.random) if my else None}
    given["resident_code"] = resident_code(desk.random) if code else None
    return Event(NumberEntry(**told, **given), partial(_numbered, member, my=my, code=code))


def _numbered(member: Member, _: Outcome, *, my: bool, code: bool) -> None:
    member.numbered, member.coded = member.numbered or my, member.coded or code


def come_back(desk: Desk, _: Household) -> Event | None:
    """Somebody who had moved out comes back alone (再転入) and keeps the number."""
    if not desk.city.departed:
        return None
    who = desk.city.departed.pop(desk.random.randrange(len(desk.city.departed)))
    person = NewPerson(
        name=who.name, birth_date=who.birth_date, sex=who.sex, relationship=HEAD, addressee_number=who.addressee_number
    )
    address, here = home(desk.random, desk.city.municipality), desk.city.municipality
    filing = DomesticMoveIn(**desk.told(origin=elsewhere(desk.random, here), address=address, persons=(person,)))
    household = remembered((who.name.text.partition("　")[0], who.name.kana.partition("　")[0]), address, (person,))
    household.members[0].numbered = household.members[0].coded = True
    return Event(filing, partial(_arrived, desk, household))


def move_out(desk: Desk, household: Household) -> Event:
    """All or the last member announce a move-out, some days ahead."""
    leavers = list(household.members) if desk.likely(0.7) else household.members[-1:]
    goes_abroad = desk.likely(ABROAD_SHARE)
    to = abroad(desk.random) if goes_abroad else elsewhere(desk.random, desk.city.municipality)
    planned = desk.day + timedelta(days=desk.random.randint(-3, 14))
    told = desk.told(residents=_numbers_of(leavers), to=to) | {"changed_on": planned.isoformat()}
    then = partial(_noticed if not goes_abroad and desk.likely(NOTICE_FIRST_SHARE) else _day_comes, desk, household)
    return Event(MoveOutAnnounced(**told), lambda _: desk.follow(household, partial(then, leavers, planned, to)))


def _noticed(desk: Desk, household: Household, leavers: list[Member], planned: date, to: Address) -> Event:
    """The notice comes before the planned day has passed."""
    moved = planned - timedelta(days=desk.random.randint(0, 4))
    filing = _notice(desk, leavers, moved, to)
    return Event(filing, partial(_left, desk, household, leavers))


def _day_comes(desk: Desk, household: Household, leavers: list[Member], planned: date, to: Address) -> Event:
    """What the register's clock files; of who stays in the country a notice comes afterwards."""
    told = desk.told(max(desk.day, planned), residents=_numbers_of(leavers)) | {"changed_on": planned.isoformat()}
    return Event(MoveOutEffective(**told), partial(_left_unnoticed, desk, household, leavers, planned, to))


def _left_unnoticed(
    desk: Desk, household: Household, leavers: list[Member], planned: date, to: Address, outcome: Outcome
) -> None:
    left(desk, household, leavers, outcome)
    if to.municipality is not None and desk.likely(NOTICE_AFTER_SHARE):
        moved = planned + timedelta(days=desk.random.randint(-2, 3))
        desk.follow(household, partial(_noticed_late, desk, leavers, moved))
    else:
        _may_come_back(desk, leavers)


def _noticed_late(desk: Desk, leavers: list[Member], moved: date) -> Event:
    filing = _notice(desk, leavers, moved, elsewhere(desk.random, desk.city.municipality))
    return Event(filing, lambda _: _may_come_back(desk, leavers))


def _notice(desk: Desk, leavers: Sequence[Member], moved: date, to: Address) -> MoveInNotice:
    told = desk.told(max(desk.day, moved), residents=_numbers_of(leavers), to=to)
    return MoveInNotice(**told | {"changed_on": moved.isoformat(), "notified_on": told["filed_on"]})


def _left(desk: Desk, household: Household, leavers: Sequence[Member], outcome: Outcome) -> None:
    left(desk, household, leavers, outcome)
    _may_come_back(desk, leavers)


def _may_come_back(desk: Desk, leavers: Sequence[Member]) -> None:
    desk.city.departed += [member for member in leavers if member.numbered and not member.foreign]


def remove(desk: Desk, household: Household) -> Event:
    """All of a household are not found living here."""
    leavers = list(household.members)
    told = desk.told(residents=_numbers_of(leavers), cause=desk.random.choice(("not-living-here", "declared-missing")))
    return Event(ExOfficioRemoval(**told), partial(left, desk, household, leavers))


def move_within(desk: Desk, household: Household) -> Event:
    """The whole household moves within the city."""
    address = home(desk.random, desk.city.municipality)
    filing = MoveWithin(**desk.told(places=places(household.members), address=address))
    return Event(filing, lambda _: setattr(household, "address", address))


def _numbers_of(members: Sequence[Member]) -> tuple[str, ...]:
    return tuple(member.addressee_number for member in members)
