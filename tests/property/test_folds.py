"""For any legal history, each recipient's fold is the projection of the register, whatever its stream went through.

Filings, protections, interests and windows in any order; each topic doubles, delays and mixes up what it carries.
What a copy holds then is compared with the projection of the verifier, which knows nothing of the hub.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import settings
from hypothesis.stateful import precondition, rule
from hypothesis.strategies import DataObject, data, integers, lists, permutations, sampled_from

from consumers.kit.fold import Told, fold
from hub.router.former_code import with_former_code
from hub.router.protecting import never_protected, protect
from hub.router.routing import Routing
from hub.router.state import Image, Occasion, Record
from hub.windows.order import newest
from infra.check.former_code import formerly
from infra.check.projection import project, triggers
from infra.check.protection import Stand, withheld
from producers.register.book import Resident
from tests.property.lane import Lane
from tests.property.test_register_machine import Register, anybody
from tests.unit.hub.entries import plain, routed
from tests.unit.hub.protected import GRANTS as EVERY
from tests.unit.hub.protected import state
from tests.unit.register.counter import DAY, NumberedCounter
from topics.grant import Grant
from topics.guarded import Purpose
from topics.messages.change import RecordState
from topics.messages.delivery import Delivery
from topics.messages.protection import NOT_PROTECTED

GRANTS = {name: grant for name, grant in EVERY.items() if grant.counterparty is None}
"""Of another municipality's letters, which are told once, ``test_letters.py`` holds what they are."""
WINDOW = datetime(2026, 4, 1, 9, tzinfo=UTC)
WINDOWED = {name: WINDOW for name, grant in GRANTS.items() if grant.timing is not None}
STATES = {each: state(each) for each in ("provisional", "full", "ended")} | {"record": state("full", "record")}


