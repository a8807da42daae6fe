"""Topics, principals and ACLs, computed from the grants; nothing here is written by hand for one recipient.

Names carry the environment's prefix, so that several deployments can share a cluster.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from topics.grant import Grant
from topics.partitions import municipalities

RETENTION_DAYS = 14
DAY_MILLISECONDS = 86_400_000

BROKER = "broker"
ADMIN = "admin"
REGISTER = "register"
HUB = "hub"
OPERATIONS = "ops"
AUDITOR = "auditor"
SERVICE_PRINCIPALS = (BROKER, ADMIN, REGISTER, HUB, OPERATIONS, AUDITOR)


@dataclass(frozen=True, slots=True, order=True)
class Topic:
    """A topic as it must stand on the broker; `config` in the broker's own words."""

    name: str
    partitions: int
    replication_factor: int
    config: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Acl:
    """One literal ALLOW rule: `principal` (bare name) may do `operation` on the topic or group called `name`."""

    principal: str
    operation: str
    resource: str
    name: str


@dataclass(frozen=True, slots=True)
class Desired:
    """What the broker must hold for one environment."""

    topics: tuple[Topic, ...] = field(default=())
    acls: tuple[Acl, ...] = field(default=())


def qualified(environment: str, name: str) -> str:
    """A topic's or group's name within an environment."""
    return f"{environment}.{name}" if environment else name


def change_topic(environment: str) -> str:
    """The topic that carries changes from the register to the hub."""
    return qualified(environment, "resident.change.v1")


def out_topic(environment: str, grant: Grant) -> str:
    """The topic that carries deliveries to the grant's recipient."""
    generation = "" if grant.generation == 1 else f".g{grant.generation}"
    return qualified(environment, f"out.{grant.recipient}{generation}.v1")


def in_topic(environment: str, party: str) -> str:
    """The topic on which a party writes to the hub."""
    return qualified(environment, f"in.{party}.v1")


def group(environment: str, principal: str) -> str:
    """The one consumer group of a principal."""
    return qualified(environment, principal)


def principals(grants: Sequence[Grant]) -> tuple[str, ...]:
    """Every principal that needs a certificate."""
    return (*SERVICE_PRINCIPALS, *(grant.recipient for grant in grants))


def desired(grants: Sequence[Grant], environment: str, replication_factor: int) -> Desired:
    """All topics and ACLs of an environment under these grants (the ones in force)."""
    names = _topic_names(grants, environment)
    topics = tuple(sorted(_topic(name, replication_factor) for name in names))
    groups = [group(environment, principal) for principal in (HUB, *(g.recipient for g in grants))]
    rules = [*_hub_rules(grants, environment), Acl(REGISTER, "WRITE", "TOPIC", change_topic(environment))]
    rules += [rule for grant in grants for rule in _recipient_rules(grant, environment)]
    rules += [Acl(OPERATIONS, "DESCRIBE", "TOPIC", name) for name in names]
    rules += [Acl(OPERATIONS, "DESCRIBE", "GROUP", name) for name in groups]
    return Desired(topics, tuple(sorted(rules)))


def _topic_names(grants: Sequence[Grant], environment: str) -> list[str]:
    outward = [out_topic(environment, grant) for grant in grants]
    inward = [in_topic(environment, grant.recipient) for grant in grants]
    return [change_topic(environment), *outward, *inward]


def _topic(name: str, replication_factor: int) -> Topic:
    config = {
        "cleanup.policy": "delete",
        "compression.type": "producer",
        "message.timestamp.type": "LogAppendTime",
        "min.insync.replicas": str(max(1, replication_factor - 1)),
        "retention.ms": str(RETENTION_DAYS * DAY_MILLISECONDS),
    }
    return Topic(name, len(municipalities()), replication_factor, tuple(sorted(config.items())))


def _hub_rules(grants: Sequence[Grant], environment: str) -> list[Acl]:
    reads = [change_topic(environment), *(in_topic(environment, grant.recipient) for grant in grants)]
    writes = [out_topic(environment, grant) for grant in grants]
    return [
        Acl(HUB, "READ", "GROUP", group(environment, HUB)),
        *(Acl(HUB, "READ", "TOPIC", name) for name in reads),
        *(Acl(HUB, "WRITE", "TOPIC", name) for name in writes),
    ]


def _recipient_rules(grant: Grant, environment: str) -> list[Acl]:
    who = grant.recipient
    return [
        Acl(who, "READ", "GROUP", group(environment, who)),
        Acl(who, "READ", "TOPIC", out_topic(environment, grant)),
        Acl(who, "WRITE", "TOPIC", in_topic(environment, who)),
    ]
