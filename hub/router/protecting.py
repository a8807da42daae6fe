"""A protection (支援措置) takes a step: who is told, who is to give back, what is withheld from then on. Pure."""

from collections.abc import Sequence

from hub.router.protection import begins, withheld_fields
from hub.router.routing import Routing
from hub.router.state import Image, Occasion, Recall
from topics.grant import Grant
from topics.messages.delivery import DeliveryKind
from topics.messages.protection import NOT_PROTECTED, ProtectionState


def never_protected(routing: Routing, who: str) -> None:
    """The register says that there never was a protection; that lifts none of which it told otherwise."""
    if who not in routing.protections:
        routing.protections[who] = NOT_PROTECTED
        routing.protections_told.add(who)


def protect(routing: Routing, grants: Sequence[Grant], image: Image, state: ProtectionState, position: int) -> None:
    """Blocks and recalls first and at once, windows or not; then, as any change, what is withheld or shown anew."""
    who = image.addressee_number
    was = routing.protections.get(who)
    routing.protections[who] = state
    routing.protections_told.add(who)
    holders = {place for place in routing.holders if place[2] == who} if begins(was, state) else set()
    for grant in grants:
        holds = (grant.recipient, grant.generation, who) in holders
        blocked = routing.block(grant, who, anew=holds)
        if holds:
            routing.recalls.append(_recall(routing, grant, who, position, blocked))
    routing.recalls += _without_grant(holders, grants, position)
    for grant in grants:
        shown_anew = withheld_fields(grant, was) != withheld_fields(grant, state)
        if routing.has(grant, who) and (shown_anew or routing.followed[grant.recipient, who].digest is None):
            routing.route(grant, image, Occasion(DeliveryKind.CHANGED))


def _recall(routing: Routing, grant: Grant, who: str, position: int, blocked: int | None) -> Recall:
    """What the recipient may not keep is taken back; where it may keep all, the block is what it answers."""
    withheld = sorted(withheld_fields(grant, routing.protections[who]))
    number = routing.instruct(grant, who, DeliveryKind.RECALL, withheld) if withheld else blocked
    if number is None:
        return Recall(grant.recipient, grant.generation, who, position, None, "not-told")
    return Recall(grant.recipient, grant.generation, who, position, number, "told", grant.protection.recall_hours)


def _without_grant(holders: set[tuple[str, int, str]], grants: Sequence[Grant], position: int) -> list[Recall]:
    """Who holds the address under a grant that is over; a later grant of the same recipient has replaced it."""
    served = {grant.recipient for grant in grants}
    return [Recall(*holder, position, None, "no-grant") for holder in sorted(holders) if holder[0] not in served]