class Offices(Register):
    """The register's counter, the hub's router behind it, and a copy for each recipient."""

    def __init__(self) -> None:
        super().__init__()
        self.counter: NumberedCounter = NumberedCounter()
        self.routing = Routing("142158", b"k" * 32, lambda _, who: who, dict.fromkeys(GRANTS, 0),
                               dict.fromkeys(GRANTS, 1), numbers=self.counter.numbers, windows=WINDOWED)  # fmt: skip
        self.pending: dict[str, list[Delivery]] = defaultdict(list)
        self.arrived: dict[str, list[Delivery]] = defaultdict(list)
        self.lanes = {name: Lane() for name in GRANTS}
        self.position = 0
        self.present: dict[str, Record | None] = {}
        self.codes: dict[str, list[tuple[str, str | None, str]]] = defaultdict(list)

    @rule(choice=data(), into=sampled_from(sorted(STATES)))
    def protection_takes_a_step(self, choice: DataObject, into: str) -> None:
        who = self._someone(choice, anybody)
        resident = self.counter.book.residents.get(who)
        if resident is not None:
            self.position += 1
            image = self._image(who, resident)
            protect(self.routing, list(GRANTS.values()), image, STATES[into], self.position)
            self._send()

    @rule(choice=data())
    def welfare_opens_or_closes_a_case(self, choice: DataObject) -> None:
        who = self._someone(choice, anybody)
        resident, place = self.counter.book.residents.get(who), ("welfare", who)
        if place in self.routing.interested:
            self.routing.interested.remove(place)
            self.routing.leave(GRANTS["welfare"], who)
        else:
            self.routing.interested.add(place)
            if resident is not None:
                self.routing.enter(GRANTS["welfare"], self._image(who, resident))
        self._send()

    @rule()
    def a_window_ends(self) -> None:
        waiting, self.routing.aside = self.routing.aside, []
        self.routing.windows = {}
        for name in WINDOWED:
            rows = [aside for aside in waiting if aside.grant.recipient == name]
            for index in newest([aside.image.addressee_number for aside in rows]):
                self.routing.route(rows[index].grant, rows[index].image, rows[index].occasion)
        self.routing.windows = WINDOWED
        self._send()

    @precondition(lambda self: any(self.pending.values()))
    @rule(choice=data())
    def some_arrives(self, choice: DataObject) -> None:
        """Late, doubled and out of order; what comes again after a restart is a double too."""
        name = choice.draw(sampled_from(sorted(name for name, waiting in self.pending.items() if waiting)))
        waiting = self.pending[name]
        fresh = choice.draw(permutations(waiting))[: choice.draw(integers(1, len(waiting)))]
        again = choice.draw(lists(sampled_from([*self.arrived[name], *fresh]), max_size=4))
        self._arrive_at(name, choice.draw(permutations([*fresh, *again])))

    def teardown(self) -> None:
        """At rest, everything is where it should be."""
        self.a_window_ends()
        for name, grant in GRANTS.items():
            self._arrive_at(name, list(self.pending[name]))
            lane = self.lanes[name]
            assert (lane.waiting, lane.missing, lane.parked) == ({}, set(), {}), name
            assert {each.number for each in lane.applied} == {each.number for each in self.arrived[name]}
            assert {row.subject: _told(grant, row) for row in fold(lane.applied).kept} == self._owed(grant), name

    def _file(self, kind: str, **items: Any) -> bool:
        filed = super()._file(kind, **items)
        if filed:
            members = [self._remembered(*routed(entry)) for entry in self.groups[-1]]
            for image, _ in members:
                never_protected(self.routing, image.addressee_number)
            for grant in GRANTS.values():
                self.routing.route_group(grant, members)
            self._send()
        return filed

    def _remembered(self, image: Image, occasion: Occasion) -> tuple[Image, Occasion]:
        """With the code that the resident had before, as the hub and the verifier come to it."""
        who, code = image.addressee_number, (image.record or {}).get("resident_code")
        self.codes[who].append((image.state, code, DAY))
        self.present[who] = with_former_code(self.present.get(who), image.record, DAY)
        return replace(image, record=self.present[who]), occasion

    def _image(self, who: str, resident: Resident) -> Image:
        return Image(who, resident.history_number, resident.state.value, self.present.get(who))

    def _send(self) -> None:
        for each in self.routing.routed:
            self.pending[each.grant.recipient].append(each.delivery)
        self.routing.routed.clear()

    def _arrive_at(self, name: str, deliveries: list[Delivery]) -> None:
        self.lanes[name].take(deliveries)
        numbers = {delivery.number for delivery in deliveries}
        self.arrived[name] += [each for each in self.pending[name] if each.number in numbers]
        self.pending[name] = [each for each in self.pending[name] if each.number not in numbers]

    def _owed(self, grant: Grant) -> dict[str, tuple[str, dict[str, Any]]]:
        """Of everybody whom the recipient may follow: state and triggers as the register has them now."""
        numbers = {reference: number.reveal(Purpose.JOIN) for reference, number in self.counter.numbers.items()}
        owed = {}
        for who, resident in self.counter.book.residents.items():
            if resident.record is not None and self._follows(grant, who):
                now = self.routing.protections.get(who, NOT_PROTECTED)
                hidden = withheld(grant, Stand(1, now.status, now.level, now.begins_on, now.ends_on))
                former = list(formerly(self.codes[who]))[-1]
                before = dict(zip(("former_resident_code", "resident_code_since"), former or (), strict=False))
                items = project(grant, plain(resident.record) | before, numbers, hidden)
                owed[who] = (resident.state.value, triggers(grant, items))
        return owed

    def _follows(self, grant: Grant, who: str) -> bool:
        if grant.population == "interest":
            return (grant.recipient, who) in self.routing.interested
        if grant.population == "unnumbered":
            now = self.counter.book.residents[who]
            coded = now.record is not None and now.record.resident_code and not now.record.my_number
            return bool(coded) and now.state is RecordState.ACTIVE
        mine = (entry.amendment.record for entry in self.counter.book.entries if entry.amendment.resident == who)
        return grant.population == "all" or any(r is not None and r.my_number and r.resident_code for r in mine)


def _told(grant: Grant, row: Told) -> tuple[str, dict[str, Any]]:
    return row.state.value, triggers(grant, row.items)


TestOffices = Offices.TestCase
TestOffices.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
