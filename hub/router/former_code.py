"""The resident code before the present one (旧住民票コード) goes along with a record: items 24, 25 of file 2."""

from typing import Any

from hub.router.state import CODE_SINCE, FORMER_CODE, Record

Before = dict[str, Any]
"""Of the record before: its `resident_code`, and what went along with it; whatever else it has does not matter."""


def with_former_code(before: Before | None, after: Record | None, changed_on: str) -> Record | None:
    """`after` with the reference to the code that it had before, and the day from which the present one is used;
    unaltered for whom the code was never another one. Who was absent begins anew."""
    if before is None or after is None:
        return after
    held, code = before.get("resident_code"), after.get("resident_code")
    former, since = before.get(FORMER_CODE), before.get(CODE_SINCE)
    if held is not None and held != code:
        former, since = held, changed_on
    elif held is None and code is not None:
        since = changed_on
    return after if former is None else after | {FORMER_CODE: former, CODE_SINCE: since}
