"""What the verifier reads from the databases, each as the role `auditor`."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from pydantic_core import from_json

from infra.check.former_code import Formerly, formerly
from infra.check.lately import lately_read
from infra.check.protection import Stand, Timeline, timeline
from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.databases import database_name
from infra.runtime.keys import NUMBERS_KEY, load_key
from infra.runtime.postgres import Connection, connect
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from topics.catalogue import AUDITOR
from topics.grant import Grant

_SQL = load_queries("infra.check", "sources.sql")
ENTRIES_AT_ONCE = 10_000
GUARDED = ("resident_code", "my_number", "former_resident_code")


@dataclass(frozen=True, slots=True)
class Version:
    """One row of a resident's history; kept as JSON, since a city's histories are many."""

    position: int
    history_number: int
    state: str
    json: bytes | None
    event_id: UUID
    kind: str
    reason: str
    registered_at: datetime
    refers_to: int | None = None
    formerly: Formerly | None = None

    @property
    def record(self) -> Mapping[str, Any] | None:
        """The record, or None when the state is absent; with what went before its resident code."""
        if self.json is None or self.formerly is None:
            return None if self.json is None else lately_read(self.json)
        former, since = self.formerly
        return {**lately_read(self.json), "former_resident_code": former, "resident_code_since": since}


@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery by its numbers, and how far it came."""

    history_number: int
    generation: int
    number: int
    sequence: int
    kind: str
    dispatched: bool
    acknowledged: bool
    void: bool


@dataclass(frozen=True, slots=True)
class Served:
    """How far the hub is with one recipient's generation, by delivery number."""

    last: int
    dispatched: int
    sending: int
    acknowledged: int
    revoked: bool


@dataclass(frozen=True, slots=True)
class Register:
    """One city's source of truth: histories by resident, numbers by reference, and what was told of protections;
    whoever is not among `protections` was never protected. `positions` counts all that was told."""

    histories: Mapping[str, list[Version]]
    numbers: Mapping[str, str]
    changes: int
    protections: Mapping[str, Timeline]
    positions: int


@dataclass(frozen=True, slots=True)
class SetAside:
    """A delivery that its recipient has and has not applied; with a code it is parked, without one it waits. The
    deliveries of its filing have the numbers `first` .. `first + count - 1`."""

    subject: str
    sequence: int
    number: int
    first: int
    count: int
    code: str | None


@dataclass(frozen=True, slots=True)
class CopyRow:
    """One person in a recipient's copy; what it holds is kept as JSON, guarded items beside it."""

    sequence: int
    state: str
    json: bytes
    guarded: Mapping[str, str]

    @property
    def items(self) -> dict[str, Any]:
        """All that the copy holds of the person."""
        return {**from_json(self.json), **self.guarded}


@dataclass(frozen=True, slots=True)
class Standing:
    """The last delivery of one resident; `settled` when it is acknowledged and no other is due."""

    addressee_number: str
    subject: str
    sequence: int
    number: int
    settled: bool


@dataclass(frozen=True, slots=True)
class Standings:
    """How one recipient's residents stand at the hub, as of one moment: changes before `next_position` are routed."""

    next_position: int
    last_number: int
    residents: tuple[Standing, ...]


async def read_standings(settings: Settings, municipality: str, grant: Grant) -> Standings:
    """How the residents of whom this grant's recipient was told stand; nothing told yet: none."""
    rows = await _fetch(settings, "hub", municipality, "standings", grant.recipient, grant.generation)
    if not rows:
        return Standings(1, 0, ())
    residents = tuple(Standing(*tuple(row)[2:]) for row in rows if row["subject"] is not None)
    return Standings(rows[0]["next_position"], rows[0]["last_number"], residents)


async def read_histories(settings: Settings, municipality: str) -> Mapping[str, list[Version]]:
    """Every resident's versions in order, with references where numbers would stand."""
    rows: dict[str, list[Any]] = defaultdict(list)
    for row in await _fetch(settings, "register", municipality, "history"):
        rows[row["addressee_number"]].append(row)
    return {who: _versions(of) for who, of in rows.items()}


