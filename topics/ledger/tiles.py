"""The tree in tiles of height 8, as C2SP tlog-tiles lays them out: up to 256 hashes side by side, and no level between.

A tile of level n + 1 holds the hashes of complete tiles of level n; only the right-most tile of a level is incomplete.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from topics.ledger.tree import HASH_BYTES, Nodes, Range

HEIGHT = 8
WIDTH = 1 << HEIGHT
FULL_BYTES = WIDTH * HASH_BYTES

Tile = tuple[int, int]
"""A tile's level and its index within the level."""


def edge(size: int) -> list[Tile]:
    """The incomplete tiles of a tree of `size` leaves: what its growing needs, at most one a level."""
    return [(level, count // WIDTH) for level, count in enumerate(_counts(size)) if count % WIDTH]


def grow(tiles: Mapping[Tile, bytes], size: int, leaves: Sequence[bytes]) -> dict[Tile, bytes]:
    """The tiles that are new or other once `leaves` (hashes) follow a tree of `size`; of `tiles` only the edge is read.

    Raises ValueError when the edge is not that of a tree of this size.
    """
    grown: dict[Tile, bytes] = {}
    level, hashes = 0, b"".join(leaves)
    while hashes:
        first, begun = divmod(size >> HEIGHT * level, WIDTH)
        changed = _tiles_of(level, first, _begun(tiles, (level, first), begun) + hashes)
        grown.update(changed)
        hashes = b"".join(_node(tile, 0, WIDTH) for tile in changed.values() if len(tile) == FULL_BYTES)
        level += 1
    return grown


def nodes_in(tiles: Mapping[Tile, bytes]) -> Nodes:
    """The perfect subtrees that these tiles tell; asking for another raises LookupError."""

    @cache
    def node(level: int, index: int) -> bytes:
        tile, offset, count = _place(level, index)
        held = tiles.get(tile, b"")
        if len(held) < (offset + count) * HASH_BYTES:
            raise LookupError(f"tile {tile[0]}/{tile[1]} does not hold {count} hashes from {offset}")
        return _node(held, offset, count)

    return node


def tiles_needed(ask: Callable[[Nodes], object]) -> set[Tile]:
    """The tiles that `ask` will read, by running it once on no hashes at all: fetch them, then ask again."""
    needed: set[Tile] = set()

    def node(level: int, index: int) -> bytes:
        needed.add(_place(level, index)[0])
        return bytes(HASH_BYTES)

    ask(node)
    return needed


def _counts(size: int) -> Iterator[int]:
    """How many hashes each level of tiles holds, from the leaves up."""
    while size:
        yield size
        size //= WIDTH


def _begun(tiles: Mapping[Tile, bytes], tile: Tile, width: int) -> bytes:
    held = tiles.get(tile, b"") if width else b""
    if len(held) != width * HASH_BYTES:
        raise ValueError(f"tile {tile[0]}/{tile[1]} must hold {width} hashes")
    return held


def _tiles_of(level: int, first: int, hashes: bytes) -> dict[Tile, bytes]:
    starts = range(0, len(hashes), FULL_BYTES)
    return {(level, first + n): hashes[start : start + FULL_BYTES] for n, start in enumerate(starts)}


def _place(level: int, index: int) -> tuple[Tile, int, int]:
    """In which tile a perfect subtree stands, from which of its hashes on, and over how many of them."""
    tile_level, height = divmod(level, HEIGHT)
    tile_index, offset = divmod(index << height, WIDTH)
    return (tile_level, tile_index), offset, 1 << height


def _node(tile: bytes, offset: int, count: int) -> bytes:
    starts = range(offset * HASH_BYTES, (offset + count) * HASH_BYTES, HASH_BYTES)
    subtree = Range()
    subtree.extend(tile[start : start + HASH_BYTES] for start in starts)
    return subtree.root()
