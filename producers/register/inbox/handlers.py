"""Which handler takes which type of message; a further type is one file and one line here."""

from types import MappingProxyType

from producers.register.inbox import numbers, refusals
from producers.register.inbox.work import Handler, Work
from topics.messages.register_inbound import DeliveriesRefused, NumberReplied, RefusalsOver, RegisterMessage

HANDLERS: MappingProxyType[type[RegisterMessage], Handler] = MappingProxyType(
    {DeliveriesRefused: refusals.refused, RefusalsOver: refusals.over, NumberReplied: numbers.replied}
)


def work_of(message: RegisterMessage) -> Work:
    """What the message comes to."""
    return HANDLERS[type(message)](message)
