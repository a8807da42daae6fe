"""What every commit of a recipient's database must keep."""

from typing import Any

from pydantic_core import from_json

from hub.commandline.faults.seen import INSTRUCTIONS, Seen
from hub.commandline.faults.tables import Database, Key, Row, Transaction
from hub.commandline.faults.violation import Rule, demand
from hub.commandline.faults.world import World
from topics.catalogue import out_topic
from topics.grant import Grant
from topics.messages.inbound import Acknowledgement, read_inbound
from topics.partitions import partition_of

COPIES = {"prefecture": "identity", "welfare": "person", "intermediate": "secondary_copy"}
SEALED = frozenset({"resident_code", "my_number", "former_resident_code"})
"""Items that a copy keeps apart, sealed."""
PUBLISHED = "secondary_copy"
"""The copy of which every version is registered, and deleted."""


_Kept = tuple[int, str, dict[str, Any]]


class CopyRules:
    """The rules of one recipient's copy of one municipality."""

    def __init__(self, world: World, seen: Seen, grant: Grant, city: str) -> None:
        self._seen = seen
        self._line = (grant.recipient, city)
        self._city = city
        self._generation = grant.generation
        self._log = world.edges.log
        self._place = (out_topic("", grant), partition_of(city))
        self._table = COPIES[grant.recipient]
        self._tables = ("subject_gate", "held", "parked", self._table)
        self._column = "version" if grant.recipient == "intermediate" else "sequence"

    def committed(self, database: Database, transaction: Transaction) -> None:
        """Raises `ViolationError` unless the commit keeps everything."""
        tables = {table: self._rows(database, transaction, table) for table in self._tables}
        gates = {key[1]: row["sequence"] for key, row in tables["subject_gate"].items()}
        aside = {row["number"] for table in ("held", "parked") for row in tables[table].values()}
        self._progress(database, transaction, gates, aside)
        self._once(database, transaction, gates)
        self._equal(database, transaction, tables[self._table], gates)
        if self._table == PUBLISHED:
            self._published(database, transaction, tables[self._table])
        self._messages(transaction, gates)

    def _rows(self, database: Database, transaction: Transaction, table: str) -> dict[Key, Row]:
        """This municipality's rows as they will be."""
        rows: dict[Key, Row | None] = {**database.tables[table], **transaction.written.get(table, {})}
        return {key: row for key, row in rows.items() if row is not None and row["municipality"] == self._city}

    def _progress(self, database: Database, transaction: Transaction, gates: dict[str, int], aside: set[int]) -> None:
        row = transaction.written.get("progress", {}).get(self._place)
        if row is None:
            return
        before = (database.tables["progress"].get(self._place) or {"next_offset": 0})["next_offset"]
        offset = row["next_offset"]
        demand(Rule.PROGRESS, before <= offset <= self._log.end(self._place), f"{self._line}: {before} → {offset}")
        for number in self._seen.offsets[self._line][before:offset]:
            told = self._seen.deliveries[self._line][number]
            settled = told.sequence <= gates.get(told.subject, 0) or number in aside
            demand(Rule.PROGRESS, settled, f"{self._line}: delivery {number} is passed and not settled")

    def _once(self, database: Database, transaction: Transaction, gates: dict[str, int]) -> None:
        for (city, subject), row in transaction.written.get("subject_gate", {}).items():
            if city == self._city and row is not None:
                before = (database.tables["subject_gate"].get((city, subject)) or {"sequence": 0})["sequence"]
                place = f"{self._line}: sequence {row['sequence']}"
                demand(Rule.ONCE, row["sequence"] > before, f"{place} after {before}")
                demand(
                    Rule.ONCE, (subject, row["sequence"]) in self._seen.sequences[self._line], f"{place} was not told"
                )
        tally = self._rows(database, transaction, "tally").get((self._city,), {"applied": 0})["applied"]
        due = sum(gates.values()) - len(self._rows(database, transaction, "given_up"))
        demand(Rule.ONCE, tally == due, f"{self._line}: {due} are due, {tally} are applied")

    def _equal(self, database: Database, transaction: Transaction, copy: dict[Key, Row], gates: dict[str, int]) -> None:
        """Each resident's row is what the deliveries up to the gate said, but for what was recalled since."""
        given_up = {row["number"] for row in self._rows(database, transaction, "given_up").values()}
        changed = [key for key in transaction.written.get("subject_gate", {}) if key[0] == self._city]
        changed += [key for key in transaction.written.get(self._table, {}) if key[0] == self._city]
        for _, subject in changed:
            row = copy.get((self._city, subject))
            held = None if row is None else (row[self._column], row["state"], from_json(row["items"]))
            said = self._said(subject, gates.get(subject, 0), given_up)
            demand(Rule.EQUAL, held == said, f"{self._line}: a row is not what was told")

    def _published(self, database: Database, transaction: Transaction, copy: dict[Key, Row]) -> None:
        """Of each person the version that stands in the copy is published, and no other."""
        if PUBLISHED not in transaction.written:
            return
        stand = {(row["link_number"], row["version"]) for row in copy.values()}
        rows = self._rows(database, transaction, "registration").values()
        told = [row for row in rows if row["kind"] == "registration" and not _is_over(row, transaction)]
        published = sorted((row["link_number"], row["version"]) for row in told)
        demand(Rule.EQUAL, published == sorted(stand), f"{self._line}: other versions are published than stand")

    def _said(self, subject: str, gate: int, given_up: set[int]) -> _Kept | None:
        """What deliveries 1..gate of a resident leave, but for those given up: sequence, state and items, or None."""
        kept: _Kept | None = None
        for sequence in range(1, gate + 1):
            told = self._seen.sequences[self._line][subject, sequence]
            body = told.body
            if told.number in given_up:
                continue
            if body["kind"] not in INSTRUCTIONS:
                kept = None if body["state"] == "absent" else (sequence, body["state"], self._open(body["items"]))
            elif kept is not None:
                recalled = body.get("recalled", ())
                kept = (sequence, kept[1], {name: value for name, value in kept[2].items() if name not in recalled})
        return kept

    def _open(self, items: dict[str, Any]) -> dict[str, Any]:
        """The items that stand in the copy as they are."""
        apart = SEALED if self._table == "identity" else frozenset[str]()
        return {name: value for name, value in items.items() if name not in apart}

    def _messages(self, transaction: Transaction, gates: dict[str, int]) -> None:
        for (city, number), row in sorted(transaction.written.get("outbox", {}).items()):
            if city == self._city and row is not None:
                message = read_inbound(row["message"])
                known = self._seen.messages[self._line]
                demand(Rule.NUMBERS, number == len(known) + 1, f"{self._line}: message {number} follows {len(known)}")
                known[number] = message
                if isinstance(message, Acknowledgement) and message.outcome == "applied":
                    self._acknowledged(message, gates)

    def _acknowledged(self, message: Acknowledgement, gates: dict[str, Any]) -> None:
        for number in range(message.first, message.last + 1):
            told = self._seen.deliveries[self._line].get(number)
            applied = told is not None and told.sequence <= gates.get(told.subject, 0)
            demand(Rule.ENTERED, applied, f"{self._line}: delivery {number} is acknowledged and not applied")


def _is_over(row: Row, transaction: Transaction) -> bool:
    until = row["published_to"]
    return until is not None and transaction.began_at is not None and until <= transaction.began_at
