"""``hub/queries.sql`` but for the ledger: head, progress, recipients, residents, deliveries, messages, runs."""

import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from hub.commandline.faults.statements.table import Statements, columns, tuples
from hub.commandline.faults.tables import Row, View
from hub.store import SQL

hub = Statements(SQL)
Texts = Sequence[str]
Counts = Sequence[int]
HEAD = ("head", True)
COUNTS = (
    "last_number", "sending_number", "dispatched_number", "acknowledged_number", "applied", "held", "parked",
)  # fmt: skip


@hub.name("take_over")
def take_over(view: View) -> Sequence[Row]:
    """The next epoch."""
    head = head_of(view)
    return columns([view.change("head", head, epoch=head["epoch"] + 1)], "epoch")


@hub.name("lock_head")
def lockhead_of(view: View) -> Sequence[Row]:
    """The head, held until the end."""
    view.lock(*HEAD)
    return columns([head_of(view)], "epoch", "next_position")


@hub.name("advance_position")
def advance_position(view: View, position: int) -> Sequence[Row]:
    """How far changes are decided."""
    view.change("head", head_of(view), next_position=position)
    return ()


@hub.name("offsets")
def offsets(view: View) -> Sequence[Row]:
    """Progress of every topic."""
    return columns(view.rows("progress"), "topic", "next_offset")


@hub.name("advance_offset")
def advance_offset(view: View, topic: str, offset: int) -> Sequence[Row]:
    """Progress of one."""
    view.put("progress", {"topic": topic, "next_offset": offset})
    return ()


@hub.name("register_recipients")
def register_recipients(view: View, names: Texts, generations: Counts) -> Sequence[Row]:
    """A row for each recipient's generation; a later one is to be told everybody's state."""
    for name, generation in tuples(names, generations):
        counts = dict.fromkeys(COUNTS, 0)
        began = head_of(view)["next_position"]
        after = "" if generation > 1 or began > 1 else None
        told = {"snapshot_after": after, "began_at": began, "acknowledged_at": None}
        view.add("recipient", {"name": name, "generation": generation, **counts, **told})
        standing = {"recipient": name, "generation": generation, "epoch": 1, "revoked_at": None}
        view.add("grant_standing", standing)
    return ()


@hub.name("last_numbers")
def last_numbers(view: View) -> Sequence[Row]:
    """Of every generation that was not revoked."""
    served = [row for row in view.rows("recipient") if _stands(view, row["name"], row["generation"])]
    return columns(served, "name", "generation", "last_number")


@hub.name("snapshot_after")
def snapshot_after(view: View, name: str, generation: int) -> Sequence[Row]:
    """How far a later generation has been told."""
    return columns(_recipient(view, name, generation), "snapshot_after")


FOLLOWED = (
    "recipient", "generation", "addressee_number", "subject", "link_number", "sequence", "state", "digest", "block",
    "refused", "updates",
)  # fmt: skip


@hub.name("followed")
def followed(view: View, residents: Texts) -> Sequence[Row]:
    """What recipients were last sent of these residents."""
    rows = [row for row in view.rows("recipient_resident") if row["addressee_number"] in residents]
    return columns(rows, *FOLLOWED)


@hub.name("save_followed")
def save_followed(view: View, *given: Sequence[Any]) -> Sequence[Row]:
    """What they know now; subject and link number stay."""
    for name, generation, resident, subject, link, sequence, state, digest, block, updates in tuples(*given):
        known = view.get("recipient_resident", name, generation, resident) or {
            "recipient": name, "generation": generation, "addressee_number": resident,
            "subject": subject, "link_number": link, "refused": [],
        }  # fmt: skip
        told = {"sequence": sequence, "state": state, "digest": digest, "block": block, "updates": updates}
        view.put("recipient_resident", {**known, **told})
    return ()


@hub.name("save_last_numbers")
def save_last_numbers(view: View, names: Texts, generations: Counts, numbers: Counts) -> Sequence[Row]:
    """The last delivery numbers given."""
    for name, generation, number in tuples(names, generations, numbers):
        for row in _recipient(view, name, generation):
            view.change("recipient", row, last_number=number)
    return ()


