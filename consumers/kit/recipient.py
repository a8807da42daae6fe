"""What one recipient adds to the kit: its own rule, and how deliveries become rows of its copy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from infra.runtime.postgres import Connection
from topics.envelope.sealing import Signer
from topics.grant import Grant
from topics.messages.delivery import Delivery


class Copy(Protocol):
    """A recipient's copy of what it was told."""

    def check(self, delivery: Delivery) -> str | None:
        """The code under which `delivery`, which holds a state, must be parked, or None."""
        ...

    async def forget(self, connection: Connection, municipality: str) -> None:
        """Drop the municipality's copy, within the caller's transaction: a later grant begins with nothing."""
        ...

    async def apply(self, connection: Connection, municipality: str, deliveries: Sequence[Delivery]) -> None:
        """Write `deliveries`, in sequence order for each subject, within the caller's transaction."""
        ...


@dataclass(frozen=True, slots=True)
class Recipient:
    """A recipient as the kit sees it; `key` seals what waits or is parked, `signer` gives its present signing key."""

    grant: Grant
    copy: Copy
    key: bytes
    signer: Callable[[], Signer]

    @property
    def name(self) -> str:
        """The recipient's name: its principal, its database role, its consumer group."""
        return self.grant.recipient
