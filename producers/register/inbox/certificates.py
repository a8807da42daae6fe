"""Move-out certificates (転出証明書情報) that came: kept sealed until the move-in is filed from them (特例転入)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.keys import REGISTER_KEY, load_key
from infra.runtime.postgres import Connection, connect
from infra.runtime.queries import load_queries
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from producers.register.databases import REGISTER_DATABASE
from producers.register.filings import DomesticMoveIn, NewPerson
from producers.register.inbox.work import Certified
from producers.register.registrar import Outcome, Outcomes, Registrar
from topics.catalogue import REGISTER
from topics.messages.letters import CertificateLetter

_SQL = load_queries("producers.register.inbox", "queries.sql")


@dataclass(frozen=True, slots=True)
class Kept:
    """A certificate as it is listed: nobody's name, and no number."""

    id: int
    counterparty: str
    persons: int
    planned_on: date
    received_at: datetime
    filed_at: datetime | None


class AlreadyFiledError(Exception):
    """Somebody else has filed from the certificate; nothing was registered."""


def certificate_cipher(settings: Settings) -> ColumnCipher:
    """Seals and opens certificates, each for its sender and number; raises `Refusal`."""
    return ColumnCipher(load_key(settings, REGISTER_KEY), table="move_out_certificate", column="sealed")


async def keep_certificates(connection: Connection, cipher: ColumnCipher, certificates: Sequence[Certified]) -> None:
    """Keep them, in the caller's transaction."""
    if not certificates:
        return
    messages = [each.message for each in certificates]
    await connection.execute(
        _SQL["keep_certificates"],
        [message.party for message in messages],
        [message.party_number for message in messages],
        [message.counterparty for message in messages],
        [each.persons for each in certificates],
        [each.planned_on for each in certificates],
        [cipher.seal(_row(e.message.party, e.message.party_number), e.content) for e in certificates],
        [message.received_at for message in messages],
    )


async def certificates(settings: Settings, municipality: str, *, filed: bool = False) -> list[Kept]:
    """Those that wait for their persons in the order they came, those filed from too if asked for; raises `Refusal`."""
    rows = await _fetch(settings, municipality, "certificates", filed)
    return [Kept(**row) for row in rows]


async def read_certificate(settings: Settings, municipality: str, number: int) -> CertificateLetter:
    """What a certificate that waits says, numbers guarded; raises `Refusal`."""
    rows = await _fetch(settings, municipality, "certificate", number)
    if not rows or rows[0]["sealed"] is None:
        raise _not_there(number)
    row = rows[0]
    return CertificateLetter.from_wire(
        certificate_cipher(settings).open(_row(row["party"], row["party_number"]), row["sealed"])
    )


async def file_from(registrar: Registrar, number: int, filing: DomesticMoveIn) -> Outcome:
    """Register a move-in that was filed from certificate `number`; with it, in one transaction, the certificate's
    content goes. Raises `Refusal` when there is none that waits."""
    try:
        (outcome,) = await registrar.register([filing], partial(_filed, number, filing.filing_id))
    except AlreadyFiledError:
        raise _not_there(number) from None
    return outcome


async def _filed(number: int, filing_id: UUID, connection: Connection, outcomes: Outcomes) -> None:
    stands = outcomes[filing_id].result == "registered"
    if stands and await connection.fetchval(_SQL["certificate_filed"], number, filing_id) is None:
        raise AlreadyFiledError


async def _fetch(settings: Settings, municipality: str, query: str, *arguments: object) -> list[Any]:
    name = REGISTER_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, name, role=REGISTER, principal=REGISTER)
    try:
        return list(await connection.fetch(_SQL[query], *arguments))
    finally:
        await connection.close()


def _row(party: object, number: object) -> str:
    return f"{party}/{number}"


def _not_there(number: int) -> Refusal:
    return Refusal("CERTIFICATE-UNKNOWN", f"no certificate {number} waits; kairan notices certificates shows them")


def persons_of(letter: CertificateLetter) -> tuple[NewPerson, ...]:
    """The persons as a move-in is filed of them; what the certificate does not say is for the desk to add."""
    told = ("name", "birth_date", "sex", "resident_class", "my_number", "resident_code", "registered_domicile",
            "domicile_head")  # fmt: skip
    return tuple(
        NewPerson.model_validate(
            {name: getattr(person, name) for name in told} | {"relationship": person.relationship or "同居人"}
        )
        for person in letter.persons
    )
