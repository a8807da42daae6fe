"""The algorithms: HPKE (RFC 9180) to wrap a content key, Ed25519 (RFC 8032) to sign; from seeds to keys and back.

A seal key is X25519, or X-Wing (ML-KEM-768 with X25519, draft-connolly-cfrg-xwing-kem, KEM 0x647A), which also holds
against who records today and computes tomorrow.
"""

import os
from base64 import urlsafe_b64encode
from enum import StrEnum
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

SEED_BYTES = 32
MLKEM_SEED_BYTES = 64
MLKEM_PUBLIC_BYTES = 1184

SealPrivate = X25519PrivateKey | MLKEM768X25519PrivateKey
SealPublic = X25519PublicKey | MLKEM768X25519PublicKey


class Algorithm(StrEnum):
    """What a key is for is told by its algorithm: the first two seal, the third signs."""

    X25519 = "x25519"
    X_WING = "x-wing"
    ED25519 = "ed25519"


_KEMS = {
    Algorithm.X25519: Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
    Algorithm.X_WING: Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
}
_JWK_MEMBERS = {
    Algorithm.X25519: '{{"crv":"X25519","kty":"OKP","x":"{0}"}}',
    Algorithm.X_WING: '{{"alg":"X-Wing","kty":"AKP","pub":"{0}"}}',
    Algorithm.ED25519: '{{"crv":"Ed25519","kty":"OKP","x":"{0}"}}',
}


def new_seed(algorithm: Algorithm) -> bytes:
    """Fresh private bytes: 32, or for X-Wing 96 (64 of ML-KEM, 32 of X25519)."""
    return os.urandom(SEED_BYTES + (MLKEM_SEED_BYTES if algorithm is Algorithm.X_WING else 0))


def seal_private(algorithm: Algorithm, seed: bytes) -> SealPrivate:
    """The private key made of `seed`."""
    if algorithm is Algorithm.X25519:
        return X25519PrivateKey.from_private_bytes(seed)
    lattice, curve = seed[:MLKEM_SEED_BYTES], seed[MLKEM_SEED_BYTES:]
    return MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(lattice), X25519PrivateKey.from_private_bytes(curve)
    )


def public_bytes(algorithm: Algorithm, seed: bytes) -> bytes:
    """The raw public key that belongs to `seed`."""
    if algorithm is Algorithm.ED25519:
        return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    curve = X25519PrivateKey.from_private_bytes(seed[-SEED_BYTES:]).public_key().public_bytes_raw()
    if algorithm is Algorithm.X25519:
        return curve
    lattice = MLKEM768PrivateKey.from_seed_bytes(seed[:MLKEM_SEED_BYTES])
    return lattice.public_key().public_bytes_raw() + curve


def seal_public(algorithm: Algorithm, public: bytes) -> SealPublic:
    """The public key in raw bytes; raises ValueError."""
    if algorithm is Algorithm.X25519:
        return X25519PublicKey.from_public_bytes(public)
    lattice, curve = public[:MLKEM_PUBLIC_BYTES], public[MLKEM_PUBLIC_BYTES:]
    return MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(lattice), X25519PublicKey.from_public_bytes(curve)
    )


def key_id(algorithm: Algorithm, public: bytes) -> str:
    """The key's name: its JWK thumbprint (RFC 7638), 43 characters."""
    encoded = urlsafe_b64encode(public).rstrip(b"=").decode("ascii")
    digest = sha256(_JWK_MEMBERS[algorithm].format(encoded).encode("ascii")).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def wrap(algorithm: Algorithm, public: SealPublic, content_key: bytes, info: bytes) -> bytes:
    """HPKE base mode, single shot: `content_key` for the holder of the private key, bound to `info`."""
    return _KEMS[algorithm].encrypt(content_key, public, info)


def unwrap(algorithm: Algorithm, private: SealPrivate, wrapped: bytes, info: bytes) -> bytes | None:
    """The content key, or None when `wrapped` was not made for this key and this `info`."""
    try:
        return _KEMS[algorithm].decrypt(wrapped, private, info)
    except (InvalidTag, ValueError):
        return None
