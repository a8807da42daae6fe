"""The declared grants of a deployment: one YAML file each, or one for many counterparties, in the directory shipped
here or in the city's own."""

from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from topics.grant import Grant, GrantFileError, parse_grants
from topics.grant_files import REQUESTED
from topics.obstacles import obstacles

SHIPPED = Path(str(files("topics.grants")))


def declared_grants(directory: Path | None = None) -> tuple[Grant, ...]:
    """All grants in `directory` by recipient name, in force or not; GrantFileError names the file that is not one.

    Read anew only when a file has changed, so that it may be asked for every batch.
    """
    found = sorted((directory or SHIPPED).glob("*.yaml"))
    return _read(tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in found))


def declared_by_recipient(directory: Path | None = None) -> dict[str, Grant]:
    """The same grants, each by its recipient's name."""
    return {grant.recipient: grant for grant in declared_grants(directory)}


def requested_grants(directory: Path | None = None) -> tuple[Grant, ...]:
    """The requests in `directory` that wait for a review, or were refused by one and not handed in anew."""
    return declared_grants((directory or SHIPPED) / REQUESTED)


def grants_in_force(today: date, directory: Path | None = None) -> tuple[Grant, ...]:
    """The grants that yield topics, keys and records on `today`."""
    return tuple(grant for grant in declared_grants(directory) if not obstacles(grant, today))


@lru_cache(maxsize=16)
def _read(files_as_they_stand: tuple[tuple[Path, int, int], ...]) -> tuple[Grant, ...]:
    declared = [(path, parse_grants(path.read_text(encoding="utf-8"), path.name)) for path, _, _ in files_as_they_stand]
    misnamed = [grant.recipient for path, grants in declared for grant in grants if path.stem != grant.declaration]
    if misnamed:
        raise GrantFileError(f"{', '.join(misnamed)}: a grant's file is called after its recipient")
    found = sorted((grant for _, grants in declared for grant in grants), key=lambda grant: grant.recipient)
    if len({grant.recipient for grant in found}) != len(found):
        raise GrantFileError("a recipient has two grants, one of them by a template; take one out")
    return tuple(found)
