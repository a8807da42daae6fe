"""What every commit of a recipient's database must keep."""

from typing import Any

from pydantic_core import from_json

from hub.commandline.faults.seen import Seen, Told
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
        self._column = "version" if grant.recipient == "intermediate" else "sequence"

    def committed(self, database: Database, transaction: Transaction) -> None:
        """Raises `ViolationError` unless the commit keeps everything."""
        tables = {table: self._rows(database, transaction, table) for table in ("subject_gate", "held", self._table)}
        gates = {key[1]: row["sequence"] for key, row in tables["subject_gate"].items()}
        self._progress(database, transaction, gates, tables["held"])
        self._once(database, transaction, gates)
        self._equal(transaction, tables[self._table], gates)
        self._messages(transaction, gates)

    def _rows(self, database: Database, transaction: Transaction, table: str) -> dict[Key, Row]:
        """This municipality's rows as they will be."""
        rows: dict[Key, Row | None] = {**database.tables[table], **transaction.written.get(table, {})}
        return {key: row for key, row in rows.items() if row is not None and row["municipality"] == self._city}

    def _progress(
        self, database: Database, transaction: Transaction, gates: dict[str, int], held: dict[Key, Row]
    ) -> None:
        row = transaction.written.get("progress", {}).get(self._place)
        if row is None:
            return
        before = (database.tables["progress"].get(self._place) or {"next_offset": 0})["next_offset"]
        offset = row["next_offset"]
        demand(Rule.PROGRESS, before <= offset <= self._log.end(self._place), f"{self._line}: {before} → {offset}")
        for number in self._seen.offsets[self._line][before:offset]:
            told = self._seen.deliveries[self._line][number]
            waits = (self._city, told.subject, told.sequence) in held
            settled = told.sequence <= gates.get(told.subject, 0) or waits
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
        demand(
            Rule.ONCE, tally == sum(gates.values()), f"{self._line}: {sum(gates.values())} are due, {tally} are applied"
        )

    def _equal(self, transaction: Transaction, copy: dict[Key, Row], gates: dict[str, int]) -> None:
        """Each resident's row is what the last delivery said."""
        changed = [key for key in transaction.written.get("subject_gate", {}) if key[0] == self._city]
        changed += [key for key in transaction.written.get(self._table, {}) if key[0] == self._city]
        for _, subject in changed:
            told = self._seen.sequences[self._line].get((subject, gates.get(subject, 0)))
            row = copy.get((self._city, subject))
            demand(Rule.EQUAL, told is not None and self._says(row, told), f"{self._line}: a row is not what was told")

    def _says(self, row: Row | None, told: Told) -> bool:
        if told.body["state"] == "absent":
            return row is None
        items = {name: value for name, value in told.body["items"].items() if name not in self._apart()}
        return row is not None and (row[self._column], row["state"], from_json(row["items"])) == (
            told.sequence, told.body["state"], items,
        )  # fmt: skip

    def _apart(self) -> frozenset[str]:
        return SEALED if self._table == "identity" else frozenset()

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
