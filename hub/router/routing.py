"""Routing: from changes to deliveries, for one batch of one municipality. No I/O; what was read is given."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from hub.router import counterparty
from hub.router.projection import project, trigger_digest
from hub.router.protection import block_digest, told_of, withheld_fields
from hub.router.state import RETOLD, Aside, Followed, Image, Occasion, Recall, Routed, Sending
from hub.router.update_sequence import code_told, counted, told_sequences
from topics.grant import Grant
from topics.guarded import Guarded
from topics.messages.change import RecordState
from topics.messages.delivery import Delivery, DeliveryGroup, DeliveryKind
from topics.messages.protection import ProtectionState
from topics.office_days import JAPAN

REFERRING = {"corrected", "annulled"}
Key = tuple[str, str]


@dataclass(slots=True)
class Routing:
    """One batch's working state: reads are filled in first, `routed` and the changed keys are what must be saved.

    `last_numbers` has every recipient that may be served now, `generations` the topic generation of each. `followed`
    is keyed by (recipient, addressee number), `sequences` by (recipient, addressee number, history number).
    `links` are link numbers given under an earlier generation: a person keeps hers. `windows` has the recipients that
    are not told at once, with the end of their present window: what concerns them is put `aside`.
    `protections` has where each person's stands, nothing for whom nobody has told; `holders` who has been told the
    address of persons whose protection takes a step now, by recipient, generation and addressee number.
    """

    municipality: str
    key: bytes
    subject_of: Callable[[Grant, str], str]
    last_numbers: dict[str, int]
    generations: Mapping[str, int]
    followed: dict[Key, Followed] = field(default_factory=dict)
    links: dict[Key, str | None] = field(default_factory=dict)
    interested: set[Key] = field(default_factory=set)
    sequences: dict[tuple[str, str, int], int] = field(default_factory=dict)
    numbers: Mapping[str, Guarded] = field(default_factory=dict)
    windows: Mapping[str, datetime] = field(default_factory=dict)
    today: date = field(default_factory=lambda: datetime.now(JAPAN).date())
    aside: list[Aside] = field(default_factory=list)
    protections: dict[str, ProtectionState] = field(default_factory=dict)
    protections_told: set[str] = field(default_factory=set)
    holders: set[tuple[str, int, str]] = field(default_factory=set)
    recalls: list[Recall] = field(default_factory=list)
    routed: list[Routed] = field(default_factory=list)
    touched: set[Key] = field(default_factory=set)

    def route_group(self, grant: Grant, members: Sequence[tuple[Image, Occasion]]) -> None:
        """Deliver to the grant's recipient what it may see of one filing, members side by side."""
        if grant.recipient not in self.windows:
            for image, _ in members:
                self.block(grant, image.addressee_number)
        first = len(self.routed)
        for image, occasion in members:
            self.route(grant, image, occasion)
        if grant.groups:
            self._mark_group(first)

    def enter(self, grant: Grant, image: Image) -> None:
        """A person enters the recipient's population: a snapshot, unless it has the present state already."""
        if image.state != RecordState.ABSENT:
            self.route(grant, image, Occasion("snapshot"))

    def leave(self, grant: Grant, addressee_number: str) -> None:
        """A person leaves the recipient's population: a tombstone, where something had been sent."""
        self.route(grant, Image(addressee_number, 0, RecordState.ABSENT, None), Occasion("tombstone"))

    def tell_anew(self, grant: Grant, image: Image) -> None:
        """The recipient has given up what it was told of a person: the present state, or that there is none for it."""
        known = self.followed.get((grant.recipient, image.addressee_number)) or self._unknown(
            grant, image.addressee_number
        )
        if image.state != RecordState.ABSENT and self._concerns(grant, image, known, Occasion("snapshot")):
            self.enter(grant, image)
        else:
            self.leave(grant, image.addressee_number)

    def retell(self, grant: Grant, image: Image) -> None:
        """The register asks that the recipient be told a person's present state once more: in place of what it was told
        last, under a new number; where a recipient has a window, at its end. What is told once has no present state."""
        if grant.population == "arrived":
            return
        if grant.recipient in self.windows:
            self.aside.append(Aside(grant, image, Occasion(RETOLD)))
            return
        place = (grant.recipient, image.addressee_number)
        known = self.followed.get(place)
        if known is None or not self.has(grant, image.addressee_number):
            self.tell_anew(grant, image)
            return
        self.followed[place] = replace(known, digest=None, refused=known.refused or (known.sequence,))
        self.tell_anew(grant, image)
        self.followed[place] = replace(self.followed[place], refused=known.refused)

    def route(self, grant: Grant, image: Image, occasion: Occasion) -> None:
        """One change, now or once the recipient's window is over."""
        if grant.recipient in self.windows:
            self.aside.append(Aside(grant, image, occasion))
        elif occasion.kind == DeliveryKind.TOMBSTONE:
            self._forget(grant, image)
        else:
            self._route(grant, image, occasion)

    def block(self, grant: Grant, who: str, *, anew: bool = False) -> int | None:
        """Tell a recipient that has the person where her protection stands, unless it was told so before; `anew`: also
        then. Returns the delivery's number. At once, windows or not: nothing else of the person may come before."""
        told = told_of(grant, self.protections.get(who))
        known = self.followed.get((grant.recipient, who))
        if told is None or known is None or (known.block == block_digest(self.key, grant, told) and not anew):
            return None
        return self.instruct(grant, who, DeliveryKind.BLOCK)

    def instruct(self, grant: Grant, who: str, kind: DeliveryKind, recalled: Sequence[str] = ()) -> int | None:
        """A delivery without items to a recipient that has the person; returns its number.

        One that stands for what was refused does not tell the state that was in it: so the state is told anew after it.
        """
        if not self.has(grant, who):
            return None
        known = self.followed[grant.recipient, who]
        known = replace(known, digest=None) if known.refused else known
        self._deliver(grant, Image(who, 0, known.state, None), kind, {}, known, recalled=tuple(recalled) or None)
        return self.last_numbers[grant.recipient]

    def has(self, grant: Grant, who: str) -> bool:
        """Whether the recipient has been told of the person and has not been told to forget."""
        known = self.followed.get((grant.recipient, who))
        return known is not None and known.state != RecordState.ABSENT

    def _forget(self, grant: Grant, gone: Image) -> None:
        known = self.followed.get((grant.recipient, gone.addressee_number))
        if known is not None and _has(known):
            self._deliver(grant, gone, DeliveryKind.TOMBSTONE, {}, replace(known, digest=None))

    def _route(self, grant: Grant, image: Image, occasion: Occasion) -> None:
        place = (grant.recipient, image.addressee_number)
        self.block(grant, image.addressee_number)
        known = self.followed.get(place) or self._unknown(grant, image.addressee_number)
        if not self._concerns(grant, image, known, occasion):
            if grant.population == "unnumbered":
                self._forget(grant, Image(image.addressee_number, image.history_number, RecordState.ABSENT, None))
            return
        image = image if grant.counterparty is None else counterparty.seen(grant, image)
        if image.record is None:
            if _has(known):
                self._deliver(grant, image, DeliveryKind.ANNULLED, {}, replace(known, digest=None), occasion)
            return
        withheld = withheld_fields(grant, self.protections.get(image.addressee_number))
        number = self.last_numbers[grant.recipient] + 1
        code = code_told(grant, self.key, image.record, self.numbers)
        sending = Sending(self.municipality, grant.generation, number, self.today, *told_sequences(known, code))
        items = project(grant, image.record, image.state, self.numbers, occasion, sending, withheld)
        digest = trigger_digest(self.key, grant, image.state, items)
        if digest != known.digest:
            kind = _kind(occasion.kind, known)
            known = replace(known, digest=digest, updates=counted(known, code))
            self._deliver(grant, image, kind, items, known, occasion)

    def _concerns(self, grant: Grant, image: Image, known: Followed, occasion: Occasion) -> bool:
        """Whether the person belongs to the grant's population (対象者)."""
        match grant.population:
            case "interest":
                return (grant.recipient, image.addressee_number) in self.interested
            case "numbered":
                record = image.record or {}
                return known.sequence > 0 or ("resident_code" in record and "my_number" in record)
            case "unnumbered":
                record = image.record or {}
                return image.state == RecordState.ACTIVE and "resident_code" in record and "my_number" not in record
            case "arrived" | "leaving":
                return counterparty.concerns(grant, image, occasion, known, self._own_sequence(grant, image, occasion))
            case _:
                return True

    def _deliver(
        self,
        grant: Grant,
        image: Image,
        kind: DeliveryKind,
        items: dict[str, object],
        known: Followed,
        occasion: Occasion | None = None,
        recalled: tuple[str, ...] | None = None,
    ) -> None:
        sequence = known.sequence + 1
        number = self.last_numbers[grant.recipient] + 1
        refers_to = self._own_sequence(grant, image, occasion)
        if kind.value in REFERRING and refers_to is None:
            kind = DeliveryKind.CHANGED if image.record is not None else DeliveryKind.TOMBSTONE
        protection = self.protections.get(image.addressee_number)
        told = None if image.state == RecordState.ABSENT else told_of(grant, protection)
        delivery = Delivery(
            recipient=grant.recipient,
            municipality=self.municipality,
            generation=grant.generation,
            number=number,
            sequence=sequence,
            subject=known.subject,
            kind=kind,
            state=RecordState(image.state),
            refers_to=refers_to,
            supersedes=known.refused or None,
            link_number=known.link_number,
            protection=told,
            recalled=recalled,
            items=items,
            **_told_of_change(grant, occasion),
        )
        place = (grant.recipient, image.addressee_number)
        self.last_numbers[grant.recipient] = number
        block = block_digest(self.key, grant, told)
        self.followed[place] = replace(known, sequence=sequence, state=image.state, block=block)
        self.sequences[(*place, image.history_number)] = sequence
        self._note_holder(grant, delivery, image.addressee_number)
        self.touched.add(place)
        self.routed.append(Routed(grant, delivery, image.addressee_number, image.history_number))

    def _note_holder(self, grant: Grant, delivery: Delivery, who: str) -> None:
        """As the ledger will tell it: who was told the address, or told without it."""
        if not delivery.items.keys().isdisjoint(grant.address_fields()):
            self.holders.add((grant.recipient, grant.generation, who))
        elif delivery.kind is not DeliveryKind.BLOCK:
            self.holders.discard((grant.recipient, grant.generation, who))

    def _own_sequence(self, grant: Grant, image: Image, occasion: Occasion | None) -> int | None:
        if occasion is None or occasion.refers_to is None:
            return None
        return self.sequences.get((grant.recipient, image.addressee_number, occasion.refers_to))

    def _unknown(self, grant: Grant, addressee_number: str) -> Followed:
        known = self.links.get((grant.recipient, addressee_number))
        link = known or secrets.token_hex(16) if grant.identifier == "link-number" else None
        return Followed(self.subject_of(grant, addressee_number), link)

    def _mark_group(self, first: int) -> None:
        members = self.routed[first:]
        group_id = uuid4().hex
        for index, member in enumerate(members, start=1):
            group = DeliveryGroup(id=group_id, index=index, count=len(members))
            marked = member.delivery.model_copy(update={"group": group})
            self.routed[first + index - 1] = replace(member, delivery=marked)


def _has(known: Followed) -> bool:
    """Whether the recipient has the person, or may have: what it refused may have been the end of it."""
    return known.state != RecordState.ABSENT or bool(known.refused)


def _told_of_change(grant: Grant, occasion: Occasion | None) -> dict[str, Any]:
    return {name: getattr(occasion, name) for name in grant.delivery_fields} if occasion else {}


def _kind(kind: str, known: Followed) -> DeliveryKind:
    """How a recipient is told: as new when it does not have the person, else as the register says."""
    if known.digest is None:
        return DeliveryKind.SNAPSHOT if known.sequence or kind == "snapshot" else DeliveryKind.CREATED
    return DeliveryKind(kind)
