"""Routing, decided on plain values: who is told what, and who is told nothing."""

from dataclasses import replace

import pytest

from hub.router.projection import NumberMissingError
from hub.router.routing import Routing
from hub.router.state import Followed, Image, Occasion, Record
from topics.declared import declared_by_recipient
from topics.grant import Grant
from topics.guarded import MyNumber, Purpose, ResidentCode
from topics.messages.change import ChangeDates
from topics.messages.delivery import Delivery

GRANTS = declared_by_recipient()
NUMBERS = {"a" * 32: ResidentCode("24727059608"), "b" * 32: MyNumber("123456789018")}
PLAIN = {number.reveal(Purpose.JOIN) for number in NUMBERS.values()}
RESIDENT = "1000000018"


def _routing() -> Routing:
    return Routing("142158", b"k" * 32, lambda grant, who: f"{grant.recipient}/{who}", dict.fromkeys(GRANTS, 0),
                   dict.fromkeys(GRANTS, 1), numbers=NUMBERS)  # fmt: skip


def _record(**items: object) -> Record:
    plain: Record = {
        "addressee_number": RESIDENT,
        "household_number": "1000000026",
        "name": {"text": "合成　太郎", "kana": "ごうせい　たろう"},
        "birth_date": "1980-02-29",
        "sex": "1",
        "resident_since": "2020-04-01",
        "resident_since_reason": "11",
        "resident_class": "japanese",
        "address": {"text": "海老名市中央1番1号", "municipality": "142158"},
        "address_since": "2020-04-01",
        "resident_code": "a" * 32,
        "my_number": "b" * 32,
    }
    return {field: value for field, value in (plain | items).items() if value is not None}


def _image(history_number: int = 1, **items: object) -> Image:
    return Image(RESIDENT, history_number, "active", _record(**items))


def _told(routing: Routing, recipient: str) -> list[Delivery]:
    return [routed.delivery for routed in routing.routed if routed.grant.recipient == recipient]


def _route(routing: Routing, grant: Grant, image: Image, kind: str = "changed", refers_to: int | None = None) -> None:
    routing.route_group(grant, [(image, Occasion(kind, refers_to=refers_to))])


@pytest.mark.parametrize("recipient", ["prefecture", "intermediate"])
def test_a_withheld_item_alone_tells_nobody(recipient: str) -> None:
    routing = _routing()
    _route(routing, GRANTS[recipient], _image(), "created")
    _route(routing, GRANTS[recipient], _image(2, remarks="synthetic", seal_registration="synthetic"))
    assert [delivery.sequence for delivery in _told(routing, recipient)] == [1]


@pytest.mark.parametrize(
    ("state", "recipient", "kind"),
    [("active", "prefecture", "snapshot"), ("absent", "prefecture", "tombstone"), ("active", "welfare", "tombstone")],
)
def test_who_gave_a_person_up_is_told_her_present_state_whatever_was_told_before(
    state: str, recipient: str, kind: str
) -> None:
    routing, grant = _routing(), GRANTS[recipient]
    routing.followed[recipient, RESIDENT] = Followed("subject", None, 7, "absent", None, refused=(7,))
    routing.tell_anew(grant, Image(RESIDENT, 2, state, _record() if state == "active" else None))
    (told,) = _told(routing, recipient)
    assert (told.kind, told.sequence, told.supersedes, told.state) == (
        kind,
        8,
        (7,),
        "active" if kind == "snapshot" else "absent",
    )


def test_control_items_alone_never_trigger() -> None:
    routing = _routing()
    _route(routing, GRANTS["prefecture"], _image(), "created")
    routing.route_group(GRANTS["prefecture"], [(_image(2, relationship="妻"), Occasion("changed", reason="35"))])
    assert len(_told(routing, "prefecture")) == 1


def test_a_granted_item_tells_once_and_only_what_is_granted() -> None:
    routing = _routing()
    for grant in GRANTS.values():
        _route(routing, grant, _image(), "created")
        _route(routing, grant, _image(2, sex="2"))
    for recipient, grant in GRANTS.items():
        told = _told(routing, recipient)
        assert len(told) == (0 if grant.population in ("interest", "unnumbered", "arrived", "leaving") else 2)
        assert all(set(delivery.items) <= set(grant.fields()) for delivery in told)


def test_the_prefecture_hears_of_nobody_without_both_numbers() -> None:
    routing = _routing()
    _route(routing, GRANTS["prefecture"], _image(my_number=None), "created")
    assert not routing.routed
    _route(routing, GRANTS["prefecture"], _image(2))
    assert [delivery.kind for delivery in _told(routing, "prefecture")] == ["created"]


def test_the_join_is_for_granted_numbers_only() -> None:
    routing = _routing()
    for recipient in ("prefecture", "intermediate"):
        _route(routing, GRANTS[recipient], _image(), "created")
    assert set(_told(routing, "prefecture")[0].items.values()) >= PLAIN
    assert not PLAIN & set(map(str, _told(routing, "intermediate")[0].items.values()))


def test_a_missing_number_stops_the_batch() -> None:
    routing = _routing()
    with pytest.raises(NumberMissingError):
        _route(routing, GRANTS["prefecture"], _image(my_number="c" * 32), "created")


