"""Resending (再送) by hand: whoever was changed within a period is told anew to one recipient; two persons say why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from pydantic import TypeAdapter, ValidationError

from infra.runtime.queries import load_queries
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from producers.register.connection import register_connection
from producers.register.events import JAPAN
from producers.register.inbox.worklist import check_account
from producers.register.retelling import retell
from topics.messages.inbound import Reason

_SQL = load_queries("producers.register", "queries.sql")
_REASON: TypeAdapter[str] = TypeAdapter(Reason)
RESIDENTS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Resend:
    """To whom, of which days (in Japan, both included) and of which residents (all when none is named), and the two
    persons who want it, and why."""

    recipient: str
    first: date
    last: date
    residents: tuple[str, ...]
    reason: str
    by: str
    second: str

    def __post_init__(self) -> None:
        """Raises `Refusal`."""
        check_account(self.by)
        check_account(self.second)
        if self.by == self.second:
            raise Refusal("RESEND-PERSONS", "by and second: accounts of two persons")
        if self.last < self.first:
            raise Refusal("RESEND-PERIOD", "to: not before from")
        try:
            _REASON.validate_python(self.reason)
        except ValidationError:
            raise Refusal("RESEND-REASON", "reason: 1 to 200 characters, no digits: it stays on record") from None


async def resend(settings: Settings, municipality: str, wanted: Resend, *, carry_out: bool = True) -> int:
    """Have their present state told anew; returns of how many residents, none of whom is named. Who of them the
    recipient may see is decided by its grant, as ever. Stopped half-way, it is simply wanted again."""
    async with register_connection(settings, municipality) as connection:
        begin, end = _midnight(wanted.first), _midnight(wanted.last + timedelta(days=1))
        rows = await connection.fetch(_SQL["changed_between"], begin, end, list(wanted.residents))
        residents = [row["addressee_number"] for row in rows]
        for some in _batches(residents) if carry_out else ():
            async with connection.transaction():
                told = {"reason": wanted.reason, "by": wanted.by, "second": wanted.second}
                await retell(connection, municipality, wanted.recipient, some, **told)
    return len(residents)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), JAPAN)


def _batches(residents: Sequence[str]) -> list[Sequence[str]]:
    return [residents[first : first + RESIDENTS_AT_ONCE] for first in range(0, len(residents), RESIDENTS_AT_ONCE)]
