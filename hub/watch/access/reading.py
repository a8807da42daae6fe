"""Reading the log: an entry out of its envelope, or the code of why it is none that can be taken in."""

from infra.runtime.key_ring import KeyRing
from infra.runtime.settings import Settings
from topics.catalogue import DESK, REGISTER
from topics.envelope.opening import EnvelopeCode, EnvelopeError, Opener, take_apart
from topics.envelope.places import access_terms
from topics.messages.access import Entry, read_entry

WRITERS = (REGISTER, DESK)
UNREADABLE = "ACCESS-UNREADABLE"
OTHER_PLACE = "ACCESS-OTHER-PLACE"
STALE = "ACCESS-STALE"
FAILED = "ACCESS-FAILED"


class UnfitError(Exception):
    """An entry that cannot be taken in, now or ever; `code` says why, and nothing says more."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Reader:
    """Opens one municipality's entries."""

    def __init__(self, settings: Settings, municipality: str, ring: KeyRing) -> None:
        self._municipality = municipality
        self._openers = {
            writer: Opener(access_terms(settings.environment, writer, municipality), ring.register, ring.private)
            for writer in WRITERS
        }

    def read(self, value: bytes | None, key: bytes | None) -> tuple[Entry, int]:
        """The entry in a record, and its sender's number; raises `UnfitError`."""
        try:
            opened = self._opener(value or b"").open(value or b"", key)
            entry = read_entry(opened.payload)
        except EnvelopeError as error:
            raise UnfitError(error.code.value) from None
        except ValueError:
            raise UnfitError(UNREADABLE) from None
        if entry.municipality != self._municipality:
            raise UnfitError(OTHER_PLACE)
        return entry, opened.head.number

    def _opener(self, value: bytes) -> Opener:
        opener = self._openers.get(take_apart(value).signed.run.terms.sender)
        if opener is None:
            raise EnvelopeError(EnvelopeCode.SENDER)
        return opener
