"""What an auditor looks at: the brokers' settings, rules and quotas, certificates, ports, logs. Plain values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from topics.catalogue import Acl, Desired, Quota
from topics.drift import Departure


@dataclass(frozen=True, slots=True)
class Credential:
    """One certificate: days it lasts in all and from now on, and whether others than its owner can read its key."""

    principal: str
    lifetime_days: int
    days_left: int
    key_is_open: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """One look at a deployment.

    `nodes` are the brokers' settings as far as these tell them (they keep super users and what happens without a rule
    to themselves, so `too_mighty` has the principals that were let do what only an administrator may). `denials_kept`
    is None where no authorizer log is within reach, `clock_seconds` the difference to the database server's clock.
    """

    desired: Desired
    nodes: Mapping[int, Mapping[str, str]]
    acls: tuple[Acl, ...]
    quotas: tuple[Quota, ...]
    topics: tuple[str, ...]
    departures: tuple[Departure, ...]
    credentials: tuple[Credential, ...]
    too_mighty: tuple[str, ...] = ()
    open_ports: tuple[int, ...] = ()
    denials_kept: bool | None = None
    clock_seconds: float = 0.0
    administrators: frozenset[str] = field(default=frozenset({"admin", "broker"}))
