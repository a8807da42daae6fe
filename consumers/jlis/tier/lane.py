"""A municipality's part of what the prefecture passes on: settled with its progress in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer

from consumers.jlis.tier.keeping import Register
from consumers.jlis.tier.taking import take
from consumers.kit.desk import Place, Refused, settling
from consumers.kit.record import Record
from infra.runtime.postgres import Pool
from infra.runtime.queries import load_queries
from topics.envelope.opening import EnvelopeError, Opener
from topics.messages.forwarding import Forwarded, read_forwarded

SQL = load_queries("consumers.jlis.tier", "queries.sql")
UNDECODABLE = "FORWARD-UNDECODABLE"
NOT_OURS = "FORWARD-NOT-OURS"
GAP = "FORWARD-GAP"


@dataclass(frozen=True, slots=True)
class RegistrationLane:
    """Where one municipality's registrations come from, and where they are kept."""

    topic: str
    partition: int
    municipality: str
    opener: Opener
    pool: Pool
    register: Register

    @property
    def place(self) -> Place:
        """Topic and partition."""
        return self.topic, self.partition

    async def open(self, first_offset: int) -> int:
        """Where to go on; what retention has passed is a gap in numbers."""
        return int(await self.pool.fetchval(SQL["open_progress"], *self.place, first_offset))

    async def settle(self, records: Sequence[Record]) -> Sequence[Refused]:
        """Keep what is registered; raises `Fenced`. What cannot be read, and what never came, is entered and told."""
        judged = [self._examine(record) for record in records]
        refused = [each for each in judged if isinstance(each, Refused)]
        async with settling(self.pool, SQL, self.place, records) as connection:
            following = await connection.fetchval(SQL["next_number"], self.municipality)
            taken = take(following, [each for each in judged if not isinstance(each, Refused)])
            await self.register.keep(connection, self.municipality, taken)
            columns = ([each.offset for each in refused], [each.code for each in refused])
            await connection.execute(SQL["refuse"], *self.place, *columns)
        gaps = [Refused(records[0].offset, GAP, {"first": str(a), "last": str(b)}) for a, b in taken.gaps]
        return [*refused, *gaps]

    async def send(self, link: AIOKafkaProducer) -> None:
        """Nothing goes back to the prefecture."""

    def _examine(self, record: Record) -> Forwarded | Refused:
        try:
            opened = self.opener.open(record.value or b"", record.key)
            message = read_forwarded(opened.payload)
        except EnvelopeError as refused:
            return Refused(record.offset, str(refused.code), {})
        except ValueError:
            return Refused(record.offset, UNDECODABLE, {})
        if (message.municipality, message.number) != (self.municipality, opened.head.number):
            return Refused(record.offset, NOT_OURS, {})
        return message
