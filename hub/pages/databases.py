"""The pages' own database: accounts, sessions, look-ups; one for all municipalities."""

from infra.runtime.databases import Database

DESK_DATABASE = Database("desk", ("hub.pages.migrations",), roles=("desk",), shared=True)
