"""Issuing a document (証明書発行): read, made and written into the history in one transaction; then there are bytes.

The numbers database commits its own log of the reading before it gives a number out. What is returned has still to go
through the one gate for output to media.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from uuid import UUID

from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.keys import NUMBERS_KEY, load_key
from infra.runtime.postgres import connect
from infra.runtime.queries import load_queries
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from producers.register.access import Lookup, looking_up, occasions_complete
from producers.register.databases import NUMBERS_DATABASE
from producers.register.documents.content import Numbers, compose, references_of
from producers.register.documents.pdf import Rendered, Substituted, render
from producers.register.documents.request import Request, allowed
from topics.catalogue import REGISTER
from topics.guarded import KINDS, Guarded
from topics.items.resident import ResidentRecord

_SQL = load_queries("producers.register.documents", "queries.sql")
CERTIFICATE_ROLE = "certificate"
JAPAN = timezone(timedelta(hours=9))


@dataclass(frozen=True, slots=True)
class Issued:
    """A document that may be released: its history row is committed. `digest` is the SHA-256 of its bytes."""

    issue_id: UUID
    resident: str
    content: bytes = field(repr=False)
    digest: bytes
    substituted: tuple[Substituted, ...]


async def issue(settings: Settings, municipality: str, request: Request) -> Issued:
    """The document that `request` asks for; raises `Refusal` when it may not be had or there is no such resident."""
    allowed(request)
    async with looking_up(settings, municipality, CERTIFICATE_ROLE, request.occasion) as lookup:
        records = await _records(lookup, request)
        issued = await _made(settings, municipality, request, records, lookup) if records else None
    if issued is None:
        raise Refusal("KRN-DOCUMENT-RESIDENT", "resident: the register has no such resident now; look the number up")
    return issued


async def _made(
    settings: Settings, municipality: str, request: Request, records: Sequence[ResidentRecord], lookup: Lookup
) -> Issued:
    numbers = await _numbers(settings, municipality, request, records, lookup.id)
    today = datetime.now(UTC).astimezone(JAPAN).date()
    rendered = render(compose(request, records, numbers, today, str(lookup.id)))
    return await _recorded(lookup, request, records, rendered)


async def _records(lookup: Lookup, request: Request) -> list[ResidentRecord]:
    rows = await lookup.ask("read_for_document", request.resident, request.household, bool(request.numbers))
    await lookup.tell([row["addressee_number"] for row in rows])
    return [ResidentRecord.model_validate_json(row["record"]) for row in rows]


async def _numbers(
    settings: Settings, municipality: str, request: Request, records: Sequence[ResidentRecord], issue_id: UUID
) -> Numbers:
    references = [reference for record in records for reference in references_of(request, record)]
    if not references:
        return {}
    cipher = ColumnCipher(load_key(settings, NUMBERS_KEY), table="number_version", column="number")
    name = NUMBERS_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, name, role=CERTIFICATE_ROLE, principal=REGISTER)
    try:
        with occasions_complete():
            rows = await connection.fetch(_SQL["read_numbers"], issue_id, *request.occasion.told(), references)
    finally:
        await connection.close()
    return {row["reference"]: _opened(cipher, row["reference"], row["kind"], row["sealed"]) for row in rows}


def _opened(cipher: ColumnCipher, reference: str, kind: str, sealed: bytes) -> Guarded:
    return KINDS[kind](cipher.open(reference, sealed).decode("ascii"))


async def _recorded(lookup: Lookup, request: Request, records: Sequence[ResidentRecord], rendered: Rendered) -> Issued:
    digest = sha256(rendered.content).digest()
    await lookup.connection.execute(
        _SQL["save_issue"],
        lookup.id,
        request.kind.value,
        request.resident,
        [record.addressee_number for record in records],
        [*request.items, *request.numbers],
        *request.occasion.told(),
        len(rendered.substituted),
        digest,
    )
    return Issued(lookup.id, request.resident, rendered.content, digest, rendered.substituted)
