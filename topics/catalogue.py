"""Topics, principals, ACLs and quotas, computed from the grants; nothing here is written by hand for one recipient.

Names carry the environment's prefix, so that several deployments can share a cluster.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from topics.grant import Grant
from topics.institutions import INTERMEDIATE
from topics.national import NATIONAL, PREFECTURE, has_tiers
from topics.partitions import municipalities

RETENTION_DAYS = 14
RETENTION_REASON = "a recipient that was away over the longest holidays finds everything; then only copies remain"
WINDOWS_DAYS = 300
"""The analysis deletes what has left its windows, after nine months at most; what it should miss goes by itself."""
DAY_MILLISECONDS = 86_400_000

BROKER = "broker"
ADMIN = "admin"
REGISTER = "register"
HUB = "hub"
OPERATIONS = "ops"
AUDITOR = "auditor"
LEDGER = "ledger"
"""Signs the ledger's checkpoints and takes them to the witness; no client of the brokers."""
WITNESS = "witness"
"""Cosigns the ledger's checkpoints; no client of the brokers."""
PROMETHEUS = "prometheus"
"""Collects the exporter's metrics; no client of the brokers."""
DESK = "desk"
"""The operations pages (運用画面): serves them, keeps their accounts, and may write the access log."""
ANALYSIS = "analysis"
"""Reads the access log and keeps its windows."""
SERVICE_PRINCIPALS = (
    BROKER, ADMIN, REGISTER, HUB, OPERATIONS, AUDITOR, LEDGER, WITNESS, PROMETHEUS, DESK, ANALYSIS,
)  # fmt: skip

MEBIBYTE = 1024 * 1024
WORKING_LIMITS = {"producer_byte_rate": 64 * MEBIBYTE, "consumer_byte_rate": 64 * MEBIBYTE, "request_percentage": 400}
RECIPIENT_LIMITS = {"producer_byte_rate": 8 * MEBIBYTE, "consumer_byte_rate": 32 * MEBIBYTE, "request_percentage": 150}
WATCHING_LIMITS = {"producer_byte_rate": MEBIBYTE, "consumer_byte_rate": 64 * MEBIBYTE, "request_percentage": 100}
INQUIRING_LIMITS = {"producer_byte_rate": MEBIBYTE, "consumer_byte_rate": 4 * MEBIBYTE, "request_percentage": 50}
"""How much of a broker one principal may take: bytes a second, and per cent of one thread's time. So wide that the
largest city's busiest day fits, so narrow that a client gone wild starves nobody else."""


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


@dataclass(frozen=True, slots=True, order=True)
class Quota:
    """What `principal` may take of each broker, in the broker's own words; the same in every environment."""

    principal: str
    limits: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Desired:
    """What the broker must hold for one environment."""

    topics: tuple[Topic, ...] = field(default=())
    acls: tuple[Acl, ...] = field(default=())
    quotas: tuple[Quota, ...] = field(default=())


def qualified(environment: str, name: str) -> str:
    """A topic's or group's name within an environment."""
    return f"{environment}.{name}" if environment else name


def change_topic(environment: str) -> str:
    """The topic that carries changes from the register to the hub."""
    return qualified(environment, "resident.change.v1")


def register_topic(environment: str) -> str:
    """The topic that carries to the register what parties said that concerns it."""
    return qualified(environment, "register.inbound.v1")


def out_topic(environment: str, grant: Grant) -> str:
    """The topic that carries deliveries to the grant's recipient."""
    return generation_topic(environment, grant.recipient, grant.generation)


def generation_topic(environment: str, recipient: str, generation: int) -> str:
    """The topic of one generation of a recipient's deliveries, whether or not there is still a grant for it."""
    suffix = "" if generation == 1 else f".g{generation}"
    return qualified(environment, f"out.{recipient}{suffix}.v1")


def in_topic(environment: str, party: str) -> str:
    """The topic on which a party writes to the hub."""
    return qualified(environment, f"in.{party}.v1")


def inquiry_topic(environment: str, institution: str) -> str:
    """The topic on which an institution asks the intermediate server (情報照会); the hub is no part of it."""
    return qualified(environment, f"inquiry.{institution}.v1")


def answer_topic(environment: str, institution: str) -> str:
    """The topic on which the intermediate server answers an institution (情報提供)."""
    return qualified(environment, f"answer.{institution}.v1")


def forward_topic(environment: str) -> str:
    """The topic on which the prefecture passes on what it registered; the hub is no part of it."""
    return qualified(environment, f"forward.{PREFECTURE}.v1")


def confirm_topic(environment: str) -> str:
    """The topic on which the city's office asks the national role to confirm an identity."""
    return qualified(environment, "confirm.ask.v1")