def test_an_interest_brings_a_snapshot_and_its_end_a_tombstone() -> None:
    routing = _routing()
    welfare = GRANTS["welfare"]
    _route(routing, welfare, _image(), "created")
    assert not routing.routed
    routing.interested.add(("welfare", RESIDENT))
    routing.enter(welfare, _image())
    routing.enter(welfare, _image())
    _route(routing, welfare, _image(2, sex="2"))
    routing.interested.clear()
    routing.leave(welfare, RESIDENT)
    routing.leave(welfare, RESIDENT)
    _route(routing, welfare, _image(3, sex="9"))
    routing.interested.add(("welfare", RESIDENT))
    routing.enter(welfare, _image(3, sex="9"))
    told = _told(routing, "welfare")
    assert [delivery.kind for delivery in told] == ["snapshot", "changed", "tombstone", "snapshot"]
    assert [delivery.sequence for delivery in told] == [1, 2, 3, 4]
    assert told[2].items == {}


def test_the_link_number_is_random_and_stays() -> None:
    first, second = _routing(), _routing()
    for routing in (first, second):
        _route(routing, GRANTS["intermediate"], _image(), "created")
        _route(routing, GRANTS["intermediate"], _image(2, sex="2"))
    one, other = ({d.link_number for d in _told(routing, "intermediate")} for routing in (first, second))
    assert len(one) == len(other) == 1 and one != other
    assert RESIDENT not in str(_told(first, "intermediate")[0].items)


def test_a_correction_refers_to_the_recipients_own_sequence() -> None:
    routing = _routing()
    intermediate = GRANTS["intermediate"]
    _route(routing, intermediate, _image(4), "created")
    _route(routing, intermediate, _image(6, sex="2"), "changed")
    _route(routing, intermediate, _image(7), "annulled", refers_to=6)
    _route(routing, intermediate, _image(8, sex="9"), "corrected", refers_to=5)
    told = _told(routing, "intermediate")
    assert [(d.kind, d.refers_to) for d in told[2:]] == [("annulled", 2), ("changed", None)]


def test_an_annulled_creation_leaves_nothing() -> None:
    routing = _routing()
    _route(routing, GRANTS["intermediate"], _image(), "created")
    _route(routing, GRANTS["intermediate"], Image(RESIDENT, 2, "absent", None), "annulled", refers_to=1)
    _route(routing, GRANTS["intermediate"], _image(3), "created")
    told = _told(routing, "intermediate")
    assert [(d.kind, d.state, bool(d.items)) for d in told] == [
        ("created", "active", True),
        ("annulled", "absent", False),
        ("snapshot", "active", True),
    ]


def test_members_of_a_filing_stand_side_by_side_under_the_recipients_own_count() -> None:
    routing = _routing()
    family = [Image(f"100000001{n}", 1, "active", _record(addressee_number=f"100000001{n}")) for n in range(3)]
    routing.interested |= {("welfare", family[0].addressee_number), ("welfare", family[2].addressee_number)}
    for recipient in ("prefecture", "welfare", "intermediate"):
        routing.route_group(GRANTS[recipient], [(member, Occasion("created")) for member in family])
    marks = {name: [d.group for d in _told(routing, name)] for name in GRANTS}
    assert [(group.index, group.count) for group in marks["welfare"] if group] == [(1, 2), (2, 2)]
    assert [(group.index, group.count) for group in marks["prefecture"] if group] == [(1, 3), (2, 3), (3, 3)]
    assert marks["intermediate"] == [None] * 3
    assert len({group.id for group in (*marks["welfare"], *marks["prefecture"]) if group}) == 2
    assert [delivery.number for delivery in _told(routing, "welfare")] == [1, 2]


def test_what_is_told_of_the_change_itself_must_be_granted() -> None:
    grant = GRANTS["welfare"].model_copy(update={"population": "all", "delivery_fields": ("reason", "dates")})
    dates = ChangeDates(changed_on="2026-06-01", processed_on="2026-06-02")
    for tells, expected in ((GRANTS["intermediate"], (None, None, None)), (grant, ("31", dates, None))):
        routing = _routing()
        occasion = Occasion("changed", reason="31", dates=dates, operator="synthetic")
        routing.route_group(tells, [(_image(), occasion)])
        (delivery,) = _told(routing, tells.recipient)
        assert (delivery.reason, delivery.dates, delivery.operator) == expected


def _refusing(routing: Routing, recipient: str, *sequences: int, told: bool = True) -> None:
    place = (recipient, RESIDENT)
    known = routing.followed[place]
    routing.followed[place] = replace(known, refused=sequences, digest=known.digest if told else None)


def test_what_follows_a_refusal_stands_for_it_and_a_withheld_item_still_tells_nobody() -> None:
    routing, grant = _routing(), GRANTS["prefecture"]
    _route(routing, grant, _image(), "created")
    _refusing(routing, "prefecture", 1)
    _route(routing, grant, _image(2, remarks="synthetic"))
    _route(routing, grant, _image(3, sex="2"))
    assert [(each.sequence, each.supersedes) for each in _told(routing, "prefecture")] == [(1, None), (2, (1,))]


def test_a_refused_state_is_told_again_as_it_is_now() -> None:
    routing, grant = _routing(), GRANTS["prefecture"]
    _route(routing, grant, _image(), "created")
    _refusing(routing, "prefecture", 1, told=False)
    routing.enter(grant, _image())
    first, again = _told(routing, "prefecture")
    assert (again.kind, again.sequence, again.supersedes) == ("snapshot", 2, (1,))
    assert again.items == first.items | {"abnormal_update_sequence": 1}


def test_a_refused_end_is_told_again() -> None:
    routing, grant = _routing(), GRANTS["prefecture"]
    _route(routing, grant, _image(), "created")
    _route(routing, grant, Image(RESIDENT, 2, "absent", None), "annulled")
    routing.leave(grant, RESIDENT)
    _refusing(routing, "prefecture", 2)
    routing.leave(grant, RESIDENT)
    assert [(each.kind, each.supersedes) for each in _told(routing, "prefecture")][1:] == [
        ("tombstone", None),
        ("tombstone", (2,)),
    ]
