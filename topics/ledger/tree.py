"""The Merkle tree of RFC 6962 over SHA-256: roots, proofs and their verification (RFC 9162 §2.1.3, §2.1.4)."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

LEAF, NODE = b"\0", b"\1"
HASH_BYTES = 32
EMPTY_ROOT = sha256().digest()
"""The root of the tree without leaves."""

Nodes = Callable[[int, int], bytes]
"""The hash of the perfect subtree of a level and an index, over the leaves index·2^level … (index+1)·2^level - 1."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash under which an entry stands in the tree."""
    return sha256(LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return sha256(NODE + left + right).digest()


def tree_root(size: int, nodes: Nodes) -> bytes:
    """The root of the first `size` leaves (§2.1)."""
    return _subtree(0, size, nodes) if size else EMPTY_ROOT


def inclusion_path(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size` leaves, nearest first (§2.1.1)."""
    if not 0 <= index < size:
        raise IndexError(f"a tree of {size} leaves has no leaf {index}")
    return _path(index, 0, size, nodes)


def consistency_path(first: int, second: int, nodes: Nodes) -> list[bytes]:
    """The proof that the tree of `first` leaves begins the one of `second` (§2.1.2); from nothing it is empty."""
    if not 0 <= first <= second:
        raise IndexError(f"a tree of {first} leaves is no beginning of one of {second}")
    return _proof(first, 0, second, nodes, known=True) if first else []


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf of hash `leaf` stands at `index` in the tree of that size and root (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, reached = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            reached = node_hash(sibling, reached)
            place, last = _past_left_edge(place, last)
        else:
            reached = node_hash(reached, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and reached == root


def is_consistent(first: int, first_root: bytes, second: int, second_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the first tree is the beginning of the second (RFC 9162 §2.1.4.2); the empty tree begins every tree."""
    if not 0 <= first <= second or (second == 0 and second_root != EMPTY_ROOT):
        return False
    if first == 0:
        return not path and first_root == EMPTY_ROOT
    if first == second:
        return not path and first_root == second_root
    return _grows(first, first_root, second, second_root, path if first & (first - 1) else [first_root, *path])


class Range:
    """A growing tree of which only the right edge is kept, for replaying a whole log."""

    __slots__ = ("_peaks", "size")

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf by its hash."""
        self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaves by their hashes, in order."""
        peaks, size, digest = self._peaks, self.size, sha256
        for leaf in leaves:
            reached, height = leaf, size
            while height & 1:
                reached = digest(NODE + peaks.pop() + reached).digest()
                height >>= 1
            peaks.append(reached)
            size += 1
        self.size = size

    def root(self) -> bytes:
        """The root of the leaves so far."""
        if not self._peaks:
            return EMPTY_ROOT
        *others, reached = self._peaks
        for peak in reversed(others):
            reached = node_hash(peak, reached)
        return reached


def _subtree(start: int, size: int, nodes: Nodes) -> bytes:
    """The hash over leaves `start` … `start + size - 1`; `start` is aligned for them all."""
    if size & (size - 1) == 0:
        return nodes(size.bit_length() - 1, start // size)
    left = _left(size)
    return node_hash(_subtree(start, left, nodes), _subtree(start + left, size - left, nodes))


def _path(index: int, start: int, size: int, nodes: Nodes) -> list[bytes]:
    """The path to the leaf at `index` within the subtree that begins at `start`."""
    if size == 1:
        return []
    left = _left(size)
    if index < left:
        return [*_path(index, start, left, nodes), _subtree(start + left, size - left, nodes)]
    return [*_path(index - left, start + left, size - left, nodes), _subtree(start, left, nodes)]


def _proof(first: int, start: int, size: int, nodes: Nodes, *, known: bool) -> list[bytes]:
    """SUBPROOF of §2.1.2; `known` as long as the subtree is one whose root the verifier has."""
    if first == size:
        return [] if known else [_subtree(start, size, nodes)]
    left = _left(size)
    if first <= left:
        return [*_proof(first, start, left, nodes, known=known), _subtree(start + left, size - left, nodes)]
    return [*_proof(first - left, start + left, size - left, nodes, known=False), _subtree(start, left, nodes)]


def _left(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _past_left_edge(place: int, last: int) -> tuple[int, int]:
    """Up to the level at which the node is a right child, or the leftmost."""
    while not place & 1 and place:
        place, last = place >> 1, last >> 1
    return place, last


def _grows(first: int, first_root: bytes, second: int, second_root: bytes, path: Sequence[bytes]) -> bool:
    """Both roots follow from `path`, whose first hash is the largest perfect subtree at the first tree's end."""
    if not path:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            place, last = _past_left_edge(place, last)
        else:
            after = node_hash(after, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and before == first_root and after == second_root
