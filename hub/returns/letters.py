"""Letters of other municipalities: carried on as they came, sealed to the register; the hub cannot read them."""

from collections.abc import Sequence
from functools import partial

from hub.inbox.received import Received
from hub.returns.translation import Translation
from infra.runtime.postgres import Connection
from topics.grant import Grant
from topics.messages.inbound import MoveInNotice, MoveOutCertificate
from topics.messages.register_inbound import MoveInNoticeReceived, MoveOutCertificateReceived


async def carried(_connection: Connection, grant: Grant, received: Sequence[Received]) -> Translation:
    """Each letter, with the municipality that the party's grant names."""
    letters = [each.message for each in received if isinstance(each.message, MoveInNotice | MoveOutCertificate)]
    return Translation(
        {
            letter.number: partial(
                MoveInNoticeReceived if isinstance(letter, MoveInNotice) else MoveOutCertificateReceived,
                counterparty=grant.counterparty,
                envelope=letter.envelope,
            )
            for letter in letters
        }
    )
