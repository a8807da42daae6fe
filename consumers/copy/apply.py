"""The copy of a recipient without duties of its own: the last state of each person, numbers sealed in columns."""

from collections.abc import Sequence

from consumers.kit.fold import Told, tell
from consumers.kit.last_state import LastState, SealedNumbers, places
from infra.runtime.queries import load_queries
from topics.grant import Grant
from topics.messages.delivery import Delivery

_SQL = load_queries("consumers.copy", "queries.sql")

SEALED_FIELDS = ("resident_code", "my_number", "former_resident_code")
NO_LINK_NUMBER = "COPY-NO-LINK-NUMBER"


class GrantedCopy(LastState):
    """Rows of `person`, whatever the grant permits; numbers open only with the recipient's own key.

    A sealed number is bound to the granted catalogue, its field and the person's pseudonym.
    """

    def __init__(self, grant: Grant, key: bytes) -> None:
        super().__init__(_SQL)
        self._linked = grant.identifier == "link-number"
        self._numbers = SealedNumbers(key, grant.catalogue, SEALED_FIELDS)

    def check(self, delivery: Delivery) -> str | None:
        """Who knows persons by link numbers cannot keep one without."""
        return NO_LINK_NUMBER if self._linked and tell(delivery) and not delivery.link_number else None

    def columns(self, rows: Sequence[Told]) -> list[object]:
        """Items, link numbers, and numbers apart from them."""
        items = [row.items_json(without=self._numbers.fields) for row in rows]
        return [*places(rows), items, [row.link_number for row in rows], *self._numbers.columns(rows)]
