"""Another municipality's copy: what its grant permits, and in the same transaction the answer to a certificate."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic_core import to_json

from consumers.copy.apply import GrantedCopy
from consumers.kit.outbox import Draft, enqueue
from consumers.municipality.letters import Writer
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from topics.grant import Grant
from topics.messages.delivery import Delivery
from topics.messages.inbound import MoveInNotice
from topics.messages.letters import MOST_PERSONS

_SQL = load_queries("consumers.municipality", "queries.sql")


class MunicipalityCopy(GrantedCopy):
    """The plain copy; where it is told to, it answers a move-out certificate with a move-in notice."""

    def __init__(self, settings: Settings, grant: Grant, key: bytes) -> None:
        super().__init__(grant, key)
        self._certified = grant.population == "leaving" and grant.admits("move-in-notice")
        self._address = grant.counterparty
        self._writer = Writer(settings, grant.recipient)

    async def apply(self, connection: Connection, municipality: str, deliveries: Sequence[Delivery]) -> None:
        """Keep the last state of each person, and answer."""
        await super().apply(connection, municipality, deliveries)
        if self._certified:
            answering = await connection.fetchrow(_SQL["answering"], municipality)
            if answering is not None:
                await enqueue(connection, municipality, list(self._answers(municipality, deliveries, answering)))

    def _answers(self, municipality: str, deliveries: Sequence[Delivery], answering: Any) -> Iterator[Draft]:
        """One notice for the persons of one filing."""
        for codes in _filings(deliveries):
            content = {
                "resident_codes": codes,
                "moved_in_on": answering["moved_in_on"],
                "noticed_on": answering["noticed_on"],
                "address": {"text": answering["address"], "municipality": self._address},
            }
            yield self._writer.draft(MoveInNotice, municipality, to_json(content))


def _filings(deliveries: Sequence[Delivery]) -> Iterator[list[str]]:
    """The resident codes of who is certified to come, by filing."""
    groups: dict[str, list[str]] = {}
    for delivery in deliveries:
        code = delivery.items.get("resident_code")
        if isinstance(code, str) and "planned_move_out" in delivery.items:
            groups.setdefault(delivery.group.id if delivery.group else delivery.subject, []).append(code)
    for codes in groups.values():
        yield from ([*part] for part in _parts(codes))


def _parts(codes: Sequence[str]) -> Iterator[Sequence[str]]:
    return (codes[n : n + MOST_PERSONS] for n in range(0, len(codes), MOST_PERSONS))
