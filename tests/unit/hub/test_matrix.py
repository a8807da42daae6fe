"""The whole matrix of reasons and recipients: residents of every kind, these messages and no others."""

import itertools
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from hub.router.protecting import never_protected
from hub.router.routing import Routing
from producers.register.book import Entry
from producers.register.filings import Filing
from producers.register.findings import FilingRefusedError
from tests.unit.hub.entries import routed
from tests.unit.register.counter import AWAY, NEAR, Counter, NumberedCounter
from tests.unit.register.occasions import NOTIFIED, OCCASIONS, STATUS, Occasion, alien, alone, leave
from topics.check_digits import my_number_digit, resident_code_digit
from topics.declared import declared_grants
from topics.grant import Grant
from topics.message_matrix import message_matrix
from topics.reason_matrix import reason_matrix
from topics.relationship import HEAD


def _of(grant: Grant) -> Grant:
    """The grant; of a template, as for the one municipality that all occasions are about."""
    there = {"recipient": grant.declaration, "counterparty": AWAY["municipality"]}
    return grant.model_copy(update=there) if grant.counterparty else grant


GRANTS = {grant.declaration: _of(grant) for grant in declared_grants()}
UNNUMBERED = {"birth", "number-entry", "code-entry"}
"""Of persons who have no number yet, whatever the occasion."""
NUMBERED = {"number-change-request", "number-correction", "code-change-request"}
"""Of persons who have the number already."""
CODED = UNNUMBERED - {"number-entry", "code-entry"} | {"code-change-request"}
"""Of persons who have a resident code and no My Number yet, beside all that is of anybody."""
_CARD = {"article_30_45_class": "2", "residence_card_number": "CD87654321AB", "nationality": "合成連邦"}


def _noticed(counter: Counter) -> list[Entry]:
    """The notice says that they went earlier than announced."""
    who = counter.family(HEAD)
    leave(counter, who)
    return counter.file("move-in-notice", residents=who, to=NEAR, changed_on="2026-03-30", **NOTIFIED)


def _never_came(counter: Counter) -> list[Entry]:
    """A move-in is taken back."""
    counter.family(HEAD)
    return counter.file("annulment", annuls=str(counter.book.entries[-1].filing_id))


FULLEST: Mapping[str, Occasion] = {
    **OCCASIONS,
    "annulment-decrease": _never_came,
    "nationality-loss-entry": partial(
        alone, kind="nationality-loss", told={"foreign": STATUS, "name": {"text": "合成　異", "kana": "ごうせい　い"}}
    ),
    "residence-notice": partial(alien, kind="residence-notice", told=_CARD, **NOTIFIED),
    "move-in-notice": _noticed,
}
"""Occasions on which a reason changes all that it usually does."""


class City(NumberedCounter):
    """A counter at which everybody is of one kind."""

    def __init__(self, resident_class: str, numbers: str) -> None:
        super().__init__()
        self._class = resident_class
        self._given = {"both": ("my_number", "resident_code"), "code": ("resident_code",), "none": ()}[numbers]
        self._serials = itertools.count(1)

    def filing(self, kind: str, **items: Any) -> Filing:
        """A filing whose persons are of the kind."""
        told = items | {"persons": [self._fit(each) for each in items["persons"]]} if "persons" in items else items
        return super().filing(kind, **told | ({"child": self._fit(told["child"])} if "child" in told else {}))

    def _fit(self, told: Mapping[str, Any]) -> dict[str, Any]:
        number = next(self._serials)
        plain = {
            name: value for name, value in told.items()
            if name not in ("foreign", "resident_class", "my_number", "resident_code")
        }  # fmt: skip
        foreign = {"resident_class": "foreign", "foreign": STATUS} if self._class == "foreign" else {}
        mine, code = f"{10**10 + number * 7:011d}", f"{10**9 + number * 13:010d}"
        numbers = {"my_number": mine + my_number_digit(mine), "resident_code": code + resident_code_digit(code)}
        return plain | foreign | {name: numbers[name] for name in self._given}


CASES = [
    (reason, resident_class, numbers)
    for reason in FULLEST
    for resident_class in sorted(reason_matrix()[reason].residents)
    for numbers, left_out in (("both", UNNUMBERED), ("code", (UNNUMBERED | NUMBERED) - CODED), ("none", NUMBERED))
    if reason not in left_out
]


@pytest.mark.parametrize("listed", [True, False], ids=["listed", "not listed"])
@pytest.mark.parametrize(("reason", "resident_class", "numbers"), CASES)
def test_a_reason_tells_each_recipient_what_is_declared_and_nothing_else(
    reason: str, resident_class: str, numbers: str, listed: bool
) -> None:
    city = City(resident_class, numbers)
    FULLEST[reason](city)
    told, group = _told_of_the_last(city, listed=listed)
    for name, expectation in message_matrix().items():
        follows = [_follows(GRANTS[name], entry, city, listed=listed) for entry in group]
        expected = [expectation.kind(entry.amendment.reason) if follow else None
                    for entry, follow in zip(group, follows, strict=True)]  # fmt: skip
        found = [told.get((name, entry.amendment.resident)) for entry in group]
        assert found[0] == expected[0], name
        assert all(kind in (None, wanted) for kind, wanted in zip(found, expected, strict=True)), name


@pytest.mark.parametrize(
    ("reason", "numbers"),
    [
        *((reason, "both") for reason in sorted(UNNUMBERED)),
        *((reason, "code") for reason in sorted((UNNUMBERED | NUMBERED) - CODED)),
        *((reason, "none") for reason in sorted(NUMBERED)),
    ],
)
def test_what_is_left_out_cannot_be(reason: str, numbers: str) -> None:
    with pytest.raises(FilingRefusedError):
        FULLEST[reason](City("japanese", numbers))


def test_each_recipient_of_the_matrix_has_a_grant() -> None:
    assert set(message_matrix()) <= set(GRANTS)


def _told_of_the_last(city: City, *, listed: bool) -> tuple[dict[tuple[str, str], str], list[Entry]]:
    """The kinds that the last filing brought, by recipient and person, and its entries."""
    entries = city.book.entries
    persons = {entry.amendment.resident for entry in entries}
    names = dict.fromkeys(GRANTS, 0)
    routing = Routing("142158", b"k" * 32, lambda _, who: who, names, dict.fromkeys(GRANTS, 1), numbers=city.numbers,
                      interested={("welfare", who) for who in persons} if listed else set())  # fmt: skip
    for who in persons:
        never_protected(routing, who)
    group: list[Entry] = []
    before = 0
    for _, members in itertools.groupby(entries, key=lambda entry: entry.filing_id):
        group, before = list(members), len(routing.routed)
        for grant in GRANTS.values():
            routing.route_group(grant, [routed(entry) for entry in group])
    fresh = [(r.grant.recipient, r.addressee_number, r.delivery.kind) for r in routing.routed[before:]]
    assert len(fresh) == len({(name, who) for name, who, _ in fresh})
    return {(name, who): kind for name, who, kind in fresh}, group


def _follows(grant: Grant, entry: Entry, city: City, *, listed: bool) -> bool:
    """Whether the recipient is told of the person at all."""
    if grant.population == "interest":
        return listed
    told = [each.amendment for each in city.book.entries if each.amendment.resident == entry.amendment.resident]
    match grant.population:
        case "numbered":
            return any(a.record is not None and a.record.my_number and a.record.resident_code for a in told)
        case "unnumbered":
            return any(a.record is not None and a.record.resident_code and not a.record.my_number for a in told)
    return True