@hub.name("interested")
def interested(view: View, residents: Texts) -> Sequence[Row]:
    """Who follows these residents."""
    return [row for row in view.rows("interest") if row["addressee_number"] in residents]


@hub.name("place_interests")
def place_interests(view: View, recipient: str, residents: Texts) -> Sequence[Row]:
    """Whom a recipient follows from now on."""
    for resident in residents:
        view.add("interest", {"recipient": recipient, "addressee_number": resident})
    return ()


@hub.name("remove_interests")
def remove_interests(view: View, recipient: str, residents: Texts) -> Sequence[Row]:
    """Whom it does not follow any more."""
    for row in list(view.rows("interest", recipient=recipient)):
        if row["addressee_number"] in residents:
            view.drop("interest", row)
    return ()


@hub.name("residents")
def residents(view: View, wanted: Texts) -> Sequence[Row]:
    """Present images."""
    return [row for row in view.rows("resident") if row["addressee_number"] in wanted]


@hub.name("save_residents")
def save_residents(view: View, *given: Sequence[Any]) -> Sequence[Row]:
    """Present images, each resident's newest."""
    for resident, history_number, state, record in tuples(*given):
        image = {"addressee_number": resident, "history_number": history_number, "state": state, "record": record}
        view.put("resident", image)
    return ()


@hub.name("residents_after")
def residents_after(view: View, resident: str, limit: int) -> Sequence[Row]:
    """The next residents' present images."""
    return [row for row in view.rows("resident") if row["addressee_number"] > resident][:limit]


@hub.name("snapshot_reached")
def snapshot_reached(view: View, name: str, generation: int, reached: str | None) -> Sequence[Row]:
    """How far everybody's state has been told; None: to the end."""
    for row in _recipient(view, name, generation):
        view.change("recipient", row, snapshot_after=reached)
    return ()


@hub.name("unread")
def unread(view: View) -> Sequence[Row]:
    """What recipients have not acknowledged of what was sent, and since when the oldest waits."""
    found = []
    for row in view.rows("recipient"):
        name, generation, reached = row["name"], row["generation"], row["acknowledged_number"]
        count, first = row["dispatched_number"] - reached, view.get("delivery", name, generation, reached + 1)
        if count > 0 and first is not None and _stands(view, name, generation):
            told = {"recipient": name, "generation": generation, "deliveries": count}
            found.append({**told, "since": first["routed_at"]})
    return found


@hub.name("numbers")
def numbers(view: View, references: Texts) -> Sequence[Row]:
    """Number versions, sealed."""
    rows = [row for row in view.rows("number_version") if row["reference"] in references]
    return columns(rows, "reference", "kind", "sealed")


CODES = ("resident_code", "former_resident_code", "resident_code_since")


@hub.name("codes")
def codes(view: View, residents: Texts) -> Sequence[Row]:
    """The present code and the one before, of those who are not absent."""
    known = [row for row in view.rows("resident") if row["addressee_number"] in residents and row["record"]]
    told = [(row["addressee_number"], json.loads(row["record"])) for row in known]
    return [{"addressee_number": resident, **{name: record.get(name) for name in CODES}} for resident, record in told]


@hub.copy("delivery")
def copy_delivery(view: View, row: Row) -> None:
    """A delivery as decided."""
    view.insert("delivery", row)


@hub.name("earlier_sequences")
def earlier_sequences(view: View, wanted: Texts, histories: Counts) -> Sequence[Row]:
    """Recipients' own sequences of earlier changes."""
    asked, found = set(tuples(wanted, histories)), dict[tuple[Any, ...], int]()
    for row in view.rows("delivery"):
        if (row["addressee_number"], row["history_number"]) in asked:
            place = (row["recipient"], row["generation"], row["addressee_number"], row["history_number"])
            found[place] = max(row["sequence"], found.get(place, 0))
    names = ("recipient", "generation", "addressee_number", "history_number", "sequence")
    return [dict(zip(names, (*place, sequence), strict=True)) for place, sequence in found.items()]


