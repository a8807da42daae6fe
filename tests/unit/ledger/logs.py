"""Logs to work on: leaves, their tree written out in full, and keys."""

from collections.abc import Sequence
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from topics.ledger.note import origin_of
from topics.ledger.tree import Nodes, leaf_hash, node_hash
from topics.ledger.verifiers import Kind, Verifier

ORIGIN = origin_of("", "142158")
WITNESS_NAME = "kairan/witness"
LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WITNESS_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
LOG = Verifier.of(ORIGIN, Kind.NOTE, LOG_KEY.public_key())
WITNESS = Verifier.of(WITNESS_NAME, Kind.COSIGNATURE, WITNESS_KEY.public_key())


def leaves_of(count: int) -> list[bytes]:
    """The hashes of as many different entries."""
    return [leaf_hash(b"entry %d" % n) for n in range(count)]


def nodes_over(leaves: Sequence[bytes]) -> Nodes:
    """Every perfect subtree, computed from the leaves alone."""

    @cache
    def node(level: int, index: int) -> bytes:
        return node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1)) if level else leaves[index]

    return node
