"""Why a change was sent to a recipient, and why not; which items, and why others were withheld. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from infra.check.counterparty import told_versions
from infra.check.projection import AsReferences, project, triggers
from infra.check.sources import Sent, Version
from topics.grant import Grant
from topics.items.catalogue import Item, ItemClass
from topics.obstacles import Obstacle
from topics.scope import CATALOGUES, TRANSMISSION_ITEMS


class Why(StrEnum):
    """The grounds on which a change was sent, or was not."""

    SENT = "SENT"
    VOID = "VOID"
    NOT_IN_FORCE = "NOT-IN-FORCE"
    NOT_YET_DECIDED = "NOT-YET-DECIDED"
    OUTSIDE_POPULATION = "OUTSIDE-POPULATION"
    NOTHING_NEW = "NOTHING-NEW"
    WAITS = "WAITS"
    OVERTAKEN = "OVERTAKEN"
    BEFORE_ITS_TIME = "BEFORE-ITS-TIME"


@dataclass(frozen=True, slots=True)
class Told:
    """An item by number and name, never by value; `why` says why it was withheld and is empty for one that was sent."""

    number: int
    name: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer: the ground in one word and one sentence, the items that went and the items that did not."""

    why: Why
    sentence: str
    sent: tuple[Told, ...]
    withheld: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one change and one recipient.

    `history` are the resident's versions, `version` the one that the change made, `deliveries` what was decided of the
    resident for this recipient. `is_listed` says whether the recipient follows the person now, None where it keeps no
    list. `next_position` is the first that the hub has not decided. `waits`: it waits for the end of a window.
    `protected` are fields that were withheld because of the person's protection, or because nobody had told of it.
    """

    grant: Grant
    obstacles: Sequence[Obstacle]
    history: Sequence[Version]
    version: Version
    deliveries: Sequence[Sent]
    is_listed: bool | None
    next_position: int
    waits: bool = False
    protected: frozenset[str] = frozenset()


def explain(facts: Facts) -> Explanation:
    """Why the change was sent or not, and item by item."""
    delivery = next((each for each in facts.deliveries if each.history_number == facts.version.history_number), None)
    if delivery is not None and not delivery.void:
        return Explanation(Why.SENT, _sent_sentence(delivery), *_items(facts))
    nothing = tuple(_withheld(facts, "nothing of this change was sent"))
    if delivery is not None:
        sentence = f"delivery {delivery.number} was decided, then the grant was revoked before it was sent"
        return Explanation(Why.VOID, sentence, (), nothing)
    return Explanation(*_unsent(facts), (), nothing)


def _sent_sentence(delivery: Sent) -> str:
    came = "acknowledged" if delivery.acknowledged else "dispatched" if delivery.dispatched else "decided, not yet sent"
    return f"delivery {delivery.number} ({delivery.kind}), the recipient's {delivery.sequence}. of this person: {came}"


def _unsent(facts: Facts) -> tuple[Why, str]:
    if facts.version.position >= facts.next_position:
        return Why.NOT_YET_DECIDED, "the hub has not come to this change yet"
    if facts.obstacles:
        return Why.NOT_IN_FORCE, "; ".join(f"{each.code}: {each.sentence}" for each in facts.obstacles)
    if facts.waits:
        return Why.WAITS, "it waits for the end of the recipient's window"
    if facts.is_listed is False:
        return Why.OUTSIDE_POPULATION, "the person is not on the recipient's list"
    if facts.grant.counterparty is not None and not _names_it(facts):
        return Why.OUTSIDE_POPULATION, "the record names another municipality or none, or what is told once was told"
    if facts.grant.population == "numbered" and not _numbered(facts.version):
        return Why.OUTSIDE_POPULATION, "the person had not both numbers then"
    if facts.grant.population == "unnumbered" and not _waits_for_number(facts.version):
        return Why.OUTSIDE_POPULATION, "the person was no resident with a resident code and without My Number then"
    if _is_overtaken(facts):
        return Why.OVERTAKEN, "within its window a later change of the person was sent in its stead"
    earlier = [each for each in facts.deliveries if each.history_number < facts.version.history_number]
    if not earlier:
        return Why.BEFORE_ITS_TIME, "the recipient was not yet to hear of this person then"
    return Why.NOTHING_NEW, _nothing_new(facts)


def _names_it(facts: Facts) -> bool:
    """Whether this change tells the other municipality anything."""
    return any(version == facts.version for version, _ in told_versions(facts.grant, facts.history))


def _is_overtaken(facts: Facts) -> bool:
    """Under a window a person's last change tells for those before it, unless it took them back."""
    at, grant = facts.version.history_number, facts.grant
    before = next((v for v in reversed(facts.history) if v.history_number < at), None)
    differs = before is None or _seen(grant, before) != _seen(grant, facts.version)
    return grant.timing is not None and differs and any(v.history_number > at for v in facts.history)


def _seen(grant: Grant, version: Version) -> tuple[str, dict[str, Any]]:
    items = {} if version.record is None else project(grant, version.record, AsReferences())
    return version.state, triggers(grant, items)


def _nothing_new(facts: Facts) -> str:
    changed = sorted(_changed(facts))
    fields = ", ".join(f"{number} {name}" for number, name in changed) or "none"
    return f"no trigger differs from what the recipient was last sent; changed items: {fields}"


def _changed(facts: Facts) -> Iterator[tuple[int, str]]:
    """The items of file 1 that the change altered, by number and name."""
    before = next((v for v in reversed(facts.history) if v.history_number < facts.version.history_number), None)
    old, new = (before.record or {}) if before else {}, facts.version.record or {}
    for number, item in CATALOGUES["resident"].by_number.items():
        if old.get(item.field) != new.get(item.field):
            yield number, item.name_ja


def _numbered(version: Version) -> bool:
    record = version.record or {}
    return "resident_code" in record and "my_number" in record


def _waits_for_number(version: Version) -> bool:
    record = version.record or {}
    return version.state == "active" and "resident_code" in record and "my_number" not in record


def _items(facts: Facts) -> tuple[tuple[Told, ...], tuple[Told, ...]]:
    told = _present(facts)
    catalogue = CATALOGUES[facts.grant.catalogue].by_number
    sent = tuple(Told(number, catalogue[number].name_ja) for number in facts.grant.items if number in told)
    return sent, tuple(_withheld(facts, "", frozenset(told)))


def _present(facts: Facts) -> set[int]:
    """The numbers of the granted items that the record has and that no protection withholds; control items describe
    the sending itself."""
    grant, record = facts.grant, facts.version.record
    fields = set() if record is None else set(project(grant, record, AsReferences(), facts.protected))
    catalogue = CATALOGUES[grant.catalogue].by_number
    control = TRANSMISSION_ITEMS[grant.catalogue] if fields else frozenset()
    return {number for number in grant.items if catalogue[number].field in fields or number in control}


def _withheld(facts: Facts, why: str, sent: frozenset[int] = frozenset()) -> Iterator[Told]:
    for number, item in CATALOGUES[facts.grant.catalogue].by_number.items():
        if number not in sent:
            yield Told(number, item.name_ja, _ground(facts, item) or why)


def _ground(facts: Facts, item: Item) -> str:
    grant = facts.grant
    if item.number in grant.items:
        if item.field in facts.protected:
            return "the person is protected, or nobody has told that she is not"
        has = item.number in _present(facts)
        return "" if has else "the record has none"
    if item.item_class is not ItemClass.PLAIN:
        return "a number: the grant does not list it, and states no need"
    return "the grant does not list it"
