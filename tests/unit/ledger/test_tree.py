"""The tree is RFC 6962's: its known vectors, another implementation's answers, every proof of small trees."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from pymerkle import InmemoryTree  # type: ignore[import-untyped]

from tests.unit.ledger.logs import leaves_of, nodes_over
from topics.ledger.tree import (
    EMPTY_ROOT,
    Range,
    consistency_path,
    inclusion_path,
    is_consistent,
    is_included,
    leaf_hash,
    tree_root,
)

MOST = 64
ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
CT_CONSISTENCY = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
CT_LEAVES = [leaf_hash(bytes.fromhex(entry)) for entry in ENTRIES]
LEAVES = leaves_of(MOST)
NODES = nodes_over(LEAVES)
TREE_ROOTS = [tree_root(size, NODES) for size in range(MOST + 1)]


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_the_roots_of_certificate_transparency_s_vectors(size: int) -> None:
    assert tree_root(size, nodes_over(CT_LEAVES)).hex() == ROOTS[size]
    growing = Range()
    growing.extend(CT_LEAVES[:size])
    assert growing.root().hex() == ROOTS[size]


@pytest.mark.parametrize(("first", "second", "path"), CT_CONSISTENCY)
def test_the_consistency_paths_of_certificate_transparency_s_vectors(
    first: int, second: int, path: Sequence[str]
) -> None:
    assert [node.hex() for node in consistency_path(first, second, nodes_over(CT_LEAVES))] == path


def test_another_implementation_has_the_same_roots_and_paths() -> None:
    oracle = InmemoryTree(algorithm="sha256")
    for number in range(MOST):
        oracle.append_entry(b"entry %d" % number)
    for size in range(1, MOST + 1):
        assert oracle.get_root(size) == TREE_ROOTS[size]
        for index in range(size):
            theirs = oracle.prove_inclusion(index + 1, size).serialize()["path"]
            assert [LEAVES[index].hex(), *(node.hex() for node in inclusion_path(index, size, NODES))] == theirs


def test_every_leaf_of_every_tree_is_included_and_no_other() -> None:
    for size in range(1, MOST + 1):
        for index in range(size):
            path = inclusion_path(index, size, NODES)
            assert is_included(LEAVES[index], index, size, path, TREE_ROOTS[size])
            assert not is_included(LEAVES[index - 1], index, size, path, TREE_ROOTS[size]) or size == 1
            assert not is_included(LEAVES[index], index, size, path, TREE_ROOTS[size - 1])


def test_every_tree_is_the_beginning_of_every_larger_one() -> None:
    for second in range(MOST + 1):
        for first in range(second + 1):
            path = consistency_path(first, second, NODES)
            assert is_consistent(first, TREE_ROOTS[first], second, TREE_ROOTS[second], path)
            other = leaf_hash(TREE_ROOTS[first])
            assert not is_consistent(first, other, second, TREE_ROOTS[second], path)
            assert not is_consistent(first, TREE_ROOTS[first], second, other, path) or first == 0 < second


@pytest.mark.parametrize("size", [2, 3, 7, 8, 21, MOST])
def test_a_tampered_inclusion_is_refused(size: int) -> None:
    for index in range(size):
        path = inclusion_path(index, size, NODES)

        def holds(path: Sequence[bytes], index: int = index, size: int = size) -> bool:
            return is_included(LEAVES[index], index, size, path, TREE_ROOTS[size])

        assert not any(holds(altered) for altered in _tampered(path))
        for place in {-1, index - 1, index + 1, size} - {index}:
            assert not is_included(LEAVES[index], place, size, path, TREE_ROOTS[size])


@pytest.mark.parametrize("second", [2, 3, 7, 8, 21, MOST])
def test_a_tampered_consistency_is_refused(second: int) -> None:
    for first in range(1, second + 1):
        path = consistency_path(first, second, NODES)
        for altered in _tampered(path):
            assert not is_consistent(first, TREE_ROOTS[first], second, TREE_ROOTS[second], altered)
        assert not is_consistent(second, TREE_ROOTS[second], first, TREE_ROOTS[first], path) or first == second


def test_nothing_is_told_of_an_impossible_size() -> None:
    with pytest.raises(IndexError):
        inclusion_path(3, 3, NODES)
    with pytest.raises(IndexError):
        consistency_path(4, 3, NODES)
    assert not is_consistent(0, EMPTY_ROOT, 0, TREE_ROOTS[1], [])
    assert not is_consistent(0, EMPTY_ROOT, 1, TREE_ROOTS[1], [LEAVES[0]])
    assert not is_consistent(-1, EMPTY_ROOT, 1, TREE_ROOTS[1], [])


def test_a_range_that_grows_by_one_has_every_root() -> None:
    growing = Range()
    for size, leaf in enumerate(LEAVES):
        assert (growing.size, growing.root()) == (size, TREE_ROOTS[size])
        growing.append(leaf)


def _tampered(path: Sequence[bytes]) -> Iterator[list[bytes]]:
    """One hash altered, left out, doubled, or exchanged with its neighbour; one more at either end."""
    alter: Callable[[bytes], bytes] = lambda node: bytes([node[0] ^ 1]) + node[1:]  # noqa: E731
    for n, node in enumerate(path):
        yield [*path[:n], alter(node), *path[n + 1 :]]
        yield [*path[:n], *path[n + 1 :]]
        yield [*path[:n], node, *path[n:]]
        if n + 1 < len(path):
            yield [*path[:n], path[n + 1], node, *path[n + 2 :]]
    yield [*path, LEAVES[0]]
    yield [LEAVES[0], *path]
