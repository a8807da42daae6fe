"""The scope of a grant: everything that decides who may learn what; narrower or wider is decided here alone."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from topics.check_digits import is_municipality_code
from topics.items.address import address_items
from topics.items.catalogue import Catalogue, ItemClass
from topics.items.delivery_address import DELIVERY_ADDRESS_FILE, SENDING_ITEMS
from topics.items.identity import CONTROL_ITEMS, IDENTITY_FILE
from topics.items.resident import RESIDENT_FILE, MunicipalityCode
from topics.legal_bases import DeliveryField
from topics.messages.inbound import INBOUND_MODELS, Sendable
from topics.messages.protection import Told, up_to
from topics.model import WireModel

CATALOGUES: dict[str, Catalogue] = {each.name: each for each in (RESIDENT_FILE, IDENTITY_FILE, DELIVERY_ADDRESS_FILE)}

TRANSMISSION_ITEMS = {
    RESIDENT_FILE.name: frozenset[int](),
    IDENTITY_FILE.name: CONTROL_ITEMS,
    DELIVERY_ADDRESS_FILE.name: SENDING_ITEMS,
}
"""Of each file the items that describe the sending and not the person: they alone never cause a delivery."""

RECEIVING = frozenset({"acknowledgement", "resend", "redelivery", "discard"})
"""What receiving itself takes: every recipient may send it."""

COUNTERPARTIES = frozenset({"arrived", "leaving"})
"""Populations (対象者) of another municipality: who has come from it, and who has announced to go to it."""
TRACED = frozenset({"all", "numbered"})
"""Populations of which nothing is said by there being a delivery."""
LETTERS = frozenset({"move-in-notice", "move-out-certificate"})
"""Messages between municipalities: only another municipality sends them."""

ItemNumbers = Annotated[tuple[int, ...], Field(min_length=1)]

REAL_TIME_LIMIT_MINUTES = 10
"""In-house linkage is real time or within ten minutes (庁内連携, the national standard's limit)."""
SHORTEST_WINDOW_MINUTES, LONGEST_WINDOW_MINUTES = 5, 1440


@cache
def _fields(catalogue: str, numbers: tuple[int, ...]) -> tuple[str, ...]:
    """Asked for every delivery: looked up once."""
    return CATALOGUES[catalogue].fields(numbers)


class Numbers(WireModel):
    """Whether guarded numbers are joined, and the stated need; permission by law alone is not enough."""

    my_number: bool = False
    resident_code: bool = False
    need: str = ""


class Timing(WireModel):
    """Not real time: what falls into a window of the clock is sent when the window is over, in an order of chance, and
    at the latest `limit_minutes` after it was decided."""

    window_minutes: int = Field(ge=SHORTEST_WINDOW_MINUTES, le=LONGEST_WINDOW_MINUTES)
    limit_minutes: int

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.limit_minutes < self.window_minutes:
            raise ValueError("limit_minutes: must not be shorter than the window")
        return self


class ProtectionRule(WireModel):
    """What the recipient sees of a protected person (支援措置対象者); unless more is declared, no address and no word.

    `withheld_items`, the address items unless listed, are withheld while nobody has said whether the person is
    protected; while she is, too, unless `while_blocked` is send, and then all items if her whole record is blocked.
    What was told before is recalled; the recipient is to acknowledge within `recall_hours`.
    """

    while_blocked: Literal["withhold", "send"] = "withhold"
    withheld_items: tuple[int, ...] | None = None
    told: Told = "none"
    recall_hours: int = Field(24, ge=1, le=720)


class Scope(WireModel):
    """What is asked for, or was approved.

    `items` and `triggers` are numbers of `catalogue` (resident: file 1, identity: file 2, delivery-address: file 3).
    `delivery_fields` are what is told of the change itself. `population`: everyone; only residents who have both
    numbers; only those who have a resident code and no My Number yet, and as long as they have none; only persons on
    the recipient's own interest list; or who has arrived from, or is leaving for, the municipality `counterparty`.
    `identifier`: whether persons are known to the recipient by granted items or by a random link number. `groups`:
    whether it learns which of its persons were in one filing.
    `timing`: the window in which what is sent is gathered and shuffled; real time without one.
    `may_send`: the messages for the register that the recipient may send.
    """

    catalogue: Literal["resident", "identity", "delivery-address"]
    purpose: str
    legal_basis: tuple[str, ...] = Field(min_length=1)
    valid_from: date
    valid_to: date
    items: ItemNumbers
    triggers: ItemNumbers
    delivery_fields: tuple[DeliveryField, ...] = ()
    numbers: Numbers = Numbers()
    population: Literal["all", "numbered", "unnumbered", "interest", "arrived", "leaving"]
    counterparty: MunicipalityCode | None = None
    identifier: Literal["items", "link-number"] = "items"
    groups: bool = True
    timing: Timing | None = None
    protection: ProtectionRule = ProtectionRule()
    may_send: tuple[Sendable, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        known = CATALOGUES[self.catalogue].by_number
        if not set(self.items) <= set(known) or len(set(self.items)) != len(self.items):
            raise ValueError("items: each is a number of the catalogue, once")
        if not set(self.triggers) <= set(self.items):
            raise ValueError("triggers: each must be among the items")
        if set(self.triggers) & TRANSMISSION_ITEMS[self.catalogue]:
            raise ValueError("triggers: control items alone never cause a delivery")
        if not set(self.protection.withheld_items or ()) <= set(known):
            raise ValueError("protection.withheld_items: each is a number of the catalogue")
        if self.valid_to < self.valid_from:
            raise ValueError("valid_to: must not lie before valid_from")
        return self

    @model_validator(mode="after")
    def _with_a_counterparty(self) -> Self:
        if (self.population in COUNTERPARTIES) != (self.counterparty is not None):
            raise ValueError("counterparty: is given for the populations arrived and leaving, and for no other")
        if self.counterparty is not None and not is_municipality_code(self.counterparty):
            raise ValueError("counterparty: a municipality code of six digits, the last a check digit")
        if self.counterparty is None and LETTERS & set(self.may_send):
            raise ValueError("may_send: only another municipality sends move-in notices and move-out certificates")
        return self

    @property
    def traced(self) -> bool:
        """Whether traces may say that the recipient was told something: not where that alone tells of the person (whom
        it handles, who comes or goes, who waits for a number), nor where times and pseudonyms must not be joined."""
        return self.population in TRACED and self.timing is None and self.identifier == "items"

    def fields(self) -> tuple[str, ...]:
        """Field names of the permitted items."""
        return _fields(self.catalogue, self.items)

    def fields_but(self, number: int) -> tuple[str, ...]:
        """Field names of the permitted items without one."""
        return _fields(self.catalogue, tuple(each for each in self.items if each != number))

    def trigger_fields(self) -> tuple[str, ...]:
        """Field names of the triggers."""
        return _fields(self.catalogue, self.triggers)

    def withheld_items(self) -> frozenset[int]:
        """The items that a protection withholds, or its being unknown."""
        declared = self.protection.withheld_items
        return (address_items(self.catalogue) if declared is None else frozenset(declared)) & set(self.items)

    def withheld_fields(self) -> tuple[str, ...]:
        """Field names of the items that a protection withholds."""
        return _fields(self.catalogue, tuple(sorted(self.withheld_items())))

    def address_fields(self) -> tuple[str, ...]:
        """Field names of the permitted items that tell an address."""
        return _fields(self.catalogue, tuple(sorted(address_items(self.catalogue) & set(self.items))))

    def limit_minutes(self) -> int:
        """How long a decided delivery may take to be sent, at most."""
        return self.timing.limit_minutes if self.timing else REAL_TIME_LIMIT_MINUTES

    def lists(self, guarded: ItemClass) -> bool:
        """Whether an item of this class is asked for."""
        known = CATALOGUES[self.catalogue].by_number
        return any(known[number].item_class is guarded for number in self.items)

    def admits(self, message_type: str) -> bool:
        """Whether the recipient may send the hub messages of this type; what is not declared it may not."""
        if message_type == "interest":
            return self.population == "interest"
        return message_type in RECEIVING or message_type in self.may_send

    def inbound_models(self) -> tuple[type[WireModel], ...]:
        """The messages that the recipient may send."""
        return tuple(model for model in INBOUND_MODELS if self.admits(model.model_fields["type"].default))

    def beyond(self, approved: "Scope") -> list[str]:
        """In what this scope is wider than `approved`, or otherwise not covered by it; empty when it is covered."""
        terms = (self._other_terms, self._wider_sets, self._wider_terms, self._wider_protection)
        return [each for term in terms for each in term(approved)]

    def _other_terms(self, approved: "Scope") -> Iterator[str]:
        for term in ("catalogue", "purpose", "legal_basis", "identifier", "counterparty"):
            if getattr(self, term) != getattr(approved, term):
                yield f"another {term.replace('_', ' ')}"

    def _wider_sets(self, approved: "Scope") -> Iterator[str]:
        for term in ("items", "triggers", "delivery_fields", "may_send"):
            more = sorted(set(getattr(self, term)) - set(getattr(approved, term)))
            if more:
                yield f"{term.replace('_', ' ')} {', '.join(map(str, more))}"

    def _wider_terms(self, approved: "Scope") -> Iterator[str]:
        for number in ("my_number", "resident_code"):
            if getattr(self.numbers, number) and not getattr(approved.numbers, number):
                yield number.replace("_", " ")
        if self.population != approved.population and approved.population != "all":
            yield f"population {self.population}"
        if self.groups and not approved.groups:
            yield "groups"
        if approved.timing and (self.timing is None or self.timing.window_minutes < approved.timing.window_minutes):
            yield "a shorter window" if self.timing else "no window"
        if self.valid_from < approved.valid_from or self.valid_to > approved.valid_to:
            yield "dates"

    def _wider_protection(self, approved: "Scope") -> Iterator[str]:
        mine, theirs = self.protection, approved.protection
        if mine.while_blocked == "send" != theirs.while_blocked:
            yield "items sent while blocked"
        shown = sorted((approved.withheld_items() & set(self.items)) - self.withheld_items())
        if shown:
            yield f"items {', '.join(map(str, shown))} not withheld"
        if mine.told not in up_to(theirs.told):
            yield f"protection told: {mine.told}"
        if mine.recall_hours > theirs.recall_hours:
            yield "a longer time to answer a recall"
