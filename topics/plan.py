"""The difference between what a broker holds and what the grants ask for, as a plan that people can read and approve.

Pure: reads no broker. Creation comes before deletion; topics that nobody declared are deleted only when pruning is
asked for; a decrease of partitions is refused; whatever lies outside our names is not looked at.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from hashlib import sha256

from topics.catalogue import Acl, Desired, Quota, Topic

INTERNAL = "__"
"""How the brokers' own topics begin; they are nobody's to declare or to delete."""


class PartitionDecreaseError(ValueError):
    """A topic would lose partitions, and with them a municipality's order."""


@dataclass(frozen=True, slots=True)
class Actual:
    """What the broker holds under our names: topics with their non-default configuration, ACLs, and all quotas."""

    topics: tuple[Topic, ...] = field(default=())
    acls: tuple[Acl, ...] = field(default=())
    quotas: tuple[Quota, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes that make the broker hold what is desired, in the order in which they are applied."""

    create_topics: tuple[Topic, ...] = ()
    add_partitions: tuple[Topic, ...] = ()
    set_config: tuple[Topic, ...] = ()
    create_acls: tuple[Acl, ...] = ()
    delete_acls: tuple[Acl, ...] = ()
    set_quotas: tuple[Quota, ...] = ()
    delete_topics: tuple[str, ...] = ()
    unknown_topics: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the broker already holds what is desired; topics that nobody declared are told, not touched."""
        return not list(self.lines())

    def lines(self) -> Iterator[str]:
        """One line for each change, for people."""
        yield from (f"create topic {topic.name} with {topic.partitions} partitions" for topic in self.create_topics)
        yield from (f"raise partitions of {topic.name} to {topic.partitions}" for topic in self.add_partitions)
        yield from (f"set configuration of {topic.name}" for topic in self.set_config)
        yield from (f"allow {_told(acl)}" for acl in self.create_acls)
        yield from (f"withdraw {_told(acl)}" for acl in self.delete_acls)
        yield from (f"set quota of {quota.principal}: {_limits(quota)}" for quota in self.set_quotas)
        yield from (f"delete topic {name} and all its records" for name in self.delete_topics)

    def to_json(self) -> dict[str, object]:
        """The plan for programs, with its hash."""
        return {**asdict(self), "empty": self.is_empty, "hash": self.digest()}

    def digest(self) -> str:
        """SHA-256 over the plan's canonical form: what was approved is what is applied."""
        return sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def plan(desired: Desired, actual: Actual, *, prune: bool = False) -> Plan:
    """The plan from `actual` to `desired`; raises `PartitionDecreaseError`."""
    known = {topic.name: topic for topic in actual.topics}
    present = [(topic, known[topic.name]) for topic in desired.topics if topic.name in known]
    for wanted, found in present:
        if wanted.partitions < found.partitions:
            raise PartitionDecreaseError(f"topic {wanted.name} has more partitions than are declared")
    declared = {topic.name for topic in desired.topics}
    unknown = tuple(sorted(name for name in known if name not in declared and not name.startswith(INTERNAL)))
    return Plan(
        create_topics=tuple(topic for topic in desired.topics if topic.name not in known),
        add_partitions=tuple(wanted for wanted, found in present if wanted.partitions > found.partitions),
        set_config=tuple(wanted for wanted, found in present if not set(wanted.config) <= set(found.config)),
        create_acls=tuple(sorted(set(desired.acls) - set(actual.acls))),
        delete_acls=tuple(sorted(set(actual.acls) - set(desired.acls))),
        set_quotas=tuple(sorted(set(desired.quotas) - set(actual.quotas))),
        delete_topics=unknown if prune else (),
        unknown_topics=() if prune else unknown,
    )


def _limits(quota: Quota) -> str:
    return ", ".join(f"{name} {limit:.0f}" for name, limit in quota.limits)


def _told(acl: Acl) -> str:
    return f"{acl.principal} {acl.operation} {acl.resource.lower()} {acl.name}"
