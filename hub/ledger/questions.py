"""Who got what about a resident (開示の照会): the question is an entry itself, committed before anything is answered.

Asked as the auditor, who may know of every recipient, also of those whose population is secret.
"""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from hub.databases import HUB_DATABASE
from hub.ledger.trees import SQL, computed
from hub.ledger.writing import Ledger
from infra.runtime.postgres import Connection, connect
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.catalogue import AUDITOR
from topics.items.derived import telling
from topics.ledger.entry import EntryKind
from topics.ledger.note import Checkpoint, origin_of, split_note
from topics.ledger.tree import Nodes, inclusion_path


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks, for what, and about which item of file 1 (all when None)."""

    actor: str
    purpose: str
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry with its path to the checkpoint's root; `path` is None while no checkpoint has reached it."""

    entry: str
    path: tuple[bytes, ...] | None
    subject: str | None = None
    salt: bytes | None = None

    def told(self) -> dict[str, Any]:
        """What the entry says."""
        return dict(json.loads(self.entry))

    def to_json(self) -> dict[str, object]:
        """The entry for the stand-alone verifier."""
        told: dict[str, object] = {"entry": self.entry, "path": [b64encode(each).decode() for each in self.path or ()]}
        if self.subject is not None and self.salt is not None:
            told |= {"subject": self.subject, "salt": self.salt.hex()}
        return told


@dataclass(frozen=True, slots=True)
class Answer:
    """The entries asked for, the checkpoint that proves them, and what of them was voided, by recipient and number."""

    checkpoint: str
    entries: tuple[Proven, ...]
    void: frozenset[tuple[str, int, int]] = frozenset()

    def bundle(self) -> dict[str, object]:
        """What the stand-alone verifier takes: the checkpoint, and every entry that it covers."""
        return {
            "checkpoint": self.checkpoint,
            "entries": [each.to_json() for each in self.entries if each.path is not None],
        }

    def to_json(self) -> dict[str, object]:
        """The answer for programs: what is told and how it is proven, and the proof itself."""
        entries = [
            {**each.told(), "void": self.is_void(each.told()), "proven": each.path is not None} for each in self.entries
        ]
        return {"entries": entries, "proof": self.bundle()}

    def is_void(self, told: Mapping[str, Any]) -> bool:
        """Whether a disclosure was withdrawn before it was sent."""
        return (
            told["kind"] == EntryKind.DISCLOSE and (told["recipient"], told["generation"], told["number"]) in self.void
        )


async def who(settings: Settings, municipality: str, resident: str, question: Question) -> Answer:
    """All entries about `resident` (addressee number, 宛名番号), newest question included; raises `Refusal`."""
    connection = await as_auditor(settings, municipality)
    try:
        told = {"actor": question.actor, "purpose": question.purpose, "question": "who", "item": question.item}
        origin = origin_of(settings.environment, municipality)
        await enter_as_auditor(connection, origin, EntryKind.VIEW, told, resident)
        rows = [row for row in await connection.fetch(SQL["about"], resident) if _concerns(row["entry"], question.item)]
        return await _answered(connection, rows)
    finally:
        await connection.close()


async def prove(settings: Settings, municipality: str, indexes: Sequence[int]) -> Answer:
    """The entries at these indexes, without whom they are about; raises `Refusal`."""
    connection = await as_auditor(settings, municipality)
    try:
        rows = await connection.fetch(SQL["entries"], list(indexes))
        missing = sorted(set(indexes) - {row["index"] for row in rows})
        if missing:
            raise Refusal("KRN-LEDGER-INDEX", f"the ledger has no entry {missing[0]}")
        return await _answered(connection, rows, tell_subject=False)
    finally:
        await connection.close()


async def as_auditor(settings: Settings, municipality: str) -> Connection:
    """A connection to the municipality's ledger as the auditor; raises `Refusal`."""
    name = HUB_DATABASE.name(settings.environment, municipality)
    return await connect(settings, name, role=AUDITOR, principal=AUDITOR)


async def enter_as_auditor(
    connection: Connection, origin: str, kind: EntryKind, told: Mapping[str, object], subject: str | None
) -> None:
    """Commit one entry, a question or an output to media."""
    async with connection.transaction():
        (head,) = await connection.fetch(SQL["begin_question"])
        ledger = Ledger.at(origin, head["size"], head["entered_at"])
        ledger.enter(kind, told, subject)
        (row,) = ledger.rows
        await connection.execute(SQL["enter_question"], row.entry, row.subject, row.salt, ledger.time)


def _concerns(entry: str, item: int | None) -> bool:
    """Whether the entry belongs in the answer: with an item, the disclosures that told it."""
    if item is None:
        return True
    told = json.loads(entry)
    return "items" in told and not telling(told["file"], item).isdisjoint(told["items"])


async def _answered(connection: Connection, rows: Sequence[Any], *, tell_subject: bool = True) -> Answer:
    latest = await connection.fetchrow(SQL["latest_witnessed"]) or await connection.fetchrow(SQL["latest"])
    if latest is None:
        raise Refusal("KRN-LEDGER-UNSIGNED", "the ledger has no checkpoint yet; does kairan checkpoints run?")
    size = Checkpoint.parse(split_note(latest["note"])[0]).size
    covered = [row["index"] for row in rows if row["index"] < size]
    paths = dict(zip(covered, await computed(connection, partial(_paths, covered, size)), strict=True))
    void = frozenset(
        (row["recipient"], row["generation"], row["number"]) for row in await connection.fetch(SQL["void_numbers"])
    )
    return Answer(latest["note"], tuple(_proven(row, paths, tell_subject=tell_subject) for row in rows), void)


def _paths(indexes: Sequence[int], size: int, nodes: Nodes) -> list[tuple[bytes, ...]]:
    return [tuple(inclusion_path(index, size, nodes)) for index in indexes]


def _proven(row: Any, paths: Mapping[int, tuple[bytes, ...]], *, tell_subject: bool) -> Proven:
    subject, salt = (row["addressee_number"], row["salt"]) if tell_subject else (None, None)
    return Proven(row["entry"], paths.get(row["index"]), subject, salt)
