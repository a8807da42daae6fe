"""What is watched: every group's reading of every topic, a municipality at a time; derived from the rights to read."""

from collections.abc import Sequence
from dataclasses import dataclass

from infra.runtime.settings import Settings
from topics.catalogue import (
    access_windows_topic,
    change_topic,
    confirmation_topic,
    desired,
    out_topic,
    reading_group,
)
from topics.grant import Grant
from topics.partitions import municipalities, partition_of
from topics.scope import REAL_TIME_LIMIT_MINUTES

LIMIT_SECONDS = 60.0 * REAL_TIME_LIMIT_MINUTES
"""How old an unread record may be: on a topic nothing waits for a window any more."""


@dataclass(frozen=True, slots=True, order=True)
class Stream:
    """`reader`'s group on one partition of a topic, which is one municipality's."""

    reader: str
    group: str
    topic: str
    partition: int
    municipality: str


def streams(settings: Settings, grants: Sequence[Grant]) -> tuple[Stream, ...]:
    """All streams of the municipalities served under `grants`, the way a change goes."""
    return tuple(
        Stream(
            reader, reading_group(settings.environment, reader, topic), topic, partition_of(municipality), municipality
        )
        for reader, topic in _read(settings.environment, grants)
        for municipality in settings.municipalities
    )


def _read(environment: str, grants: Sequence[Grant]) -> list[tuple[str, str]]:
    """Who reads which topic by a group, of the topics that have a partition for each municipality; the analysis only
    restores its windows from theirs, and an answer of the national role is heard by whoever has just asked."""
    declared = desired(grants, environment, replication_factor=1)
    topics = {topic.name for topic in declared.topics if topic.partitions == len(municipalities())} - {
        access_windows_topic(environment),
        confirmation_topic(environment),
    }
    may = {(acl.principal, acl.resource, acl.name) for acl in declared.acls if acl.operation == "READ"}
    reads = [
        (reader, topic)
        for reader, resource, topic in may
        if resource == "TOPIC"
        and topic in topics
        and (reader, "GROUP", reading_group(environment, reader, topic)) in may
    ]
    way = [change_topic(environment), *sorted(out_topic(environment, grant) for grant in grants)]
    return sorted(reads, key=lambda read: (way.index(read[1]) if read[1] in way else len(way), read[1]))
