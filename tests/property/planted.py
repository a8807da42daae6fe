"""Bugs that somebody might have written into hub, kit and dispatch; each must show in some simulated world."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any

from asyncpg import IntegrityConstraintViolationError
from pytest import MonkeyPatch

from consumers.intermediate import apply as linkage
from consumers.kit import fold as folding
from consumers.kit import last_state, sender, sink
from consumers.kit.order import Order
from consumers.kit.protection import keep_protections
from consumers.kit.rows import Rows
from consumers.kit.settlement import _Settling
from consumers.kit.settling import Settler
from consumers.welfare import apply as welfare
from hub import disclosure, lane
from hub.commandline.faults.plan import Kind
from hub.dispatch import dispatcher
from hub.inbox import messages
from hub.ledger.writing import Ledger
from hub.returns import keeping, refusals
from hub.returns.keeping import _head as head_of_register
from hub.router import intake, routing
from hub.router.identity import identity_items
from hub.router.projection import project
from hub.store import SQL
from hub.windows import sending


@dataclass(frozen=True, slots=True)
class Planted:
    """A bug, the kinds of fault after which it shows, and the seed from which on to look."""

    put: Callable[[MonkeyPatch], None]
    faults: tuple[Kind, ...]
    first: int


def _skip_a_filing(monkeypatch: MonkeyPatch) -> None:
    """The hub passes the last filing of a fetch over."""
    take = intake.take

    def skipping(*given: Any) -> intake.Intake:
        found = take(*given)
        return replace(found, groups=found.groups[:-1])

    monkeypatch.setattr(intake, "take", skipping)


def _commit_early_in_the_hub(monkeypatch: MonkeyPatch) -> None:
    """The hub's progress is committed before what it stands for."""
    settle = intake.settle

    async def early(lane: Any, topic: str, records: Any) -> int:
        await lane.pool.execute(SQL["advance_offset"], topic, records[-1].offset + 1)
        return await settle(lane, topic, records)

    monkeypatch.setattr(intake, "settle", early)


def _nobody_is_fenced(monkeypatch: MonkeyPatch) -> None:
    """A worker that was replaced goes on writing."""

    async def unfenced(connection: Any, _epoch: int) -> int:
        return int((await connection.fetchrow(SQL["lock_head"]))["next_position"])

    for module in (intake, messages, sending):
        monkeypatch.setattr(module, "lock_head", unfenced)


def _drop_an_entry(monkeypatch: MonkeyPatch) -> None:
    """Every third entry of the ledger is forgotten."""
    enter = Ledger.enter

    def forgetful(self: Ledger, kind: Any, body: Any, subject: str | None = None) -> None:
        if subject is None or body.get("number", 0) % 3:
            enter(self, kind, body, subject)

    monkeypatch.setattr(Ledger, "enter", forgetful)


def _widen_items(monkeypatch: MonkeyPatch) -> None:
    """An item goes along that nobody has granted."""

    def wide(*given: Any) -> dict[str, object]:
        return {**project(*given), "remarks": "合成"}

    monkeypatch.setattr("hub.router.routing.project", wide)


def _confuse_numbers(monkeypatch: MonkeyPatch) -> None:
    """The resident code stands where My Number should."""

    def confused(record: Any, state: str, numbers: Any, *more: Any) -> dict[str, Any]:
        items = identity_items(record, state, numbers, *more)
        return {**items, "my_number": items["resident_code"]}

    monkeypatch.setattr("hub.router.projection.identity_items", confused)


def _tell_everybody(monkeypatch: MonkeyPatch) -> None:
    """Populations are not asked for."""
    monkeypatch.setattr(routing.Routing, "_concerns", lambda *_given: True)


def _one_pseudonym(monkeypatch: MonkeyPatch) -> None:
    """Everybody has the same name on a topic."""
    monkeypatch.setattr(lane.Lane, "_subject", lambda *_given: "0" * 32)


def _forget_tombstones(monkeypatch: MonkeyPatch) -> None:
    """Who is no longer handled is not taken back."""
    monkeypatch.setattr(routing.Routing, "leave", lambda *_given: None)


def _forget_snapshots(monkeypatch: MonkeyPatch) -> None:
    """Who comes to be handled is not told."""
    monkeypatch.setattr(routing.Routing, "enter", lambda *_given: None)


def _forget_blocks(monkeypatch: MonkeyPatch) -> None:
    """A protection is told with the next state only."""
    monkeypatch.setattr(routing.Routing, "block", lambda *_given, **_more: None)


