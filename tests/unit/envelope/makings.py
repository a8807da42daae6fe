"""Keys, terms and one sealed record to work on."""

from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from topics.envelope.keys import KeyRegister, PublicKey, public_key
from topics.envelope.opening import Opener
from topics.envelope.run import Head, Terms
from topics.envelope.sealing import Keys, Sealer, Signer
from topics.envelope.suites import Algorithm, SealPrivate, new_seed, public_bytes, seal_private

SINCE = datetime(2026, 4, 1, tzinfo=UTC)
TOPIC = "out.welfare.v1"
CITY = "142158"
TERMS = Terms(
    sender="hub",
    recipient="welfare",
    topic=TOPIC,
    municipality=CITY,
    generation=1,
    content="kairan.delivery.v1",
    basis=("number-act-9",),
    items=(1, 5, 6),
)
SUBJECT = "abcdefghijklmnopqrstuvwx"
PAYLOAD = b'{"schema_version":"kairan.delivery.v1"}'


def head(number: int = 7, key: str = SUBJECT) -> Head:
    return Head(key=key, event_id=f"welfare-1-{CITY}-{number}", number=number, sequence=1)


@dataclass
class Parties:
    """Everybody's keys, private ones by key id."""

    lines: list[PublicKey] = field(default_factory=list)
    seeds: dict[str, bytes] = field(default_factory=dict)

    def add(self, principal: str, algorithm: Algorithm) -> PublicKey:
        seed = new_seed(algorithm)
        line = public_key(principal, algorithm, public_bytes(algorithm, seed), SINCE)
        self.lines.append(line)
        self.seeds[line.key_id] = seed
        return line

    def put(self, line: PublicKey) -> None:
        self.lines = [known for known in self.lines if known.key_id != line.key_id] + [line]

    def register(self) -> KeyRegister:
        return KeyRegister.of(self.lines)

    def private(self, line: PublicKey) -> SealPrivate | None:
        seed = self.seeds.get(line.key_id)
        return None if seed is None else seal_private(line.algorithm, seed)

    def signer(self, line: PublicKey) -> Signer:
        return Signer(line.key_id, Ed25519PrivateKey.from_private_bytes(self.seeds[line.key_id]))

    def keys(self, sender: str = "hub", recipient: str = "welfare") -> Keys:
        register = self.register()
        signing, sealing = register.signing_key(sender), register.seal_key(recipient)
        assert signing is not None
        assert sealing is not None
        return Keys(self.signer(signing), sealing)

    def sealer(self, terms: Terms = TERMS, keys: Callable[[], Keys] | None = None) -> Sealer:
        return Sealer(terms, keys or (lambda: self.keys(terms.sender, terms.recipient)))

    def opener(self, terms: Terms = TERMS) -> Opener:
        return Opener(terms, self.register, self.private)


def parties(algorithm: Algorithm = Algorithm.X25519) -> Parties:
    """The hub and two recipients."""
    made = Parties()
    made.add("hub", Algorithm.ED25519)
    made.add("welfare", algorithm)
    made.add("prefecture", algorithm)
    return made


def raw_public(line: PublicKey) -> bytes:
    return b64decode(line.public)
