"""The steps of a key's life, decided on lines alone: what follows, what may retire, what may be destroyed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from infra.runtime.key_life import (
    Need,
    destroyed,
    named,
    needed,
    needs_of,
    retired,
    retiring,
    successors,
)
from infra.runtime.refusals import Refusal
from topics.envelope.keys import KeyRegister, KeyState, PublicKey, place, public_key
from topics.envelope.suites import Algorithm, new_seed, public_bytes

NOW = datetime(2026, 4, 1, tzinfo=UTC)
NEEDS = needed(["welfare"])
SEAL, SIGN = Need("welfare", seals=True), Need("welfare", seals=False)
PLACE = place("out.welfare.v1", "142158")


def line(principal: str, algorithm: Algorithm = Algorithm.X25519, since: datetime = NOW) -> PublicKey:
    return public_key(principal, algorithm, public_bytes(algorithm, new_seed(algorithm)), since)


def code_of(attempt: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as refused:
        attempt()
    return refused.value.code


def test_everybody_who_seals_signs_or_is_sealed_to_needs_a_key() -> None:
    assert {(need.principal, need.seals) for need in NEEDS} == {
        ("hub", True), ("register", True), ("analysis", True), ("welfare", True),
        ("hub", False), ("register", False), ("ledger", False), ("desk", False), ("welfare", False),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("seal", "sign", "asked"),
    [(False, False, (SEAL, SIGN)), (True, True, (SEAL, SIGN)), (True, False, (SEAL,)), (False, True, (SIGN,))],
)
def test_both_purposes_are_meant_unless_one_is_named(seal: bool, sign: bool, asked: tuple[Need, ...]) -> None:
    assert needs_of("welfare", NEEDS, seal=seal, sign=sign) == asked


def test_a_principal_without_keys_or_without_that_purpose_is_refused() -> None:
    assert code_of(lambda: needs_of("library", NEEDS, seal=False, sign=False)) == "KRN-KEY-PRINCIPAL"
    assert code_of(lambda: needs_of("ledger", NEEDS, seal=True, sign=False)) == "KRN-KEY-PURPOSE"
    assert needs_of("ledger", NEEDS, seal=False, sign=False) == (Need("ledger", seals=False),)


def test_a_seal_key_is_followed_by_one_of_its_own_algorithm_unless_another_is_asked_for() -> None:
    register = KeyRegister.of([line("welfare", Algorithm.X_WING), line("welfare", Algorithm.ED25519)])
    pairs = successors(register, [SEAL, SIGN], None, NOW + timedelta(days=1))
    assert [pair.algorithm for pair in pairs] == [Algorithm.X_WING, Algorithm.ED25519]
    (pair,) = successors(register, [SEAL], Algorithm.X25519, NOW)
    assert pair.algorithm is Algorithm.X25519
    assert successors(KeyRegister({}), [SEAL], None, NOW)[0].algorithm is Algorithm.X25519


def test_a_new_key_is_the_newest_even_when_the_clock_went_back() -> None:
    register = KeyRegister.of([line("welfare")])
    (pair,) = successors(register, [SEAL], None, NOW - timedelta(days=1))
    newer = line("welfare", since=pair.since)
    assert KeyRegister.of([*register.keys.values(), newer]).seal_key("welfare") == newer


@pytest.mark.parametrize(("needs", "algorithm"), [([SEAL], Algorithm.ED25519), ([SIGN], Algorithm.X_WING)])
def test_an_algorithm_for_another_purpose_is_refused(needs: list[Need], algorithm: Algorithm) -> None:
    assert code_of(lambda: successors(KeyRegister({}), needs, algorithm, NOW)) == "KRN-KEY-ALGORITHM"


def test_a_key_is_named_by_as_much_of_its_id_as_is_its_alone() -> None:
    lines = [line("welfare") for _ in range(65)]
    register = KeyRegister.of(lines)
    first = lines[0]
    assert named(register, first.key_id) == first
    assert named(register, first.key_id[:20]) == first
    shared = next(name[0] for name in register.keys if sum(other[0] == name[0] for other in register.keys) > 1)
    assert code_of(lambda: named(register, shared)) == "KRN-KEY-AMBIGUOUS"
    assert code_of(lambda: named(register, "?")) == "KRN-KEY-UNKNOWN"
    assert code_of(lambda: named(register, "")) == "KRN-KEY-UNKNOWN"


def test_a_retiring_key_is_used_for_nothing_new_and_refuses_nothing() -> None:
    old, new = line("welfare"), line("welfare", since=NOW + timedelta(seconds=1))
    begun = retiring(KeyRegister.of([old, new]), new, NEEDS)
    assert KeyRegister.of([old, begun]).seal_key("welfare") == old
    assert begun.good_for("out.welfare.v1", "142158", 10**9)
    assert retiring(KeyRegister.of([old, begun]), begun, NEEDS) == begun


def test_the_only_active_key_of_whoever_needs_one_stays() -> None:
    only, signing = line("welfare"), line("welfare", Algorithm.ED25519)
    register = KeyRegister.of([only, signing, line("hub")])
    assert code_of(lambda: retiring(register, only, NEEDS)) == "KRN-KEY-ONLY"
    assert retiring(register, only, needed([])).state is KeyState.RETIRING


@pytest.mark.parametrize("state", [KeyState.RETIRED, KeyState.DESTROYED])
def test_what_is_retired_is_not_retired_again(state: KeyState) -> None:
    old = line("welfare").model_copy(update={"state": state})
    register = KeyRegister.of([old, line("welfare")])
    assert code_of(lambda: retiring(register, old, NEEDS)) == "KRN-KEY-RETIRED"


def test_marks_say_where_it_was_used_and_how_far() -> None:
    done = retired(line("welfare"), {PLACE: 7, place("out.welfare.v1", "142166"): 0})
    assert dict(done.marks) == {PLACE: 7}
    assert [done.good_for("out.welfare.v1", "142158", number) for number in (7, 8)] == [True, False]


@pytest.mark.parametrize("state", [KeyState.ACTIVE, KeyState.RETIRING])
def test_only_a_retired_key_is_destroyed(state: KeyState) -> None:
    used = line("welfare").model_copy(update={"state": state})
    assert code_of(lambda: destroyed(used, {})) == "KRN-KEY-IN-USE"


def test_a_key_is_not_destroyed_before_what_is_under_it_was_taken_in() -> None:
    done = retired(line("welfare"), {PLACE: 7})
    assert code_of(lambda: destroyed(done, {PLACE: 6})) == "KRN-KEY-UNREAD"
    gone = destroyed(done, {PLACE: 7})
    assert (gone.state, dict(gone.marks)) == (KeyState.DESTROYED, {PLACE: 7})
    assert destroyed(gone, {}) == gone


def test_what_nobody_reads_any_more_is_not_waited_for() -> None:
    assert destroyed(retired(line("welfare"), {PLACE: 7}), {}).state is KeyState.DESTROYED
