"""What a file tells of its texts beside them (項目長・外字数・代替文字・位置情報), made from the texts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
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


@dataclass(frozen=True, slots=True)
class Measure:
    """An item that tells of a text: its field and the text's; of a text without gaiji only where `always`."""

    field: str
    text: str
    tells: Callable[[Encoded], Any]
    always: bool

    def of(self, encoded: Encoded | None) -> Any:
        """What it tells; None where there is nothing to tell of."""
        return self.tells(encoded) if encoded is not None and (self.always or encoded.gaiji) else None


def measured(catalogue: Catalogue, record: Mapping[str, Any], recipient_set: CharacterSet) -> dict[str, Any]:
    """`record` with all items that tell of its texts, made anew; substitute characters only for what holds gaiji."""
    measures = _measures(catalogue)
    texts = {measure.text: record.get(measure.text) for measure in measures}
    encoded = {field: encode(text, recipient_set) for field, text in texts.items() if text is not None}
    made = {measure.field: measure.of(encoded.get(measure.text)) for measure in measures}
    return {field: value for field, value in {**record, **made}.items() if value is not None}


@cache
def _measures(catalogue: Catalogue) -> tuple[Measure, ...]:
    return tuple(_measure(catalogue, item) for item in catalogue.by_number.values() if _tells_of_a_text(item))


def _tells_of_a_text(item: Item) -> bool:
    return item.value.form.kind in _TOLD and (item.value.of or item.value.original) is not None


def _measure(catalogue: Catalogue, item: Item) -> Measure:
    """A length or count tells of `of`; where that is a substitute itself, of the text behind it."""
    told_of = catalogue.by_field[item.value.of].value if item.value.of else item.value
    text = told_of.original or item.value.of or ""
    return Measure(item.field, text, _TOLD[item.value.form.kind], always=told_of.original is None)