@hub.name("due")
def due(view: View, name: str, generation: int) -> Sequence[Row]:
    """Whether there is something to send, or to send again."""
    asked = any(True for _ in view.rows("retransmission", recipient=name, generation=generation))
    rows = _recipient(view, name, generation)
    return [{"unsent": row["last_number"] > row["dispatched_number"], "asked": asked} for row in rows]


@hub.name("unsent")
def unsent(view: View, name: str, generation: int, limit: int) -> Sequence[Row]:
    """The next deliveries to send."""
    for recipient in _recipient(view, name, generation):
        rows = [
            row for row in view.rows("delivery", recipient=name, generation=generation)
            if row["number"] > recipient["dispatched_number"]
        ]  # fmt: skip
        return columns(rows[:limit], "number", "key", "headers", "value")
    return ()


@hub.name("mark_sending")
def mark_sending(view: View, name: str, generation: int, number: int, epoch: int) -> Sequence[Row]:
    """How far may be sent, unless the worker was replaced."""
    if head_of(view)["epoch"] != epoch:
        return ()
    rows = _recipient(view, name, generation)
    changed = [view.change("recipient", r, sending_number=max(r["sending_number"], number)) for r in rows]
    return columns(changed, "sending_number")


@hub.name("mark_sent")
def mark_sent(view: View, name: str, generation: int, number: int, epoch: int) -> Sequence[Row]:
    """How far was sent, unless the worker was replaced."""
    for row in _recipient(view, name, generation):
        if row["dispatched_number"] < number and head_of(view)["epoch"] == epoch:
            view.change("recipient", row, dispatched_number=number)
    return ()


@hub.name("asked_again")
def asked_again(view: View, name: str, generation: int, limit: int) -> Sequence[Row]:
    """What a recipient wants once more."""
    found = []
    for row in list(view.rows("retransmission", recipient=name, generation=generation))[:limit]:
        delivery = view.get("delivery", name, generation, row["number"])
        if delivery is not None:
            found.append({"id": row["id"], **{part: delivery[part] for part in ("number", "key", "headers", "value")}})
    return found


@hub.name("forget_asked")
def forget_asked(view: View, ids: Counts) -> Sequence[Row]:
    """What was sent once more."""
    for row in list(view.rows("retransmission")):
        if row["id"] in ids:
            view.drop("retransmission", row)
    return ()


@hub.name("ask_again")
def ask_again(view: View, name: str, generation: int, first: int, last: int) -> Sequence[Row]:
    """What is to be sent once more, of what may have been sent."""
    for recipient in _recipient(view, name, generation):
        for row in view.rows("delivery", recipient=name, generation=generation):
            if first <= row["number"] <= min(last, recipient["sending_number"]):
                asked = {"recipient": name, "generation": generation, "number": row["number"]}
                if any(True for _ in view.rows("retransmission", **asked)):
                    continue
                view.insert("retransmission", {"id": view.identity("retransmission"), **asked})
    return ()


@hub.name("share_grant")
def share_grant(view: View, recipient: str, generation: int) -> Sequence[Row]:
    """A lock that a revocation takes alone."""
    view.share("grant", recipient, generation)
    return ()


@hub.name("take_grant")
def take_grant(view: View, recipient: str, generation: int) -> Sequence[Row]:
    """The lock alone."""
    view.lock("grant", recipient, generation)
    return ()


@hub.name("grant_epoch")
def grant_epoch(view: View, recipient: str, generation: int) -> Sequence[Row]:
    """The standing of a grant that was not revoked."""
    row = view.get("grant_standing", recipient, generation)
    return columns([row], "epoch") if row is not None and row["revoked_at"] is None else ()


@hub.name("expected_message")
def expected_message(view: View, party: str) -> Sequence[Row]:
    """The number of the party's next message."""
    row = view.get("inbox_progress", party) or {"party": party, "next_number": 1}
    view.put("inbox_progress", row)
    return columns([row], "next_number")


