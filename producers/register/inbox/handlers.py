"""Which handler takes which type of message; a further type is one file and one line here."""

from types import MappingProxyType

from producers.register.inbox import notices, numbers, refusals
from producers.register.inbox.letters import Certificate, Notice, Opened, Unopened
from producers.register.inbox.work import Handler, Work
from topics.messages.register_inbound import DeliveriesRefused, NumberReplied, RefusalsOver

HANDLERS: MappingProxyType[type[Opened], Handler] = MappingProxyType(
    {
        DeliveriesRefused: refusals.refused,
        RefusalsOver: refusals.over,
        NumberReplied: numbers.replied,
        Notice: notices.noticed,
        Certificate: notices.certified,
        Unopened: notices.unopened,
    }
)


def work_of(message: Opened) -> Work:
    """What the message comes to."""
    return HANDLERS[type(message)](message)
