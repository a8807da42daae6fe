"""The hub's databases, one each per municipality: its own, and the one with the review list of the access log."""

from infra.runtime.databases import Database

HUB_DATABASE = Database("hub", ("hub.migrations",), roles=("hub", "ledger", "auditor", "ops"))
ANALYSIS_DATABASE = Database(
    "analysis", ("hub.watch.access.migrations",), roles=("analysis", "reviewer", "auditor")
)  # fmt: skip
