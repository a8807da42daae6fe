"""What was received (受信): a party's message together with the record in which it came."""

from dataclasses import dataclass

from aiokafka import ConsumerRecord

from topics.messages.inbound import Message


@dataclass(frozen=True, slots=True)
class Received:
    """A readable message of the party whose topic it is on."""

    record: ConsumerRecord
    message: Message
