"""How counterparts of statements are written down: by the name that their ``.sql`` file gives them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from hub.commandline.faults.tables import Row, View

Handler = Callable[..., Sequence[Row]]
Insert = Callable[[View, Row], None]


class Statements:
    """The counterparts of one ``.sql`` file; `copies` take whole rows, by table."""

    def __init__(self, queries: Mapping[str, str]) -> None:
        self.queries = queries
        self.handlers: dict[str, Handler] = {}
        self.copies: dict[str, Insert] = {}

    def name(self, name: str) -> Callable[[Handler], Handler]:
        """Says which query a function stands for."""

        def said(handler: Handler) -> Handler:
            self.handlers[name] = handler
            return handler

        return said

    def copy(self, table: str) -> Callable[[Insert], Insert]:
        """Says into which table a function copies a row."""

        def said(insert: Insert) -> Insert:
            self.copies[table] = insert
            return insert

        return said


class UnknownStatementError(NotImplementedError):
    """A statement that has no counterpart in memory yet."""

    def __init__(self, text: str) -> None:
        super().__init__(f"no counterpart under hub/commandline/faults/statements for: {text}")


class Known:
    """All counterparts, by the statements' texts."""

    def __init__(self, *parts: Statements) -> None:
        self.handlers = {
            part.queries[name]: (name, handler) for part in parts for name, handler in part.handlers.items()
        }
        self.copies = {table: insert for part in parts for table, insert in part.copies.items()}

    def named(self, text: str) -> tuple[str, Handler]:
        """A statement's name and counterpart; one that is unknown raises `UnknownStatementError` when it is run: by the
        store, where no process can pass over it."""

        def refuse(*_given: Any) -> Sequence[Row]:
            raise UnknownStatementError(text)

        return self.handlers.get(text, ("unknown", refuse))


def columns(rows: Iterable[Row], *names: str) -> list[Row]:
    """These columns of the rows."""
    return [{name: row[name] for name in names} for row in rows]


def tuples(*given: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Columns as rows, as unnest makes them."""
    return list(zip(*given, strict=True))
