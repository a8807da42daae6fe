"""What is watched: every group's reading of every topic, a municipality at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from infra.runtime.settings import Settings
from topics.catalogue import HUB, change_topic, group, in_topic, out_topic
from topics.grant import Grant
from topics.partitions import partition_of
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
        Stream(reader, group(settings.environment, reader), topic, partition_of(municipality), municipality)
        for reader, topic in _read(settings.environment, grants)
        for municipality in settings.municipalities
    )


def _read(environment: str, grants: Sequence[Grant]) -> Iterator[tuple[str, str]]:
    yield HUB, change_topic(environment)
    yield from ((grant.recipient, out_topic(environment, grant)) for grant in grants)
    yield from ((HUB, in_topic(environment, grant.recipient)) for grant in grants)
