"""The ledger checked offline: one file, the standard library and `cryptography`, nothing of the project that wrote it.

    python offline.py checkpoint NOTE --key VKEY [--witness VKEY]
    python offline.py inclusion BUNDLE --key VKEY [--witness VKEY]
    python offline.py consistency OLD NEW PROOF --key VKEY [--witness VKEY]
    python offline.py replay ENTRIES --checkpoint NOTE … --key VKEY [--witness VKEY]

`--key` and `--witness` may stand several times (keys change); with `--witness` one must have cosigned the checkpoint.
Exit 0: it holds. 2: it does not; each difference is a code and a sentence. 1: the input cannot be used. `--json` for
programs. Formats: C2SP signed-note, tlog-checkpoint, tlog-cosignature/v1 (Ed25519); trees: RFC 6962, SHA-256.
"""

import argparse
import json
import re
import sys
from base64 import b64decode, b64encode
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

GOOD, UNUSABLE, DIFFERENT = 0, 1, 2
NOTE_KEY, COSIGNATURE_KEY = 1, 4
HASH_BYTES = SALT_BYTES = 32
TOLERANCE_SECONDS = 300
LATEST_TIME = 253_402_300_799
MOST_TOLD = 20
KINDS = frozenset({"disclose", "void", "acknowledge", "discard", "view", "export", "grant", "key"})
SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


class Unusable(Exception):  # noqa: N818 - what is said of the input
    """The input cannot be read; nothing is said about the log."""


@dataclass
class Difference(Exception):  # noqa: N818 - what is found
    """In what the log departs from what it must be."""

    code: str
    sentence: str


# --- keys and notes -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """A verifier key; `identity` is the name and key id with which it signs."""

    identity: tuple[str, bytes]
    kind: int
    public: bytes

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raises `Difference` when it is not this key's signature."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            raise Difference("LEDGER-SIGNATURE", f"the signature of {self.identity[0]} does not verify") from None


@dataclass(frozen=True)
class Checkpoint:
    """A verified checkpoint: the log, its size, its root, and when the witnesses saw it (POSIX seconds)."""

    origin: str
    size: int
    root: bytes
    witnessed: tuple[int, ...]


def read_key(vkey: str, kind: int) -> Key:
    """A verifier key from name+id+base64; it must be of this kind."""
    name, _, rest = vkey.partition("+")
    identifier, _, encoded = rest.partition("+")
    material = decoded(encoded, "the verifier key")
    if len(material) != 1 + HASH_BYTES or material[0] != kind:
        raise Unusable(
            "a verifier key is name+id+base64 of an Ed25519 key, kind 1 for the log and kind 4 for a witness"
        )
    key_id = sha256(name.encode() + b"\n" + material).digest()[:4]
    if not name or key_id.hex() != identifier:
        raise Unusable("the id within the verifier key is not that of its name and key")
    return Key((name, key_id), kind, material[1:])


def read_checkpoint(note: str, keys: Sequence[Key]) -> Checkpoint:
    """The checkpoint of a note that one of the log's keys signed; raises `Unusable` or `Difference`."""
    body, lines = taken_apart(note)
    origin, size, encoded = checkpoint_lines(body)
    known = {key.identity: key for key in keys}
    by_log, times = False, []
    for name, key_id, signature in map(signature_of, lines):
        key = known.pop((name, key_id), None)
        if key is not None and key.kind == COSIGNATURE_KEY:
            times.append(cosigned_at(key, body, signature))
        elif key is not None:
            key.verify(signature, body.encode())
            by_log |= name == origin
    if not by_log:
        raise Difference("LEDGER-SIGNATURE", f"no given key of {origin} has signed the checkpoint of {size} entries")
    return Checkpoint(origin, size, decoded(encoded, "the root"), tuple(times))


def taken_apart(note: str) -> tuple[str, list[str]]:
    """A note's text, and its signature lines."""
    body, blank, signatures = note.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise Unusable("a note is text, an empty line, and lines of signatures")
    return body + "\n", signatures[:-1].split("\n")


