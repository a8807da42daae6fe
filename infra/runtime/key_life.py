"""A key's life, decided purely on the register's lines: who needs keys, which one follows, retires, is destroyed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.runtime.refusals import Refusal
from topics.catalogue import ANALYSIS, DESK, HUB, LEDGER, REGISTER
from topics.envelope.keys import KeyRegister, KeyState, PublicKey
from topics.envelope.suites import Algorithm

TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Need:
    """A principal that must have an active key: to be sealed to, or to sign with."""

    principal: str
    seals: bool


@dataclass(frozen=True, slots=True)
class NewPair:
    """A key pair to be made."""

    principal: str
    algorithm: Algorithm
    since: datetime


def needed(recipients: Sequence[str]) -> tuple[Need, ...]:
    """Every key that a deployment with these recipients must have."""
    sealed_to = [Need(principal, seals=True) for principal in (HUB, REGISTER, ANALYSIS, *recipients)]
    signing = [Need(principal, seals=False) for principal in (HUB, REGISTER, LEDGER, DESK, *recipients)]
    return (*sealed_to, *signing)


def purpose(*, seals: bool) -> str:
    """A key's purpose in words."""
    return "seal" if seals else "sign"


def successors(
    register: KeyRegister, needs: Sequence[Need], algorithm: Algorithm | None, now: datetime
) -> tuple[NewPair, ...]:
    """The pairs that follow the present ones for `needs`; seal keys by `algorithm`, or by the present key's own.

    Newer than the present one whatever the clock says, since the newest active key is the one that is used.
    """
    if algorithm is Algorithm.ED25519:
        raise Refusal("KRN-KEY-ALGORITHM", "--algorithm is x25519 or x-wing; signing keys are always ed25519")
    if algorithm is not None and not any(need.seals for need in needs):
        raise Refusal("KRN-KEY-ALGORITHM", "--algorithm is for seal keys; signing keys are always ed25519")
    return tuple(_successor(register, need, algorithm, now) for need in needs)


def _successor(register: KeyRegister, need: Need, algorithm: Algorithm | None, now: datetime) -> NewPair:
    present = register.newest(need.principal, seals=need.seals)
    since = now if present is None else max(now, present.since + TICK)
    if not need.seals:
        return NewPair(need.principal, Algorithm.ED25519, since)
    return NewPair(need.principal, algorithm or (present.algorithm if present else Algorithm.X25519), since)


def needs_of(principal: str, needs: Sequence[Need], *, seal: bool, sign: bool) -> tuple[Need, ...]:
    """What the principal needs of the purposes asked for (of all, when none is); raises `Refusal` for nothing."""
    own = tuple(need for need in needs if need.principal == principal)
    if not own:
        names = ", ".join(dict.fromkeys(need.principal for need in needs))
        raise Refusal("KRN-KEY-PRINCIPAL", f"{principal} needs no keys; those who do are {names}")
    asked = tuple(need for need in own if (seal and need.seals) or (sign and not need.seals) or not (seal or sign))
    if not asked:
        raise Refusal("KRN-KEY-PURPOSE", f"{principal} needs keys only to {purpose(seals=own[0].seals)}")
    return asked


def named(register: KeyRegister, prefix: str) -> PublicKey:
    """The line whose key id begins so; raises `Refusal` when there is none, or more than one."""
    found = [line for name, line in register.keys.items() if prefix and name.startswith(prefix)]
    if not found:
        raise Refusal("KRN-KEY-UNKNOWN", "no key of this id is in the register; kairan keys list shows all")
    if len(found) > 1:
        raise Refusal("KRN-KEY-AMBIGUOUS", f"{len(found)} key ids begin so; give more of it")
    return found[0]


def retiring(register: KeyRegister, line: PublicKey, needs: Sequence[Need]) -> PublicKey:
    """The first step of a retirement: from now on nothing new is under the key, what is there still opens.

    Raises `Refusal` for the only active key of a principal that needs one, and for one that is retired already.
    """
    if line.state not in (KeyState.ACTIVE, KeyState.RETIRING):
        raise Refusal("KRN-KEY-RETIRED", f"this key of {line.principal} is {line.state} already")
    others = [key for key in register.active(line.principal, seals=line.seals) if key.key_id != line.key_id]
    if not others and Need(line.principal, line.seals) in needs:
        raise Refusal("KRN-KEY-ONLY", f"it is the only active one of {line.principal}; kairan keys rotate comes first")
    return line.model_copy(update={"state": KeyState.RETIRING, "marks": {}})


def retired(line: PublicKey, marks: Mapping[str, int]) -> PublicKey:
    """The second step: `marks` are the last numbers for which the key may have been used, by place."""
    return line.model_copy(update={"state": KeyState.RETIRED, "marks": {p: last for p, last in marks.items() if last}})


def destroyed(line: PublicKey, taken: Mapping[str, int]) -> PublicKey:
    """The line once its private half is gone; `taken` is up to which number each place was taken in.

    Raises `Refusal` for a key that is not retired, and while something under it was not taken in: it would never be
    read. A place that nobody reads any more is not in `taken`, and not waited for.
    """
    if line.state in (KeyState.ACTIVE, KeyState.RETIRING):
        raise Refusal("KRN-KEY-IN-USE", f"this key of {line.principal} is {line.state}; kairan keys retire comes first")
    waiting = [f"{where} up to {mark}" for where, mark in line.marks.items() if taken.get(where, mark) < mark]
    if waiting:
        raise Refusal("KRN-KEY-UNREAD", f"not everything under it was taken in and acknowledged: {', '.join(waiting)}")
    return line.model_copy(update={"state": KeyState.DESTROYED})
