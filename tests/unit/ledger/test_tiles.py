"""Tiles say the same as the tree written out, however a log grew."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ledger.logs import leaves_of, nodes_over
from topics.ledger.tiles import Tile, edge, grow, nodes_in, tiles_needed
from topics.ledger.tree import HASH_BYTES, Nodes, Range, consistency_path, inclusion_path, tree_root

LEAVES = leaves_of(70_000)
NODES = nodes_over(LEAVES)


def grown(batches: Sequence[int]) -> dict[Tile, bytes]:
    """The tiles after these batches, each of which was shown the right edge alone."""
    tiles: dict[Tile, bytes] = {}
    size = 0
    for batch in batches:
        shown = {tile: tiles[tile] for tile in edge(size)}
        tiles |= grow(shown, size, LEAVES[size : size + batch])
        size += batch
    return tiles


@pytest.fixture(scope="module")
def large() -> dict[Tile, bytes]:
    return grown([70_000])


def test_the_tiles_of_the_specification_s_example(large: dict[Tile, bytes]) -> None:
    widths = {tile: len(content) // HASH_BYTES for tile, content in large.items()}
    assert widths == {(0, n): 256 for n in range(273)} | {(0, 273): 112, (1, 0): 256, (1, 1): 17, (2, 0): 1}
    assert grown([256]).keys() == {(0, 0), (1, 0)}
    assert edge(70_000) == [(0, 273), (1, 1), (2, 0)]
    assert edge(256) == [(1, 0)]
    assert edge(0) == []


@given(st.lists(st.one_of(st.integers(0, 600), st.sampled_from([1, 255, 256, 257, 512])), max_size=8))
def test_growth_by_batches_is_growth_at_once(batches: list[int]) -> None:
    size = sum(batches)
    tiles = grown(batches)
    assert tiles == grown([size])
    growing = Range()
    growing.extend(LEAVES[:size])
    assert tree_root(size, nodes_in(tiles)) == growing.root()


@given(data=st.data())
def test_two_passes_over_tiles_answer_as_the_whole_tree(data: st.DataObject, large: dict[Tile, bytes]) -> None:
    second = data.draw(st.integers(1, 70_000))
    first = data.draw(st.integers(0, second))
    index = data.draw(st.integers(0, second - 1))

    def ask(nodes: Nodes) -> object:
        return tree_root(second, nodes), consistency_path(first, second, nodes), inclusion_path(index, second, nodes)

    fetched = {tile: large[tile] for tile in tiles_needed(ask)}
    assert len(fetched) < 10
    assert ask(nodes_in(fetched)) == ask(NODES)


def test_a_wrong_edge_and_a_missing_tile_are_refused(large: dict[Tile, bytes]) -> None:
    with pytest.raises(ValueError, match=r"tile 0/0 must hold 3 hashes"):
        grow({}, 3, LEAVES[:1])
    with pytest.raises(ValueError, match=r"tile 0/0 must hold 3 hashes"):
        grow({(0, 0): b"".join(LEAVES[:4])}, 3, LEAVES[:1])
    with pytest.raises(LookupError, match=r"tile 0/273"):
        tree_root(70_001, nodes_in(large))
