"""What an item (記録項目) is, and how a catalogue of items is read off a record model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, get_args

from pydantic import BaseModel, Field, JsonValue
from pydantic.fields import FieldInfo

from topics.items.formats import FORMATS, Format

_SPACES = str.maketrans("", "", " 　")


class ItemType(StrEnum):
    """The shape of an item's value on the wire."""

    TEXT = "text"
    DATE = "date"
    CODE = "code"
    COUNT = "count"
    NAME = "name"
    ADDRESS = "address"
    ENTRY = "entry"
    POSITIONS = "positions"


class ItemClass(StrEnum):
    """How an item is guarded: plain, or a number kept in the numbers database."""

    PLAIN = "plain"
    NUMBER = "number"  # 個人番号
    RESIDENT_CODE = "code"  # 住民票コード


class Blank(StrEnum):
    """When an item may be empty; 住民記録システム標準仕様書 1.1.6."""

    NEVER = "never"
    ALLOWED = "allowed"
    NOT_FOR_JAPANESE = "not for Japanese residents"
    NOT_FOR_FOREIGN = "not for foreign residents"
    NOT_WHILE_RESIDENT = "not while a resident"


@dataclass(frozen=True, slots=True)
class Part:
    """What a value must be: its format, its greatest length in characters, its code list, and its own parts.

    `of` is the field of the same record that a length, a gaiji count or positions tell of; `original` the field that a
    text with substitute characters (代替文字) stands for.
    """

    form: Format
    max_length: int | None = None
    codes: str | None = None
    of: str | None = None
    original: str | None = None
    required: bool = False
    parts: Mapping[str, "Part"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """One numbered item of a file: Japanese name as in the assessment, English field name, type, class, meaning.

    `aliases` are what a name that is plainly a slip of the pen should have been.
    """

    number: int
    name_ja: str
    field: str
    type: ItemType
    item_class: ItemClass
    meaning: str
    blank: Blank
    aliases: tuple[str, ...]
    value: Part


def item(
    number: int,
    name_ja: str,
    item_type: ItemType,
    meaning: str,
    form: str,
    *,
    item_class: ItemClass = ItemClass.PLAIN,
    required: bool = False,
    blank: Blank = Blank.ALLOWED,
    aliases: tuple[str, ...] = (),
    max_length: int | None = None,
    codes: str | None = None,
    of: str | None = None,
    original: str | None = None,
) -> Any:
    """A model field that is item `number` of its file, in format `form`; optional unless `required`."""
    extra: dict[str, JsonValue] = {
        "item": number,
        "name_ja": name_ja,
        "item_type": item_type.value,
        "class": item_class.value,
        "blank": (Blank.NEVER if required else blank).value,
        "aliases": list(aliases),
    }
    return _field(meaning, extra | _told(form, max_length, codes, of, original), required=required)


def part(
    meaning: str, form: str, *, required: bool = False, max_length: int | None = None, codes: str | None = None
) -> Any:
    """A field of a model that is the value of an item."""
    return _field(meaning, _told(form, max_length, codes, None, None), required=required)


class Catalogue:
    """The items of one file, by number, by field name and by Japanese name."""

    def __init__(self, name: str, title: str, model: type[BaseModel]) -> None:
        self.name = name
        self.title = title
        self.model = model
        items = sorted((_read(field, info) for field, info in model.model_fields.items()), key=lambda i: i.number)
        self.by_number = MappingProxyType({item.number: item for item in items})
        self.by_field = MappingProxyType({item.field: item for item in items})

    def fields(self, numbers: tuple[int, ...]) -> tuple[str, ...]:
        """The field names of the items with these numbers, in the numbers' order."""
        return tuple(self.by_number[number].field for number in numbers)

    def named(self, name_ja: str) -> tuple[Item, ...]:
        """The items of this name or alias, whatever its spaces: none, one, or two where a name is given twice."""
        wanted = _spaceless(name_ja)
        return tuple(i for i in self.by_number.values() if wanted in map(_spaceless, (i.name_ja, *i.aliases)))


def _spaceless(name: str) -> str:
    return name.translate(_SPACES)


def _told(
    form: str, max_length: int | None, codes: str | None, of: str | None, original: str | None
) -> dict[str, JsonValue]:
    return {"format": form, "max_length": max_length, "codes": codes, "of": of, "original": original}


def _field(meaning: str, extra: dict[str, JsonValue], *, required: bool) -> Any:
    default: Any = ... if required else None
    return Field(default, description=meaning, json_schema_extra=extra)


def _read(field: str, info: Any) -> Item:
    extra = info.json_schema_extra
    return Item(
        number=extra["item"],
        name_ja=extra["name_ja"],
        field=field,
        type=ItemType(extra["item_type"]),
        item_class=ItemClass(extra["class"]),
        meaning=info.description,
        blank=Blank(extra["blank"]),
        aliases=tuple(extra["aliases"]),
        value=_read_part(info),
    )


def _read_part(info: FieldInfo) -> Part:
    extra: Any = info.json_schema_extra
    form = FORMATS[extra["format"]]
    fields = {name: inner for model in _models(info.annotation) for name, inner in model.model_fields.items()}
    return Part(
        form=form,
        max_length=extra["max_length"] or form.max_length,
        codes=extra["codes"],
        of=extra["of"],
        original=extra["original"],
        required=info.is_required(),
        parts=MappingProxyType({name: _read_part(inner) for name, inner in fields.items()}),
    )


def _models(annotation: Any) -> list[type[BaseModel]]:
    """The model in an annotation such as `Address` or `Address | None`."""
    return [
        each for each in (annotation, *get_args(annotation)) if isinstance(each, type) and issubclass(each, BaseModel)
    ]
