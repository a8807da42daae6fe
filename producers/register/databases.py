"""The register's two databases: the residents, and apart from them their numbers."""

from infra.runtime.databases import Database

REGISTER_DATABASE = Database(
    "register",
    ("producers.register.migrations.register", "producers.intake.migrations.register"),
    roles=("register", "relay", "counter", "certificate", "auditor", "ops"),
)
NUMBERS_DATABASE = Database(
    "numbers",
    ("producers.register.migrations.numbers", "producers.intake.migrations.numbers"),
    roles=("register", "counter", "certificate", "number_sweep", "hub_join", "auditor"),
)