def confirmation_topic(environment: str) -> str:
    """The topic on which the national role answers it."""
    return qualified(environment, "confirm.answer.v1")


def access_topic(environment: str) -> str:
    """The topic that carries the access log to its analysis."""
    return qualified(environment, "access.log.v1")


def access_windows_topic(environment: str) -> str:
    """The changelog from which the analysis restores its windows; compacted, since what left a window is deleted."""
    return qualified(environment, "access.windows.v1")


def is_ours(environment: str, name: str) -> bool:
    """Whether a topic is one of the environment's: of its services, or of a recipient or institution that has or
    once had one."""
    services = (topic.name for topic in desired((), environment, 1).topics)
    pattern = re.escape(qualified(environment, "")) + r"(out|in|inquiry|answer|forward|confirm)\.[a-z0-9.-]+\.v1"
    return name in services or re.fullmatch(pattern, name) is not None


def group(environment: str, principal: str) -> str:
    """The one consumer group of a principal."""
    return qualified(environment, principal)


def inquiry_group(environment: str) -> str:
    """The consumer group in which the intermediate server takes inquiries: one apart from its deliveries'."""
    return group(environment, f"{INTERMEDIATE}.inquiries")


def national_group(environment: str) -> str:
    """The consumer group in which the national role takes what the prefecture passes on, and what it is asked."""
    return group(environment, f"{NATIONAL}.desk")


def reading_group(environment: str, reader: str, topic: str) -> str:
    """The consumer group by which `reader` keeps reading a topic: its one, but at the national role's desk."""
    at_the_desk = topic in (forward_topic(environment), confirm_topic(environment))
    return national_group(environment) if at_the_desk else group(environment, reader)


def confirm_group(environment: str) -> str:
    """The consumer group in which the city's office hears answers: one apart from the register's inbox."""
    return group(environment, f"{REGISTER}.confirm")


def inquirers(grants: Sequence[Grant], institutions: Sequence[str]) -> tuple[str, ...]:
    """Those of `institutions` that may ask: all while there is somebody to answer, else none."""
    return tuple(institutions) if any(grant.recipient == INTERMEDIATE for grant in grants) else ()


def principals(grants: Sequence[Grant], institutions: Sequence[str] = ()) -> tuple[str, ...]:
    """Every principal that needs a certificate."""
    return (*SERVICE_PRINCIPALS, *(grant.recipient for grant in grants), *inquirers(grants, institutions))


def desired(
    grants: Sequence[Grant], environment: str, replication_factor: int, institutions: Sequence[str] = ()
) -> Desired:
    """All topics, ACLs and quotas of an environment under these grants (the ones in force) and for these institutions
    (the ones of today)."""
    asking = inquirers(grants, institutions)
    names = [*_topic_names(grants, environment), *_inquiry_topics(asking, environment)]
    names += _tier_topics(environment) if has_tiers(grants) else []
    windows = access_windows_topic(environment)
    topics = tuple(sorted(_topic(name, replication_factor, compacted=name == windows) for name in names))
    members = (HUB, REGISTER, ANALYSIS, *(g.recipient for g in grants), *asking)
    groups = [*(group(environment, each) for each in members), *([inquiry_group(environment)] if asking else ())]
    groups += [national_group(environment), confirm_group(environment)] if has_tiers(grants) else []
    rules = [*_hub_rules(grants, environment), *_register_rules(environment), *_access_rules(environment)]
    rules += [rule for grant in grants for rule in _recipient_rules(grant, environment)]
    rules += [rule for institution in asking for rule in _inquiry_rules(institution, environment)]
    rules += [Acl(INTERMEDIATE, "READ", "GROUP", inquiry_group(environment))] if asking else []
    rules += _tier_rules(environment) if has_tiers(grants) else []
    rules += [Acl(OPERATIONS, "DESCRIBE", "TOPIC", name) for name in names]
    rules += [Acl(OPERATIONS, "DESCRIBE", "GROUP", name) for name in groups]
    return Desired(topics, tuple(sorted(rules)), _quotas(grants, asking))


def _quotas(grants: Sequence[Grant], asking: Sequence[str]) -> tuple[Quota, ...]:
    working = [_quota(name, WORKING_LIMITS) for name in (HUB, REGISTER)]
    watching = [_quota(name, WATCHING_LIMITS) for name in (AUDITOR, OPERATIONS, DESK, ANALYSIS)]
    watching += [_quota(name, INQUIRING_LIMITS) for name in asking]
    return tuple(sorted([*working, *watching, *(_quota(grant.recipient, RECIPIENT_LIMITS) for grant in grants)]))