def _versions(rows: Sequence[Any]) -> list[Version]:
    before = formerly((row["state"], row["code"], row["changed_on"]) for row in rows)
    return [_version(row, former) for row, former in zip(rows, before, strict=True)]


async def read_sent(settings: Settings, municipality: str, recipient: str, resident: str) -> list[Sent]:
    """What the hub decided to send this recipient of this resident, in order."""
    rows = await _fetch(settings, "hub", municipality, "sent", recipient, resident)
    return [Sent(**{name: row[name] for name in Sent.__dataclass_fields__}) for row in rows]


async def read_waits(settings: Settings, municipality: str, grant: Grant, resident: str, version: Version) -> bool:
    """Whether this change waits for the end of the recipient's window."""
    place = (grant.recipient, grant.generation, resident, version.history_number)
    return bool((await _fetch(settings, "hub", municipality, "waits", *place))[0]["waits"])


async def read_listed(settings: Settings, municipality: str, recipient: str) -> frozenset[str]:
    """Whom the recipient follows, as the hub knows it."""
    rows = await _fetch(settings, "hub", municipality, "listed", recipient)
    return frozenset(row["addressee_number"] for row in rows)


async def read_next_position(settings: Settings, municipality: str) -> int:
    """The position of the first change that the hub has not decided yet."""
    rows = await _fetch(settings, "hub", municipality, "routed")
    return int(rows[0]["next_position"])


async def read_register(settings: Settings, municipality: str) -> Register:
    """The register's whole history, and the numbers behind its references."""
    histories = await read_histories(settings, municipality)
    cipher = ColumnCipher(load_key(settings, NUMBERS_KEY), table="number_version", column="number")
    sealed = await _fetch(settings, "numbers", municipality, "numbers")
    numbers = {row["reference"]: cipher.open(row["reference"], row["sealed"]).decode("ascii") for row in sealed}
    changes, protections = sum(map(len, histories.values())), await read_protections(settings, municipality)
    steps = sum(1 for each in protections.values() for stand in each.stands if stand.position)
    retold = (await _fetch(settings, "register", municipality, "retellings"))[0]["retellings"]
    return Register(histories, numbers, changes, protections, changes + steps + retold)


async def read_protections(settings: Settings, municipality: str) -> Mapping[str, Timeline]:
    """What was told of protections by resident, without those who were never protected."""
    steps: dict[str, list[Stand]] = defaultdict(list)
    for row in await _fetch(settings, "register", municipality, "protection_steps"):
        steps[row["addressee_number"]].append(Stand(*tuple(row)[1:]))
    rows = await _fetch(settings, "register", municipality, "protection_unknown")
    unknown = {row["addressee_number"]: row["told_none_at"] for row in rows}
    return {
        who: timeline(steps.get(who, ()), unknown=who in unknown, told_none_at=unknown.get(who))
        for who in {*steps, *unknown}
    }


async def read_protections_kept(settings: Settings, municipality: str, grant: Grant) -> dict[str, dict[str, Any]]:
    """What the recipient keeps of each subject's protection, as a delivery would say it."""
    rows = await _fetch(settings, grant.recipient, _home(grant, municipality), "protections_kept", municipality)
    return {row["subject"]: {name: _plain(value) for name, value in tuple(row.items())[1:] if value is not None} for row
            in rows}  # fmt: skip


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


async def read_subjects(settings: Settings, municipality: str, grant: Grant) -> dict[str, str]:
    """Which resident stands behind which pseudonym of this recipient, as the hub keeps it."""
    rows = await _fetch(settings, "hub", municipality, "subjects", grant.recipient, grant.generation)
    return {row["subject"]: row["addressee_number"] for row in rows}


