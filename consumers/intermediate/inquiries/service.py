"""The desk of inquiries: takes each institution's questions at the offsets PostgreSQL remembers, answers and logs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from aiokafka import AIOKafkaProducer

from consumers.intermediate.inquiries.lane import InquiryLane, lanes_of
from consumers.intermediate.inquiries.sending import send_answers
from consumers.intermediate.inquiries.settling import settle
from consumers.kit.desk import DeskLane, Place, Refused, keep_desk
from consumers.kit.record import Record
from infra.runtime.edges import Edges
from infra.runtime.key_ring import KeyRing
from infra.runtime.postgres import Pool
from infra.runtime.service import Stop
from infra.runtime.settings import Settings
from topics.catalogue import inquiry_group
from topics.declared import grants_in_force
from topics.institutions import INTERMEDIATE, institutions_on


async def answer_inquiries(
    settings: Settings, ring: KeyRing, pools: Mapping[str, Pool], stop: Stop, edges: Edges
) -> None:
    """Answer from the databases of `pools`, by municipality, until `stop`; institutions are looked up anew whenever the
    desk begins anew."""
    group = inquiry_group(settings.environment)
    await keep_desk(settings, INTERMEDIATE, group, lambda: _lanes(settings, ring, pools), stop, edges)


def granted_items(settings: Settings, today: date) -> frozenset[int]:
    """The items of the linkage role's own grant; none while it is not in force, whatever lies in the copy."""
    grants = {grant.recipient: grant for grant in grants_in_force(today, settings.grants_directory)}
    return frozenset(grants[INTERMEDIATE].items) if INTERMEDIATE in grants else frozenset()


def _lanes(settings: Settings, ring: KeyRing, pools: Mapping[str, Pool]) -> dict[Place, DeskLane]:
    asking = institutions_on(datetime.now(UTC).date())
    return {place: Window(settings, lane) for place, lane in lanes_of(settings, ring, asking, pools).items()}


@dataclass(frozen=True, slots=True)
class Window:
    """One lane at the desk."""

    settings: Settings
    lane: InquiryLane

    @property
    def place(self) -> Place:
        """Topic and partition of the inquiries."""
        return self.lane.place

    async def open(self, first_offset: int) -> int:
        """Where to go on."""
        return await self.lane.open(first_offset)

    async def settle(self, records: Sequence[Record]) -> Sequence[Refused]:
        """Answer and log; raises `Fenced`."""
        today = datetime.now(UTC).date()
        entries = await settle(self.lane, records, today, granted_items(self.settings, today))
        told = {"institution": self.lane.institution}
        return [Refused(entry.offset, str(entry.refused), told) for entry in entries if entry.refused]

    async def send(self, link: AIOKafkaProducer) -> None:
        """Answers, in number order."""
        await send_answers(link, self.lane)
