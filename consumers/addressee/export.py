"""The office's own files (全件・差分): everybody in its copy, or everybody who changed after a change number."""

from dataclasses import dataclass
from pathlib import Path

from pydantic_core import from_json

from consumers.addressee.apply import SQL
from consumers.addressee.layout import Column, columns, header, line
from consumers.kit.connection import recipient_connection
from infra.runtime.files import OWNER_ONLY, replacing
from infra.runtime.postgres import Connection
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.declared import declared_by_recipient
from topics.grant import Grant
from topics.text.spreadsheets import lines, to_csv

ADDRESSEE = "addressee"
ROWS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Exported:
    """What a file holds: `rows` persons who changed after `since` (None for a full one) and up to `until`.

    The next difference goes on at `until`: nobody is left out between two files, whoever changes meanwhile.
    """

    municipality: str
    since: int | None
    until: int
    rows: int


async def export(settings: Settings, municipality: str, path: Path, since: int | None) -> Exported:
    """Write the file as a whole or not at all, as the copy stands at one moment; a full one with `since` None.

    Raises `Refusal` when the copy cannot tell what changed after `since`.
    """
    grant = _granted(settings)
    async with (
        recipient_connection(settings, grant, municipality) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        until = await _reach(connection, municipality, since)
        rows = await _write(connection, municipality, columns(grant), path, since)
    return Exported(municipality, since, until, rows)


def _granted(settings: Settings) -> Grant:
    grant = declared_by_recipient(settings.grants_directory).get(ADDRESSEE)
    if grant is None:
        raise Refusal("ADDRESSEE-GRANT", "there is no grant for addressee; nothing is held for it")
    return grant


async def _reach(connection: Connection, municipality: str, since: int | None) -> int:
    """The copy's last change number, when a difference after `since` is complete."""
    row = await connection.fetchrow(SQL["reach"], municipality)
    last, complete_from = (row["last"], row["complete_from"]) if row else (0, 0)
    if since is not None and not complete_from <= since <= last:
        raise Refusal(
            "ADDRESSEE-SINCE",
            f"since: the copy tells what changed after {complete_from} to {last}; take a full file with --full",
        )
    return int(last)


async def _write(
    connection: Connection, municipality: str, layout: tuple[Column, ...], path: Path, since: int | None
) -> int:
    query, arguments = ("full", ()) if since is None else ("difference", (since,))
    rows, count = connection.cursor(SQL[query], municipality, *arguments, prefetch=ROWS_AT_ONCE), 0
    with replacing(path, mode=OWNER_ONLY) as file:
        file.write(to_csv(header(layout), ()))
        batch: list[list[str]] = []
        async for row in rows:
            batch.append(line(layout, municipality, dict(row), from_json(row["items"])))
            count += 1
            if len(batch) == ROWS_AT_ONCE:
                file.write(lines(batch))
                batch = []
        file.write(lines(batch))
    return count
