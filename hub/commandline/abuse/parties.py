"""Parties that exist for a drill or a test alone, with keys of their own."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from topics.envelope.keys import KeyRegister, PublicKey, public_key
from topics.envelope.opening import Opener
from topics.envelope.run import Terms
from topics.envelope.sealing import Keys, Sealer, Signer
from topics.envelope.suites import Algorithm, SealPrivate, new_seed, public_bytes, seal_private

SINCE = datetime(2026, 4, 1, tzinfo=UTC)


@dataclass
class Parties:
    """A register and everybody's private keys, in memory only: nothing of a deployment opens what they seal."""

    lines: list[PublicKey] = field(default_factory=list)
    seeds: dict[str, bytes] = field(default_factory=dict)

    def add(self, principal: str, algorithm: Algorithm, since: datetime = SINCE) -> PublicKey:
        """A new key pair of the principal."""
        seed = new_seed(algorithm)
        line = public_key(principal, algorithm, public_bytes(algorithm, seed), since)
        self.lines.append(line)
        self.seeds[line.key_id] = seed
        return line

    def put(self, line: PublicKey) -> None:
        """Another line for the same key."""
        self.lines = [known for known in self.lines if known.key_id != line.key_id] + [line]

    def register(self) -> KeyRegister:
        """All lines."""
        return KeyRegister.of(self.lines)

    def private(self, line: PublicKey) -> SealPrivate | None:
        """The private key to a line, unless it was destroyed."""
        seed = self.seeds.get(line.key_id)
        return None if seed is None else seal_private(line.algorithm, seed)

    def signer(self, line: PublicKey) -> Signer:
        """The signing key of a line."""
        return Signer(line.key_id, Ed25519PrivateKey.from_private_bytes(self.seeds[line.key_id]))

    def keys(self, sender: str, recipient: str) -> Keys:
        """With which keys the sender seals to the recipient now; raises LookupError."""
        register = self.register()
        signing, sealing = register.signing_key(sender), register.seal_key(recipient)
        if signing is None or sealing is None:
            raise LookupError("a key is missing")
        return Keys(self.signer(signing), sealing)

    def sealer(self, terms: Terms) -> Sealer:
        """Seals as the terms' sender would."""
        return Sealer(terms, lambda: self.keys(terms.sender, terms.recipient))

    def opener(self, terms: Terms) -> Opener:
        """Opens as the terms' recipient would."""
        return Opener(terms, self.register, self.private)


def parties(*names: str, algorithm: Algorithm = Algorithm.X25519) -> Parties:
    """These parties, each with a key to be sealed to and one to sign with."""
    made = Parties()
    for name in names:
        made.add(name, algorithm)
        made.add(name, Algorithm.ED25519)
    return made
