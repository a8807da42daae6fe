"""What the router reads before a batch and saves after it; a few statements a batch, none per record."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic_core import from_json

from hub.protection.store import read_protections
from hub.router.routing import Routing
from hub.router.state import CODE_SINCE, FORMER_CODE, GUARDED, Followed, Image, Record
from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.postgres import Connection, Pool
from infra.runtime.queries import load_queries
from topics.grant import Grant
from topics.guarded import KINDS, Guarded

SQL = load_queries("hub", "queries.sql")


class FencedError(Exception):
    """This worker does not own the municipality (any more); whatever it meant to write must not be."""


async def lock_head(connection: Connection, epoch: int) -> int:
    """Lock the head row for this transaction and return the next position; raises `FencedError`."""
    head = await connection.fetchrow(SQL["lock_head"])
    if head is None or head["epoch"] != epoch:
        raise FencedError
    return int(head["next_position"])


async def read_last_numbers(connection: Connection, grants: Sequence[Grant]) -> dict[str, int]:
    """The last delivery number given to each recipient whose grant was not revoked; valid while the head is locked."""
    present = {(grant.recipient, grant.generation) for grant in grants}
    rows = await connection.fetch(SQL["last_numbers"])
    return {row["name"]: row["last_number"] for row in rows if (row["name"], row["generation"]) in present}


async def read_followed(connection: Connection, routing: Routing, residents: Sequence[str]) -> None:
    """Fill `routing` with what recipients were last sent of these residents, who is interested in them, and where their
    protections stand."""
    for row in await connection.fetch(SQL["followed"], residents):
        if routing.generations.get(row["recipient"]) != row["generation"]:
            routing.links[row["recipient"], row["addressee_number"]] = row["link_number"]
            continue
        told = {name: row[name] for name in _FOLLOWED}
        counts = (
            None if row["updates"] is None else {code: (n, m) for code, (n, m) in from_json(row["updates"]).items()}
        )
        followed = Followed(**told, refused=tuple(row["refused"]), updates=counts)
        routing.followed[row["recipient"], row["addressee_number"]] = followed
    for row in await connection.fetch(SQL["interested"], residents):
        routing.interested.add((row["recipient"], row["addressee_number"]))
    await read_protections(connection, routing, residents)


_FOLLOWED = ("subject", "link_number", "sequence", "state", "digest", "block")


async def read_earlier_sequences(connection: Connection, routing: Routing, referred: Iterable[tuple[str, int]]) -> None:
    """Fill `routing` with the recipients' own sequences of earlier changes that are corrected or annulled."""
    asked = list(referred)
    if asked:
        residents, numbers = (list(column) for column in zip(*asked, strict=True))
        for row in await connection.fetch(SQL["earlier_sequences"], residents, numbers):
            if routing.generations.get(row["recipient"]) == row["generation"]:
                place = (row["recipient"], row["addressee_number"], row["history_number"])
                routing.sequences[place] = row["sequence"]


async def read_numbers(pool: Pool, cipher: ColumnCipher, records: Iterable[Mapping[str, Any]]) -> dict[str, Guarded]:
    """The numbers behind the records' references, for grants that join them; read by the role of the join alone."""
    found = {record.get(field) for record in records for field in (*GUARDED, FORMER_CODE)}
    references = [reference for reference in found if reference is not None]
    rows = await pool.fetch(SQL["numbers"], references) if references else []
    return {
        row["reference"]: KINDS[row["kind"]](cipher.open(row["reference"], row["sealed"]).decode("ascii"))
        for row in rows
    }


async def read_codes(connection: Connection, residents: Sequence[str]) -> dict[str, Record | None]:
    """Of those who are known and not absent: the present code and the one before, as the record would have them."""
    rows = await connection.fetch(SQL["codes"], residents)
    return {row["addressee_number"]: {name: row[name] for name in _CODES} for row in rows}


_CODES = ("resident_code", FORMER_CODE, CODE_SINCE)


async def read_images(connection: Connection, residents: Sequence[str]) -> list[Image]:
    """The present images of these residents, as far as they are known."""
    return [_image(row) for row in await connection.fetch(SQL["residents"], residents)]


async def read_images_after(connection: Connection, resident: str, limit: int) -> list[Image]:
    """The present images of the next residents in the order of their addressee numbers."""
    return [_image(row) for row in await connection.fetch(SQL["residents_after"], resident, limit)]


def _image(row: Any) -> Image:
    record = from_json(row["record"]) if row["record"] else None
    return Image(row["addressee_number"], row["history_number"], row["state"], record)


async def save_images(connection: Connection, images: Sequence[Image]) -> None:
    """Keep the newest image of each resident."""
    newest = {image.addressee_number: image for image in images}.values()
    await connection.execute(
        SQL["save_residents"],
        [image.addressee_number for image in newest],
        [image.history_number for image in newest],
        [image.state for image in newest],
        [None if image.record is None else json.dumps(image.record, ensure_ascii=False) for image in newest],
    )


async def save_followed(connection: Connection, routing: Routing) -> None:
    """Save what each recipient now knows, and the last number that it was given."""
    changed = [(place, routing.followed[place]) for place in routing.touched]
    await connection.execute(
        SQL["save_followed"],
        [recipient for (recipient, _), _ in changed],
        [routing.generations[recipient] for (recipient, _), _ in changed],
        [resident for (_, resident), _ in changed],
        [known.subject for _, known in changed],
        [known.link_number for _, known in changed],
        [known.sequence for _, known in changed],
        [known.state for _, known in changed],
        [known.digest for _, known in changed],
        [known.block for _, known in changed],
        [None if known.updates is None else json.dumps(known.updates) for _, known in changed],
    )
    grants = {routed.grant.recipient: routed.grant for routed in routing.routed}
    await connection.execute(
        SQL["save_last_numbers"],
        list(grants),
        [grant.generation for grant in grants.values()],
        [routing.last_numbers[name] for name in grants],
    )
