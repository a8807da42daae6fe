"""The ledger, held against the topics (I6) and against its own checkpoints (I7)."""

from collections.abc import AsyncIterator, Mapping

from infra.check.disclosures import Disclosed, Place, disclosures, of_acknowledgements, of_topic
from infra.check.findings import Finding, Invariant
from infra.check.sources import Served, read_entries, read_served
from infra.runtime.key_ring import KeyRing
from infra.runtime.settings import Settings
from topics.catalogue import LEDGER

NOT_SERVED = Served(0, 0, 0, 0, revoked=True)


async def ledger_findings(
    settings: Settings, municipality: str, topics: Mapping[Place, Mapping[int, bytes]]
) -> AsyncIterator[Finding]:
    """What is amiss; `topics` are the envelope digests by delivery number of each topic that could be read."""
    register = KeyRing(settings).register()
    served = await read_served(settings, municipality)
    entered = await disclosures(read_entries(settings, municipality))
    for place in sorted({*entered, *topics}):
        recipient, standing = entered.get(place, Disclosed()), served.get(place, NOT_SERVED)
        details = list(of_acknowledgements(place, municipality, recipient, register, standing))
        if place in topics:
            details += of_topic(recipient, topics[place], standing)
        for detail in details:
            yield Finding(Invariant.I6, f"{LEDGER} of {place[0]}", municipality, detail)
