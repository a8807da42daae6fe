"""What a file tells of its texts beside them (項目長・外字数・代替文字・位置情報), made from the texts."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from topics.items.catalogue import Catalogue, Item
from topics.items.formats import Kind
from topics.text.character_sets import CharacterSet
from topics.text.encoding import Encoded, encode

_TOLD: Mapping[Kind, Callable[[Encoded], Any]] = MappingProxyType(
    {
        Kind.LENGTH: lambda encoded: encoded.length,
        Kind.GAIJI: lambda encoded: encoded.gaiji,
        Kind.POSITIONS: lambda encoded: encoded.positions,
        Kind.TEXT: lambda encoded: encoded.text,
    }
)


def measured(catalogue: Catalogue, record: Mapping[str, Any], recipient_set: CharacterSet) -> dict[str, Any]:
    """`record` with all items that tell of its texts; substitute characters only for a text that holds gaiji."""
    told = {
        item.field: value
        for item in catalogue.by_number.values()
        if (value := _measure(catalogue, item, record, recipient_set)) is not None
    }
    return dict(record) | told


def _measure(catalogue: Catalogue, item: Item, record: Mapping[str, Any], recipient_set: CharacterSet) -> Any:
    part = item.value
    if part.of is None and part.original is None:
        return None
    source = part.original or catalogue.by_field[part.of or ""].value.original
    text = record.get(source or part.of or "")
    if text is None or part.form.kind not in _TOLD:
        return None
    encoded = encode(text, recipient_set)
    return None if source and not encoded.gaiji else _TOLD[part.form.kind](encoded)