def _skip_a_number(monkeypatch: MonkeyPatch) -> None:
    """Delivery numbers are given with gaps."""
    deliver = routing.Routing._deliver

    def gapped(self: routing.Routing, grant: Any, *given: Any, **more: Any) -> None:
        self.last_numbers[grant.recipient] += self.last_numbers[grant.recipient] == 2
        deliver(self, grant, *given, **more)

    monkeypatch.setattr(routing.Routing, "_deliver", gapped)


def _send_a_window_s_first(monkeypatch: MonkeyPatch) -> None:
    """Of a window a person's first state is sent instead of the last."""
    monkeypatch.setattr(sending, "newest", lambda who: [n for n, one in enumerate(who) if one not in who[:n]])


def _swap_two(monkeypatch: MonkeyPatch) -> None:
    """Dispatch sends a batch backwards."""
    send = dispatcher._send

    async def backwards(lane: Any, grant: Any, sender: Any, rows: Any) -> None:
        await send(lane, grant, sender, list(reversed(rows)))

    monkeypatch.setattr(dispatcher, "_send", backwards)


def _skip_one(monkeypatch: MonkeyPatch) -> None:
    """Dispatch leaves the last of several out."""
    send = dispatcher._send

    async def skipping(lane: Any, grant: Any, sender: Any, rows: Any) -> None:
        await send(lane, grant, sender, rows[:-1] or rows)

    monkeypatch.setattr(dispatcher, "_send", skipping)


def _seal_anew(monkeypatch: MonkeyPatch) -> None:
    """Dispatch sends other bytes than were decided."""
    send = dispatcher._send

    async def altered(lane: Any, grant: Any, sender: Any, rows: Any) -> None:
        await send(lane, grant, sender, [{**row, "value": row["value"] + b" "} for row in rows])

    monkeypatch.setattr(dispatcher, "_send", altered)


def _send_before_it_is_said(monkeypatch: MonkeyPatch) -> None:
    """Dispatch does not say first how far it may send."""

    async def unsaid(lane: Any, grant: Any, sender: Any) -> None:
        place = (grant.recipient, grant.generation)
        async with dispatcher._while_granted(lane, grant) as connection:
            rows = await connection.fetch(SQL["unsent"], *place, 100)
            if rows:
                await dispatcher._send(lane, grant, sender, rows)
                await connection.execute(SQL["mark_sent"], *place, rows[-1]["number"], lane.epoch)

    monkeypatch.setattr(dispatcher, "_send_unsent", unsaid)


def _remember_before_it_is_sent(monkeypatch: MonkeyPatch) -> None:
    """Dispatch says that something was sent before it is."""
    send = dispatcher._send

    async def hasty(lane: Any, grant: Any, sender: Any, rows: Any) -> None:
        reached = (grant.recipient, grant.generation, rows[-1]["number"], lane.epoch)
        await lane.marks_pool.execute(SQL["mark_sent"], *reached)
        await send(lane, grant, sender, rows)

    monkeypatch.setattr(dispatcher, "_send", hasty)


def _lose_a_message(monkeypatch: MonkeyPatch) -> None:
    """The hub passes a party's first message of a fetch over."""
    fresh = messages._fresh

    async def losing(*given: Any) -> Any:
        return (await fresh(*given))[1:]

    monkeypatch.setattr(messages, "_fresh", losing)


def _take_doubles_in(monkeypatch: MonkeyPatch) -> None:
    """The hub takes a party's message in as often as it comes."""
    fresh = messages._fresh

    async def doubling(connection: Any, party: str, received: Any, log: Any) -> Any:
        await fresh(connection, party, received, log)
        return received

    monkeypatch.setattr(messages, "_fresh", doubling)


def _double_one(monkeypatch: MonkeyPatch) -> None:
    """A recipient does not know what it has applied."""
    monkeypatch.setattr(Order, "has_gone", lambda *_given: False)


def _skip_in_the_kit(monkeypatch: MonkeyPatch) -> None:
    """A recipient's rows pass over the last delivery of a batch."""
    apply = welfare.PersonCopy.apply

    async def skipping(self: Any, connection: Any, city: str, deliveries: Any) -> None:
        await apply(self, connection, city, deliveries[:-1])

    monkeypatch.setattr(welfare.PersonCopy, "apply", skipping)


def _keep_the_first_state(monkeypatch: MonkeyPatch) -> None:
    """A recipient keeps the oldest state of a batch."""
    monkeypatch.setattr(last_state, "fold", lambda deliveries: folding.fold(reversed(list(deliveries))))


