"""Revocation as a whole: the recipient's rights on the broker, then routing and what was not sent yet, then its key."""

import asyncio
import time
from dataclasses import asdict, dataclass

from confluent_kafka import KafkaException

from hub.commandline.deployment import broker
from hub.commandline.keys.change import retire
from hub.revocation import revoke
from infra.runtime.key_ring import read_register
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.broker import BrokerError
from topics.catalogue import HUB, Acl, group, in_topic, out_topic
from topics.envelope.keys import KeyState
from topics.grant import Grant


@dataclass(frozen=True, slots=True)
class Revoked:
    """What a revocation came to: seconds until nothing could be read, deliveries voided, seconds in all."""

    unreadable_seconds: float
    voided: int
    seconds: float

    def to_json(self) -> dict[str, float | int]:
        """The result for programs."""
        return asdict(self)


def revoke_now(settings: Settings, grant: Grant) -> Revoked:
    """Take the grant out of force on the running deployment; raises `Refusal` when a server is not there. Repeatable.

    The declaration must say so already, so that whoever starts anew meanwhile serves it no more.
    """
    began = time.monotonic()
    _withdraw(settings, _of_recipient(settings, grant))
    unreadable = time.monotonic() - began
    voided = asyncio.run(revoke(settings, grant))
    # Only now, so that a batch under way is sent and counted as a whole.
    _withdraw(settings, [Acl(HUB, "WRITE", "TOPIC", out_topic(settings.environment, grant))])
    _retire_keys(settings, grant.recipient)
    return Revoked(unreadable, voided, time.monotonic() - began)


def _retire_keys(settings: Settings, recipient: str) -> None:
    """From now on nothing is sealed to the recipient; what it was sent it may open until its key is destroyed."""
    register = read_register(settings.key_register_directory)
    for line in register.keys.values():
        if line.principal == recipient and line.seals and line.state in (KeyState.ACTIVE, KeyState.RETIRING):
            asyncio.run(retire(settings, line.key_id))


def _withdraw(settings: Settings, rights: list[Acl]) -> None:
    try:
        broker(settings).withdraw(rights)
    except (BrokerError, KafkaException) as error:
        raise Refusal("KRN-TOPICS", f"{error}; the declaration stands, run this again") from None


def _of_recipient(settings: Settings, grant: Grant) -> list[Acl]:
    environment, who = settings.environment, grant.recipient
    return [
        Acl(who, "READ", "TOPIC", out_topic(environment, grant)),
        Acl(who, "READ", "GROUP", group(environment, who)),
        Acl(who, "WRITE", "TOPIC", in_topic(environment, who)),
    ]
