"""An occasion for every reason: what must be filed so that a change with that reason stands."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from producers.register.book import Entry
from tests.unit.register.counter import ABROAD, AWAY, DAY, HOME, MY_NUMBER, NEAR, RESIDENT_CODE, Counter, person
from topics.relationship import HEAD

OTHER_NUMBER, OTHER_CODE = "983205673214", "24846016224"
NEXT_HOME = {**HOME, "text": "海老名市上郷2番2号"}
CLAIMED: dict[str, Any] = {"claimed_on": DAY}
REQUESTED: dict[str, Any] = {"requested_on": DAY}
NOTIFIED: dict[str, Any] = {"notified_on": DAY}
STATUS = {
    "since": "2012-07-09",
    "nationality": "合成国",
    "article_30_45_class": "1",
    "residence_card_number": "AB12345678CD",
    "residence_status": "永住者",
}

Occasion = Callable[[Counter], list[Entry]]


def place(number: str, relationship: str) -> dict[str, str]:
    """A member's place."""
    return {"addressee_number": number, "relationship": relationship}


def foreigner(relationship: str = HEAD, **items: Any) -> dict[str, Any]:
    """A foreign person as a filing tells one."""
    return person(relationship, resident_class="foreign", foreign=STATUS, **items)


def settled(counter: Counter, *people: dict[str, Any]) -> list[str]:
    """A household of these people that moved in."""
    entries = counter.file("move-in-domestic", origin=AWAY, address=HOME, persons=list(people))
    return [entry.amendment.resident for entry in entries]


def alone(counter: Counter, kind: str, told: Mapping[str, Any], **items: Any) -> list[Entry]:
    """A filing about a numbered Japanese resident who lives alone."""
    who = settled(counter, person(HEAD, my_number=MY_NUMBER, resident_code=RESIDENT_CODE))[0]
    return counter.file(kind, resident=who, **told, **items)


def alien(counter: Counter, kind: str, told: Mapping[str, Any], **items: Any) -> list[Entry]:
    """A filing about a foreign resident without numbers who lives alone."""
    return counter.file(kind, resident=settled(counter, foreigner())[0], **told, **items)


def leave(counter: Counter, numbers: list[str], to: Mapping[str, Any] = AWAY) -> list[Entry]:
    """An announced move-out on its day."""
    counter.file("move-out-announced", residents=numbers, to=to)
    return counter.file("move-out-effective", residents=numbers)


def _former_name(counter: Counter, *later: str | None) -> list[Entry]:
    who = counter.family(HEAD)[0]
    entries: list[Entry] = []
    for text in later:
        former = text and {"text": text, "kana": "きゅうし"}
        entries = counter.file("former-name", resident=who, former=former, **CLAIMED)
    return entries


def _alias(counter: Counter, *later: dict[str, str] | None) -> list[Entry]:
    who = settled(counter, foreigner())[0]
    entries: list[Entry] = []
    for alias in later:
        entries = counter.file("alias", resident=who, alias=alias, **REQUESTED)
    return entries


def _annulled(counter: Counter, occasion: Occasion) -> list[Entry]:
    return counter.file("annulment", annuls=str(occasion(counter)[0].filing_id))


def _born(counter: Counter) -> list[Entry]:
    home = counter.household(counter.family(HEAD)[0])
    return counter.file("birth", household_number=home, child=person("子", birth_date=DAY))


def _died(counter: Counter) -> list[Entry]:
    return counter.file("death", resident=counter.family(HEAD, "妻", "子")[0])


def _arrived(counter: Counter, kind: str, **items: Any) -> list[Entry]:
    return counter.file(kind, address=HOME, persons=[person()], **items)


def _migrated(counter: Counter) -> list[Entry]:
    stood = {"resident_since": DAY, "resident_since_reason": "11", "address_since": DAY}
    return counter.file("migration", address=HOME, persons=[person() | stood])


def _announced(counter: Counter) -> list[Entry]:
    return counter.file("move-out-announced", residents=counter.family(HEAD), to=AWAY, changed_on="2026-04-20")


def _noticed(counter: Counter) -> list[Entry]:
    who = counter.family(HEAD)
    leave(counter, who)
    return counter.file("move-in-notice", residents=who, to=NEAR, **NOTIFIED)


