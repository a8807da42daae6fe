"""Giving a parked delivery up, decided purely: alone, so that the later ones go on, or with all that waits behind it.

Either way the hub is asked for the present state of its residents: a delivery carries the whole state, so nothing is
lost but what was in between.
"""

from collections.abc import Mapping

from consumers.kit.order import Member, Order, State, spoiled
from consumers.kit.settlement import Settlement
from infra.runtime.refusals import Refusal


def release(number: int, state: State, refused: Mapping[int, str]) -> Settlement:
    """Pass over one parked delivery, and let go what waited for it alone; `state` is the whole lane's, `refused` has
    the code of what waited and cannot be applied. Raises `Refusal`."""
    order = Order(spoiled(state, refused))
    member = _parked(state, number)
    if order.applied(member.subject) + 1 != member.sequence:
        raise _out_of_order()
    order.skip(member)
    gone = tuple(order.flow([member, *order.stirred(member)]))
    numbers = frozenset(one.number for one in gone)
    given_up = frozenset({number, *(one.number for one in order.passed_over)})
    return Settlement(
        next_number=state.next_number,
        apply=gone,
        gates={one.subject: order.applied(one.subject) for one in (member, *gone, *order.passed_over)},
        release=numbers,
        unpark=given_up,
        spoil=refused,
        given_up=given_up,
        outcomes={"applied": numbers, "parked": frozenset(refused)},
    )


def discard(number: int, state: State) -> Settlement:
    """Give up a parked delivery and everything that waits behind it and nothing else that is parked; raises
    `Refusal`."""
    order = Order(state)
    member = _parked(state, number)
    behind = order.behind([member])
    kept = order.behind([one for one in state.parked if one not in {member, *behind}])
    if member in kept:
        raise _out_of_order()
    doomed = {member, *behind} - kept
    gates = {subject: _last(order.applied(subject), doomed, subject) for subject in {one.subject for one in doomed}}
    numbers = frozenset(one.number for one in doomed)
    if any(one not in numbers and _is_open(state, one) for each in doomed for one in each.span):
        raise Refusal("KIT-PARKED-GAP", "another delivery of the same filing is missing; wait until it has come")
    parked = frozenset(one.number for one in state.parked) & numbers
    return Settlement(
        next_number=state.next_number, gates=gates, release=numbers - parked, unpark=parked, given_up=numbers
    )


def _parked(state: State, number: int) -> Member:
    found = next((member for member in state.parked if member.number == number), None)
    if found is None:
        raise Refusal("KIT-PARKED-NONE", "nothing is parked there any more; list again")
    return found


def _last(applied: int, doomed: set[Member], subject: str) -> int:
    """The subject's last sequence once these are given up; all between the applied ones and it must be among them."""
    sequences = {one.sequence for one in doomed if one.subject == subject}
    if max(sequences) != applied + len(sequences):
        raise Refusal("KIT-PARKED-GAP", "an earlier delivery of the same resident is missing; wait until it has come")
    return max(sequences)


def _is_open(state: State, number: int) -> bool:
    return number >= state.next_number or number in state.missing


def _out_of_order() -> Refusal:
    return Refusal("KIT-PARKED-ORDER", "an earlier delivery is parked before it and keeps it back; settle that first")
