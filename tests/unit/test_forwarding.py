"""What the prefecture passes on: each number once, the last state of each resident, and nobody else at the topic."""

from datetime import date

from consumers.jlis.tier.taking import take
from topics.catalogue import Acl, desired
from topics.declared import grants_in_force
from topics.messages.change import RecordState
from topics.messages.forwarding import Anew, Forwarded, Registration, read_forwarded

GRANTS = grants_in_force(date(2026, 11, 25))
CITY = "142158"
TOPIC = "forward.prefecture.v1"


def _told(number: int, subject: str = "a", state: str = "active") -> Registration:
    pseudonym = subject * 64
    return Registration(
        municipality=CITY,
        number=number,
        subject=pseudonym,
        sequence=number,
        state=RecordState(state),
        items={} if state == "absent" else {"name": "合成　花子"},
    )


def _taken(next_number: int, *messages: Forwarded) -> tuple[int, list[int], list[str], list[tuple[int, int]]]:
    taken = take(next_number, messages)
    return taken.next_number, [each.number for each in taken.kept], taken.gone, taken.gaps


def test_the_last_state_of_each_is_kept() -> None:
    assert _taken(1, _told(1), _told(2, "b"), _told(3), _told(4, "b", "absent")) == (5, [3], ["b" * 64], [])


def test_what_comes_twice_is_taken_once() -> None:
    assert _taken(3, _told(1), _told(2), _told(3), _told(3, "b"), _told(2)) == (4, [3], [], [])


def test_what_never_came_is_a_gap_and_the_rest_is_kept() -> None:
    assert _taken(2, _told(5), _told(6, "b")) == (7, [5, 6], [], [(2, 4)])


def test_beginning_anew_forgets_what_came_before_it() -> None:
    taken = take(1, [_told(1), Anew(municipality=CITY, number=2), _told(3, "b")])
    assert (taken.anew, [each.number for each in taken.kept]) == (True, [3])


def test_what_travels_is_read_as_it_was_written_and_shows_no_item() -> None:
    for message in (_told(1), Anew(municipality=CITY, number=2)):
        assert read_forwarded(message.to_wire()) == message
    assert "合成" not in repr(_told(1))


def test_the_prefecture_writes_and_the_national_role_alone_reads() -> None:
    rights = {acl for acl in desired(GRANTS, "", 1).acls if acl.name == TOPIC and acl.operation != "DESCRIBE"}
    assert rights == {Acl("prefecture", "WRITE", "TOPIC", TOPIC), Acl("jlis", "READ", "TOPIC", TOPIC)}


def test_without_both_grants_nothing_is_passed_on() -> None:
    for recipient in ("prefecture", "jlis"):
        names = [topic.name for topic in desired([g for g in GRANTS if g.recipient != recipient], "", 1).topics]
        assert TOPIC not in names
