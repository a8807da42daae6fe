"""The welfare department's case view: the persons on its own list, as last told."""

from consumers.kit.last_state import LastState
from infra.runtime.queries import load_queries

_SQL = load_queries("consumers.welfare", "queries.sql")


class PersonCopy(LastState):
    """Rows of `person`; a tombstone removes the row. Nothing is sealed by column: the grant has no numbers."""

    def __init__(self) -> None:
        super().__init__(_SQL)
