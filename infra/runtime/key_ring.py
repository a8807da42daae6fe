"""A process's keys for envelopes: the register as it stands now, and the private keys that lie on this machine."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.runtime.files import replace
from infra.runtime.key_life import needed
from infra.runtime.keys import (
    ACCESS_KEY,
    ANALYSIS_KEY,
    BACKUP_KEY,
    CHANGE_TOPIC_KEY,
    HUB_KEY,
    NUMBERS_KEY,
    REGISTER_KEY,
    create_key,
    holds_secret,
    load_secret,
    store_secret,
)
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.envelope.keys import KeyRegister, PublicKey, public_key
from topics.envelope.sealing import Keys, Signer
from topics.envelope.suites import Algorithm, SealPrivate, new_seed, public_bytes, seal_private

SETTLED_NANOSECONDS = 100_000_000
"""A directory changed less than this ago may change again without its time stamp telling."""


class KeyRing:
    """The register and the private keys of one machine; both are looked up anew when they may have changed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._register = KeyRegister({})
        self._seen: int | None = None
        self._private: dict[str, SealPrivate] = {}
        self._signers: dict[str, Signer] = {}

    def register(self) -> KeyRegister:
        """The register as it stands; raises `Refusal` when a line is not one."""
        directory = self._settings.key_register_directory
        try:
            changed = directory.stat().st_mtime_ns
        except FileNotFoundError:
            return KeyRegister({})
        if changed != self._seen:
            self._register = read_register(directory)
            self._seen = changed if time.time_ns() - changed > SETTLED_NANOSECONDS else None
        return self._register

    def private(self, line: PublicKey) -> SealPrivate | None:
        """The private key to `line`, or None when it does not lie here (any more)."""
        if not holds_secret(self._settings, line.key_id):
            self._private.pop(line.key_id, None)
            return None
        if line.key_id not in self._private:
            self._private[line.key_id] = seal_private(line.algorithm, load_secret(self._settings, line.key_id))
        return self._private[line.key_id]

    def signer(self, principal: str) -> Signer:
        """The principal's newest signing key; raises `Refusal` when there is none or it does not lie here."""
        line = self.register().signing_key(principal)
        if line is None:
            raise Refusal("KRN-KEY-NONE", f"{principal} has no active signing key; kairan keys rotate {principal}")
        if line.key_id not in self._signers:
            seed = load_secret(self._settings, line.key_id)
            self._signers[line.key_id] = Signer(line.key_id, Ed25519PrivateKey.from_private_bytes(seed))
        return self._signers[line.key_id]

    def keys(self, sender: str, recipient: str) -> Keys:
        """With which keys `sender` seals to `recipient` now; raises `Refusal`."""
        line = self.register().seal_key(recipient)
        if line is None:
            raise Refusal("KRN-KEY-NONE", f"{recipient} has no active seal key; kairan keys rotate {recipient}")
        return Keys(self.signer(sender), line)

    def between(self, sender: str, recipient: str) -> Callable[[], Keys]:
        """`keys` for these two, whenever asked."""
        return lambda: self.keys(sender, recipient)


def read_register(directory: Path) -> KeyRegister:
    """All lines in `directory`, one JSON file each; raises `Refusal` naming the file that is not one."""
    lines = []
    for path in sorted(directory.glob("*.json")):
        try:
            line = PublicKey.from_wire(path.read_bytes())
        except (OSError, ValueError):
            raise Refusal("KRN-KEY-REGISTER", f"{path} is no line of the key register") from None
        if line.key_id != path.stem:
            raise Refusal("KRN-KEY-REGISTER", f"{path} holds a key of another name")
        lines.append(line)
    return KeyRegister.of(lines)


def write_line(settings: Settings, line: PublicKey) -> None:
    """Put a line into the register, in place of an earlier one of the same key, as a whole."""
    replace(settings.key_register_directory / f"{line.key_id}.json", line.to_wire(), mode=0o644)


def create_pair(settings: Settings, principal: str, algorithm: Algorithm, since: datetime) -> PublicKey:
    """A new key pair: the private half is kept here, the public half enters the register."""
    seed = new_seed(algorithm)
    line = public_key(principal, algorithm, public_bytes(algorithm, seed), since)
    store_secret(settings, line.key_id, seed)
    write_line(settings, line)
    return line


def create_keys(settings: Settings, recipients: Sequence[str], institutions: Sequence[str] = ()) -> None:
    """Everything a deployment needs and does not have yet; institutions keep no rows here, so they have pairs only."""
    own = (NUMBERS_KEY, CHANGE_TOPIC_KEY, HUB_KEY, REGISTER_KEY, ACCESS_KEY, ANALYSIS_KEY, BACKUP_KEY)
    for name in (*own, *recipients):
        create_key(settings, name)
    register, now = read_register(settings.key_register_directory), datetime.now(UTC)
    for need in needed((*recipients, *institutions)):
        if register.newest(need.principal, seals=need.seals) is None:
            create_pair(settings, need.principal, Algorithm.X25519 if need.seals else Algorithm.ED25519, now)
