"""Filings as a counter hands them in, each under an id of its own."""

from typing import Any
from uuid import uuid4

from pydantic_core import to_json

from producers.register.filings import Filing, parse_filing
from tests.unit.register.counter import DAY


def told(kind: str, **items: Any) -> dict[str, Any]:
    """A filing of this kind as plain data: of one operator and one day, unless `items` say otherwise."""
    return {
        "kind": kind, "filing_id": str(uuid4()), "operator": "synthetic-1", "filed_on": DAY, "changed_on": DAY, **items
    }  # fmt: skip


def filing(kind: str, **items: Any) -> Filing:
    """The same, read; raises what reading raises."""
    return parse_filing(to_json(told(kind, **items)))
