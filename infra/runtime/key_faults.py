"""What is amiss with the keys of a deployment: told by code, key id and principal, never by a secret."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from infra.runtime.key_life import Need, purpose
from infra.runtime.keys import kept_secrets, key_encryption_key, load_secret
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.envelope.keys import KeyRegister, KeyState, PublicKey
from topics.envelope.suites import key_id, public_bytes

SEAL_PERIOD = timedelta(days=31)
"""How long a seal key is used: what one lost key opens is a month's records, and a month's records are what the
destruction of one key takes away."""
SIGN_PERIOD = timedelta(days=92)
"""How long a signing key is used: it opens nothing, so a quarter does."""
OVERLAP = timedelta(days=7)
"""How long a key stays active beside the one that follows it: over a weekend and a holiday."""

_KEY_ID = re.compile(r"[A-Za-z0-9_-]{43}")


class KeyFault(StrEnum):
    """What may be amiss."""

    NONE = "KEY-NONE"
    ENCRYPTION = "KEY-ENCRYPTION"
    UNREADABLE = "KEY-UNREADABLE"
    ANOTHER = "KEY-IS-ANOTHER"
    LOST = "KEY-LOST"
    STRAY = "KEY-STRAY"
    UNDEAD = "KEY-NOT-DESTROYED"
    RETIRING = "KEY-RETIRING"
    DUE = "KEY-DUE"
    SUPERSEDED = "KEY-SUPERSEDED"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing amiss."""

    code: KeyFault
    sentence: str


Halves = Mapping[str, Fault | None]
"""The secrets kept here by name, each with what is amiss with it."""


def kept_halves(settings: Settings, register: KeyRegister) -> dict[str, Fault | None]:
    """Every secret kept here: whether it opens, is its owner's alone, and belongs to the line that names it."""
    return {name: _half(settings, name, register.keys.get(name)) for name in kept_secrets(settings)}


def encryption_fault(settings: Settings) -> Fault | None:
    """What is amiss with the key-encryption key."""
    try:
        key_encryption_key(settings)
    except Refusal as refusal:
        return Fault(KeyFault.ENCRYPTION, refusal.sentence)
    return None


def _half(settings: Settings, name: str, line: PublicKey | None) -> Fault | None:
    try:
        secret = load_secret(settings, name)
        matches = line is None or key_id(line.algorithm, public_bytes(line.algorithm, secret)) == name
    except Refusal as refusal:
        return Fault(KeyFault.UNREADABLE, refusal.sentence)
    except ValueError:
        matches = False
    return None if matches else Fault(KeyFault.ANOTHER, f"the private half kept as {name} belongs to another key")


def faults(register: KeyRegister, needs: Sequence[Need], halves: Halves, now: datetime) -> list[Fault]:
    """All that is amiss with the lines of the register and the halves kept here."""
    found = [*_missing(register, needs), *(fault for fault in halves.values() if fault is not None)]
    found += [Fault(KeyFault.STRAY, f"no line names the private half {name}") for name in _strays(register, halves)]
    for line in register.keys.values():
        found += _of_line(register, line, halves, now)
    return found


def _missing(register: KeyRegister, needs: Sequence[Need]) -> Iterator[Fault]:
    for need in needs:
        if register.newest(need.principal, seals=need.seals) is None:
            word = purpose(seals=need.seals)
            yield Fault(KeyFault.NONE, f"{need.principal} has no active {word} key; kairan keys rotate")


def _strays(register: KeyRegister, halves: Halves) -> list[str]:
    return [name for name in halves if _KEY_ID.fullmatch(name) and name not in register.keys]


def _of_line(register: KeyRegister, line: PublicKey, halves: Halves, now: datetime) -> Iterator[Fault]:
    named = f"the {purpose(seals=line.seals)} key {line.key_id} of {line.principal}"
    if line.state is KeyState.RETIRING:
        yield Fault(KeyFault.RETIRING, f"{named} has no marks yet; run kairan keys retire again")
    if line.state is KeyState.DESTROYED and line.key_id in halves:
        yield Fault(KeyFault.UNDEAD, f"{named} is destroyed, yet its private half lies here; run kairan keys destroy")
    if line.state is KeyState.ACTIVE:
        yield from _of_active(register, line, named, now)
        if line.key_id not in halves and _is_at_home(register, line.principal, halves):
            yield Fault(KeyFault.LOST, f"{named} has no private half here, where others of {line.principal} lie")


def _of_active(register: KeyRegister, line: PublicKey, named: str, now: datetime) -> Iterator[Fault]:
    newest = register.newest(line.principal, seals=line.seals) or line
    if newest.key_id != line.key_id:
        if now - newest.since > OVERLAP:
            yield Fault(KeyFault.SUPERSEDED, f"{named} is active beside a newer one; kairan keys retire")
    elif now - line.since > (SEAL_PERIOD if line.seals else SIGN_PERIOD):
        yield Fault(KeyFault.DUE, f"{named} is {(now - line.since).days} days old; kairan keys rotate")


def _is_at_home(register: KeyRegister, principal: str, halves: Halves) -> bool:
    return any(line.principal == principal and line.key_id in halves for line in register.keys.values())
