"""What the witness answers: it cosigns a checkpoint only when that continues the latest one it has cosigned."""

from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.witness.store import Store
from topics.catalogue import LEDGER
from topics.envelope.keys import KeyRegister
from topics.envelope.suites import Algorithm
from topics.ledger.note import Checkpoint, cosign, only_signed_by, open_note, split_note, verified
from topics.ledger.tree import EMPTY_ROOT, is_consistent
from topics.ledger.verifiers import Kind, NoteError, Verifier
from topics.ledger.witnessing import SIZE_TYPE, WITNESS_NAME, Submission, size_text

TEXT_TYPE = "text/plain; charset=utf-8"

Logs = Callable[[], Mapping[str, Sequence[Verifier]]]
"""The keys that each known log has ever signed with, by origin, whenever asked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; `text` is what the specification gives a program to read, else a sentence."""

    status: HTTPStatus
    text: str
    media_type: str = TEXT_TYPE


class Witness:
    """One signing key, one store, the logs it knows. Not for use by two threads: a look and a keep are one step."""

    def __init__(self, private: Ed25519PrivateKey, store: Store, logs: Logs) -> None:
        self._private = private
        self._store = store
        self._logs = logs
        self.verifier = Verifier.of(WITNESS_NAME, Kind.COSIGNATURE, private.public_key())

    def add(self, body: str, time: int) -> Answer:
        """Answer a submission at `time` (POSIX seconds); the checkpoint is on disk before its cosignature is told."""
        try:
            submission = Submission.parse(body)
            checkpoint = Checkpoint.parse(split_note(submission.note)[0])
        except NoteError as error:
            return Answer(HTTPStatus.BAD_REQUEST, f"{error}\n")
        keys = self._logs().get(checkpoint.origin)
        if keys is None:
            return Answer(HTTPStatus.NOT_FOUND, "WITNESS-ORIGIN: no log of this origin is known here\n")
        try:
            open_note(submission.note, keys)
        except NoteError as error:
            return Answer(HTTPStatus.FORBIDDEN, f"{error}\n")
        note = only_signed_by(submission.note, keys)
        return self._refusal(submission, checkpoint, note) or self._cosigned(checkpoint, note, time)

    def latest(self, origin: str) -> Answer:
        """The latest note of a log, with the log's signature and the cosignature."""
        note = self._store.latest(origin)
        if note is None:
            return Answer(HTTPStatus.NOT_FOUND, "WITNESS-NONE: nothing of this log was ever cosigned here\n")
        return Answer(HTTPStatus.OK, note)

    def _refusal(self, submission: Submission, new: Checkpoint, note: str) -> Answer | None:
        """Why this checkpoint, which its log has signed, is not cosigned."""
        seen = self._seen(new.origin)
        if submission.old > new.size:
            return Answer(HTTPStatus.BAD_REQUEST, "WITNESS-SIZE: the checkpoint is smaller than the old size\n")
        if submission.old != seen.size:
            return Answer(HTTPStatus.CONFLICT, size_text(seen.size), SIZE_TYPE)
        if not is_consistent(seen.size, seen.root, new.size, new.root, submission.path):
            self._store.accuse(new.origin, note)
            return Answer(HTTPStatus.UNPROCESSABLE_ENTITY, "WITNESS-PROOF: this does not continue the latest seen\n")
        return None

    def _cosigned(self, checkpoint: Checkpoint, note: str, time: int) -> Answer:
        line = cosign(checkpoint.body(), WITNESS_NAME, self._private, time)
        self._store.keep(checkpoint.origin, note + line)
        return Answer(HTTPStatus.OK, line)

    def _seen(self, origin: str) -> Checkpoint:
        """The latest checkpoint cosigned here; raises `NoteError` when somebody else has written the store."""
        note = self._store.latest(origin)
        if note is None:
            return Checkpoint(origin, 0, EMPTY_ROOT)
        body, _ = verified(note, [self.verifier])
        return Checkpoint.parse(body)


def logs_of(register: KeyRegister, origins: Sequence[str]) -> Mapping[str, Sequence[Verifier]]:
    """What these logs may be signed with: any key that the ledger has or had, in whatever state."""
    lines = [line for line in register.keys.values() if line.principal == LEDGER]
    keys = [b64decode(line.public) for line in lines if line.algorithm is Algorithm.ED25519]
    return {origin: [Verifier(origin, Kind.NOTE, key) for key in keys] for origin in origins}
