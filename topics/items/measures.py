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
    """`record` with all items that tell of its texts, made anew; substitute characters only for what holds gaiji."""
    measures = [item for item in catalogue.by_number.values() if _tells_of_a_text(item)]
    made = {item.field: _measure(catalogue, item, record, recipient_set) for item in measures}
    return {field: value for field, value in {**record, **made}.items() if value is not None}


def _tells_of_a_text(item: Item) -> bool:
    return item.value.form.kind in _TOLD and (item.value.of or item.value.original) is not None


def _measure(catalogue: Catalogue, item: Item, record: Mapping[str, Any], recipient_set: CharacterSet) -> Any:
    told_of = catalogue.by_field[item.value.of].value if item.value.of else item.value
    text = record.get(told_of.original or item.value.of or "")
    if text is None:
        return None
    encoded = encode(text, recipient_set)
    return None if told_of.original and not encoded.gaiji else _TOLD[item.value.form.kind](encoded)