def checkpoint_lines(body: str) -> tuple[str, int, str]:
    """Origin, size and the root in base64."""
    lines = body.split("\n")
    if len(lines) != 4 or not lines[0] or not SIZE.fullmatch(lines[1]):
        raise Unusable("a checkpoint is three lines: origin, size, root")
    if len(decoded(lines[2], "the root")) != HASH_BYTES:
        raise Unusable("the root of a checkpoint has 32 bytes")
    return lines[0], int(lines[1]), lines[2]


def signature_of(line: str) -> tuple[str, bytes, bytes]:
    """Name, key id and signature of one line."""
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    signature = decoded(encoded, "a signature")
    if dash != "—" or not name or len(signature) < 5:
        raise Unusable("a signature line is a dash, a name, and base64")
    return name, signature[:4], signature[4:]


def cosigned_at(key: Key, body: str, signature: bytes) -> int:
    """The time at which a witness says that it saw this checkpoint."""
    time = int.from_bytes(signature[:8], "big")
    key.verify(signature[8:], f"cosignature/v1\ntime {time}\n{body}".encode())
    if not 0 < time <= LATEST_TIME:
        raise Difference("LEDGER-SIGNATURE", f"the cosignature of {key.identity[0]} has no possible time")
    return time


def decoded(text: str, what: str) -> bytes:
    """Canonical base64."""
    try:
        content = b64decode(text, validate=True)
    except ValueError:
        raise Unusable(f"{what} is not base64") from None
    if b64encode(content).decode() != text:
        raise Unusable(f"{what} is not canonical base64")
    return content


# --- trees, by the recursive definitions of RFC 6962 §2.1 -----------------------------------------------------------


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return sha256(b"\1" + left + right).digest()


