"""One recipient's process: its stream, what it sends back, and its asking for what is missing."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from consumers.addressee.apply import AddresseeCopy
from consumers.copy.apply import GrantedCopy
from consumers.intermediate.apply import SecondaryCopy
from consumers.intermediate.code_table import CodeTable
from consumers.intermediate.inquiries.service import answer_inquiries
from consumers.jlis.apply import DeliveryAddresses
from consumers.jlis.tier.service import serve_tier
from consumers.kit.asking import ask_for_missing
from consumers.kit.lane import close_lanes, open_lanes
from consumers.kit.recipient import Copy, Recipient
from consumers.kit.sender import send_outbox
from consumers.kit.stream import Stream
from consumers.municipality.apply import MunicipalityCopy
from consumers.numbering.apply import Requests
from consumers.prefecture.apply import IdentityCopy
from consumers.prefecture.forward_sending import forward
from consumers.welfare.apply import PersonCopy
from infra.runtime.edges import REAL, Edges
from infra.runtime.key_ring import KeyRing
from infra.runtime.keys import load_key
from infra.runtime.postgres import Pool
from infra.runtime.refusals import Refusal
from infra.runtime.service import Stop
from infra.runtime.settings import Settings
from topics.declared import declared_by_recipient, grants_in_force
from topics.grant import Grant

COPIES: MappingProxyType[str, Callable[[Settings, bytes], Copy]] = MappingProxyType(
    {
        "addressee": lambda _settings, _key: AddresseeCopy(),
        "jlis": lambda _settings, key: DeliveryAddresses(key),
        "numbering": lambda settings, key: Requests(key, answers=settings.numbers_by_request),
        "prefecture": lambda _settings, key: IdentityCopy(key),
        "welfare": lambda _settings, _key: PersonCopy(),
        "intermediate": lambda settings, _key: SecondaryCopy(CodeTable(settings)),
    }
)
"""How a recipient with duties of its own keeps its copy; each is made with the recipient's own secrets."""

Duty = Callable[[Settings, KeyRing, Mapping[str, Pool], Stop, Edges], Coroutine[None, None, None]]
"""Settings, keys, the recipient's databases by municipality, when to end, and the outside."""
DUTIES: MappingProxyType[str, Duty] = MappingProxyType(
    {"intermediate": answer_inquiries, "jlis": serve_tier, "prefecture": forward}
)
"""What a recipient does beside keeping its copy."""


def copy_of(settings: Settings, grant: Grant, key: bytes) -> Copy:
    """The copy of the grant's recipient: its own kind, or else a plain copy of what the grant permits."""
    if grant.counterparty is not None:
        return MunicipalityCopy(settings, grant, key)
    own = COPIES.get(grant.recipient)
    return own(settings, key) if own else GrantedCopy(grant, key)


def recipient_named(settings: Settings, name: str, ring: KeyRing) -> Recipient:
    """The recipient called `name`; raises `Refusal` when there is no such recipient or its key is missing."""
    grants = declared_by_recipient(settings.grants_directory)
    if name not in grants:
        raise Refusal("KIT-RECIPIENT", f"there is no recipient {name}; recipients are {', '.join(grants)}")
    key = load_key(settings, name)
    return Recipient(grants[name], copy_of(settings, grants[name], key), key, lambda: ring.signer(name))


async def run_recipient(settings: Settings, name: str, stop: Stop, edges: Edges = REAL) -> None:
    """Run one recipient, or every counterparty that a template names, until `stop`; raises `Refusal` when one cannot
    start."""
    grants = grants_in_force(datetime.now(UTC).date(), settings.grants_directory)
    counterparties = [g.recipient for g in grants if name == g.declaration != g.recipient]
    if not counterparties:
        await _run(settings, name, stop, edges)
        return
    async with asyncio.TaskGroup() as tasks:
        for recipient in counterparties:
            tasks.create_task(_run(settings, recipient, stop, edges))


async def _run(settings: Settings, recipient: str, stop: Stop, edges: Edges) -> None:
    ring = edges.key_ring(settings)
    party = recipient_named(settings, recipient, ring)
    lanes = await open_lanes(settings, party, ring, edges)
    wake = asyncio.Event()
    try:
        stream = Stream(settings, party, lanes, wake, edges)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stream.run(stop))
            tasks.create_task(send_outbox(settings, recipient, ring, stream.owned, wake, stop, edges))
            tasks.create_task(ask_for_missing(recipient, stream.owned, stop))
            if recipient in DUTIES:
                pools = {lane.municipality: lane.pool for lane in lanes.values()}
                tasks.create_task(DUTIES[recipient](settings, ring, pools, stop, edges))
    finally:
        await close_lanes(list(lanes.values()))
