"""The offline verifier finds each tampering by its code, raises no false alarm, and stands alone in one file."""

import ast
import json
import random
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.check import offline
from tests.unit.ledger.logs import LOG, LOG_KEY, ORIGIN, WITNESS, WITNESS_KEY, WITNESS_NAME, nodes_over
from topics.ledger.note import Checkpoint, cosign, sign_checkpoint
from topics.ledger.tree import Nodes, consistency_path, inclusion_path, leaf_hash, tree_root
from topics.ledger.verifiers import Kind, Verifier

START = 1_800_000_000
STEP = 60
SIZE = 40
KEYS = ["--key", LOG.vkey]
WITNESSED = [*KEYS, "--witness", WITNESS.vkey]
SALT = bytes(range(32))
SUBJECT = "synthetic-subject-1"


def entry(index: int, time: int, **more: object) -> str:
    """A canonical entry about the synthetic subject."""
    told = datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    subject = sha256(SALT + SUBJECT.encode()).hexdigest()
    held = {"index": index, "kind": "disclose", "log": ORIGIN, "recipient": "welfare", "subject": subject, "time": told}
    return json.dumps({**held, **more}, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True)
class Written:
    """A log's entries, and what it signed: each checkpoint's size, and when a witness saw it."""

    entries: tuple[str, ...]
    signed: tuple[tuple[int, int | None], ...] = ((10, START + 10 * STEP), (25, START + 25 * STEP), (SIZE, None))
    notes: tuple[str, ...] = ()

    @cached_property
    def tree(self) -> Nodes:
        return nodes_over([leaf_hash(text.encode()) for text in self.entries])

    def note(self, size: int, seen: int | None = None) -> str:
        checkpoint = Checkpoint(ORIGIN, size, tree_root(size, self.tree))
        note = sign_checkpoint(checkpoint, ORIGIN, LOG_KEY)
        return note if seen is None else note + cosign(checkpoint.body(), WITNESS_NAME, WITNESS_KEY, seen)

    def sign(self) -> "Written":
        """The checkpoints over the entries as they are now."""
        return replace(self, notes=tuple(self.note(size, seen) for size, seen in self.signed))


CLEAN = Written(tuple(entry(index, START + index * STEP) for index in range(SIZE))).sign()


def replayed(directory: Path, log: Written, capsys: pytest.CaptureFixture[str], *keys: str) -> set[str]:
    """The codes that a replay finds."""
    (directory / "entries").write_text("".join(f"{text}\n" for text in log.entries))
    arguments = []
    for number, note in enumerate(log.notes):
        (directory / f"{number}.note").write_text(note)
        arguments += ["--checkpoint", str(directory / f"{number}.note")]
    return found(capsys, "replay", str(directory / "entries"), *arguments, *(keys or WITNESSED))