def _commit_early_in_the_kit(monkeypatch: MonkeyPatch) -> None:
    """A recipient's progress is committed before what it stands for."""
    settle = sink.Sink.settle

    async def early(self: Any, records: Any) -> None:
        lane = self._lane
        place = (lane.topic, lane.partition, lane.municipality, lane.terms.generation)
        await lane.pool.execute(sender._SQL["advance"], *place, 1, 0, 0, records[-1].offset + 1)
        await settle(self, records)

    monkeypatch.setattr(sink.Sink, "settle", early)


def _forget_what_waits(monkeypatch: MonkeyPatch) -> None:
    """A recipient lets go of what must wait."""

    async def nothing(*_given: Any) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(Rows, "_hold", nothing)


def _acknowledge_what_waits(monkeypatch: MonkeyPatch) -> None:
    """A recipient says that it has applied what it holds."""
    outcomes = _Settling._outcomes

    def boasting(self: Any, hold: Any) -> Any:
        told = outcomes(self, hold)
        held = told.pop("held", frozenset())
        return {**told, "applied": told.get("applied", frozenset()) | held} if held else told

    monkeypatch.setattr(_Settling, "_outcomes", boasting)


def _confirm_early(monkeypatch: MonkeyPatch) -> None:
    """A recipient forgets a message before the broker has it."""

    async def hasty(link: Any, sealers: Any, lane: Any, cipher: Any) -> int:
        city = lane.municipality
        rows = await lane.pool.fetch(sender._SQL["unsent"], city, 1000)
        if rows:
            await lane.pool.execute(sender._SQL["confirmed"], city, rows[-1]["number"])
        values = [sealers.seal(city, row["number"], sender._message(city, row, cipher)) for row in rows]
        send = partial(link.send, sealers.topic, key=city.encode(), partition=lane.partition)
        await asyncio.gather(*[await send(value) for value in values])
        return len(rows)

    monkeypatch.setattr(sender, "_send", hasty)


def _forget_what_is_known(monkeypatch: MonkeyPatch) -> None:
    """What a recipient knows now is not kept with what it was told."""

    async def nothing(*_given: Any) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(disclosure, "save_followed", nothing)


def _forget_refusals(monkeypatch: MonkeyPatch) -> None:
    """The hub does not remember what a recipient refused."""

    async def nothing(*_given: Any) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(refusals, "remember_refused", nothing)


def _pass_what_is_parked(monkeypatch: MonkeyPatch) -> None:
    """A recipient takes what is parked for applied."""
    settled = _Settling.result

    def passing(self: Any) -> Any:
        found = settled(self)
        members = [one.member for one in found.park if one.member is not None]
        return replace(found, gates={**found.gates, **{member.subject: member.sequence for member in members}})

    monkeypatch.setattr(_Settling, "result", passing)


def _apply_in_part(monkeypatch: MonkeyPatch) -> None:
    """What a recipient's rows refuse is taken for applied."""

    async def lenient(self: Any, connection: Any, deliveries: Any) -> None:
        with suppress(IntegrityConstraintViolationError):
            await self._recipient.copy.apply(connection, self._lane.municipality, deliveries)
        await keep_protections(connection, self._lane.municipality, deliveries)

    monkeypatch.setattr(Settler, "_copy", lenient)


def _publish_two_versions(monkeypatch: MonkeyPatch) -> None:
    """The linkage's earlier version of a person stays published beside the present one."""
    statements = linkage._SQL
    monkeypatch.setattr(linkage, "_SQL", {**statements, "end_registrations": statements["register"]})


def _tell_the_register_twice(monkeypatch: MonkeyPatch) -> None:
    """Messages to the register begin with the same number again."""
    monkeypatch.setattr(keeping, "_head", lambda city, number: head_of_register(city, min(number, 1)))


RARE: MappingProxyType[str, tuple[tuple[Kind, ...], int]] = MappingProxyType(
    {
        "nobody_is_fenced": ((Kind.PAUSE,), 10),
        "take_doubles_in": ((Kind.UNCONFIRMED, Kind.KILL_AFTER), 451),
        "double_one": ((Kind.UNCONFIRMED, Kind.KILL_AFTER), 287),
        "publish_two_versions": (tuple(Kind), 355),
        "confirm_early": ((Kind.KILL_BEFORE, Kind.FAIL), 463),
    }
)
"""Bugs that show after certain faults alone: which, and from which seed on to look."""
PLANTED: MappingProxyType[str, Planted] = MappingProxyType(
    {
        name.strip("_"): Planted(put, *RARE.get(name.strip("_"), (tuple(Kind), 0)))
        for name, put in globals().copy().items()
        if name.startswith("_") and getattr(put, "__annotations__", {}).get("monkeypatch") is MonkeyPatch
    }
)
