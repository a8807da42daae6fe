"""A second reader of the schemas that are derived: whether a document is as its schema says (JSON Schema 2020-12)."""

import re
from collections.abc import Iterator
from typing import Any

TYPES = {"object": dict, "string": str, "integer": int, "boolean": bool, "array": list}
JUDGED = frozenset({"type", "const", "enum", "pattern", "minimum", "maximum", "properties", "required", "items",
                    "additionalProperties", "format", "title", "$schema"})  # fmt: skip


def departures(schema: dict[str, Any], value: Any, place: str = "delivery") -> list[str]:
    """Where the document departs from the schema, by field and keyword."""
    assert schema.keys() <= JUDGED
    return [*_value(schema, value, place), *_object(schema, value, place), *_list(schema, value, place)]


def _value(schema: dict[str, Any], value: Any, place: str) -> Iterator[str]:
    if "type" in schema and type(value) is not TYPES[schema["type"]]:
        yield f"{place}: type"
    if value not in schema.get("enum", [value]) or value != schema.get("const", value):
        yield f"{place}: value"
    if "pattern" in schema and re.search(schema["pattern"], str(value)) is None:
        yield f"{place}: pattern"
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{place}: range"


def _object(schema: dict[str, Any], value: Any, place: str) -> Iterator[str]:
    if isinstance(value, dict):
        known = schema.get("properties", {})
        yield from (f"{place}.{name}: missing" for name in set(schema.get("required", ())) - value.keys())
        yield from (f"{place}.{name}: not in the schema" for name in value.keys() - known.keys())
        for name in value.keys() & known.keys():
            yield from departures(known[name], value[name], f"{place}.{name}")


def _list(schema: dict[str, Any], value: Any, place: str) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from departures(schema["items"], each, f"{place}[]")
