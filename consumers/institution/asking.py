"""An institution asks (情報照会): its questions go out sealed, and it waits for the answers to just these."""

import secrets
from collections.abc import Sequence

from infra.runtime.asking import Way, asked
from infra.runtime.asking import send as send_envelopes
from infra.runtime.key_ring import KeyRing
from infra.runtime.settings import Settings
from topics.catalogue import group
from topics.envelope.places import answer_terms, inquiry_terms
from topics.envelope.run import Head
from topics.envelope.sealing import Sealer
from topics.guarded import LinkCode
from topics.institutions import INTERMEDIATE
from topics.messages.inquiry import Answer, Inquiry


def new_inquiry(institution: str, municipality: str, purpose: str, items: Sequence[int], code: LinkCode) -> Inquiry:
    """A question that was never asked."""
    return Inquiry(
        institution=institution,
        municipality=municipality,
        inquiry_id=secrets.token_hex(16),
        purpose=purpose,
        code=code,
        items=tuple(items),
    )


async def ask(settings: Settings, ring: KeyRing, inquiries: Sequence[Inquiry], *, seconds: float) -> dict[str, Answer]:
    """The answers to `inquiries`, all of one institution and municipality, by inquiry id.

    Raises `Refusal` when not all have come in time; an institution asks again with a new id.
    """
    environment = settings.environment
    whose = (inquiries[0].institution, inquiries[0].municipality)
    there, back = inquiry_terms(environment, *whose), answer_terms(environment, *whose)
    way = Way(there, back, group(environment, whose[0]), Answer.from_wire)
    ids = {each.inquiry_id for each in inquiries}
    return await asked(settings, ring, way, seal(settings, ring, inquiries), ids, seconds)


def seal(settings: Settings, ring: KeyRing, inquiries: Sequence[Inquiry]) -> list[bytes]:
    """The envelopes of `inquiries`, to the intermediate server."""
    institution, municipality = inquiries[0].institution, inquiries[0].municipality
    terms = inquiry_terms(settings.environment, institution, municipality)
    sealer = Sealer(terms, ring.between(institution, INTERMEDIATE))
    heads = [
        Head(key=municipality, event_id=each.inquiry_id, number=number, sequence=number)
        for number, each in enumerate(inquiries, start=1)
    ]
    return [sealer.seal(head, each.to_wire()) for head, each in zip(heads, inquiries, strict=True)]


async def send(settings: Settings, values: Sequence[bytes], institution: str, municipality: str) -> None:
    """Write envelopes to the institution's topic, as the institution."""
    await send_envelopes(settings, inquiry_terms(settings.environment, institution, municipality), values)
