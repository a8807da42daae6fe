"""The tree as the database keeps it: tiles fetched by what a computation needs, and grown with new entries."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.ledger.tiles import Tile, edge, grow, nodes_in, tiles_needed
from topics.ledger.tree import Nodes, leaf_hash

SQL = load_queries("hub.ledger", "queries.sql")
ENTRIES_AT_ONCE = 10_000

Answer = TypeVar("Answer")


async def computed(connection: Connection, ask: Callable[[Nodes], Answer]) -> Answer:
    """What `ask` makes of the tree's hashes; the tiles that it reads are fetched by one query."""
    return ask(nodes_in(await read_tiles(connection, tiles_needed(ask))))


async def read_tiles(connection: Connection, wanted: Iterable[Tile]) -> dict[Tile, bytes]:
    """Those of the wanted tiles that there are."""
    asked = list(wanted)
    rows = await connection.fetch(SQL["tiles"], [level for level, _ in asked], [index for _, index in asked])
    return {(row["level"], row["index"]): row["hashes"] for row in rows}


async def grow_tree(connection: Connection, size: int, to: int) -> None:
    """Take the entries `size`..`to` - 1 into the tiles."""
    while size < to:
        rows = await connection.fetch(SQL["entries_from"], size, min(ENTRIES_AT_ONCE, to - size))
        leaves = [leaf_hash(row["entry"].encode("ascii")) for row in rows]
        grown = grow(await read_tiles(connection, edge(size)), size, leaves)
        await _save_tiles(connection, grown)
        size += len(leaves)


async def _save_tiles(connection: Connection, tiles: Mapping[Tile, bytes]) -> None:
    levels, indexes = [level for level, _ in tiles], [index for _, index in tiles]
    await connection.execute(SQL["save_tiles"], levels, indexes, list(tiles.values()))
