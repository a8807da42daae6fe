"""What every reader of a topic sees without opening a record: its key and headers. A sample must be as declared."""

import re
from collections.abc import Iterator, Sequence
from itertools import product

from infra.check.topic_reader import Raw, topic_reader
from infra.runtime.settings import Settings
from topics.drift import Departure
from topics.messages import headers
from topics.partitions import partition_of

SAMPLE = 200
KNOWN = frozenset(
    {
        headers.SPECVERSION, headers.ID, headers.SOURCE, headers.TYPE, headers.TIME, headers.DATASCHEMA,
        headers.CONTENT_TYPE, headers.TRACEPARENT,
    }
)  # fmt: skip
PSEUDONYM = re.compile(rb"[a-z2-7]{24}")
MESSAGES_KEY = re.compile(rb"[0-9]{6}")
TRACEPARENT = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
"""W3C Trace Context, version 00; ids are not all zeros."""


async def sampled(settings: Settings, names: Sequence[str]) -> list[Departure]:
    """Departures in the last records of these topics; the auditor must have been lent the right to read them."""
    found: list[Departure] = []
    async with topic_reader(settings) as reader:
        for topic, municipality in product(names, settings.municipalities):
            records = reader.partition(topic, partition_of(municipality), last=SAMPLE)
            found += [departure async for record in records for departure in of_record(topic, record)]
    return found


def of_record(topic: str, record: Raw) -> Iterator[Departure]:
    """What is amiss with one record's key and headers; told by offset, never by content."""
    if not (PSEUDONYM.fullmatch(record.key) or MESSAGES_KEY.fullmatch(record.key)):
        yield Departure("key", f"topic {topic}: the key of offset {record.offset} is not of ours")
    unknown = {name for name, _ in record.headers} - KNOWN
    if unknown:
        yield Departure("header", f"topic {topic}: offset {record.offset} has {len(unknown)} headers not declared")
    contexts = [value for name, value in record.headers if name == headers.TRACEPARENT]
    if len(contexts) > 1 or not all(TRACEPARENT.fullmatch(value or b"") for value in contexts):
        yield Departure("header", f"topic {topic}: offset {record.offset} has a {headers.TRACEPARENT} that is none")
