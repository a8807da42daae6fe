"""Asking the national role to confirm an identity: entered first, then sent, and what came of it entered too."""

import secrets
from collections.abc import Mapping
from typing import Any

from infra.runtime.asking import Way, asked
from infra.runtime.key_ring import KeyRing
from infra.runtime.queries import load_queries
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from producers.register.access import Occasion, occasions_complete
from producers.register.connection import register_connection
from topics.catalogue import REGISTER, confirm_group
from topics.envelope.places import confirm_terms, confirmation_terms
from topics.envelope.run import Head
from topics.envelope.sealing import Sealer
from topics.guarded import ResidentCode
from topics.messages.confirmation import Confirmation, FourItems, Query
from topics.national import NATIONAL

_SQL = load_queries("producers.register.confirmation", "queries.sql")


async def confirm(
    settings: Settings,
    ring: KeyRing,
    municipality: str,
    who: ResidentCode | FourItems,
    occasion: Occasion,
    *,
    seconds: float,
) -> Confirmation:
    """What the national role answers; raises `Refusal` for an incomplete occasion, and when no answer came in time."""
    query = _query(municipality, who, occasion)
    async with register_connection(settings, municipality) as connection:
        by = "items" if query.code is None else "code"
        with occasions_complete():
            await connection.execute(_SQL["enter"], query.inquiry_id, *occasion.told(), by)
        answer = await _answer(settings, ring, query, seconds)
        await connection.execute(_SQL["answered"], query.inquiry_id, answer.outcome)
    return answer


async def read_queries(settings: Settings, municipality: str, last: int) -> list[Mapping[str, Any]]:
    """The `last` entries of the city's own log, the newest first; raises `Refusal`."""
    async with register_connection(settings, municipality) as connection:
        return [dict(row) for row in await connection.fetch(_SQL["log"], last)]


def seal(settings: Settings, ring: KeyRing, query: Query) -> bytes:
    """The envelope of one query."""
    sealer = Sealer(confirm_terms(settings.environment, query.municipality), ring.between(REGISTER, NATIONAL))
    return sealer.seal(Head(key=query.municipality, event_id=query.inquiry_id, number=1, sequence=1), query.to_wire())


def _query(municipality: str, who: ResidentCode | FourItems, occasion: Occasion) -> Query:
    try:
        return Query(
            municipality=municipality,
            inquiry_id=secrets.token_hex(16),
            operator=occasion.operator,
            purpose=occasion.purpose,
            code=who if isinstance(who, ResidentCode) else None,
            person=who if isinstance(who, FourItems) else None,
        )
    except ValueError:
        raise Refusal("CONFIRM-OCCASION", "operator: an account; purpose: 1 to 200 characters, no digits") from None


async def _answer(settings: Settings, ring: KeyRing, query: Query, seconds: float) -> Confirmation:
    city, environment = query.municipality, settings.environment
    there, back = confirm_terms(environment, city), confirmation_terms(environment, city)
    way = Way(there, back, confirm_group(environment), Confirmation.from_wire)
    found = await asked(settings, ring, way, [seal(settings, ring, query)], {query.inquiry_id}, seconds)
    return found[query.inquiry_id]
