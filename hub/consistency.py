"""The list of what ought to stand at a recipient goes out as a file: each batch an envelope from the hub to it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from infra.runtime.files import OWNER_ONLY, replacing
from infra.runtime.key_ring import KeyRing
from infra.runtime.settings import Settings
from topics.catalogue import HUB, qualified
from topics.envelope.files import write_envelopes
from topics.envelope.places import consistency_terms
from topics.envelope.run import Head
from topics.envelope.sealing import Sealer
from topics.grant import Grant
from topics.messages.consistency import ConsistencyBatch


def list_path(settings: Settings, grant: Grant, municipality: str) -> Path:
    """Where the newest list for this recipient and municipality lies."""
    name = qualified(settings.environment, f"{grant.recipient}.{municipality}.list")
    return settings.state_directory / "consistency" / name


def write_list(settings: Settings, ring: KeyRing, grant: Grant, batches: Sequence[ConsistencyBatch]) -> Path:
    """Put the list in the place of an earlier one, as a whole; returns where. Raises `Refusal` without keys."""
    path = list_path(settings, grant, batches[0].municipality)
    with replacing(path, mode=OWNER_ONLY) as file:
        write_envelopes(file, _sealed(settings, ring, grant, batches))
    return path


def _sealed(settings: Settings, ring: KeyRing, grant: Grant, batches: Sequence[ConsistencyBatch]) -> Iterator[bytes]:
    terms = consistency_terms(settings.environment, grant, batches[0].municipality)
    sealer = Sealer(terms, ring.between(HUB, grant.recipient))
    for each in batches:
        event_id = f"{each.list_id}-{each.batch}"
        head = Head(key=each.municipality, event_id=event_id, number=each.batch, sequence=each.batch)
        yield sealer.seal(head, each.to_wire())
