"""Whether what is sent keeps what was released: a reader that holds to a released schema reads every delivery. Pure.

Under a version an item may cease to be told, and nothing else may change: not a type, not a pattern, not what is always
there. To tell more is another version, released before it is sent, as the grant that permits it is reviewed before.
"""

from collections.abc import Iterator

from topics.schemas.payload import Schema

ANNOTATIONS = frozenset({"$schema", "title", "description"})
STRUCTURE = frozenset({"properties", "required", "items"})


def incompatibilities(released: Schema, present: Schema, place: str = "delivery") -> list[str]:
    """In what `present` breaks `released`, one sentence each, by field; empty when every reader reads on."""
    return [
        *_keywords(released, present, place),
        *_told(released, present, place),
        *_inner(released, present, place),
    ]


def _keywords(released: Schema, present: Schema, place: str) -> Iterator[str]:
    for keyword in sorted((released.keys() | present.keys()) - ANNOTATIONS - STRUCTURE):
        if released.get(keyword) != present.get(keyword):
            yield f"{place}: {keyword} is another"
    if ("items" in released) != ("items" in present):
        yield f"{place}: items is another"


def _told(released: Schema, present: Schema, place: str) -> Iterator[str]:
    before, now = released.get("properties", {}), present.get("properties", {})
    for name in sorted(now.keys() - before.keys()):
        yield f"{place}.{name}: was never told"
    always, still = set(released.get("required", ())), set(present.get("required", ()))
    for name in sorted(always - still):
        yield f"{place}.{name}: is no longer always told"
    for name in sorted(still - always):
        yield f"{place}.{name}: was not always told, and stored records lack it"


def _inner(released: Schema, present: Schema, place: str) -> Iterator[str]:
    before, now = released.get("properties", {}), present.get("properties", {})
    for name in sorted(before.keys() & now.keys()):
        yield from incompatibilities(before[name], now[name], f"{place}.{name}")
    if "items" in released and "items" in present:
        yield from incompatibilities(released["items"], present["items"], f"{place}[]")
