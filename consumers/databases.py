"""The recipients' databases, derived from the grants: each its own, with its own role."""

from infra.runtime.databases import Database
from topics.catalogue import AUDITOR
from topics.grant import Grant


def database_of(grant: Grant) -> Database:
    """The database kind of the grant's recipient."""
    return Database(
        grant.recipient,
        ("consumers.kit.migrations", f"consumers.{grant.recipient}.migrations"),
        roles=(grant.recipient, AUDITOR),
        shared=grant.store == "shared",
    )