@hub.name("advance_message")
def advance_message(view: View, party: str, number: int) -> Sequence[Row]:
    """The same, moved on."""
    row = view.get("inbox_progress", party)
    if row is not None:
        view.change("inbox_progress", row, next_number=number)
    return ()


@hub.name("acknowledge")
def acknowledge(view: View, name: str, generation: int, first: int, last: int, outcome: str) -> Sequence[Row]:
    """What became of deliveries, counted; a recall among them is settled."""
    for row in list(view.rows("recall", recipient=name, generation=generation)):
        if row["number"] is not None and first <= row["number"] <= last and row["outcome"] != "applied":
            view.change("recall", row, outcome=outcome, settled_at=view.now())
    for row in _recipient(view, name, generation):
        counted = {outcome: row[outcome] + last - first + 1, "acknowledged_at": view.now()}
        view.change("recipient", row, acknowledged_number=max(row["acknowledged_number"], last), **counted)
    return ()


@hub.name("digests_of_spans")
def digests_of_spans(view: View, recipient: str, *spans: Counts) -> Sequence[Row]:
    """The digest over the deliveries of each span, where there are any."""
    found = []
    for place, (generation, first, last) in enumerate(tuples(*spans)):
        rows = [
            r for r in view.rows("delivery", recipient=recipient, generation=generation) if first <= r["number"] <= last
        ]
        if rows:
            found.append({"place": place, "digest": sha256(b"".join(row["digest"] for row in rows)).hexdigest()})
    return found


@hub.name("park")
def park(view: View, topic: str, offset: int, key: bytes, value: bytes, code: str) -> Sequence[Row]:
    """A record that cannot be read."""
    row = {"topic": topic, "offset": offset, "sealed_key": key, "sealed_value": value, "code": code}
    view.add("parked", {**row, "parked_at": view.now()})
    return ()


@hub.name("open_runs")
def open_runs(view: View, names: Texts) -> Sequence[Row]:
    """Each recipient's newest run, while it can take records."""
    found = []
    for recipient in view.rows("recipient"):
        name, generation = recipient["name"], recipient["generation"]
        runs = list(view.rows("seal_run", recipient=name, generation=generation))
        if name in names and runs and runs[-1]["sealed_key"] is not None:
            found.append({"name": name, **runs[-1]})
    return columns(found, "name", "generation", "first", "run", "signature", "sealed_key")


@hub.name("close_runs")
def close_runs(view: View, names: Texts, generations: Counts) -> Sequence[Row]:
    """No run of theirs takes records any more."""
    closed = set(tuples(names, generations))
    for row in list(view.rows("seal_run")):
        if (row["recipient"], row["generation"]) in closed and row["sealed_key"] is not None:
            view.change("seal_run", row, sealed_key=None)
    return ()


@hub.name("save_runs")
def save_runs(view: View, *given: Sequence[Any]) -> Sequence[Row]:
    """New runs."""
    names = (
        "recipient", "generation", "first", "sender_key", "recipient_key", "run", "signature", "sealed_key"
    )  # fmt: skip
    for values in tuples(*given):
        view.insert("seal_run", dict(zip(names, values, strict=True)))
    return ()


def head_of(view: View) -> Row:
    """The municipality's head."""
    head = view.get(*HEAD)
    return head or new_head()


def new_head() -> Row:
    """The head of a municipality of which nothing is known yet."""
    begun = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    counts = {"epoch": 0, "next_position": 1, "ledger_size": 0, "register_number": 0}
    return {"only_row": True, **counts, "ledger_time": begun}


def _recipient(view: View, name: str, generation: int) -> list[Row]:
    row = view.get("recipient", name, generation)
    return [] if row is None else [row]


def _stands(view: View, name: str, generation: int) -> bool:
    row = view.get("grant_standing", name, generation)
    return row is not None and row["revoked_at"] is None