def _removed(counter: Counter) -> list[Entry]:
    return counter.file("ex-officio-removal", residents=counter.family(HEAD), cause="declared-missing")


def _moved(counter: Counter) -> list[Entry]:
    who = counter.family(HEAD)[0]
    return counter.file("move-within", places=[place(who, HEAD)], address=NEXT_HOME)


def _split(counter: Counter) -> list[Entry]:
    return counter.file("household-split", places=[place(counter.family(HEAD, "妻", "子")[2], HEAD)])


def _joined(counter: Counter, kind: str, *others: str) -> list[Entry]:
    goal, mover = counter.family(HEAD)[0], counter.family(HEAD, *others)[0]
    return counter.file(kind, household_number=counter.household(goal), places=[place(mover, "同居人")])


def _headed(counter: Counter) -> list[Entry]:
    head, wife = counter.family(HEAD, "妻")
    places = [place(head, "夫"), place(wife, HEAD)]
    return counter.file("change-of-head", household_number=counter.household(head), places=places)


_RIGHT = {"text": "合成　正", "kana": "ごうせい　ただし"}
_ALIAS = {"text": "合成　花子", "kana": "ごうせい　はなこ"}
_NATURALISED = {"name": _RIGHT, "registered_domicile": "合成県合成市", "domicile_head": "合成　正"}
OCCASIONS: Mapping[str, Occasion] = {
    "domestic-move-in": partial(_arrived, kind="move-in-domestic", origin=AWAY),
    "move-in-from-abroad": partial(_arrived, kind="move-in-abroad", origin=ABROAD),
    "birth": _born,
    "naturalisation-entry": partial(alien, kind="naturalisation", told=_NATURALISED),
    "nationality-loss-entry": partial(alone, kind="nationality-loss", told={"foreign": STATUS}),
    "ex-officio-entry": partial(_arrived, kind="ex-officio-entry"),
    "renewal-entry": partial(alone, kind="renewal", told={}),
    "reproduction-entry": partial(alone, kind="reproduction", told={}),
    "annulment-increase": partial(_annulled, occasion=_died),
    "migration": _migrated,
    "domestic-move-out": lambda counter: leave(counter, counter.family(HEAD)),
    "move-out-abroad": lambda counter: leave(counter, counter.family(HEAD), ABROAD),
    "death": _died,
    "ex-officio-removal": _removed,
    "annulment-decrease": partial(_annulled, occasion=_born),
    "move-within": _moved,
    "minor-amendment": partial(
        alone, kind="minor-amendment", told={"name": {"text": "合成　丗帯主", "kana": "ごうせい　だれか"}}
    ),
    "ex-officio-correction": partial(alone, kind="ex-officio-correction", told={"sex": "2"}),
    "clerical-correction": partial(alone, kind="clerical-correction", told={"birth_date": "1980-02-XX"}),
    "number-change-request": partial(alone, kind="number-change-request", told={"my_number": OTHER_NUMBER}, **CLAIMED),
    "number-correction": partial(alone, kind="number-correction", told={"my_number": OTHER_NUMBER}),
    "number-entry": partial(alien, kind="number-entry", told={"my_number": MY_NUMBER, "resident_code": RESIDENT_CODE}),
    "code-change-request": partial(alone, kind="code-change-request", told={"resident_code": OTHER_CODE}, **CLAIMED),
    "code-entry": partial(alien, kind="number-entry", told={"resident_code": RESIDENT_CODE}),
    "household-split": _split,
    "household-merge": partial(_joined, kind="household-merge"),
    "household-change": lambda counter: _joined(counter, "household-change", "子", "子"),
    "change-of-head": _headed,
    "former-name-entry": lambda counter: _former_name(counter, "旧姓"),
    "former-name-change": lambda counter: _former_name(counter, "旧姓", "元姓"),
    "former-name-removal": lambda counter: _former_name(counter, "旧姓", None),
    "alias-entry": lambda counter: _alias(counter, _ALIAS),
    "alias-removal": lambda counter: _alias(counter, _ALIAS, None),
    "annulment-amend": partial(_annulled, occasion=_moved),
    "move-out-announced": _announced,
    "move-in-notice": _noticed,
    "residence-notice": partial(alien, kind="residence-notice", told={"residence_status": "定住者"}, **NOTIFIED),
}
