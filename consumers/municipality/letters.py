"""Letters (文書) to another municipality's register: sealed to it when they are written, so that no resident code
stands readable in the outbox or at the hub."""

from base64 import b64encode
from functools import partial

from consumers.kit.outbox import Draft
from infra.runtime.key_ring import KeyRing
from infra.runtime.settings import Settings
from topics.catalogue import REGISTER
from topics.envelope.places import letter_terms
from topics.envelope.run import Head
from topics.envelope.sealing import Sealer
from topics.messages.inbound import MoveInNotice, MoveOutCertificate

Letter = type[MoveInNotice] | type[MoveOutCertificate]


class Writer:
    """Writes letters as one party; each is bound to the number of the message that carries it."""

    def __init__(self, settings: Settings, party: str) -> None:
        self._environment = settings.environment
        self._party = party
        self._keys = KeyRing(settings).between(party, REGISTER)

    def draft(self, letter: Letter, municipality: str, content: bytes) -> Draft:
        """The message that carries `content`, complete but for its number."""
        return partial(self._message, letter, municipality, content)

    def _message(
        self, letter: Letter, municipality: str, content: bytes, *, number: int
    ) -> MoveInNotice | MoveOutCertificate:
        sealer = Sealer(letter_terms(self._environment, self._party, municipality), self._keys)
        event_id = f"letter-{self._party}-{municipality}-{number}"
        envelope = sealer.seal(Head(key=municipality, event_id=event_id, number=number, sequence=number), content)
        return letter(
            party=self._party, municipality=municipality, number=number, envelope=b64encode(envelope).decode("ascii")
        )
