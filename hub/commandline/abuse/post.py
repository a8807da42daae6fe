"""A recipient's door for envelopes, with keys that exist for the drill alone; what is forged is laid before it."""

from collections.abc import Iterator
from dataclasses import dataclass

from consumers.kit.checks import examine, terms_of
from consumers.kit.record import Arrival, Finding, Record
from hub.commandline.abuse.case import PLANTED_NAME
from hub.commandline.abuse.parties import Parties, parties
from hub.commandline.abuse.rights import intruder, victim
from infra.runtime.settings import Settings
from topics.catalogue import HUB, REGISTER
from topics.declared import declared_by_recipient
from topics.envelope.places import delivery_terms
from topics.envelope.run import Head, SignedRun, Terms
from topics.envelope.sealing import Keys, OpenRun, Signer, start_run
from topics.envelope.suites import Algorithm
from topics.grant import Grant
from topics.messages.change import RecordState
from topics.messages.delivery import Delivery, DeliveryKind

SUBJECT = "synthetic"


@dataclass(frozen=True, slots=True)
class Post:
    """What the recipient and a forger have at hand."""

    people: Parties
    grants: dict[str, Grant]
    recipient: str
    other: str
    environment: str
    city: str

    def terms(self, recipient: str | None = None) -> Terms:
        """The terms of the recipient's place, or of another's."""
        return delivery_terms(self.environment, self.grants[recipient or self.recipient], self.city)

    def keys(self) -> Keys:
        """With which keys the hub seals to the recipient."""
        return self.people.keys(HUB, self.recipient)

    def run(self, keys: Keys | None = None, terms: Terms | None = None) -> OpenRun:
        """A run as it should be, but for what is given; signed by the holder of the keys."""
        return start_run(terms or self.terms(), keys or self.keys(), 1)

    def sealed(self, run: OpenRun | None = None, told: Head | None = None, payload: bytes | None = None) -> bytes:
        """An envelope that is as it should be, but for what is given."""
        return (run or self.run()).seal(told or head(), payload or self.payload())

    def payload(self, name: str = PLANTED_NAME) -> bytes:
        """A delivery of one synthetic person."""
        return Delivery(
            recipient=self.recipient, municipality=self.city, generation=self.grants[self.recipient].generation,
            number=1, sequence=1, subject=SUBJECT, kind=DeliveryKind.CREATED, state=RecordState.ACTIVE,
            items={"name": {"text": name, "kana": name}},
        ).to_wire()  # fmt: skip

    def found(self, value: bytes, key: str = SUBJECT) -> Arrival | Finding:
        """What the recipient makes of a record."""
        opener = self.people.opener(self.terms())
        terms = terms_of(self.grants[self.recipient], self.city)
        return examine(Record(0, key.encode(), value), opener, terms, lambda _: None)

    def code(self, value: bytes, key: str = SUBJECT) -> str:
        """The recipient's finding; empty when it takes the record."""
        found = self.found(value, key)
        return found.code if isinstance(found, Finding) else ""


def post(settings: Settings, algorithm: Algorithm = Algorithm.X25519) -> Post:
    """The intruder's own door, with new keys for everybody."""
    own, others = intruder(settings), victim(settings)
    people = parties(HUB, REGISTER, own, others, algorithm=algorithm)
    grants = declared_by_recipient(settings.grants_directory)
    return Post(people, grants, own, others, settings.environment, settings.municipalities[0])


def head(number: int = 1, sequence: int = 1) -> Head:
    """What is said of a record."""
    return Head(key=SUBJECT, event_id="drill", number=number, sequence=sequence)


def forged(run: OpenRun, signer: Signer, **changes: object) -> OpenRun:
    """The run with `changes` of what is signed, signed by somebody."""
    return OpenRun(SignedRun.sign(run.signed.run.model_copy(update=changes), signer.private), run.content_key)


def flipped(value: bytes, stride: int = 1) -> Iterator[bytes]:
    """The envelope with one bit flipped, for every `stride`-th bit."""
    for bit in range(0, len(value) * 8, stride):
        altered = bytearray(value)
        altered[bit // 8] ^= 1 << bit % 8
        yield bytes(altered)
