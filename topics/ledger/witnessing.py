"""What a log and its witness say to each other (C2SP tlog-witness, add-checkpoint), without the HTTP around it."""

from base64 import b64decode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from topics.catalogue import WITNESS
from topics.envelope.keys import KeyRegister
from topics.ledger.note import counted, only_signed_by, split_note, verified
from topics.ledger.tree import HASH_BYTES
from topics.ledger.verifiers import Kind, NoteCode, NoteError, Verifier, decode64, encode64

ADD_CHECKPOINT = "/add-checkpoint"
WITNESS_NAME = "kairan/witness"
SIZE_TYPE = "text/x.tlog.size"
OLD = "old "
MOST_HASHES = 63
MOST_BYTES = 64 * 1024
"""The longest request that a witness reads."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A new checkpoint (a note), and the proof that it continues the one of `old` leaves that the witness has seen."""

    old: int
    path: Sequence[bytes]
    note: str

    def text(self) -> str:
        """The request's body."""
        return "".join([f"{OLD}{self.old}\n", *(f"{encode64(node)}\n" for node in self.path), "\n", self.note])

    @classmethod
    def parse(cls, text: str) -> Self:
        """From the request's body; raises `NoteError`."""
        head, _, note = text.partition("\n\n")
        old, *path = head.split("\n")
        if not old.startswith(OLD) or len(path) > MOST_HASHES:
            raise NoteError(
                NoteCode.MALFORMED, f"a submission is an old size, at most {MOST_HASHES} hashes, and a note"
            )
        return cls(counted(old.removeprefix(OLD)), [_hash(line) for line in path], note)


def latest_path(origin: str) -> str:
    """Where the witness shows the latest checkpoint of a log that it has cosigned."""
    return f"/{sha256(origin.encode()).hexdigest()}/checkpoint"


def size_text(size: int) -> str:
    """How the witness tells the size of the latest checkpoint that it has cosigned."""
    return f"{size}\n"


def parse_size(text: str) -> int:
    """That size; raises `NoteError`."""
    if not text.endswith("\n"):
        raise NoteError(NoteCode.MALFORMED, "a size ends with its line")
    return counted(text[:-1])


def with_cosignatures(note: str, answer: str, witnesses: Iterable[Verifier]) -> str:
    """`note` and those lines of a witness's `answer` that these witnesses signed; raises `NoteError` if none did."""
    body, _ = split_note(note)
    known = tuple(witnesses)
    answered = f"{body}\n{answer}"
    verified(answered, known)
    return note + only_signed_by(answered, known).removeprefix(f"{body}\n")


def witnesses(register: KeyRegister) -> list[Verifier]:
    """The keys that the witness has or had, whatever their state."""
    lines = [line for line in register.keys.values() if line.principal == WITNESS and not line.seals]
    return [Verifier(WITNESS_NAME, Kind.COSIGNATURE, b64decode(line.public)) for line in lines]


def _hash(line: str) -> bytes:
    node = decode64(line, NoteCode.MALFORMED)
    if len(node) != HASH_BYTES:
        raise NoteError(NoteCode.MALFORMED, f"a hash of the proof has {HASH_BYTES} bytes")
    return node
