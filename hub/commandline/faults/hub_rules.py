"""What every commit of a hub's database must keep."""

import json
from collections import Counter
from hashlib import sha256
from typing import Any

from hub.commandline.faults.seen import Seen
from hub.commandline.faults.statements.hub import HEAD
from hub.commandline.faults.tables import Database, Row, Transaction
from hub.commandline.faults.violation import Rule, demand
from hub.commandline.faults.world import LISTED, World
from topics.catalogue import change_topic
from topics.ledger.entry import EntryKind
from topics.messages.inbound import Acknowledgement, Interest

WORKERS_OWN = (
    "progress", "inbox_progress", "resident", "recipient_resident", "delivery", "ledger_entry", "interest", "waiting",
    "protection", "recall", "redelivery",
)  # fmt: skip
"""Tables that only the worker writes which took the municipality over last."""


class HubRules:
    """The rules of one municipality's hub."""

    def __init__(self, world: World, seen: Seen, city: str) -> None:
        self._world = world
        self._seen = seen
        self._city = city

    def committed(self, database: Database, transaction: Transaction) -> None:
        """Raises `ViolationError` unless the commit keeps everything."""
        after = _After(database, transaction)
        self._one_worker(after, transaction.owner)
        self._progress(after)
        self._entries(after)
        self._deliveries(after)
        self._sent(after)
        self._read(after)

    def _one_worker(self, after: "_After", owner: object) -> None:
        for head in after.written("head"):
            if head["epoch"] != after.before(*HEAD)["epoch"]:
                self._seen.owners[self._city] = owner
        written = [table for table in WORKERS_OWN if after.transaction.written.get(table)]
        mine = self._seen.owners.get(self._city)
        demand(Rule.ONE_WORKER, not written or owner is mine, f"{self._city}: {', '.join(written)}")

    def _progress(self, after: "_After") -> None:
        position = after.get(*HEAD)["next_position"]
        before = after.before(*HEAD)["next_position"]
        demand(Rule.PROGRESS, position >= before, f"{self._city}: position {before} is followed by {position}")
        for row in after.written("progress"):  # may go back, where a commit was not confirmed: doubles are dropped
            topic, offset = row["topic"], row["next_offset"]
            if topic == change_topic("") and offset:
                passed = self._seen.positions[self._city][offset - 1]
                demand(Rule.PROGRESS, passed < position, f"{self._city}: offset {offset} passes position {passed}")

    def _entries(self, after: "_After") -> None:
        for row in sorted(after.written("ledger_entry"), key=lambda row: int(row["index"])):
            size = self._seen.ledger_sizes[self._city]
            demand(Rule.ENTERED, row["index"] == size, f"{self._city}: entry {row['index']} is entered at {size}")
            self._seen.ledger_sizes[self._city] = size + 1
            self._enter(json.loads(row["entry"]))
        size, said = self._seen.ledger_sizes[self._city], after.get(*HEAD)["ledger_size"]
        demand(Rule.ENTERED, size == said, f"{self._city}: {size} entries are there, the head says {said}")

    def _enter(self, entry: dict[str, Any]) -> None:
        if entry["kind"] == EntryKind.DISCLOSE:
            place = entry["recipient"], entry["number"]
            demand(Rule.ENTERED, place not in self._seen.entries[self._city], f"{self._city}: {place} is entered twice")
            self._seen.entries[self._city][place] = entry["digest"]
        if entry["kind"] == EntryKind.ACKNOWLEDGE:
            line = entry["recipient"], self._city
            told = self._seen.messages[line].values()
            shown = Counter((m.first, m.last, m.outcome, m.digest) for m in told if isinstance(m, Acknowledgement))
            said = entry["first"], entry["last"], entry["outcome"], entry["digest"]
            self._seen.evidence[line][said] += 1
            as_often = self._seen.evidence[line][said] <= shown[said]
            demand(Rule.ENTERED, as_often, f"{line}: {said[:3]} is entered more often than it was acknowledged")
            self._seen.acknowledged[line] = max(self._seen.acknowledged[line], entry["last"])

    def _deliveries(self, after: "_After") -> None:
        for row in after.written("delivery"):
            line, number = (row["recipient"], self._city), row["number"]
            place = f"{line}: delivery {number}"
            earlier = number == 1 or after.get("delivery", row["recipient"], row["generation"], number - 1)
            demand(Rule.NUMBERS, bool(earlier), f"{place} follows a gap")
            entered = self._seen.entries[self._city].get((row["recipient"], number))
            digest = sha256(row["value"]).digest()
            demand(
                Rule.ENTERED, entered == digest.hex() and row["digest"] == digest, f"{place} has no entry of its own"
            )
            if row["recipient"] == LISTED and row["kind"] != "tombstone":
                demand(Rule.NOBODY_ELSE, row["addressee_number"] in self._listed(after), f"{place}: not on the list")

    def _listed(self, after: "_After") -> set[str]:
        """Whom the department handles by its messages that were read; who is let go of in this commit still counts."""
        read = after.get("inbox_progress", LISTED).get("next_number", 1)
        before = after.before("inbox_progress", LISTED).get("next_number", 1)
        listed: set[str] = set()
        for number, message in sorted(self._seen.messages[LISTED, self._city].items()):
            if isinstance(message, Interest) and number < read:
                if message.action == "place":
                    listed.add(message.addressee_number)
                elif number < before:
                    listed.discard(message.addressee_number)
        return listed

    def _sent(self, after: "_After") -> None:
        for row in after.written("recipient"):
            line = row["name"], self._city
            sent, lying = row["dispatched_number"], self._seen.deliveries[line]
            demand(
                Rule.ONCE, sent <= max(lying, default=0), f"{line}: {sent} is said to be sent and does not lie there"
            )
            known, said = self._seen.acknowledged[line], row["acknowledged_number"]
            demand(Rule.ENTERED, said == known, f"{line}: acknowledged up to {said}, entered up to {known}")

    def _read(self, after: "_After") -> None:
        for row in after.written("inbox_progress"):
            line, lying = (row["party"], self._city), self._seen.inbound[row["party"], self._city]
            passed = [number for number in range(1, row["next_number"]) if number not in lying]
            demand(Rule.PROGRESS, not passed, f"{line}: messages {passed} are passed and never came")


class _After:
    """The database as it will be once the transaction has committed, and as it was before."""

    def __init__(self, database: Database, transaction: Transaction) -> None:
        self.transaction = transaction
        self._database = database

    def written(self, table: str) -> list[Row]:
        """The rows that were put."""
        return [row for row in self.transaction.written.get(table, {}).values() if row is not None]

    def get(self, table: str, *key: Any) -> Row:
        """A row, empty when it is not there."""
        written = self.transaction.written.get(table, {})
        row = written[key] if key in written else self._database.tables[table].get(key)
        return row or {}

    def before(self, table: str, *key: Any) -> Row:
        """A row as it was, empty when it was not there."""
        return self._database.tables[table].get(key) or {}
