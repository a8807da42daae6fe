"""What the register enters, as the router gets it."""

from typing import Any

from pydantic_core import from_json

from hub.router.state import Image, Occasion
from producers.register.book import Entry
from topics.items.resident import ResidentRecord


def routed(entry: Entry) -> tuple[Image, Occasion]:
    """The resident as the entry leaves her, and its occasion."""
    amendment = entry.amendment
    record = None if amendment.record is None else plain(amendment.record)
    image = Image(amendment.resident, entry.history_number, amendment.state.value, record)
    return image, Occasion(amendment.kind, refers_to=amendment.refers_to)


def plain(record: ResidentRecord) -> dict[str, Any]:
    """The record as it travels."""
    told: dict[str, Any] = from_json(record.model_dump_json(exclude_none=True))
    return told
