"""What was released is kept: a change that a reader of a released schema would stumble over is refused here."""

from collections.abc import Callable
from copy import deepcopy

import pytest

from topics.declared import declared_by_recipient
from topics.grant import Grant
from topics.messages.change import Change
from topics.messages.delivery import Delivery
from topics.schemas.compatibility import incompatibilities
from topics.schemas.payload import Schema, model_schema, payload_schema
from topics.schemas.released import released

GRANTS = declared_by_recipient()
WELFARE = GRANTS["welfare"]
Alteration = Callable[[Schema], object]


@pytest.mark.parametrize("recipient", GRANTS)
def test_what_is_sent_keeps_what_was_released(recipient: str) -> None:
    """Who is told more, or otherwise, gets a version first: kairan docs schema NAME > topics/schemas/NAME/v<n>.json"""
    versions = released(recipient)
    assert list(versions) == list(range(1, len(versions) + 1)) != []
    assert incompatibilities(versions[len(versions)], payload_schema(GRANTS[recipient])) == []


def test_a_recipient_of_which_nothing_was_released_has_no_version() -> None:
    assert released("library") == {}


BREAKS: dict[str, tuple[Alteration, str]] = {
    "an item more": (lambda s: s["properties"]["items"]["properties"].update(remarks={"type": "string"}), "remarks"),
    "another type": (lambda s: s["properties"]["number"].update(type="string"), "number"),
    "another pattern": (lambda s: s["properties"]["municipality"].update(pattern="^[0-9]{5}$"), "municipality"),
    "a kind more": (lambda s: s["properties"]["kind"]["enum"].append("forgotten"), "kind"),
    "a kind less": (lambda s: s["properties"]["kind"]["enum"].pop(), "kind"),
    "a limit that was not there": (lambda s: s["properties"]["subject"].update(maxLength=8), "subject"),
    "a limit gone": (lambda s: s["properties"]["number"].pop("maximum"), "number"),
    "not always there": (lambda s: s["required"].remove("sequence"), "sequence"),
    "always there from now on": (lambda s: s["required"].append("refers_to"), "refers_to"),
    "a part of an item more": (
        lambda s: s["properties"]["items"]["properties"]["name"]["properties"].update(romaji={}), "romaji",
    ),
    "a part of an item of another form": (
        lambda s: s["properties"]["items"]["properties"]["address"]["properties"]["text"].update(type="array"), "text",
    ),
    "open to anything": (lambda s: s["properties"]["items"].update(additionalProperties=True), "items"),
}  # fmt: skip


@pytest.mark.parametrize("change", BREAKS)
def test_an_incompatible_change_is_refused_by_name(change: str) -> None:
    alter, field = BREAKS[change]
    before = payload_schema(WELFARE)
    after = deepcopy(before)
    alter(after)
    found = incompatibilities(before, after)
    assert found
    assert all(field in sentence for sentence in found)


@pytest.mark.parametrize("recipient", GRANTS)
def test_every_item_may_cease_to_be_told(recipient: str) -> None:
    grant, before = GRANTS[recipient], payload_schema(GRANTS[recipient])
    for gone in grant.items:
        narrower = tuple(number for number in grant.items if number != gone)
        assert incompatibilities(before, payload_schema(grant.model_copy(update={"items": narrower}))) == []


WIDER: dict[str, dict[str, object]] = {
    "an item": {"items": (*WELFARE.items, 26)},
    "a number": {"items": (*WELFARE.items, 3)},
    "the change's own reason": {"delivery_fields": ("reason",)},
    "link numbers": {"identifier": "link-number"},
}


@pytest.mark.parametrize("more", WIDER)
def test_a_wider_grant_needs_another_version(more: str) -> None:
    assert incompatibilities(payload_schema(WELFARE), payload_schema(WELFARE.model_copy(update=WIDER[more])))


@pytest.mark.parametrize("recipient", GRANTS)
def test_a_schema_lets_the_granted_items_through_and_no_others(recipient: str) -> None:
    grant = GRANTS[recipient]
    items = payload_schema(grant)["properties"]["items"]
    assert set(items["properties"]) == set(grant.fields())
    assert items["additionalProperties"] is False
    types = {"string", "integer", "boolean", "object", "array"}
    assert all(each["type"] in types for each in items["properties"].values())


def test_a_granted_number_is_told_as_a_number_not_as_a_reference() -> None:
    wider = WELFARE.model_copy(update={"items": (2, 3)})
    patterns = {name: each["pattern"] for name, each in _items(wider).items()}
    assert patterns == {"resident_code": "^[0-9]{11}$", "my_number": "^[0-9]{12}$"}


def _items(grant: Grant) -> dict[str, Schema]:
    properties: dict[str, Schema] = payload_schema(grant)["properties"]["items"]["properties"]
    return properties


@pytest.mark.parametrize("model", [Delivery, Change])
def test_a_schema_has_every_field_of_its_model(model: type[Delivery] | type[Change]) -> None:
    told = model_schema(model)
    assert set(told["properties"]) == set(model.model_fields)
    assert "schema_version" in told["required"]
    assert "$ref" not in str(told)
