"""The recipients' databases, derived from the grants: each its own, with its own role."""

from functools import cache
from importlib.resources import files

from infra.runtime.databases import Database
from topics.catalogue import AUDITOR
from topics.grant import Grant

SHARED_FOLDERS = frozenset({"kit", "copy", "municipality"})
"""Folders here that are no one recipient's."""


@cache
def recipient_folders() -> frozenset[str]:
    """The recipients that have duties, and so tables, of their own: a folder each beside this file."""
    folders = (each for each in files("consumers").iterdir() if each.joinpath("migrations").is_dir())
    return frozenset(folder.name for folder in folders) - SHARED_FOLDERS


def database_of(grant: Grant) -> Database:
    """The database kind of the grant's recipient; without a folder of its own it keeps a plain copy."""
    return Database(
        grant.recipient,
        ("consumers.kit.migrations", *(f"consumers.{folder}.migrations" for folder in _folders(grant))),
        roles=(grant.recipient, AUDITOR),
        shared=grant.store == "shared",
    )


def _folders(grant: Grant) -> tuple[str, ...]:
    """Where its tables are declared; another municipality keeps a plain copy and answers."""
    if grant.counterparty is not None:
        return "copy", "municipality"
    return (grant.recipient if grant.recipient in recipient_folders() else "copy",)