async def read_copy(settings: Settings, municipality: str, grant: Grant) -> dict[str, CopyRow]:
    """The recipient's copy by subject, guarded items opened with its own key."""
    guarded = grant.numbers.my_number or grant.numbers.resident_code
    rows = await _fetch(
        settings, grant.recipient, _home(grant, municipality), "guarded" if guarded else "copy", municipality
    )
    ciphers = _ciphers(settings, grant) if guarded else {}
    return {row["subject"]: _copy_row(row, ciphers) for row in rows}


async def read_set_aside(settings: Settings, municipality: str, grant: Grant) -> list[SetAside]:
    """What waits or is parked at the recipient, of the deliveries whose place it knows."""
    home, place = _home(grant, municipality), (municipality, grant.generation)
    return [SetAside(*row) for row in await _fetch(settings, grant.recipient, home, "set_aside", *place)]


async def read_interests(settings: Settings, municipality: str, grant: Grant) -> frozenset[str]:
    """The recipient's own list of persons it handles."""
    rows = await _fetch(settings, grant.recipient, _home(grant, municipality), "interests", municipality)
    return frozenset(row["addressee_number"] for row in rows)


async def read_began(settings: Settings, municipality: str, grant: Grant) -> int:
    """The position of the first change that the grant's recipient could be told."""
    rows = await _fetch(settings, "hub", municipality, "began", grant.recipient, grant.generation)
    return int(rows[0]["began_at"])


async def read_served(settings: Settings, municipality: str) -> dict[tuple[str, int], Served]:
    """How far the hub is, by recipient and generation."""
    rows = await _fetch(settings, "hub", municipality, "recipients")
    return {(row["name"], row["generation"]): Served(*tuple(row)[2:]) for row in rows}


async def read_entries(settings: Settings, municipality: str) -> AsyncIterator[str]:
    """The texts of the ledger's entries, in the order of their indexes, some thousands at a time."""
    connection = await _connected(settings, "hub", municipality)
    after = 0
    try:
        while rows := await connection.fetch(_SQL["entries"], after, ENTRIES_AT_ONCE):
            for row in rows:
                yield row["entry"]
            after = rows[-1]["index"] + 1
    finally:
        await connection.close()


async def read_checkpoints(settings: Settings, municipality: str) -> list[str]:
    """The signed notes of the ledger, from the smallest tree to the largest."""
    return [row["note"] for row in await _fetch(settings, "hub", municipality, "checkpoints")]


def _version(row: Mapping[str, Any], former: Formerly | None) -> Version:
    event_id = uuid5(row["filing_id"], str(row["group_index"]))
    return Version(row["position"], row["history_number"], row["state"], row["record"], event_id, row["kind"],
                   row["reason"], row["registered_at"], row["refers_to"], former)  # fmt: skip


def _home(grant: Grant, municipality: str) -> str | None:
    return None if grant.store == "shared" else municipality


def _ciphers(settings: Settings, grant: Grant) -> dict[str, ColumnCipher]:
    """Recipients bind a sealed number to the granted catalogue's name, their field's and the person's pseudonym."""
    key = load_key(settings, grant.recipient)
    return {field: ColumnCipher(key, table=grant.catalogue, column=field) for field in GUARDED}


def _copy_row(row: Mapping[str, Any], ciphers: Mapping[str, ColumnCipher]) -> CopyRow:
    opened = {
        field: cipher.open(row["subject"], row[f"sealed_{field}"]).decode("ascii")
        for field, cipher in ciphers.items()
        if row[f"sealed_{field}"] is not None
    }
    return CopyRow(row["sequence"], row["state"], row["items"], opened)


async def _fetch(settings: Settings, kind: str, municipality: str | None, query: str, *arguments: object) -> list[Any]:
    connection = await _connected(settings, kind, municipality)
    try:
        return list(await connection.fetch(_SQL[query], *arguments))
    finally:
        await connection.close()


async def _connected(settings: Settings, kind: str, municipality: str | None) -> Connection:
    name = database_name(kind, settings.environment, municipality)
    return await connect(settings, name, role=AUDITOR, principal=AUDITOR)