def _quota(principal: str, limits: Mapping[str, float]) -> Quota:
    return Quota(principal, tuple(sorted((name, float(limit)) for name, limit in limits.items())))


def _topic_names(grants: Sequence[Grant], environment: str) -> list[str]:
    outward = [out_topic(environment, grant) for grant in grants]
    inward = [in_topic(environment, grant.recipient) for grant in grants]
    access = [access_topic(environment), access_windows_topic(environment)]
    return [change_topic(environment), register_topic(environment), *outward, *inward, *access]


def _inquiry_topics(asking: Sequence[str], environment: str) -> list[str]:
    return [name(environment, institution) for institution in asking for name in (inquiry_topic, answer_topic)]


def _topic(name: str, replication_factor: int, *, compacted: bool) -> Topic:
    config = {
        "cleanup.policy": "compact,delete" if compacted else "delete",
        "compression.type": "producer",
        "message.timestamp.type": "LogAppendTime",
        "min.insync.replicas": str(max(1, replication_factor - 1)),
        "retention.ms": str((WINDOWS_DAYS if compacted else RETENTION_DAYS) * DAY_MILLISECONDS),
    }
    return Topic(name, len(municipalities()), replication_factor, tuple(sorted(config.items())))


def _hub_rules(grants: Sequence[Grant], environment: str) -> list[Acl]:
    reads = [change_topic(environment), *(in_topic(environment, grant.recipient) for grant in grants)]
    writes = [register_topic(environment), *(out_topic(environment, grant) for grant in grants)]
    return [
        Acl(HUB, "READ", "GROUP", group(environment, HUB)),
        *(Acl(HUB, "READ", "TOPIC", name) for name in reads),
        *(Acl(HUB, "WRITE", "TOPIC", name) for name in writes),
    ]


def _access_rules(environment: str) -> list[Acl]:
    log, windows = access_topic(environment), access_windows_topic(environment)
    return [
        *(Acl(writer, "WRITE", "TOPIC", log) for writer in (REGISTER, DESK)),
        Acl(ANALYSIS, "READ", "GROUP", group(environment, ANALYSIS)),
        Acl(ANALYSIS, "READ", "TOPIC", log),
        Acl(ANALYSIS, "READ", "TOPIC", windows),
        Acl(ANALYSIS, "WRITE", "TOPIC", windows),
    ]


def _register_rules(environment: str) -> list[Acl]:
    return [
        Acl(REGISTER, "WRITE", "TOPIC", change_topic(environment)),
        Acl(REGISTER, "READ", "TOPIC", register_topic(environment)),
        Acl(REGISTER, "READ", "GROUP", group(environment, REGISTER)),
    ]


def _recipient_rules(grant: Grant, environment: str) -> list[Acl]:
    who = grant.recipient
    return [
        Acl(who, "READ", "GROUP", group(environment, who)),
        Acl(who, "READ", "TOPIC", out_topic(environment, grant)),
        Acl(who, "WRITE", "TOPIC", in_topic(environment, who)),
    ]


def _inquiry_rules(institution: str, environment: str) -> list[Acl]:
    """An institution writes its questions and reads its answers; nobody but the intermediate server is at the other
    end of either."""
    asked, answered = inquiry_topic(environment, institution), answer_topic(environment, institution)
    return [
        Acl(institution, "WRITE", "TOPIC", asked),
        Acl(institution, "READ", "TOPIC", answered),
        Acl(institution, "READ", "GROUP", group(environment, institution)),
        Acl(INTERMEDIATE, "READ", "TOPIC", asked),
        Acl(INTERMEDIATE, "WRITE", "TOPIC", answered),
    ]


def _tier_topics(environment: str) -> list[str]:
    return [name(environment) for name in (forward_topic, confirm_topic, confirmation_topic)]


def _tier_rules(environment: str) -> list[Acl]:
    """The prefecture writes what it registered, the city's office what it asks; the national role alone reads it."""
    return [
        Acl(REGISTER, "WRITE", "TOPIC", confirm_topic(environment)),
        Acl(NATIONAL, "READ", "TOPIC", confirm_topic(environment)),
        Acl(NATIONAL, "WRITE", "TOPIC", confirmation_topic(environment)),
        Acl(REGISTER, "READ", "TOPIC", confirmation_topic(environment)),
        Acl(REGISTER, "READ", "GROUP", confirm_group(environment)),
        Acl(PREFECTURE, "WRITE", "TOPIC", forward_topic(environment)),
        Acl(NATIONAL, "READ", "TOPIC", forward_topic(environment)),
        Acl(NATIONAL, "READ", "GROUP", national_group(environment)),
    ]