def found(capsys: pytest.CaptureFixture[str], *arguments: str) -> set[str]:
    """The codes that a command finds; its exit code tells whether there are any."""
    code = offline.main([*arguments, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert code == (offline.DIFFERENT if told["differences"] else offline.GOOD)
    assert told["ok"] is not bool(told["differences"])
    return {difference["code"] for difference in told["differences"]}


def with_entries(change: Callable[[list[str]], Sequence[str]], log: Written = CLEAN) -> Written:
    return replace(log, entries=tuple(change(list(log.entries))))


def renumbered(texts: Sequence[str]) -> list[str]:
    kept = [json.loads(text) for text in texts]
    return [json.dumps({**held, "index": n}, sort_keys=True, separators=(",", ":")) for n, held in enumerate(kept)]


def swapped(texts: list[str]) -> list[str]:
    return [*texts[:12], texts[13], texts[12], *texts[14:]]


def dated(index: int, time: int) -> Written:
    """A log that claims another time for one entry, and signed all of it so."""
    return with_entries(lambda texts: [*texts[:index], entry(index, time), *texts[index + 1 :]]).sign()


FORKED = with_entries(lambda texts: [*texts[:5], entry(5, START + 5 * STEP, recipient="prefecture"), *texts[6:]]).sign()
TAMPERED = {
    "dropped": (with_entries(lambda texts: texts[:12] + texts[13:]), {"LEDGER-DROPPED"}),
    "several dropped": (with_entries(lambda texts: texts[:3] + texts[6:20] + texts[22:]), {"LEDGER-DROPPED"}),
    "the first dropped": (with_entries(lambda texts: texts[1:]), {"LEDGER-DROPPED"}),
    "dropped and renumbered": (
        with_entries(lambda texts: renumbered(texts[:12] + texts[13:])),
        {"LEDGER-ALTERED", "LEDGER-TRUNCATED"},
    ),
    "one put in, renumbered": (
        with_entries(lambda texts: renumbered([*texts[:12], texts[12], *texts[12:]])),
        {"LEDGER-ALTERED"},
    ),
    "altered": (
        with_entries(
            lambda texts: [text.replace("welfare", "welfarf") if n == 12 else text for n, text in enumerate(texts)]
        ),
        {"LEDGER-ALTERED"},
    ),
    "the last altered": (
        with_entries(lambda texts: [*texts[:-1], texts[-1].replace("welfare", "welfarf")]),
        {"LEDGER-ALTERED"},
    ),
    "reordered": (with_entries(swapped), {"LEDGER-ORDER", "LEDGER-BACKDATED"}),
    "reordered and renumbered": (
        with_entries(lambda texts: renumbered(swapped(texts))),
        {"LEDGER-ALTERED", "LEDGER-BACKDATED"},
    ),
    "doubled": (with_entries(lambda texts: [*texts[:13], *texts[12:]]), {"LEDGER-ORDER"}),
    "truncated": (with_entries(lambda texts: texts[:30]), {"LEDGER-TRUNCATED"}),
    "emptied": (with_entries(lambda _: []), {"LEDGER-TRUNCATED"}),
    "rolled back to a checkpoint": (with_entries(lambda texts: texts[:25]), {"LEDGER-TRUNCATED"}),
    "signed twice": (replace(CLEAN, notes=(*CLEAN.notes, FORKED.notes[0])), {"LEDGER-FORK"}),
    "signed anew after an alteration": (replace(FORKED, notes=(CLEAN.notes[0], *FORKED.notes[1:])), {"LEDGER-FORK"}),
    "dated before the one before it": (dated(12, START + 10 * STEP), {"LEDGER-BACKDATED"}),
    "dated after the witness saw it": (dated(24, START + 25 * STEP + 301), {"LEDGER-BACKDATED"}),
    "of another log": (
        with_entries(
            lambda texts: [*texts[:12], entry(12, START + 12 * STEP, log="kairan/x/142158"), *texts[13:]]
        ).sign(),
        {"LEDGER-FOREIGN"},
    ),
    "no entry": (with_entries(lambda texts: [*texts[:12], "{}", *texts[13:]]), {"LEDGER-ENTRY", "LEDGER-ALTERED"}),
    "a name that stands twice": (
        with_entries(lambda texts: [*texts[:-1], texts[-1].replace("{", '{"index":0,', 1)]).sign(),
        {"LEDGER-ENTRY"},
    ),
    "an unknown kind": (
        with_entries(lambda texts: [*texts[:-1], entry(SIZE - 1, START + SIZE * STEP, kind="other")]).sign(),
        {"LEDGER-ENTRY"},
    ),
    "not ASCII": (
        with_entries(lambda texts: [*texts[:-1], texts[-1].replace("welfare", "福祉")]),
        {"LEDGER-ALTERED"},
    ),
}


@pytest.mark.parametrize("case", TAMPERED)
def test_each_tampering_is_found_by_its_code(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log, codes = TAMPERED[case]
    assert replayed(tmp_path, log, capsys) == codes


def test_the_log_from_which_all_these_were_made_is_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replayed(tmp_path, CLEAN, capsys) == set()
    assert replayed(tmp_path, Written((), ((0, START),)).sign(), capsys) == set()


def test_entries_put_in_later_with_an_old_date_are_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All of one time, so that only the witness can tell that the later ones were not there."""
    texts = tuple(entry(index, START) for index in range(SIZE))
    late = Written(texts, ((20, START + 301), (SIZE, START + 400))).sign()
    assert replayed(tmp_path, late, capsys) == {"LEDGER-BACKDATED"}
    within = Written(texts, ((20, START + 300), (SIZE, START + 400))).sign()
    assert replayed(tmp_path, within, capsys) == set()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, SIZE - 1), st.integers(0, 10_000), st.integers(1, 127))
def test_no_altered_byte_of_any_entry_is_missed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], number: int, place: int, flip: int
) -> None:
    text = bytearray(CLEAN.entries[number].encode())
    text[place % len(text)] ^= flip
    altered = with_entries(lambda texts: [*texts[:number], text.decode("ascii"), *texts[number + 1 :]])
    assert replayed(tmp_path, altered, capsys)


def test_no_false_alarm_over_a_thousand_clean_logs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(142158)  # noqa: S311 - which logs, not secrets
    for _ in range(1000):
        log = lived(chance)
        assert replayed(tmp_path, log, capsys) == set()
        older, newer = sorted(chance.choices(log.signed, k=2))
        assert consistent(tmp_path, capsys, log, older[0], newer[0]) == set()
        if newer[0]:
            index = chance.randrange(newer[0])
            assert included(tmp_path, capsys, bundle(log, newer[0], index, newer[1])) == set()


def lived(chance: random.Random) -> Written:
    """A log as it grows: entries at any moment, checkpoints now and then, the witness seconds to minutes behind."""
    times, now = [], START
    signed: list[tuple[int, int | None]] = []
    for _ in range(chance.randrange(1, 60)):
        now += chance.choice([0, 0, 1, 30, 86_400])
        times.append(now)
        if chance.random() < 0.2:
            signed.append((len(times), now + chance.randrange(300)))
    signed.append((len(times), times[-1] + 1))
    return Written(tuple(entry(index, time) for index, time in enumerate(times)), tuple(signed)).sign()


def consistent(
    directory: Path,
    capsys: pytest.CaptureFixture[str],
    log: Written,
    first: int,
    second: int,
    *,
    other: Written | None = None,
) -> set[str]:
    (directory / "old").write_text(log.note(first))
    (directory / "new").write_text((other or log).note(second))
    path = consistency_path(min(first, second), max(first, second), (other or log).tree)
    (directory / "proof").write_text("".join(f"{b64encode(node).decode()}\n" for node in path))
    return found(capsys, "consistency", *(str(directory / name) for name in ("old", "new", "proof")), *KEYS)


def test_a_log_that_does_not_continue_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert consistent(tmp_path, capsys, CLEAN, 7, SIZE) == set()
    assert consistent(tmp_path, capsys, CLEAN, SIZE, SIZE) == set()
    assert consistent(tmp_path, capsys, CLEAN, 0, SIZE) == set()
    assert consistent(tmp_path, capsys, CLEAN, SIZE, 7) == {"LEDGER-TRUNCATED"}
    assert consistent(tmp_path, capsys, CLEAN, SIZE, SIZE, other=FORKED) == {"LEDGER-FORK"}
    for first in range(6, SIZE):
        assert consistent(tmp_path, capsys, CLEAN, first, SIZE, other=FORKED) == {"LEDGER-FORK"}
    for first in range(6):
        assert consistent(tmp_path, capsys, CLEAN, first, SIZE, other=FORKED) == set()


def bundle(log: Written, size: int, index: int, seen: int | None = START + SIZE * STEP) -> dict[str, Any]:
    path = [b64encode(node).decode() for node in inclusion_path(index, size, log.tree)]
    told = {"entry": log.entries[index], "path": path, "salt": SALT.hex(), "subject": SUBJECT}
    return {"checkpoint": log.note(size, seen), "entries": [told]}


def included(directory: Path, capsys: pytest.CaptureFixture[str], held: dict[str, Any], *keys: str) -> set[str]:
    (directory / "bundle").write_text(json.dumps(held))
    return found(capsys, "inclusion", str(directory / "bundle"), *(keys or WITNESSED))


def told(change: dict[str, Any]) -> dict[str, Any]:
    held = bundle(CLEAN, SIZE, 12)
    return {**held, "entries": [{**held["entries"][0], **change}]}


GOOD_PATH: list[str] = bundle(CLEAN, SIZE, 12)["entries"][0]["path"]
UNPROVEN: dict[str, tuple[dict[str, Any], str]] = {
    "another entry": ({"entry": CLEAN.entries[13]}, "LEDGER-INCLUSION"),
    "an altered entry": ({"entry": CLEAN.entries[12].replace("welfare", "welfarf")}, "LEDGER-INCLUSION"),
    "another index": ({"entry": entry(13, START + 12 * STEP)}, "LEDGER-INCLUSION"),
    "an index beyond": ({"entry": entry(SIZE, START + 12 * STEP)}, "LEDGER-INCLUSION"),
    "a negative index": ({"entry": entry(-1, START + 12 * STEP)}, "LEDGER-INCLUSION"),
    "a shorter path": ({"path": GOOD_PATH[:-1]}, "LEDGER-INCLUSION"),
    "a longer path": ({"path": [*GOOD_PATH, GOOD_PATH[0]]}, "LEDGER-INCLUSION"),
    "no path": ({"path": []}, "LEDGER-INCLUSION"),
    "another salt": ({"salt": SALT[::-1].hex()}, "LEDGER-SUBJECT"),
    "another person": ({"subject": "synthetic-subject-2"}, "LEDGER-SUBJECT"),
    "no entry": ({"entry": "[]"}, "LEDGER-ENTRY"),
}


@pytest.mark.parametrize("case", UNPROVEN)
def test_what_is_not_proven_to_be_in_the_log_is_found(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, code = UNPROVEN[case]
    assert included(tmp_path, capsys, told({})) == set()
    assert code in included(tmp_path, capsys, told(change))


def test_an_earlier_witnessed_checkpoint_covers_the_entries_below_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = [b64encode(node).decode() for node in consistency_path(25, SIZE, CLEAN.tree)]
    earlier = {"checkpoint": CLEAN.notes[1], "path": path}
    unseen = bundle(CLEAN, SIZE, 12, None)
    assert included(tmp_path, capsys, unseen) == {"LEDGER-UNWITNESSED"}
    assert included(tmp_path, capsys, unseen, *KEYS) == set()
    assert included(tmp_path, capsys, {**unseen, "previous_witnessed": earlier}) == set()
    newer = bundle(CLEAN, SIZE, 25, None)
    assert included(tmp_path, capsys, {**newer, "previous_witnessed": earlier}) == {"LEDGER-UNWITNESSED"}
    forked = {**earlier, "checkpoint": FORKED.notes[1]}
    assert included(tmp_path, capsys, {**unseen, "previous_witnessed": forked}) == {"LEDGER-FORK"}


def test_a_checkpoint_is_as_good_as_its_signatures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    note = tmp_path / "note"
    note.write_text(CLEAN.notes[0])
    assert found(capsys, "checkpoint", str(note), *WITNESSED) == set()
    assert found(capsys, "checkpoint", str(note), "--key", Verifier(ORIGIN, Kind.NOTE, WITNESS.public).vkey) == {
        "LEDGER-SIGNATURE"
    }
    note.write_text(CLEAN.notes[2])
    assert found(capsys, "checkpoint", str(note), *KEYS) == set()
    assert found(capsys, "checkpoint", str(note), *WITNESSED) == {"LEDGER-UNWITNESSED"}
    note.write_text(CLEAN.notes[0].replace("\n10\n", "\n11\n"))
    assert found(capsys, "checkpoint", str(note), *WITNESSED) == {"LEDGER-SIGNATURE"}
    elsewhere = sign_checkpoint(Checkpoint("kairan/x/142158", 1, bytes(32)), ORIGIN, LOG_KEY)
    note.write_text(elsewhere)
    assert found(capsys, "checkpoint", str(note), *KEYS) == {"LEDGER-SIGNATURE"}


def test_a_later_key_of_the_log_may_have_signed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "note").write_text(CLEAN.notes[0])
    other = Verifier(ORIGIN, Kind.NOTE, WITNESS.public).vkey
    assert found(capsys, "checkpoint", str(tmp_path / "note"), "--key", other, *KEYS) == set()


NOTHING = "/nowhere/at-all"
UNUSABLE = {
    "no arguments": [],
    "no key": ["checkpoint", NOTHING],
    "no file": ["checkpoint", NOTHING, *KEYS],
    "no entries": ["replay", NOTHING, "--checkpoint", NOTHING, *KEYS],
    "a key of another kind": ["checkpoint", NOTHING, "--key", WITNESS.vkey],
    "a key with another id": ["checkpoint", NOTHING, "--key", LOG.vkey.replace("+", "+0", 1)],
    "no note": ["checkpoint", __file__, *KEYS],
    "no bundle": ["inclusion", __file__, *KEYS],
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_cannot_be_used_is_neither_good_nor_different(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = offline.main(UNUSABLE[case])
    except SystemExit as end:
        code = int(str(end.code))
    assert code == offline.UNUSABLE
    assert capsys.readouterr().out == ""


def test_it_runs_alone_from_an_empty_directory(tmp_path: Path) -> None:
    copy = tmp_path / "alone" / "offline.py"
    copy.parent.mkdir()
    copy.write_bytes(Path(offline.__file__).read_bytes())
    (tmp_path / "entries").write_text("".join(f"{text}\n" for text in CLEAN.entries))
    (tmp_path / "note").write_text(CLEAN.notes[0])
    (tmp_path / "proof").write_text("")
    (tmp_path / "bundle").write_text(json.dumps(bundle(CLEAN, SIZE, 3)))
    entries, note, proof, held = (str(tmp_path / name) for name in ("entries", "note", "proof", "bundle"))

    def alone(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-I", "offline.py", *arguments, *WITNESSED]
        done = subprocess.run(command, cwd=copy.parent, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    assert alone("checkpoint", note) == (0, f"good: {ORIGIN}, 10 entries, witnessed 2027-01-15T08:10:00Z\n")
    assert alone("consistency", note, note, proof)[0] == 0
    assert alone("inclusion", held)[0] == 0
    assert alone("replay", entries, "--checkpoint", note)[0] == 0
    (tmp_path / "entries").write_text("".join(f"{text}\n" for text in CLEAN.entries[:9]))
    code, said = alone("replay", entries, "--checkpoint", note)
    assert (code, said) == (2, "LEDGER-TRUNCATED: the log has signed 10 entries, here are 9\n")


def test_it_imports_nothing_of_the_project() -> None:
    allowed = sys.stdlib_module_names | {"cryptography"}
    for statement in ast.walk(ast.parse(Path(offline.__file__).read_text(encoding="utf-8"))):
        if isinstance(statement, ast.Import):
            assert {alias.name.partition(".")[0] for alias in statement.names} <= allowed
        elif isinstance(statement, ast.ImportFrom):
            assert statement.level == 0
            assert str(statement.module).partition(".")[0] in allowed
