"""The hub's database, one per municipality."""

from infra.runtime.databases import Database

HUB_DATABASE = Database("hub", ("hub.migrations",), roles=("hub", "ledger", "auditor", "ops"))
