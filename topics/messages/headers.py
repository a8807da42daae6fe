"""Kafka header names: CloudEvents 1.0, Kafka protocol binding, binary mode. None holds personal data."""

from collections.abc import Sequence

SPECVERSION = "ce_specversion"
ID = "ce_id"
SOURCE = "ce_source"
TYPE = "ce_type"
TIME = "ce_time"
DATASCHEMA = "ce_dataschema"
CONTENT_TYPE = "content-type"
TRACEPARENT = "traceparent"
"""W3C Trace Context: random, of this record alone, and there only while traces are taken."""
ENVELOPE = "application/vnd.kairan.envelope.v1"

Headers = Sequence[tuple[str, bytes]]


def cloud_event(*, event_id: str, source: str, event_type: str, time: str, dataschema: str) -> list[tuple[str, bytes]]:
    """The headers of one record; all values are ASCII and free of personal data by the caller's promise."""
    pairs = (
        (SPECVERSION, "1.0"),
        (ID, event_id),
        (SOURCE, source),
        (TYPE, event_type),
        (TIME, time),
        (DATASCHEMA, dataschema),
        (CONTENT_TYPE, ENVELOPE),
    )
    return [(name, value.encode("ascii")) for name, value in pairs]