def left_part(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def root_over(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that follows from a leaf and its audit path; None when the path has another length than it must."""
    if size == 1 or not path:
        return leaf if size == 1 and not path else None
    left, (*lower, top) = left_part(size), path
    if index < left:
        below = root_over(leaf, index, left, lower)
        return below and node(below, top)
    below = root_over(leaf, index - left, size - left, lower)
    return below and node(top, below)


def continues(old: Checkpoint, new: Checkpoint, path: Sequence[bytes]) -> bool:
    """Whether the path proves that the new tree begins with the old one."""
    if old.size == 0:
        return not path and old.root == sha256().digest()
    roots = both_roots(old.size, new.size, path, old.root)
    return roots == (old.root, new.root)


def both_roots(first: int, size: int, path: Sequence[bytes], known: bytes | None) -> tuple[bytes, bytes] | None:
    """Old and new hash of a subtree of `size` leaves that had `first`; `known` while it begins at the first leaf."""
    if first == size:
        whole = known if known is not None and not path else path[0] if known is None and len(path) == 1 else None
        return None if whole is None else (whole, whole)
    if not path:
        return None
    left, (*lower, top) = left_part(size), path
    if first <= left:
        below = both_roots(first, left, lower, known)
        return below and (below[0], node(below[1], top))
    below = both_roots(first - left, size - left, lower, None)
    return below and (node(top, below[0]), node(top, below[1]))


class Tree:
    """The root over entries as they come, kept as the perfect subtrees from left to right."""

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []

    def add(self, entry: bytes) -> None:
        """One more entry."""
        reached, height = sha256(b"\0" + entry).digest(), self.size
        while height & 1:
            reached = sha256(b"\1" + self._subtrees.pop() + reached).digest()
            height >>= 1
        self._subtrees.append(reached)
        self.size += 1

    def root(self) -> bytes:
        """The root over all so far."""
        if not self._subtrees:
            return sha256().digest()
        reached = self._subtrees[-1]
        for subtree in self._subtrees[-2::-1]:
            reached = node(subtree, reached)
        return reached


# --- entries --------------------------------------------------------------------------------------------------------


class Entry(NamedTuple):
    """What every entry says: its log, its number there, and when it was written (POSIX seconds)."""

    log: str
    number: int
    time: int
    subject: str | None


def read_entry(text: str) -> Entry | None:
    """The entry that the text says, or None when it is none."""
    try:
        held = READ(text)
        if held["kind"] not in KINDS or type(held["index"]) is not int:
            return None
        return Entry(held["log"], held["index"], instant(held["time"]), held.get("subject"))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


@lru_cache(maxsize=8)
def instant(text: str) -> int:
    """A time in POSIX seconds; raises ValueError."""
    if not TIME.fullmatch(text):
        raise ValueError
    return int(datetime.fromisoformat(text).timestamp())


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which no name stands twice; raises ValueError."""
    held = dict(pairs)
    if len(held) != len(pairs):
        raise ValueError
    return held


READ = json.JSONDecoder(object_pairs_hook=once).decode


def moment(seconds: int) -> str:
    """A time for people."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- replay ---------------------------------------------------------------------------------------------------------


class Order:
    """Whether every index from 0 on is there, once, in its place."""

    def __init__(self) -> None:
        self.end = 0
        self.first_trouble: int | None = None
        self._skipped: list[range] = []
        self._late: list[int] = []

    def see(self, index: int) -> None:
        """The next entry's index."""
        if index == self.end:
            self.end += 1
            return
        if self.first_trouble is None:
            self.first_trouble = min(index, self.end)
        if index > self.end:
            self._skipped.append(range(self.end, index))
            self.end = index + 1
        else:
            self._late.append(index)

    def differences(self) -> Iterator[Difference]:
        """What is missing, and what stands in another place or twice."""
        late = sorted(set(self._late))
        came = [bisect_left(late, gap.stop) - bisect_left(late, gap.start) for gap in self._skipped]
        short = [gap for gap, some in zip(self._skipped, came, strict=True) if some < len(gap)]
        if short:
            missing = sum(map(len, self._skipped)) - sum(came)
            yield Difference("LEDGER-DROPPED", f"{missing} entries are missing, from {short[0].start} on")
        if late:
            yield Difference(
                "LEDGER-ORDER", f"{len(self._late)} entries stand too late or twice, first {self._late[0]}"
            )


class Clock:
    """Whether no entry claims another time than its neighbours and the witnesses allow."""

    def __init__(self, checkpoints: Iterable[Checkpoint]) -> None:
        times = [(seen.size, time) for seen in checkpoints for time in seen.witnessed]
        self._witnessed = sorted(times, reverse=True)
        self._latest = self._floor = -(2**63)
        self.differences: list[Difference] = []

    def see(self, index: int, time: int) -> None:
        """The next entry's index and time."""
        if self._witnessed and self._witnessed[-1][0] <= index:
            self.reach(index)
        if time < self._latest:
            self._tell(f"entry {index} is dated {moment(time)}, before an earlier one")
        elif time < self._floor:
            self._tell(f"entry {index} is dated {moment(time)}, before the witness saw the log without it")
        self._latest = max(self._latest, time)

    def reach(self, size: int) -> None:
        """So many entries have been seen."""
        while self._witnessed and self._witnessed[-1][0] <= size:
            held, time = self._witnessed.pop()
            if self._latest > time + TOLERANCE_SECONDS:
                self._tell(f"one of the first {held} entries is dated after {moment(time)}, when the witness saw it")
            self._floor = max(self._floor, time - TOLERANCE_SECONDS)

    def _tell(self, sentence: str) -> None:
        self.differences.append(Difference("LEDGER-BACKDATED", sentence))


class Replay:
    """All entries of a log, one after the other, against its signed checkpoints."""

    def __init__(self, checkpoints: Sequence[Checkpoint]) -> None:
        self.tree, self.order, self.clock = Tree(), Order(), Clock(checkpoints)
        self._checkpoints = checkpoints
        self._origin = checkpoints[0].origin
        self._sizes = {checkpoint.size for checkpoint in checkpoints}
        self._roots = {0: self.tree.root()}
        self._strange: list[Difference] = []

    def add(self, line: bytes) -> None:
        """One line of the file, without its end."""
        position = self.tree.size
        entry = read_entry(line.decode("ascii", "replace"))
        if entry is None:
            self._strange.append(Difference("LEDGER-ENTRY", f"line {position + 1} holds no entry"))
            self.order.see(self.order.end)
        else:
            if entry.log != self._origin:
                self._strange.append(Difference("LEDGER-FOREIGN", f"line {position + 1} is of another log"))
            self.order.see(entry.number)
            self.clock.see(position, entry.time)
        self.tree.add(line)
        if position + 1 in self._sizes:
            self._roots[position + 1] = self.tree.root()

    def differences(self) -> list[Difference]:
        """Everything that does not hold, once the last line was added."""
        self.clock.reach(self.tree.size)
        found = [*self._strange, *self.order.differences(), *self.clock.differences]
        return [*found, *forks(self._checkpoints), *self._truncated(), *self._departing()]

    def _truncated(self) -> Iterator[Difference]:
        end = max(self.tree.size, self.order.end)
        largest = max(checkpoint.size for checkpoint in self._checkpoints)
        if largest > end:
            yield Difference("LEDGER-TRUNCATED", f"the log has signed {largest} entries, here are {end}")

    def _departing(self) -> Iterator[Difference]:
        """Roots that are not the signed ones; where the order fails already, no root can be expected to hold."""
        trouble = self.order.first_trouble
        told = [c for c in self._checkpoints if c.size in self._roots and (trouble is None or c.size <= trouble)]
        holding = max((c.size for c in told if self._roots[c.size] == c.root), default=-1)
        for checkpoint in told:
            if self._roots[checkpoint.size] == checkpoint.root:
                continue
            if checkpoint.size < holding:
                forked = f"the signed tree of {holding} entries does not continue the signed one of {checkpoint.size}"
                yield Difference("LEDGER-FORK", forked)
            else:
                yield Difference(
                    "LEDGER-ALTERED", f"the first {checkpoint.size} entries do not have the root that was signed"
                )


def forks(checkpoints: Iterable[Checkpoint]) -> Iterator[Difference]:
    """Sizes for which the log has signed two roots."""
    roots: dict[int, bytes] = {}
    for checkpoint in checkpoints:
        if roots.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
            yield Difference("LEDGER-FORK", f"the log has signed two trees of {checkpoint.size} entries")


# --- commands -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What a command found, and what it looked at."""

    seen: str
    differences: Sequence[Difference] = ()


def checkpoint_command(asked: argparse.Namespace) -> Outcome:
    """A note's signatures."""
    checkpoint = read_checkpoint(read_text(asked.note), asked.keys)
    return Outcome(described(checkpoint), list(unwitnessed(checkpoint, asked.keys)))


def consistency_command(asked: argparse.Namespace) -> Outcome:
    """That one checkpoint continues another."""
    old, new = (read_checkpoint(read_text(path), asked.keys) for path in (asked.old, asked.new))
    proof = [read_hash(line) for line in read_text(asked.proof).splitlines()]
    found = [*unwitnessed(old, asked.keys), *unwitnessed(new, asked.keys), *inconsistent(old, new, proof)]
    return Outcome(f"{described(new)} continues {old.size} entries", found)


def inconsistent(old: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> Iterator[Difference]:
    """Why the new checkpoint does not continue the old one."""
    if old.origin != new.origin:
        yield Difference("LEDGER-FOREIGN", "the checkpoints are of two logs")
    elif new.size < old.size:
        yield Difference("LEDGER-TRUNCATED", f"the log went back from {old.size} entries to {new.size}")
    elif not continues(old, new, proof):
        yield Difference("LEDGER-FORK", f"nothing proves that {new.size} entries continue the {old.size} signed before")


def replay_command(asked: argparse.Namespace) -> Outcome:
    """All entries against all checkpoints."""
    checkpoints = [read_checkpoint(read_text(path), asked.keys) for path in asked.checkpoint]
    if len({checkpoint.origin for checkpoint in checkpoints}) > 1:
        raise Unusable("the checkpoints are of several logs")
    replay = Replay(checkpoints)
    try:
        with Path(asked.entries).open("rb") as lines:
            for line in lines:
                replay.add(line.removesuffix(b"\n"))
    except OSError as error:
        raise Unusable(f"{asked.entries}: {error.strerror}") from None
    latest = max(checkpoints, key=lambda checkpoint: (checkpoint.size, checkpoint.witnessed))
    witnessed = max(checkpoints, key=lambda checkpoint: (bool(checkpoint.witnessed), checkpoint.size))
    found = [*replay.differences(), *unwitnessed(witnessed, asked.keys)]
    return Outcome(
        f"{replay.tree.size} entries, {len(checkpoints)} checkpoints; the latest: {described(latest)}", found
    )


def inclusion_command(asked: argparse.Namespace) -> Outcome:
    """That a bundle's entries stand in the log of its checkpoint."""
    bundle = read_bundle(asked.bundle)
    checkpoint = read_checkpoint(text_in(bundle, "checkpoint"), asked.keys)
    entries = objects_in(bundle, "entries")
    found = [difference for told in entries for difference in not_included(told, checkpoint)]
    return Outcome(
        f"{len(entries)} entries within {described(checkpoint)}", [*found, *uncovered(bundle, checkpoint, asked.keys)]
    )


def not_included(told: Mapping[str, Any], checkpoint: Checkpoint) -> Iterator[Difference]:
    """Why an entry of a bundle does not stand in the log."""
    text = text_in(told, "entry")
    entry = read_entry(text)
    if entry is None:
        yield Difference("LEDGER-ENTRY", "the bundle holds what is no entry")
        return
    if entry.log != checkpoint.origin:
        yield Difference("LEDGER-FOREIGN", f"entry {entry.number} is of another log")
    path = [read_hash(line) for line in texts_in(told, "path")]
    leaf = sha256(b"\0" + text.encode()).digest()
    inside = 0 <= entry.number < checkpoint.size
    if not inside or root_over(leaf, entry.number, checkpoint.size, path) != checkpoint.root:
        yield Difference("LEDGER-INCLUSION", f"entry {entry.number} is not proven to stand in the log")
    if ("salt" in told or "subject" in told) and committed(told) != entry.subject:
        yield Difference("LEDGER-SUBJECT", f"entry {entry.number} is not about the person that the bundle names")


def committed(told: Mapping[str, Any]) -> str:
    """The commitment to a bundle's subject."""
    try:
        salt = bytes.fromhex(text_in(told, "salt"))
    except ValueError:
        raise Unusable("a salt is written in hexadecimal digits") from None
    if len(salt) != SALT_BYTES:
        raise Unusable("a salt has 32 bytes")
    return sha256(salt + text_in(told, "subject").encode()).hexdigest()


def uncovered(bundle: Mapping[str, Any], checkpoint: Checkpoint, keys: Sequence[Key]) -> Iterator[Difference]:
    """Why no witness vouches for a bundle: by its checkpoint, or by an earlier one that this continues."""
    earlier = bundle.get("previous_witnessed")
    if earlier is None or checkpoint.witnessed:
        yield from unwitnessed(checkpoint, keys)
        return
    if not isinstance(earlier, dict):
        raise Unusable("previous_witnessed is an object with checkpoint and path")
    witnessed = read_checkpoint(text_in(earlier, "checkpoint"), keys)
    yield from unwitnessed(witnessed, keys)
    yield from inconsistent(witnessed, checkpoint, [read_hash(line) for line in texts_in(earlier, "path")])
    for told in objects_in(bundle, "entries"):
        entry = read_entry(text_in(told, "entry"))
        if entry and entry.number >= witnessed.size and any(key.kind == COSIGNATURE_KEY for key in keys):
            yield Difference("LEDGER-UNWITNESSED", f"entry {entry.number} is newer than what a witness has seen")


def unwitnessed(checkpoint: Checkpoint, keys: Sequence[Key]) -> Iterator[Difference]:
    """That a cosignature is asked for and not there."""
    if not checkpoint.witnessed and any(key.kind == COSIGNATURE_KEY for key in keys):
        yield Difference(
            "LEDGER-UNWITNESSED", f"no given witness has cosigned the checkpoint of {checkpoint.size} entries"
        )


def described(checkpoint: Checkpoint) -> str:
    """A checkpoint in words."""
    seen = "".join(f", witnessed {moment(time)}" for time in checkpoint.witnessed)
    return f"{checkpoint.origin}, {checkpoint.size} entries{seen}"


def read_bundle(path: str) -> dict[str, Any]:
    """A bundle's JSON object."""
    try:
        bundle = json.loads(read_text(path))
    except (ValueError, RecursionError):
        bundle = None
    if not isinstance(bundle, dict):
        raise Unusable(f"{path} is no JSON object")
    return bundle


def text_in(held: Mapping[str, Any], name: str) -> str:
    """A text of a JSON object."""
    value = held.get(name)
    if not isinstance(value, str):
        raise Unusable(f"{name} must be a text")
    return value


def texts_in(held: Mapping[str, Any], name: str) -> list[str]:
    """A list of texts of a JSON object."""
    values = held.get(name)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise Unusable(f"{name} must be a list of texts")
    return values


def objects_in(held: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of objects of a JSON object."""
    values = held.get(name)
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise Unusable(f"{name} must be a list of objects")
    return values


def read_hash(line: str) -> bytes:
    """One hash in base64."""
    content = decoded(line, "a hash of the proof")
    if len(content) != HASH_BYTES:
        raise Unusable("a hash of a proof has 32 bytes")
    return content


def read_text(path: str) -> str:
    """A file of UTF-8."""
    try:
        return Path(path).read_bytes().decode("utf-8")
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Unusable(f"{path} is not UTF-8") from None


class Parser(argparse.ArgumentParser):
    """Ends with 1 where the arguments are wrong, since 2 says that a difference was found."""

    def error(self, message: str) -> NoReturn:
        """Say so and end."""
        self.exit(UNUSABLE, f"{self.prog}: {message}\n")


def parser() -> Parser:
    """The command line."""
    common = Parser(add_help=False)
    common.add_argument("--key", action="append", required=True, help="a verifier key of the log")
    common.add_argument("--witness", action="append", default=[], help="a verifier key of a witness")
    common.add_argument("--json", action="store_true", help="print JSON for programs")
    top = Parser(
        prog="offline.py", description="Checks a ledger's evidence without its database, its network or its code."
    )
    commands = top.add_subparsers(required=True, parser_class=Parser)
    for name, run, places in (
        ("checkpoint", checkpoint_command, ("note",)),
        ("inclusion", inclusion_command, ("bundle",)),
        ("consistency", consistency_command, ("old", "new", "proof")),
        ("replay", replay_command, ("entries",)),
    ):
        command = commands.add_parser(name, help=run.__doc__, parents=[common])
        command.set_defaults(run=run)
        for place in places:
            command.add_argument(place, metavar=place.upper())
        if name == "replay":
            command.add_argument("--checkpoint", action="extend", nargs="+", required=True, metavar="NOTE")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    asked = parser().parse_args(arguments)
    try:
        asked.keys = [read_key(vkey, NOTE_KEY) for vkey in asked.key]
        asked.keys += [read_key(vkey, COSIGNATURE_KEY) for vkey in asked.witness]
        outcome: Outcome = asked.run(asked)
    except Difference as difference:
        outcome = Outcome("", [difference])
    except Unusable as reason:
        sys.stderr.write(f"LEDGER-UNUSABLE: {reason}\n")
        return UNUSABLE
    sys.stdout.write(in_json(outcome) if asked.json else in_words(outcome))
    return DIFFERENT if outcome.differences else GOOD


def in_words(outcome: Outcome) -> str:
    """The outcome for people."""
    told = [f"{difference.code}: {difference.sentence}" for difference in outcome.differences[:MOST_TOLD]]
    more = len(outcome.differences) - len(told)
    lines = [*told, *([f"and {more} more"] if more else [])] or [f"good: {outcome.seen}"]
    return "".join(f"{line}\n" for line in lines)


def in_json(outcome: Outcome) -> str:
    """The outcome for programs."""
    found = [{"code": difference.code, "sentence": difference.sentence} for difference in outcome.differences]
    return json.dumps({"ok": not found, "seen": outcome.seen, "differences": found}, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main())
