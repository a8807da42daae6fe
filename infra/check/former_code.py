"""Under which resident code (住民票コード) a person stood before, and since when under the present one."""

from collections.abc import Iterable, Iterator

Formerly = tuple[str, str]
"""The reference to the code before, and the day from which the present one is used."""
Told = tuple[str, str | None, str]
"""Of one version: its state, its reference to a code, its day of change."""


def formerly(history: Iterable[Told]) -> Iterator[Formerly | None]:
    """For each version of one resident, in order; None of whom it was never another code since she is there."""
    present: str | None = None
    before: Formerly | None = None
    for state, code, changed_on in history:
        if state == "absent":
            present, before = None, None
        elif present is not None and code != present:
            before = (present, changed_on)
        elif present is None and code is not None and before is not None:
            before = (before[0], changed_on)
        present = code if state != "absent" else None
        yield before
