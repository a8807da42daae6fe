"""The declared grants as commands see them: refusals instead of errors, and the directory that may be written."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import ValidationError

from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, load_settings
from topics.declared import SHIPPED, declared_grants
from topics.grant import Grant, GrantFileError
from topics.grant_files import read_grant, requested_path
from topics.trail import TrailError


def declared() -> tuple[Grant, ...]:
    """All declared grants; raises `Refusal` when a file is not one."""
    try:
        return declared_grants(load_settings().grants_directory)
    except ValueError as error:
        raise Refusal("KRN-GRANT", str(error)) from None


def named(recipient: str) -> Grant:
    """The recipient's declared grant; raises `Refusal` when there is none."""
    grants = {grant.recipient: grant for grant in declared()}
    if recipient not in grants:
        raise Refusal("KRN-GRANT", f"there is no grant for {recipient}; there are {', '.join(grants)}")
    return grants[recipient]


def waiting(settings: Settings, recipient: str) -> Grant:
    """The recipient's request that waits for a review; raises `Refusal` when there is none."""
    found = read(requested_path(directory(settings), recipient))
    if found is None:
        raise Refusal("KRN-GRANT", f"no request of {recipient} waits for a review; begin with kairan grants request")
    return found


def requested() -> list[str]:
    """Whose requests wait for a review, or were refused by one and not handed in anew."""
    return sorted(path.stem for path in requested_path(directory(load_settings()), "any").parent.glob("*.yaml"))


def read(path: Path) -> Grant | None:
    """The grant in a file, or None when it is not there; raises `Refusal` when it is not a grant."""
    try:
        return read_grant(path)
    except ValueError as error:
        raise Refusal("KRN-GRANT", str(error)) from None


def directory(settings: Settings) -> Path:
    """Where the deployment's grants are declared."""
    return settings.grants_directory or SHIPPED


def today() -> date:
    """The day on which a step is taken."""
    return datetime.now(UTC).date()


@contextmanager
def coded() -> Iterator[None]:
    """Turns what the trail refuses into a refusal; a value given on the command line is named by field and rule."""
    try:
        yield
    except ValidationError as error:
        findings = error.errors(include_input=False, include_context=False, include_url=False)
        raise Refusal("KRN-GRANT", "; ".join(f"{f['loc'][0]}: {f['msg']}" for f in findings)) from None
    except (TrailError, GrantFileError) as error:
        raise Refusal("KRN-GRANT", str(error)) from None
