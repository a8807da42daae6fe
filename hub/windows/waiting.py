"""What waits for the end of its window: rows in the hub's database, written where a delivery would have been."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import from_json

from hub.router.routing import Routing
from hub.router.state import Aside, Image, Occasion
from hub.windows.due import due_at
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.grant import Grant

WINDOWS_SQL = load_queries("hub.windows", "queries.sql")
COLUMNS = (
    "recipient", "generation", "addressee_number", "history_number", "state", "record", "occasion", "due_at",
)  # fmt: skip
_OCCASION: TypeAdapter[Occasion] = TypeAdapter(Occasion)


async def read_windows(connection: Connection, grants: Sequence[Grant]) -> Mapping[str, datetime]:
    """When what is decided now is due, for each recipient that is not told at once; the head must be locked.

    That is one whose grant has a window, and one for which something waits still: it must not be overtaken.
    """
    names, generations = [grant.recipient for grant in grants], [grant.generation for grant in grants]
    rows = {row["name"]: row for row in await connection.fetch(WINDOWS_SQL["last_due"], names, generations)}
    waits = {name: row["last_due"] for name, row in rows.items()}
    return {
        grant.recipient: due_at(rows[grant.recipient]["moment"], grant.timing, waits[grant.recipient])
        for grant in grants
        if grant.timing is not None or waits[grant.recipient] is not None
    }


async def put_aside(connection: Connection, routing: Routing) -> None:
    """Keep what was put aside, in order, in the caller's transaction."""
    served = [aside for aside in routing.aside if aside.grant.recipient in routing.last_numbers]
    rows = [_row(aside, routing.windows[aside.grant.recipient]) for aside in served]
    if rows:
        await connection.copy_records_to_table("waiting", records=rows, columns=COLUMNS)


def _row(aside: Aside, due: datetime) -> tuple[object, ...]:
    image = aside.image
    return (
        aside.grant.recipient,
        aside.grant.generation,
        image.addressee_number,
        image.history_number,
        image.state,
        None if image.record is None else json.dumps(image.record, ensure_ascii=False),
        _OCCASION.dump_json(aside.occasion, exclude_none=True).decode(),
        due,
    )


def read_row(row: Any) -> tuple[Image, Occasion]:
    """The change in a row."""
    record = from_json(row["record"]) if row["record"] else None
    image = Image(row["addressee_number"], row["history_number"], row["state"], record)
    return image, _OCCASION.validate_json(row["occasion"])
