"""Whatever happens in whatever order: no recipient has an address from under a block without the block."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from consumers.kit.fold import Told, fold
from hub.router.protecting import never_protected
from hub.router.routing import Routing
from hub.router.state import Aside
from hub.windows.order import interleaving, newest
from infra.check.protection import Stand, told, withheld
from tests.unit.hub.protected import GRANTS, WHO, change, image, routing, state, step
from topics.messages.delivery import Delivery, DeliveryKind
from topics.messages.protection import NOT_PROTECTED, ProtectionState

WINDOW = {"intermediate": datetime(2026, 4, 1, 10, tzinfo=UTC)}
HAPPENINGS = st.sampled_from(
    ("move", "rename", "provisional", "full", "record", "end", "none", "window", "enter", "leave", "cease")
)


@dataclass
class City:
    """One person, the router, and by address the place in the register's order at which it was taken."""

    made: Routing
    stands: list[tuple[int, ProtectionState | None]]
    taken: dict[str, int] = field(default_factory=dict)
    at: int = 1
    moves: int = 0
    names: int = 0

    def happen(self, what: str, random: Random) -> None:
        """One thing: a change, a step, the end of a window, an interest."""
        self.at += 1
        match what:
            case "move":
                self.moves += 1
                self.taken[self.address] = self.at
                self._change("changed")
            case "rename":
                self.names += 1
                self._change("changed")
            case "cease":
                self._change("ceased")
            case "window":
                self._end_window(random)
            case "enter":
                self.made.interested.add(("welfare", WHO))
                self.made.enter(GRANTS["welfare"], self.person())
            case "leave":
                self.made.interested.discard(("welfare", WHO))
                self.made.leave(GRANTS["welfare"], WHO)
            case "none":
                never_protected(self.made, WHO)
                if self.stands[-1][1] is None:
                    self.stands.append((self.at, NOT_PROTECTED))
                    self._change("changed")
            case _:
                status = {"record": "full", "end": "ended"}.get(what, what)
                self._step(state(status, "record" if what == "record" else "address"))

    @property
    def address(self) -> str:
        return f"海老名市合成{self.moves}番"

    def person(self) -> Any:
        name = {"text": f"合成　{self.names}", "kana": "ごうせい"}
        return image(self.at, self.address, name=name)

    def _change(self, kind: str) -> None:
        change(self.made, self.person(), kind=kind)

    def _step(self, stands: ProtectionState) -> None:
        self.stands.append((self.at, stands))
        step(self.made, self.person(), stands, position=self.at)

    def _end_window(self, random: Random) -> None:
        waiting, self.made.aside, self.made.windows = self.made.aside, [], {}
        for aside in _sent_on(waiting, random):
            self.made.route(aside.grant, aside.image, aside.occasion)
        self.made.windows = WINDOW

    def since(self, position: int) -> list[ProtectionState | None]:
        """What held of the person at a position of the register, and everything since."""
        before = [stands for at, stands in self.stands if at <= position]
        return [before[-1], *(stands for at, stands in self.stands if at > position)]


def _sent_on(waiting: Sequence[Aside], random: Random) -> list[Aside]:
    kept = [waiting[n] for n in newest([aside.image.addressee_number for aside in waiting])]
    return [kept[n] for n in interleaving([aside.image.addressee_number for aside in kept], random)]


@given(st.booleans(), st.lists(HAPPENINGS, min_size=1, max_size=25), st.integers())
def test_no_schedule_shows_a_new_address_before_the_block(known: bool, schedule: list[str], seed: int) -> None:
    random = Random(seed)  # noqa: S311
    city = City(routing(known=known), [(0, NOT_PROTECTED if known else None)])
    city.made.windows = WINDOW
    city.taken[city.address] = city.at
    change(city.made, city.person(), kind="created")
    for what in (*schedule, "window"):
        city.happen(what, random)
    for name in GRANTS:
        _never_before_the_block(city, name)


def _never_before_the_block(city: City, name: str) -> None:
    """After each delivery: the address and the protection that the recipient has are of one moment, or the block is of
    a later one; in the end it has been told where the protection stands. The verifier's rule is the measure."""
    grant = GRANTS[name]
    stream = [routed.delivery for routed in city.made.routed if routed.grant.recipient == name]
    assert [d.sequence for d in stream] == list(range(1, len(stream) + 1))
    for count in range(1, len(stream) + 1):
        address, kept = _has(stream[:count])
        assert address is None or stream[count - 1].kind is not DeliveryKind.RECALL
        if address is not None:
            since = [_stand(stands) for stands in city.since(city.taken[address])]
            assert kept in [told(grant, stand) for stand in since if "address" not in withheld(grant, stand)]
    if stream and stream[-1].state != "absent":
        present = _stand(city.stands[-1][1])
        address, kept = _has(stream)
        assert kept == told(grant, present)
        assert (address is None) == ("address" in withheld(grant, present))


def _stand(stands: ProtectionState | None) -> Stand:
    if stands is None:
        return Stand(0, "unknown")
    return Stand(0, stands.status, stands.level, stands.begins_on, stands.ends_on)


def _has(stream: Sequence[Delivery]) -> tuple[str | None, dict[str, Any] | None]:
    """The address and the protection that a recipient has after these deliveries."""
    rows: tuple[Told, ...] = fold(stream).kept
    kept = [d.protection.model_dump(mode="json", exclude_none=True) for d in stream if d.protection is not None]
    address: Any = rows[0].items.get("address") if rows else None
    return (address["text"] if isinstance(address, dict) else address), (kept[-1] if kept and rows else None)


@given(st.lists(HAPPENINGS, max_size=20), st.integers())
def test_of_protections_the_prefecture_sees_nothing(schedule: list[str], seed: int) -> None:
    """Its stream is the one of a city in which nobody is ever protected."""
    streams = []
    for happenings in (schedule, [what for what in schedule if what in ("move", "rename", "cease")]):
        city = City(routing(), [(0, NOT_PROTECTED)])
        change(city.made, city.person(), kind="created")
        for what in happenings:
            city.happen(what, Random(seed))  # noqa: S311
        streams.append(
            [
                (r.delivery.number, r.delivery.kind, {**r.delivery.items, "timestamp": None})
                for r in city.made.routed
                if r.grant.recipient == "prefecture"
            ]
        )
    assert streams[0] == streams[1]
