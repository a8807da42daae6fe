"""The schema of a recipient's deliveries, derived from its grant: what it gets, and nothing else. Pure."""

from typing import Any

from pydantic import BaseModel

from topics.grant import Grant
from topics.items.catalogue import ItemClass
from topics.items.identity import IDENTITY_FILE
from topics.messages.delivery import Delivery, DeliveryKind
from topics.scope import CATALOGUES

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
KEPT = frozenset({"type", "enum", "const", "pattern", "minimum", "maximum", "minLength", "maxLength", "format"})
"""The keywords that say what a value may be; what a model says besides is left out."""
FORMATS = frozenset({"uuid", "date-time"})
"""Formats of JSON Schema; those of the items are this project's words and stand in the items' own reference."""


def payload_schema(grant: Grant) -> Schema:
    """The schema of the content of `grant`'s envelopes; a field without a value does not stand there at all."""
    schema = model_schema(Delivery)
    properties = {name: told for name, told in schema["properties"].items() if name not in _untold(grant)}
    properties["recipient"] = {"const": grant.recipient}
    properties["kind"] = {**properties["kind"], "enum": _kinds(grant)}
    if grant.protection.told == "flag":
        properties["protection"] = _only(properties["protection"], "blocked")
    properties["items"] = _items(grant)
    title = f"a delivery to {grant.recipient}"
    return {"$schema": DIALECT, "title": title, **schema, "properties": properties}


def model_schema(model: type[BaseModel]) -> Schema:
    """The schema of a model as it is written: without references, titles, defaults and empty values.

    A field with a constant value is always written, so it is required.
    """
    whole = model.model_json_schema()
    return _plain(whole, whole.get("$defs", {}))


def _untold(grant: Grant) -> set[str]:
    """What a delivery could tell and this grant does not let it."""
    told = {
        "group": grant.groups,
        "link_number": grant.identifier == "link-number",
        "protection": grant.protection.told != "none",
        "recalled": grant.protection.while_blocked == "withhold",
    }
    fields = {name: name in grant.delivery_fields for name in ("reason", "dates", "operator")}
    return {name for name, granted in (told | fields).items() if not granted}


def _kinds(grant: Grant) -> list[str]:
    """The kinds of delivery that there are under this grant."""
    rule = grant.protection
    never = {DeliveryKind.BLOCK: rule.told == "none", DeliveryKind.RECALL: rule.while_blocked == "send"}
    return [kind.value for kind in DeliveryKind if not never.get(kind)]


def _only(told: Schema, name: str) -> Schema:
    """An object of which one field alone is told."""
    return {**told, "properties": {name: told["properties"][name]}, "required": [name]}


def _items(grant: Grant) -> Schema:
    """The granted items by field name; none is required, since any may be without a value."""
    catalogue = CATALOGUES[grant.catalogue]
    models = {each: model_schema(each.model)["properties"] for each in (catalogue, IDENTITY_FILE)}
    properties = {}
    for number in grant.items:
        item = catalogue.by_number[number]
        # A granted number is told itself; file 1 has but a reference to it.
        source = catalogue if item.item_class is ItemClass.PLAIN else IDENTITY_FILE
        properties[item.field] = {"title": f"{number} {item.name_ja}", **models[source][item.field]}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _plain(told: Schema, named: dict[str, Schema]) -> Schema:
    if "$ref" in told:
        return _plain(named[told["$ref"].rpartition("/")[2]], named)
    if "anyOf" in told:
        (only,) = [each for each in told["anyOf"] if each != {"type": "null"}]
        return _plain(only, named)
    plain = {keyword: value for keyword, value in told.items() if keyword in KEPT}
    if plain.get("format") not in FORMATS:
        plain.pop("format", None)
    if "items" in told:
        plain["items"] = _plain(told["items"], named)
    return plain | _object(told, named) if "properties" in told else plain


def _object(told: Schema, named: dict[str, Schema]) -> Schema:
    always = {name for name, each in told["properties"].items() if "const" in each}
    return {
        "properties": {name: _plain(each, named) for name, each in told["properties"].items()},
        "required": [name for name in told["properties"] if name in {*told.get("required", ()), *always}],
        "additionalProperties": False,
    }
