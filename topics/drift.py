"""Drift: in what a live broker departs from the grants, told by what it means rather than by how to mend it."""

from collections.abc import Iterator
from dataclasses import dataclass

from topics.catalogue import Acl, Desired, Topic
from topics.plan import Actual


@dataclass(frozen=True, slots=True)
class Departure:
    """One departure: a `kind` for programs, and a sentence for people."""

    kind: str
    sentence: str


def drift(desired: Desired, actual: Actual) -> list[Departure]:
    """Every departure of the broker from what the grants ask for; topics nobody declared are one."""
    return [*_of_topics(desired, actual), *_of_rights(desired, actual), *_of_quotas(desired, actual)]


def _of_topics(desired: Desired, actual: Actual) -> Iterator[Departure]:
    found = {topic.name: topic for topic in actual.topics}
    for wanted in desired.topics:
        if wanted.name not in found:
            yield Departure("topic-missing", f"topic {wanted.name} is declared and not there")
        else:
            yield from _of_topic(wanted, found.pop(wanted.name))
    for name in sorted(set(found) - {topic.name for topic in desired.topics}):
        yield Departure("topic-undeclared", f"topic {name} is there and nobody declares it")


def _of_topic(wanted: Topic, found: Topic) -> Iterator[Departure]:
    if found.partitions != wanted.partitions:
        yield Departure(
            "partitions", f"topic {wanted.name} has {found.partitions} partitions, {wanted.partitions} are declared"
        )
    if found.replication_factor != wanted.replication_factor:
        yield Departure(
            "copies", f"topic {wanted.name} has {found.replication_factor} copies, {wanted.replication_factor} declared"
        )
    for name, value in sorted(set(wanted.config) - set(found.config)):
        yield Departure("setting", f"topic {wanted.name}: {name} should be {value}")


def _of_rights(desired: Desired, actual: Actual) -> Iterator[Departure]:
    wanted, found = set(desired.acls), set(actual.acls)
    for acl in sorted(found - wanted):
        yield Departure("right-too-many", f"{_told(acl)}, and no grant says so")
    for acl in sorted(wanted - found):
        yield Departure("right-missing", f"{_told(acl)} by what is declared, and the broker does not let it")


def _of_quotas(desired: Desired, actual: Actual) -> Iterator[Departure]:
    found = {quota.principal: quota for quota in actual.quotas}
    for wanted in desired.quotas:
        if found.get(wanted.principal) != wanted:
            yield Departure("quota", f"{wanted.principal} has another quota than is declared, or none")


def _told(acl: Acl) -> str:
    return f"{acl.principal} may {acl.operation.lower()} {acl.resource.lower()} {acl.name}"
