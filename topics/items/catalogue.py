"""What an item (記録項目) is, and how a catalogue of items is read off a record model."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, Field, JsonValue


class ItemType(StrEnum):
    """The shape of an item's value on the wire."""

    TEXT = "text"
    DATE = "date"
    CODE = "code"
    COUNT = "count"
    NAME = "name"
    ADDRESS = "address"
    ENTRY = "entry"


class ItemClass(StrEnum):
    """How an item is guarded: plain, or a number kept in the numbers database."""

    PLAIN = "plain"
    NUMBER = "number"  # 個人番号
    RESIDENT_CODE = "code"  # 住民票コード


@dataclass(frozen=True, slots=True)
class Item:
    """One numbered item of a file: Japanese name as in the assessment, English field name, type, class, meaning."""

    number: int
    name_ja: str
    field: str
    type: ItemType
    item_class: ItemClass
    meaning: str


def item(
    number: int,
    name_ja: str,
    item_type: ItemType,
    meaning: str,
    *,
    item_class: ItemClass = ItemClass.PLAIN,
    required: bool = False,
) -> Any:
    """A model field that is item `number` of its file; optional unless `required`."""
    extra: dict[str, JsonValue] = {
        "item": number,
        "name_ja": name_ja,
        "type": item_type.value,
        "class": item_class.value,
    }
    default: Any = ... if required else None
    return Field(default, description=meaning, json_schema_extra=extra)


class Catalogue:
    """The items of one file, by number and by field name."""

    def __init__(self, name: str, model: type[BaseModel]) -> None:
        self.name = name
        self.model = model
        items = sorted((_read(field, info) for field, info in model.model_fields.items()), key=lambda i: i.number)
        self.by_number = MappingProxyType({item.number: item for item in items})
        self.by_field = MappingProxyType({item.field: item for item in items})

    def fields(self, numbers: tuple[int, ...]) -> tuple[str, ...]:
        """The field names of the items with these numbers, in the numbers' order."""
        return tuple(self.by_number[number].field for number in numbers)


def _read(field: str, info: Any) -> Item:
    extra = info.json_schema_extra
    return Item(
        number=extra["item"],
        name_ja=extra["name_ja"],
        field=field,
        type=ItemType(extra["type"]),
        item_class=ItemClass(extra["class"]),
        meaning=info.description,
    )
