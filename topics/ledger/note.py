"""Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature/v1) under Ed25519."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from topics.ledger.tree import HASH_BYTES
from topics.ledger.verifiers import (
    KEY_ID_BYTES,
    Kind,
    NoteCode,
    NoteError,
    Verifier,
    decode64,
    encode64,
    is_key_name,
)

DASH = "— "
MOST_SIGNATURES = 64
TIME_BYTES = 8
LATEST_TIME = 2**63 - 1
BODY_LINES = 3
MOST_DIGITS = 19


def origin_of(environment: str, municipality: str) -> str:
    """The name of one municipality's log, and of the key that signs it."""
    return f"kairan/{environment or 'city'}/{municipality}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's state: its origin, how many entries it has, and the root over them. Raises `NoteError` if it is none."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not is_key_name(self.origin) or self.size < 0 or len(self.root) != HASH_BYTES:
            raise NoteError(NoteCode.CHECKPOINT, "origin, size and root must be a name, a count and 32 bytes")

    def body(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{encode64(self.root)}\n"

    @classmethod
    def parse(cls, body: str) -> Self:
        """From the signed text; whatever is not canonical, and extension lines, are refused."""
        lines = body.split("\n")
        if len(lines) != BODY_LINES + 1 or lines[-1]:
            raise NoteError(NoteCode.CHECKPOINT, "a checkpoint is three lines: origin, size, root")
        return cls(lines[0], counted(lines[1], NoteCode.CHECKPOINT), decode64(lines[2], NoteCode.CHECKPOINT))


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """A checkpoint that its log signed: by which keys, and the times (POSIX seconds) of the cosignatures by name."""

    checkpoint: Checkpoint
    signed_by: tuple[Verifier, ...]
    cosigned: Mapping[str, int] = field(default_factory=dict)


def sign_checkpoint(checkpoint: Checkpoint, name: str, private: Ed25519PrivateKey) -> str:
    """The whole note; `name` is the key's, which is the log's origin."""
    body = checkpoint.body()
    key_id = Verifier.of(name, Kind.NOTE, private.public_key()).key_id
    return f"{body}\n{_line(name, key_id + private.sign(body.encode()))}"


def cosign(body: str, name: str, private: Ed25519PrivateKey, time: int) -> str:
    """One signature line, which says that at `time` (POSIX seconds) this was the largest state seen of its log."""
    key_id = Verifier.of(name, Kind.COSIGNATURE, private.public_key()).key_id
    signature = private.sign(_cosigned(body, time))
    return _line(name, key_id + time.to_bytes(TIME_BYTES, "big") + signature)


def open_note(text: str, verifiers: Iterable[Verifier]) -> OpenedNote:
    """The checkpoint of a note that its log signed; raises `NoteError`.

    Signatures of unknown keys are passed over; one of a known key that fails condemns the note.
    """
    body, signed = verified(text, verifiers)
    checkpoint = Checkpoint.parse(body)
    signed_by = tuple(verifier for verifier in signed if verifier.kind is Kind.NOTE)
    if not signed_by:
        raise NoteError(NoteCode.UNSIGNED, "no known key of the log has signed this note")
    if any(verifier.name != checkpoint.origin for verifier in signed_by):
        raise NoteError(NoteCode.ORIGIN, "the note was signed by the key of another log")
    cosigned = {verifier.name: time for verifier, time in signed.items() if verifier.kind is Kind.COSIGNATURE}
    return OpenedNote(checkpoint, signed_by, cosigned)


def verified(text: str, verifiers: Iterable[Verifier]) -> tuple[str, dict[Verifier, int]]:
    """The text of any note, and which known keys signed it, with a cosignature's time (else 0); raises `NoteError`."""
    body, lines = split_note(text)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    signed: dict[Verifier, int] = {}
    for name, signature in _signatures(lines):
        verifier = known.get((name, signature[:KEY_ID_BYTES]))
        if verifier in signed:
            raise NoteError(NoteCode.MALFORMED, "one key has signed twice")
        if verifier is not None:
            signed[verifier] = _checked(verifier, body, signature[KEY_ID_BYTES:])
    if not signed:
        raise NoteError(NoteCode.UNSIGNED, "no known key has signed this note")
    return body, signed


def only_signed_by(text: str, verifiers: Iterable[Verifier]) -> str:
    """The note with the signature lines of these keys alone, unverified; raises `NoteError`."""
    body, lines = split_note(text)
    known = {(verifier.name, verifier.key_id) for verifier in verifiers}
    signed = zip(lines, _signatures(lines), strict=True)
    kept = [f"{line}\n" for line, (name, signature) in signed if (name, signature[:KEY_ID_BYTES]) in known]
    return f"{body}\n{''.join(kept)}"


def counted(text: str, code: NoteCode = NoteCode.MALFORMED) -> int:
    """The size that is written as `text`, in digits without leading zeroes; raises `NoteError` of this code."""
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS) or str(int(text)) != text:
        raise NoteError(code, "a size is written in decimal digits without leading zeroes")
    return int(text)


def split_note(text: str) -> tuple[str, Sequence[str]]:
    """The text and the signature lines of a note, unverified; raises `NoteError`."""
    body, parted, signatures = text.rpartition("\n\n")
    lines = signatures.split("\n")
    if not parted or lines.pop() != "" or not 0 < len(lines) <= MOST_SIGNATURES or _is_foreign(text):
        raise NoteError(NoteCode.MALFORMED, "a note is text, an empty line, and lines of signatures")
    return body + "\n", lines


def _is_foreign(text: str) -> bool:
    """Whether it holds a control character, or what UTF-8 cannot say."""
    return any((character < " " and character != "\n") or "\ud800" <= character <= "\udfff" for character in text)


def _signatures(lines: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Each line's key name, and its key id with the signature."""
    for line in lines:
        name, _, encoded = line.removeprefix(DASH).partition(" ")
        signature = decode64(encoded, NoteCode.MALFORMED)
        if not line.startswith(DASH) or not is_key_name(name) or len(signature) <= KEY_ID_BYTES:
            raise NoteError(
                NoteCode.MALFORMED, "a signature line is a dash, a name, and key id and signature in base64"
            )
        yield name, signature


def _checked(verifier: Verifier, body: str, signature: bytes) -> int:
    """The cosignature's time, or 0; raises `NoteError` when the signature fails."""
    time, message = 0, body.encode()
    if verifier.kind is Kind.COSIGNATURE:
        time, signature = int.from_bytes(signature[:TIME_BYTES], "big"), signature[TIME_BYTES:]
        message = _cosigned(body, time)
    if not verifier.verifies(signature, message):
        raise NoteError(NoteCode.SIGNATURE, "the signature of a known key fails")
    return time


def _cosigned(body: str, time: int) -> bytes:
    if not 0 < time <= LATEST_TIME:
        raise NoteError(NoteCode.SIGNATURE, "a cosignature's time is a positive number of seconds")
    return f"cosignature/v1\ntime {time}\n{body}".encode()


def _line(name: str, signature: bytes) -> str:
    return f"{DASH}{name} {encode64(signature)}\n"
