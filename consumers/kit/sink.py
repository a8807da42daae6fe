"""The sink: one batch of one lane in one transaction with its progress, so that nothing is lost or doubled."""

from collections.abc import Sequence

import structlog

from consumers.kit.faults import ParkLimitError
from consumers.kit.lane import Lane
from consumers.kit.recipient import Recipient
from consumers.kit.record import Record
from consumers.kit.rows import Rows
from consumers.kit.settlement import Settlement
from consumers.kit.settling import Settler
from infra.runtime.failures import failure_class


class Fenced(Exception):  # noqa: N818
    """Somebody else settled this lane further, or records were skipped: go on at `next_offset`."""

    def __init__(self, next_offset: int) -> None:
        super().__init__("KIT-FENCED")
        self.next_offset = next_offset


class Sink:
    """Settles the records of one lane. Of `window` neighbouring records it parks `most` and no more: a consumer that
    understands nothing stands still with its topic intact, until somebody has looked."""

    def __init__(self, recipient: Recipient, lane: Lane, *, most: int, window: int) -> None:
        self._settler = Settler(recipient, lane)
        self._lane = lane
        self._most = most
        self._window = window
        self._log = structlog.get_logger().bind(recipient=recipient.name, municipality=lane.municipality)

    async def settle(self, records: Sequence[Record]) -> None:
        """Settle `records`, contiguous and in order; raises `Fenced` when they are not the lane's next ones, and
        `ParkLimitError`."""
        judged = [self._settler.examine(record) for record in records]
        next_offset = records[-1].offset + 1
        async with self._lane.pool.acquire() as connection, connection.transaction():
            rows = self._settler.rows(connection)
            await self._compare(rows, records[0].offset)
            parked = await rows.parked_from(next_offset - self._window)
            settlement = await self._settler.settle(
                connection, judged, next_offset, lambda found: self._bear(found, parked)
            )
        self._tell(settlement)

    async def _compare(self, rows: Rows, first_offset: int) -> None:
        next_offset = await rows.lock()
        if next_offset != first_offset:
            raise Fenced(next_offset)

    def _bear(self, settlement: Settlement, before: int) -> None:
        parked = before + len(settlement.park) + len(settlement.spoil)
        if parked > self._most and parked > before:
            raise ParkLimitError(parked)

    def _tell(self, settlement: Settlement) -> None:
        for finding in settlement.park:
            self._tell_parked(finding.code, partition=self._lane.partition, offset=finding.record.offset)
        for number, code in settlement.spoil.items():
            self._tell_parked(code, number=number)
        if settlement.missing:
            first, last = min(settlement.missing), max(settlement.missing)
            self._log.error("delivery numbers missing", code="KIT-NUMBER-GAP", first=first, last=last)
        if settlement.kept_back:
            self._log.warning("kept back by what is parked", code="KIT-KEPT-BACK", count=settlement.kept_back)
        held = len(settlement.hold) - settlement.kept_back
        if held:
            self._log.warning("residents held", code="KIT-SEQUENCE-GAP", count=held)

    def _tell_parked(self, code: str, **where: int) -> None:
        self._log.error("record parked", code=code, failure=failure_class(code).value, **where)
