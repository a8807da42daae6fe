"""Who has no number yet: asked for by her code alone, asked again where the register says so, then forgotten."""

from typing import Any

import pytest

from consumers.numbering.pool import number_for
from hub.router.state import Image, Occasion
from tests.unit.hub.test_routing import GRANTS, RESIDENT, _image, _routing, _told
from topics.guarded import GuardedError
from topics.messages.inbound import NumberReply, read_inbound
from topics.messages.register_inbound import NumberReplied, read_register_inbound

NUMBERING = GRANTS["numbering"]
DIGITS = "123456789012"
REPLY: dict[str, Any] = {"party": "numbering", "municipality": "142158", "number": 1, "generation": 1, "answers": 3}


def _route(routing: Any, image: Image, kind: str = "changed") -> None:
    routing.route_group(NUMBERING, [(image, Occasion(kind))])


def test_she_is_asked_for_by_her_code_and_forgotten_with_her_number() -> None:
    routing = _routing()
    _route(routing, _image(my_number=None), "created")
    _route(routing, _image(2, my_number=None, sex="2"))
    _route(routing, _image(3))
    _route(routing, _image(4, sex="2"))
    told = _told(routing, "numbering")
    assert [(each.kind, each.state, each.items) for each in told] == [
        ("created", "active", {"resident_code": "24727059608"}),
        ("tombstone", "absent", {}),
    ]


@pytest.mark.parametrize(("state", "items"), [("ceased", {}), ("active", {"resident_code": None})])
def test_who_is_no_resident_or_has_no_code_is_not_asked_for(state: str, items: dict[str, Any]) -> None:
    routing = _routing()
    record = _image(my_number=None, **items).record
    _route(routing, Image(RESIDENT, 1, state, record), "created")
    assert routing.routed == []
    _route(routing, _image(my_number=None), "created")
    _route(routing, Image(RESIDENT, 2, state, record), "ceased")
    assert [each.kind for each in _told(routing, "numbering")] == ["created", "tombstone"]


def test_what_is_told_anew_stands_for_what_was_told_last() -> None:
    routing = _routing()
    _route(routing, _image(my_number=None), "created")
    for _ in range(2):
        routing.retell(NUMBERING, _image(my_number=None))
    told = _told(routing, "numbering")
    assert [(each.kind, each.sequence, each.supersedes) for each in told] == [
        ("created", 1, None), ("snapshot", 2, (1,)), ("snapshot", 3, (2,)),
    ]  # fmt: skip
    assert {each.items["resident_code"] for each in told} == {"24727059608"}


def test_who_has_left_meanwhile_is_not_told_anew() -> None:
    routing = _routing()
    _route(routing, _image(my_number=None), "created")
    _route(routing, _image(2))
    routing.retell(NUMBERING, _image(2))
    assert [each.kind for each in _told(routing, "numbering")] == ["created", "tombstone"]


def test_a_reply_travels_and_shows_its_number_nowhere_else() -> None:
    reply = NumberReply.model_validate(REPLY | {"my_number": DIGITS})
    assert read_inbound(reply.to_wire()) == reply
    assert DIGITS.encode() in reply.to_wire()
    assert DIGITS not in repr(reply) + str(reply)
    for write in (reply.model_dump, reply.model_dump_json):
        with pytest.raises((GuardedError, ValueError)) as refused:
            write()
        assert DIGITS not in str(refused.value)


def test_the_registers_message_travels_likewise() -> None:
    origin = {"municipality": "142158", "number": 1, "party": "numbering", "party_number": 1}
    told = {"received_at": "2026-11-25T00:00:00Z", "addressee_number": RESIDENT, "my_number": DIGITS}
    message = NumberReplied.model_validate(origin | told)
    assert read_register_inbound(message.to_wire()) == message
    assert message.my_number.checked() is None


@pytest.mark.parametrize("number", ["12345678901", "12345678901２", "1234567890123", 123456789012])
def test_a_reply_holds_twelve_digits(number: object) -> None:
    with pytest.raises(ValueError, match="12 digits") as refused:
        NumberReply.model_validate(REPLY | {"my_number": number})
    assert str(number) not in str(refused.value)


def test_a_code_has_one_number_and_another_key_another() -> None:
    key, code = b"k" * 32, "24727059608"
    assert number_for(key, code) == number_for(key, code)
    assert number_for(key, code).checked() is not None
    assert number_for(b"l" * 32, code) != number_for(key, code) != number_for(key, "25208017643")
