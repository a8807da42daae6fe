"""What the entries of each kind say; numbers of items, never their values. Pure."""

from hashlib import sha256

from hub.router.state import Routed
from topics.envelope.keys import PublicKey
from topics.grant import Grant
from topics.messages.delivery import INSTRUCTIONS
from topics.messages.inbound import Acknowledgement, Discard
from topics.scope import CATALOGUES

Body = dict[str, object]


def disclosed(routed: Routed, envelope: bytes, grant_digest: str) -> Body:
    """A delivery that may reach its recipient from now on; `envelope` is the digest of its sealed bytes."""
    grant, delivery = routed.grant, routed.delivery
    known = CATALOGUES[grant.catalogue].by_field
    return {
        "recipient": delivery.recipient,
        "generation": delivery.generation,
        "number": delivery.number,
        "file": grant.catalogue,
        "items": sorted(known[field].number for field in delivery.items),
        "fields": [name for name in (*grant.delivery_fields, "protection") if getattr(delivery, name) is not None],
        "basis": list(grant.legal_basis),
        "grant": grant_digest,
        "digest": envelope.hex(),
        **({"instruction": delivery.kind.value} if delivery.kind in INSTRUCTIONS else {}),
    }


def voided(grant: Grant, first: int, last: int) -> Body:
    """Deliveries that were decided and never left."""
    return {"recipient": grant.recipient, "generation": grant.generation, "first": first, "last": last}


def acknowledged(message: Acknowledgement) -> Body:
    """What the recipient says became of deliveries, under its own signature."""
    return {
        "recipient": message.party,
        "generation": message.generation,
        "first": message.first,
        "last": message.last,
        "outcome": message.outcome,
        "digest": message.digest,
        "key": message.key_id,
        "signature": message.signature,
    }


def discarded(message: Discard, number: int | None) -> Body:
    """What two persons of the recipient will never apply: a delivery, or a record that is none."""
    place: Body = {"offset": message.offset} if number is None else {"number": number}
    return {
        "recipient": message.party,
        "generation": message.generation,
        **place,
        "reason": message.reason,
        "by": message.by,
        "second": message.second,
    }


def granted(grant: Grant) -> Body:
    """The terms under which disclosures happen from now on."""
    return {
        "recipient": grant.recipient,
        "generation": grant.generation,
        "grant": digest_of(grant).hex(),
        "state": "in-force",
        "file": grant.catalogue,
        "items": list(grant.items),
        "fields": list(grant.delivery_fields),
        "basis": list(grant.legal_basis),
        "purpose": grant.purpose,
        "population": grant.population,
        "protection": grant.protection.model_dump(mode="json"),
        "letter": grant.request.letter_sha256,
        "reviewer": grant.review.reviewer if grant.review else None,
    }


def revoked(grant: Grant) -> Body:
    """The end of a grant: nothing is disclosed under it from now on."""
    return {
        "recipient": grant.recipient,
        "generation": grant.generation,
        "grant": digest_of(grant).hex(),
        "state": "revoked",
    }


def keyed(line: PublicKey) -> Body:
    """A key as it stands in the register from now on."""
    return {
        "key": line.key_id,
        "principal": line.principal,
        "algorithm": line.algorithm.value,
        "public": line.public,
        "state": line.state.value,
        "marks": dict(line.marks),
    }


def digest_of(declared: Grant | PublicKey) -> bytes:
    """A declaration's name in the ledger: the digest of all that it says."""
    return sha256(declared.to_wire()).digest()
