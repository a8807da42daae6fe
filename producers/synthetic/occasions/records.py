"""What happens to a record: corrections, numbers, names, nationality, residence, new sheets."""

from collections.abc import Callable
from functools import partial
from typing import Literal

from producers.register.filings import (
    Alias,
    ClericalCorrection,
    CodeChange,
    ExOfficioCorrection,
    Filing,
    FormerName,
    MinorAmendment,
    NationalityLoss,
    Naturalisation,
    NumberChange,
    Renewal,
    ResidenceNotice,
)
from producers.register.former_name import without_former
from producers.synthetic.city import Household, Member
from producers.synthetic.names import full_name, surname
from producers.synthetic.occasions.desk import Desk, Event
from producers.synthetic.occasions.family import annul
from producers.synthetic.people import birth_date, foreign_status, my_number, resident_code
from producers.synthetic.places import elsewhere
from topics.items.resident import PersonName

ANNULLED_SHARE = 0.05


def correct(desk: Desk, household: Household) -> Event:
    """Ex officio another day of birth than the generator remembers."""
    return _correct(desk, household, ExOfficioCorrection)


def correction(desk: Desk, household: Household) -> Event:
    """The same, and a few are annulled."""
    event = correct(desk, household)
    if not desk.likely(ANNULLED_SHARE):
        return event
    return Event(event.filing, lambda _: desk.follow(household, partial(annul, desk, event.filing)))


def slip(desk: Desk, household: Household) -> Event:
    """A slip of the clerk."""
    return _correct(desk, household, ClericalCorrection)


def _correct(desk: Desk, household: Household, kind: type[ExOfficioCorrection] | type[ClericalCorrection]) -> Event:
    member = desk.random.choice(household.members)
    right = birth_date(desk.random, int(member.birth_date[:4]) - 1)
    filing = kind(**desk.told(resident=member.addressee_number, birth_date=right))
    return Event(filing, lambda _: setattr(member, "birth_date", right))


def reword(desk: Desk, household: Household) -> Event:
    """Another name of the building, in the address of all who live there."""
    place = household.address.text.partition("　")[0]
    room = 100 + (
        int(household.address.text[-3:]) - 99 if "　" in household.address.text else desk.random.randint(1, 800)
    )
    address = household.address.model_copy(update={"text": f"{place}　合成荘{room:03d}"})
    filing = MinorAmendment(**desk.told(household_number=household.number, address=address))
    return Event(filing, lambda _: setattr(household, "address", address))


def change_number(desk: Desk, household: Household) -> Event | None:
    """Another My Number, on request or ex officio."""
    kind: Literal["number-change-request", "number-correction"]
    kind, dates = ("number-change-request", ("claimed_on",)) if desk.likely(0.6) else ("number-correction", ())
    if (found := _one(desk, household, lambda m: m.numbered)) is None:
        return None
    _, member = found
    told = desk.told(resident=member.addressee_number, my_number=my_number(desk.random), **desk.today(*dates))
    return Event(NumberChange(kind=kind, **told))


def change_code(desk: Desk, household: Household) -> Event | None:
    """Another resident code, on request."""
    if (found := _one(desk, household, lambda m: m.coded)) is None:
        return None
    _, member = found
    told = desk.told(resident=member.addressee_number, resident_code=resident_code(desk.random))
    return Event(CodeChange(**told, **desk.today("claimed_on")))


def former_name(desk: Desk, household: Household) -> Event | None:
    """A former family name is entered; later it is changed, or removed."""
    if (found := _one(desk, household, lambda m: not m.foreign and "　" in m.name.text)) is None:
        return None
    at, member = found
    event = _former_name(desk, member, given=True)
    if not desk.likely(0.5):
        return event
    then = partial(_former_name, desk, member, given=desk.likely(0.4))
    return Event(event.filing, lambda _: desk.follow(at, then))


def _former_name(desk: Desk, member: Member, *, given: bool) -> Event:
    text, kana = surname(desk.random)
    former = PersonName(text=text, kana=kana) if given else None
    return Event(FormerName(**desk.told(resident=member.addressee_number, former=former), **desk.today("claimed_on")))


def alias(desk: Desk, household: Household) -> Event | None:
    """A foreign resident's alias is entered, or removed."""
    if (found := _one(desk, household, lambda m: m.foreign)) is None:
        return None
    _, member = found
    name = None if member.alias else full_name(desk.random, surname(desk.random), member.sex)
    filing = Alias(**desk.told(resident=member.addressee_number, alias=name), **desk.today("requested_on"))
    return Event(filing, lambda _: setattr(member, "alias", name is not None))


def naturalise(desk: Desk, household: Household) -> Event | None:
    """A foreign resident becomes Japanese."""
    if (found := _one(desk, household, lambda m: m.foreign)) is None:
        return None
    _, member = found
    name = full_name(desk.random, surname(desk.random), member.sex)
    domicile = elsewhere(desk.random, desk.city.municipality).text
    told = desk.told(resident=member.addressee_number, name=name, registered_domicile=domicile)
    filing = Naturalisation(**told, domicile_head=name.text, **desk.today("notified_on"))
    return Event(filing, lambda _: _became(member, name, foreign=False))


def lose_nationality(desk: Desk, household: Household) -> Event | None:
    """A Japanese resident has become a foreign one."""
    if (found := _one(desk, household, lambda m: not m.foreign)) is None:
        return None
    _, member = found
    told = desk.told(resident=member.addressee_number, foreign=foreign_status(desk.random, desk.day, "米国"))
    filing = NationalityLoss(**told, **desk.today("notified_on"))
    return Event(filing, lambda _: _became(member, without_former(member.name), foreign=True))


def _became(member: Member, name: PersonName, *, foreign: bool) -> None:
    member.name, member.foreign, member.alias = name, foreign, False


def residence(desk: Desk, household: Household) -> Event | None:
    """A new residence card."""
    if (found := _one(desk, household, lambda m: m.foreign)) is None:
        return None
    _, member = found
    card = foreign_status(desk.random, desk.day, "")["residence_card_number"]
    told = desk.told(resident=member.addressee_number, residence_card_number=card, **desk.today("notified_on"))
    return Event(ResidenceNotice(**told))


def renew(desk: Desk, household: Household) -> Event:
    """A record is written out anew, rarely after a loss."""
    kind: Literal["renewal", "reproduction"] = "reproduction" if desk.likely(0.2) else "renewal"
    filing: Filing = Renewal(kind=kind, **desk.told(resident=desk.random.choice(household.members).addressee_number))
    return Event(filing)


def _one(desk: Desk, household: Household, fit: Callable[[Member], bool]) -> tuple[Household, Member] | None:
    """Some member of whom it is true; else one of another household that is free."""
    for home in (household, *desk.homes):
        fitting = [member for member in home.members if fit(member)]
        if fitting:
            if home is not household:
                desk.homes.remove(home)
            return home, desk.random.choice(fitting)
    return None
