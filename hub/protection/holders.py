"""Who holds a person's address, by the ledger: the last that a recipient was told of her decides. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from topics.items.address import address_items
from topics.messages.delivery import DeliveryKind

Holder = tuple[str, int, str]
"""A recipient, the generation of its grant, and an addressee number."""


def holders(disclosed: Iterable[tuple[str, Mapping[str, Any]]]) -> set[Holder]:
    """Who holds it after these disclosures, given in order as addressee number and entry, void ones left out.

    A delivery carries the whole state, so that one without the address, a tombstone among them, ends it; so does a
    recall. A block takes nothing away.
    """
    found: set[Holder] = set()
    for resident, entry in disclosed:
        place = (entry["recipient"], entry["generation"], resident)
        if not address_items(entry["file"]).isdisjoint(entry["items"]):
            found.add(place)
        elif entry.get("instruction") != DeliveryKind.BLOCK:
            found.discard(place)
    return found
