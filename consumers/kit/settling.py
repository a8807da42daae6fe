"""Settling judged records within a transaction: decided, applied as far as they may go, the rest set aside, answered.

A delivery may turn out to be impossible only when its turn comes, and that may be long after it came itself. Then the
decision is made anew with that known; what had been tried is undone first.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from consumers.kit.checks import examine
from consumers.kit.faults import OF_CONTENTS, code_of
from consumers.kit.lane import Lane
from consumers.kit.outbox import Draft, enqueue, resend_requests
from consumers.kit.protection import keep_protections
from consumers.kit.received import compare, digests_of
from consumers.kit.recipient import Recipient
from consumers.kit.record import Arrival, Finding, Record
from consumers.kit.refusing import functional_errors
from consumers.kit.rows import Rows
from consumers.kit.seals import seals
from consumers.kit.settlement import Settlement, settle
from consumers.kit.statements import acknowledgements
from infra.runtime.postgres import Connection
from topics.messages.delivery import Delivery

Judged = Sequence[Arrival | Finding]
Decide = Callable[[Mapping[int, str]], Settlement]
"""A decision that knows of deliveries that cannot be applied, by number."""

Bear = Callable[[Settlement], None]
"""Raises when a settlement is not to be borne."""


class Settler:
    """Settles what one lane's recipient gets."""

    def __init__(self, recipient: Recipient, lane: Lane) -> None:
        self._recipient = recipient
        self._lane = lane
        self._seals = seals(recipient.key)

    def rows(self, connection: Connection) -> Rows:
        """The lane's rows within a transaction."""
        return Rows(connection, self._lane, self._seals)

    def examine(self, record: Record) -> Arrival | Finding:
        """What the recipient, as it is now, makes of a record."""
        return examine(record, self._lane.opener, self._lane.terms, self._recipient.copy.check)

    async def settle(self, connection: Connection, judged: Judged, next_offset: int, bear: Bear) -> Settlement:
        """Decide and write everything, with the lane's progress, whose row the caller has locked; the caller's last
        step."""
        rows = self.rows(connection)
        digests = digests_of(judged)
        known = await rows.receive(digests)
        judged = compare(judged, known)
        state = await rows.state([one.member for one in judged if one.member is not None])
        arrived = {one.number: one.delivery for one in reversed(judged) if isinstance(one, Arrival)}
        settlement = await self.decided(connection, partial(settle, judged, state), arrived, bear)
        await rows.write(settlement)
        await rows.advance(settlement, next_offset)
        await self.answer(connection, settlement, known)
        return settlement

    async def decided(
        self, connection: Connection, decide: Decide, arrived: Mapping[int, Delivery], bear: Bear
    ) -> Settlement:
        """The decision whose deliveries could all be applied, and are; `arrived` are those that did not wait."""
        refused: dict[int, str] = {}
        while True:
            settlement = decide(refused)
            bear(settlement)
            found = await self._apply(connection, settlement, arrived)
            if not found:
                return settlement
            refused |= found

    async def answer(
        self, connection: Connection, settlement: Settlement, before: Mapping[int, bytes], *more: Draft
    ) -> None:
        """Acknowledge what a settlement came to, tell what was refused, ask for what is missing, and say `more`; the
        digests of what came `before` the batch are at hand."""
        terms = self._lane.terms
        earlier = frozenset().union(*settlement.outcomes.values()) - before.keys()
        known = {**before, **await self.rows(connection).received(earlier)}
        drafts = [
            *acknowledgements(settlement.outcomes, terms, known, self._recipient.signer()),
            *functional_errors(settlement, terms, before),
            *resend_requests(settlement.missing, terms.recipient, terms.municipality, terms.generation),
            *more,
        ]
        await enqueue(connection, terms.municipality, drafts)

    async def _apply(
        self, connection: Connection, settlement: Settlement, arrived: Mapping[int, Delivery]
    ) -> dict[int, str]:
        """Apply what may go; or else nothing, and why: the code of each delivery that cannot be applied."""
        records = await self.rows(connection).held_records({m.number for m in settlement.apply} & settlement.release)
        waited = {number: self.examine(record) for number, record in records.items()}
        amiss = {number: one.code for number, one in waited.items() if isinstance(one, Finding)}
        if amiss:
            return amiss
        known = {**arrived, **{n: one.delivery for n, one in waited.items() if isinstance(one, Arrival)}}
        deliveries = [known[member.number] for member in settlement.apply]
        try:
            async with connection.transaction():
                await self._copy(connection, deliveries)
        except OF_CONTENTS as error:
            return {(await self._culprit(connection, deliveries)).number: code_of(error)}
        return {}

    async def _copy(self, connection: Connection, deliveries: Sequence[Delivery]) -> None:
        if deliveries:
            await self._recipient.copy.apply(connection, self._lane.municipality, deliveries)
            await keep_protections(connection, self._lane.municipality, deliveries)

    async def _culprit(self, connection: Connection, deliveries: Sequence[Delivery]) -> Delivery:
        """The one that cannot be applied after those before it can; not all of them can."""
        good, bad = 0, len(deliveries)
        while bad - good > 1:
            middle = (good + bad) // 2
            if await self._would_apply(connection, deliveries[:middle]):
                good = middle
            else:
                bad = middle
        return deliveries[bad - 1]

    async def _would_apply(self, connection: Connection, deliveries: Sequence[Delivery]) -> bool:
        attempt = connection.transaction()
        await attempt.start()
        try:
            await self._copy(connection, deliveries)
        except OF_CONTENTS:
            return False
        finally:
            await attempt.rollback()
        return True
