"""Replies to number requests (個人番号とすべき番号の通知): from the delivery that asked to whom it asked for."""

from collections.abc import Sequence
from functools import partial

from hub.inbox.received import Received
from hub.returns.refusals import UNKNOWN_DELIVERY, spans
from hub.returns.translation import Translation
from hub.router.intake import Unreadable
from infra.runtime.postgres import Connection
from topics.grant import Grant
from topics.messages.inbound import NumberReply
from topics.messages.register_inbound import NumberReplied


async def number_replies(connection: Connection, grant: Grant, received: Sequence[Received]) -> Translation:
    """Whom each number is for; a reply to what was never sent is not believed. The number itself stays guarded."""
    told = [(each, each.message) for each in received if isinstance(each.message, NumberReply)]
    if not told:
        return Translation({})
    rows = await spans(connection, grant, [(m.generation, m.answers, m.answers) for _, m in told])
    whom = {row["place"]: row["addressee_number"] for row in rows}
    return Translation(
        {
            message.number: partial(NumberReplied, addressee_number=whom[place], my_number=message.my_number)
            for place, (_, message) in enumerate(told)
            if place in whom
        },
        tuple(Unreadable(each.record, UNKNOWN_DELIVERY) for place, (each, _) in enumerate(told) if place not in whom),
    )
