"""The delivery address file (送付先情報ファイル) as J-LIS keeps it, with its numbers sealed in columns."""

from collections.abc import Sequence

from consumers.kit.fold import Told
from consumers.kit.last_state import LastState, SealedNumbers, places
from infra.runtime.queries import load_queries
from topics.items.delivery_address import DELIVERY_ADDRESS_FILE
from topics.items.measures import measured
from topics.messages.delivery import Delivery
from topics.text.character_sets import character_set

_SQL = load_queries("consumers.jlis", "queries.sql")
_SHOWN = character_set("jis-x-0213")

SEALED_FIELDS = ("resident_code", "my_number")
MEASURE = "JLIS-MEASURE"


class DeliveryAddresses(LastState):
    """Rows of `delivery_address`; items 38 and 50 open only with J-LIS's own key."""

    def __init__(self, key: bytes) -> None:
        super().__init__(_SQL)
        self._numbers = SealedNumbers(key, DELIVERY_ADDRESS_FILE.name, SEALED_FIELDS)

    def check(self, delivery: Delivery) -> str | None:
        """Format check (フォーマットチェック): lengths, counts of gaiji and substitutes are those of the texts told."""
        made = measured(DELIVERY_ADDRESS_FILE, delivery.items, _SHOWN)
        told = {field: tuple(value) if isinstance(value, list) else value for field, value in delivery.items.items()}
        return None if made == told else MEASURE

    def columns(self, rows: Sequence[Told]) -> list[object]:
        """Items, and numbers apart from them."""
        items = [row.items_json(without=self._numbers.fields) for row in rows]
        return [*places(rows), items, *self._numbers.columns(rows)]
