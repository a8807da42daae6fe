"""Column encryption (AES-256-GCM): a value opens only in the table, column and row for which it was sealed."""

import hmac
import os
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.runtime.keys import derive

NONCE_BYTES = 12


class ColumnCipher:
    """Seals and opens the values of one column; `key_id` is bound too, so that a rotated key cannot be mistaken."""

    def __init__(self, key: bytes, *, table: str, column: str, key_id: str = "1") -> None:
        self._aead = AESGCM(derive(key, f"column/{table}/{column}/{key_id}"))
        self._index_key = derive(key, f"blind-index/{table}/{column}/{key_id}")
        self._context = f"{table}\0{column}\0{key_id}\0".encode()

    def seal(self, row: str, value: bytes) -> bytes:
        """Nonce and ciphertext of `value`, bound to `row`."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, value, self._context + row.encode())

    def open(self, row: str, sealed: bytes) -> bytes:
        """The value sealed for `row`; raises `ValueError` for other rows, columns or keys, or altered bytes."""
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._context + row.encode())
        except InvalidTag:
            raise ValueError("a sealed column value does not open") from None

    def blind_index(self, value: bytes) -> bytes:
        """A keyed digest by which an exact value can be searched without being stored."""
        return hmac.digest(self._index_key, value, sha256)
