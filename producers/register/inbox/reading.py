"""Records of the register's topic: which are messages to this register, and which of those are new."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka import ConsumerRecord

from topics.envelope.opening import EnvelopeError, Opener
from topics.messages.register_inbound import RegisterMessage, read_register_inbound

UNREADABLE = "REGISTER-INBOX-UNREADABLE"
HEAD = "REGISTER-INBOX-HEAD-IS-NOT-THE-CONTENT"
FOREIGN = "REGISTER-INBOX-FOREIGN-MUNICIPALITY"
NOT_STORABLE = "REGISTER-INBOX-NOT-STORABLE"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is no message to this register: it is parked, and the lane goes on."""

    record: ConsumerRecord
    code: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What of a fetch is new, what is parked, the number that comes next, and the numbers that never came."""

    messages: tuple[RegisterMessage, ...]
    unreadable: tuple[Unreadable, ...]
    next_number: int
    missing: tuple[int, ...]


def read(record: ConsumerRecord, opener: Opener, municipality: str) -> RegisterMessage | Unreadable:
    """The message in a record, or why it must be parked."""
    try:
        opened = opener.open(record.value or b"", record.key)
        message = read_register_inbound(opened.payload)
    except EnvelopeError as refused:
        return Unreadable(record, refused.code)
    except ValueError:
        return Unreadable(record, UNREADABLE)
    if opened.head.number != message.number:
        return Unreadable(record, HEAD)
    return message if message.municipality == municipality else Unreadable(record, FOREIGN)


def take(judged: Sequence[RegisterMessage | Unreadable], next_number: int) -> Taken:
    """Doubles are dropped by number; an omission is told and does not stop the register."""
    fresh: list[RegisterMessage] = []
    missing: list[int] = []
    for message in judged:
        if not isinstance(message, Unreadable) and message.number >= next_number:
            missing += [next_number] if message.number > next_number else []
            fresh.append(message)
            next_number = message.number + 1
    return Taken(
        tuple(fresh), tuple(each for each in judged if isinstance(each, Unreadable)), next_number, tuple(missing)
    )
