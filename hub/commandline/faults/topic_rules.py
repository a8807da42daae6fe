"""What every record on a recipient's topic must keep."""

from hashlib import sha256
from typing import Any, get_args

from pydantic_core import from_json

from hub.commandline.faults.log import Logged
from hub.commandline.faults.seen import INSTRUCTIONS, Seen, Told
from hub.commandline.faults.tables import Row
from hub.commandline.faults.violation import Rule, demand
from hub.commandline.faults.world import World
from infra.check.projection import person_fields, project
from infra.check.protection import Stand, Timeline, withheld
from infra.check.protection import told as protection_told
from topics.envelope.opening import Opener, take_apart
from topics.envelope.places import delivery_terms
from topics.grant import Grant
from topics.legal_bases import DeliveryField

GONE = ("annulled", "tombstone")


class TopicRules:
    """The rules of one recipient's topic."""

    def __init__(self, world: World, seen: Seen, grant: Grant) -> None:
        self._world = world
        self._seen = seen
        self._grant = grant
        self._openers = {city: self._opener(city) for city in world.cities}

    def appended(self, city: str, record: Logged) -> None:
        """Raises `ViolationError` unless the record may lie there next."""
        line, number = (self._grant.recipient, city), take_apart(record.value).head.number
        place, digest = f"{line}: delivery {number}", sha256(record.value).digest()
        self._was_entered(city, number, record, digest, place)
        known = self._seen.deliveries[line].get(number)
        if known is None:
            lying = max(self._seen.deliveries[line], default=0)
            demand(Rule.NUMBERS, number == lying + 1, f"{place} follows {lying}")
            self._seen.tell(line, self._told(city, number, record, digest, place))
        else:
            demand(Rule.NUMBERS, known.digest == digest, f"{place} stands twice and differs")
        self._seen.offsets[line].append(number)

    def _was_entered(self, city: str, number: int, record: Logged, digest: bytes, place: str) -> None:
        row = self._decided(city, number)
        entered = self._seen.entries[city].get((self._grant.recipient, number))
        demand(Rule.LEDGER_FIRST, entered == digest.hex(), f"{place} has no committed entry")
        demand(
            Rule.LEDGER_FIRST,
            (row.get("value"), row.get("key")) == (record.value, record.key),
            f"{place} was not decided",
        )
        reached = self._world.hub(city).tables["recipient"][self._grant.recipient, self._grant.generation]
        demand(Rule.LEDGER_FIRST, number <= reached["sending_number"], f"{place} is sent before it was said")

    def _decided(self, city: str, number: int) -> Row:
        place = self._grant.recipient, self._grant.generation, number
        return self._world.hub(city).tables["delivery"].get(place) or {}

    def _told(self, city: str, number: int, record: Logged, digest: bytes, place: str) -> Told:
        body = from_json(self._openers[city].open(record.value, record.key).payload)
        row = self._decided(city, number)
        before = self._seen.last[self._grant.recipient, city].get(body["subject"])
        history_number = row["history_number"] or (before.history_number if before else 0)
        told = Told(number, body["sequence"], body["subject"], digest, body, row["addressee_number"], history_number)
        said = body["recipient"], body["municipality"], body["number"]
        demand(Rule.NOBODY_ELSE, said == (self._grant.recipient, city, number), f"{place} is for somebody else")
        self._follows(city, told, place)
        self._is_permitted(body, place)
        self._is_true(city, told, place)
        return told

    def _follows(self, city: str, told: Told, place: str) -> None:
        """A resident's deliveries stand in their sequence, under one pseudonym, in the register's order."""
        before = self._seen.last[self._grant.recipient, city].get(told.subject)
        sequence = before.sequence if before else 0
        demand(Rule.NUMBERS, told.sequence == sequence + 1, f"{place}: sequence {told.sequence} follows {sequence}")
        if before is not None:
            demand(Rule.NOBODY_ELSE, before.resident == told.resident, f"{place}: a pseudonym of two persons")
            in_order = told.history_number >= before.history_number
            demand(Rule.NUMBERS, in_order, f"{place}: an earlier change follows a later one")

    def _is_permitted(self, body: dict[str, Any], place: str) -> None:
        told = {name for name in get_args(DeliveryField) if name in body}
        surplus = {*body["items"], *told} - {*self._grant.fields(), *self._grant.delivery_fields}
        demand(Rule.ITEMS, not surplus, f"{place}: {', '.join(sorted(surplus))}")

    def _is_true(self, city: str, told: Told, place: str) -> None:
        """The items are those of the change in the register, under what held of protections then or later."""
        if told.body["kind"] in INSTRUCTIONS:
            self._instructs(city, told, place)
            return
        if told.body["kind"] in GONE and told.body["state"] == "absent":
            demand(Rule.EQUAL, not told.body["items"], f"{place}: who is gone has items")
            return
        version = self._world.cities[city].register.histories[told.resident][told.history_number - 1]
        demand(Rule.NOBODY_ELSE, self._concerns(city, told), f"{place}: the person is not in the population")
        fields = person_fields(self._grant)
        items = {name: value for name, value in told.body["items"].items() if name in fields}
        shown = [
            (project(self._grant, version.record, self._numbers(city), withheld(self._grant, stand)), self._of(stand))
            for stand in self._timeline(city, told).since(version.position)
            if version.record is not None
        ]
        is_equal = (items, told.body.get("protection")) in shown and version.state == told.body["state"]
        demand(Rule.EQUAL, is_equal, f"{place} says what the register does not")
        self._refers(city, told, place)

    def _instructs(self, city: str, told: Told, place: str) -> None:
        """A block or a recall follows from a protection of the person, and holds nothing else."""
        demand(Rule.ITEMS, not told.body["items"], f"{place}: an instruction has items")
        stands = [each for each in self._timeline(city, told).stands if self._of(each) == told.body.get("protection")]
        recalled = set(told.body.get("recalled", ()))
        follows = any(recalled <= withheld(self._grant, stand) for stand in stands)
        demand(Rule.EQUAL, follows, f"{place} tells a protection that the register does not")

    def _of(self, stand: Stand) -> dict[str, Any] | None:
        return protection_told(self._grant, stand)

    def _timeline(self, city: str, told: Told) -> Timeline:
        return self._world.cities[city].register.timeline(told.resident)

    def _refers(self, city: str, told: Told, place: str) -> None:
        """A correction or annulment names the recipient's own sequence of what it concerns."""
        sequence = told.body.get("refers_to")
        meant = self._world.cities[city].register.referred.get((told.resident, told.history_number))
        if sequence is not None:
            named = self._seen.sequences[self._grant.recipient, city].get((told.subject, sequence))
            demand(Rule.EQUAL, named is not None and named.history_number == meant, f"{place} refers to another change")

    def _concerns(self, city: str, told: Told) -> bool:
        """Whether the person has had both numbers by then, where that is the population."""
        if self._grant.population != "numbered":
            return True
        history = self._world.cities[city].register.histories[told.resident][: told.history_number]
        records = [version.record or {} for version in history]
        return any(record.get("resident_code") and record.get("my_number") for record in records)

    def _numbers(self, city: str) -> dict[str, str]:
        return self._world.cities[city].register.values

    def _opener(self, city: str) -> Opener:
        ring = self._world.machine.ring
        return Opener(delivery_terms("", self._grant, city), ring.register, ring.private)
