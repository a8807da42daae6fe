"""What a recipient was sent of a person, read off the brokers' disks and opened with its key."""

from typing import Any

from pydantic_core import from_json

from infra.check.sources import read_subjects
from infra.runtime.settings import Settings
from tests.sealing import opened_records
from topics.declared import declared_by_recipient
from topics.envelope.places import delivery_terms


async def told_of(settings: Settings, recipient: str, addressee_number: str) -> list[dict[str, Any]]:
    """Its deliveries of the person in the first city, by number, each once."""
    city = settings.municipalities[0]
    grant = declared_by_recipient(settings.grants_directory)[recipient]
    subjects = await read_subjects(settings, city, grant)
    records = opened_records(settings, delivery_terms(settings.environment, grant, city))
    distinct = {told["number"]: told for told in map(from_json, records)}
    return [told for _, told in sorted(distinct.items()) if subjects.get(told["subject"]) == addressee_number]
