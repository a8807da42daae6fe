"""What a recipient sees of a protected person (支援措置対象者), by its grant. Pure; who is unknown is protected."""

import hmac
from hashlib import sha256

from topics.grant import Grant
from topics.messages.protection import ProtectionState, ProtectionTold

IDENTIFIER = 1
"""The item by which a recipient knows the person, in every file: it stays when the whole record is blocked."""


def withheld_fields(grant: Grant, state: ProtectionState | None) -> frozenset[str]:
    """Fields that the recipient does not get while the protection stands so; None: nobody has said how."""
    if state is None:
        return frozenset(grant.withheld_fields())
    if not state.blocks or grant.protection.while_blocked == "send":
        return frozenset()
    if state.level == "record":
        return frozenset(grant.fields_but(IDENTIFIER))
    return frozenset(grant.withheld_fields())


def told_of(grant: Grant, state: ProtectionState | None) -> ProtectionTold | None:
    """What the recipient is told; one that has ended is told as if there never had been one."""
    match grant.protection.told:
        case "none":
            return None
        case "flag":
            return ProtectionTold(blocked=state is None or state.blocks)
    if state is None:
        return ProtectionTold(blocked=True, status="unknown")
    if state.status not in ("provisional", "full"):
        return ProtectionTold(blocked=False, status="none")
    return ProtectionTold(
        blocked=True, status=state.status, level=state.level, begins_on=state.begins_on, ends_on=state.ends_on
    )


def block_digest(key: bytes, grant: Grant, told: ProtectionTold | None) -> bytes | None:
    """A keyed digest of what the recipient is told, None for nothing: equal digests, nothing new."""
    return None if told is None else hmac.digest(key, f"{grant.recipient}/".encode() + told.to_wire(), sha256)


def begins(was: ProtectionState | None, now: ProtectionState) -> bool:
    """Whether a protection starts: what was told of the person before is to be recalled."""
    return now.blocks and not (was is not None and was.blocks)
