"""When everything has arrived: topics, copies and ledger against the register, by the independent verifier's rules."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic_core import to_json

from hub.commandline.faults.copy_rules import COPIES
from hub.commandline.faults.seen import Seen
from hub.commandline.faults.tables import Row
from hub.commandline.faults.violation import Rule, ViolationError
from hub.commandline.faults.world import World
from infra.check.disclosures import Disclosed, of_acknowledgements, of_topic
from infra.check.protected import of_protections
from infra.check.sources import CopyRow, Register, Served
from infra.check.streams import Sent, Stream
from infra.check.verify import compare
from topics.grant import Grant
from topics.messages.protection import ProtectionTold


def compare_all(world: World, seen: Seen) -> None:
    """Raises `ViolationError` at the first difference."""
    for city in world.cities:
        for grant in world.grants:
            for difference in (*_of_copy(world, seen, city, grant), *_of_ledger(world, seen, city, grant)):
                raise ViolationError(Rule.TRUE, f"{city} {grant.recipient}: {difference}")


def _of_copy(world: World, seen: Seen, city: str, grant: Grant) -> Iterator[str]:
    register = world.cities[city].register
    protections = {resident: register.timeline(resident) for resident in register.histories}
    changes = sum(map(len, register.histories.values()))
    truth = Register(register.histories, register.values, changes, protections, register.position)
    listed = world.copy_of(grant, city).rows("interest") if grant.population == "interest" else None
    handled = None if listed is None else frozenset(row["addressee_number"] for row in listed)
    residents = {
        row["subject"]: row["addressee_number"]
        for row in world.hub(city).rows("recipient_resident")
        if row["recipient"] == grant.recipient
    }
    stream = _stream(seen, city, grant)
    began = _row_of(world, city, grant)["began_at"]
    compared = compare(grant, truth, stream, residents, _copy(world, city, grant), handled, {}, began)
    kept = of_protections(grant, truth, stream, residents, _protections(world, city, grant), {})
    for invariant, detail in (*compared, *kept):
        yield f"{invariant.name} {detail}"


def _stream(seen: Seen, city: str, grant: Grant) -> Stream:
    stream = Stream()
    for number, told in sorted(seen.deliveries[grant.recipient, city].items()):
        stream.by_subject.setdefault(told.subject, []).append(Sent(number, told.sequence, to_json(told.body)))
        stream.digests[number] = told.digest
    return stream


def _copy(world: World, city: str, grant: Grant) -> dict[str, CopyRow]:
    rows = world.copy_of(grant, city).rows(COPIES[grant.recipient])
    return {row["subject"]: _row(world, grant, row) for row in rows if row["municipality"] == city}


def _protections(world: World, city: str, grant: Grant) -> dict[str, dict[str, Any]]:
    """What the recipient keeps of protections, as it was told, by subject."""
    rows = world.copy_of(grant, city).rows("protection")
    return {row["subject"]: _kept(row) for row in rows if row["municipality"] == city}


def _kept(row: Row) -> dict[str, Any]:
    told = ProtectionTold(**{name: row[name] for name in ProtectionTold.model_fields})
    return told.model_dump(mode="json", exclude_none=True)


def _row(world: World, grant: Grant, row: Row) -> CopyRow:
    guarded = {
        name: cipher.open(row["subject"], row[f"sealed_{name}"]).decode("ascii")
        for name, cipher in world.machine.identity_ciphers.items()
        if row.get(f"sealed_{name}") is not None
    }
    return CopyRow(row.get("sequence") or row["version"], row["state"], row["items"].encode(), guarded)


def _of_ledger(world: World, seen: Seen, city: str, grant: Grant) -> Iterator[str]:
    disclosed, place = Disclosed(), (grant.recipient, grant.generation)
    for row in world.hub(city).rows("ledger_entry"):
        entry = json.loads(row["entry"])
        if entry.get("recipient") == grant.recipient:
            disclosed.take(entry)
    row = _row_of(world, city, grant)
    counts = [int(row[f"{name}_number"]) for name in ("last", "dispatched", "sending", "acknowledged")]
    served = Served(counts[0], counts[1], counts[2], counts[3], revoked=False)
    yield from of_topic(disclosed, _stream(seen, city, grant).digests, served)
    yield from of_acknowledgements(place, city, disclosed, world.machine.ring.register(), served)


def _row_of(world: World, city: str, grant: Grant) -> Row:
    """What the hub has of the recipient."""
    return world.hub(city).tables["recipient"][grant.recipient, grant.generation]
