"""The projection of a record under a grant: the permitted items and nothing else."""

import hmac
import json
from collections.abc import Container, Mapping
from hashlib import sha256
from typing import Any

from hub.router.delivery_address import delivery_address_items
from hub.router.identity import identity_items
from hub.router.state import GUARDED, Occasion, Record, Sending
from topics.grant import Grant
from topics.guarded import Guarded, Purpose

_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False)


class NumberMissingError(LookupError):
    """A record refers to a number version that the numbers database does not (yet) show."""


def project(
    grant: Grant,
    record: Record,
    state: str,
    numbers: Mapping[str, Guarded],
    occasion: Occasion,
    sending: Sending,
    withheld: Container[str] = frozenset(),
) -> dict[str, Any]:
    """The items that `grant` permits, but for the fields `withheld`; raises `NumberMissingError`."""
    try:
        match grant.catalogue:
            case "identity":
                full = identity_items(record, state, numbers, occasion, sending)
            case "delivery-address":
                full = delivery_address_items(record, numbers, occasion, sending, withheld)
            case _:
                full = record | {field: numbers[record[field]] for field in GUARDED if joins(grant, field, record)}
    except KeyError:
        raise NumberMissingError from None
    shown = (field for field in grant.fields() if field not in withheld)
    return {field: _told(full[field]) for field in shown if full.get(field) is not None}


def _told(value: Any) -> Any:
    return value.reveal(Purpose.JOIN) if isinstance(value, Guarded) else value


def joins(grant: Grant, field: str, record: Record) -> bool:
    """Whether the number behind this guarded field is joined for the grant."""
    return field in grant.fields() and record.get(field) is not None


def trigger_digest(key: bytes, grant: Grant, state: str, items: Mapping[str, Any]) -> bytes:
    """A keyed digest of state and trigger items: equal digests mean that the recipient has nothing new to learn."""
    told = {field: items[field] for field in grant.trigger_fields() if field in items}
    return hmac.digest(key, _CANONICAL.encode([grant.recipient, state, told]).encode(), sha256)
