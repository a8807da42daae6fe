"""Which databases there are and how they are called: one per municipality, so that no query can cross a city."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Database:
    """One kind of database.

    `migrations` are packages that hold numbered ``.sql`` files, applied in the order given. `roles` are the PostgreSQL
    roles that may connect; the first is the one it is for. A `shared` kind exists once; any other once per
    municipality, with the code in its name.
    """

    kind: str
    migrations: tuple[str, ...]
    roles: tuple[str, ...]
    shared: bool = False

    def name(self, environment: str, municipality: str) -> str:
        """The database's name on the server."""
        return database_name(self.kind, environment, None if self.shared else municipality)

    def names(self, environment: str, municipalities: Iterable[str]) -> tuple[str, ...]:
        """All databases of this kind."""
        return tuple(dict.fromkeys(self.name(environment, code) for code in municipalities))


def database_name(kind: str, environment: str, municipality: str | None) -> str:
    """``<environment>_<kind>_<municipality>``, without the parts that are empty."""
    return "_".join(part for part in (environment, kind, municipality) if part)
