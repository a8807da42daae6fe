"""Whom another municipality is told of (転入通知・転出証明書情報): by what the record says of it alone. Pure."""

from dataclasses import replace

from hub.router.state import Followed, Image, Occasion
from topics.grant import Grant
from topics.messages.change import RecordState

AMENDING = frozenset({"corrected", "annulled"})


def belongs(grant: Grant, image: Image) -> bool:
    """Whether the record of who lives here names the counterparty: come from it, or announced to go to it."""
    if image.record is None or image.state != RecordState.ACTIVE:
        return False
    if grant.population == "arrived":
        place = image.record.get("moved_in_from")
    else:
        place = (image.record.get("planned_move_out") or {}).get("to")
    return place is not None and place.get("municipality") == grant.counterparty


def concerns(grant: Grant, image: Image, occasion: Occasion, known: Followed, told_of: int | None) -> bool:
    """Whether the counterparty is told on this occasion; `told_of`: its own sequence of what is corrected or annulled.

    Of who has arrived: her entry, and what corrects or annuls that entry while nothing else has come between; what she
    does here later is nothing to the municipality that she left. Of who is leaving: the announced move, as long as it
    stands, and its annulment.
    """
    if grant.population == "leaving":
        withdrawn = occasion.kind == "annulled" and known.state != RecordState.ABSENT
        return belongs(grant, image) or (withdrawn and image.state == RecordState.ACTIVE)
    if occasion.kind in AMENDING:
        return told_of is not None and occasion.refers_to == image.history_number - 1
    return occasion.kind == "created" and belongs(grant, image)


def seen(grant: Grant, image: Image) -> Image:
    """The image as the counterparty is told it: nobody, once the record does not name it any more."""
    return image if belongs(grant, image) else replace(image, state=RecordState.ABSENT.value, record=None)
