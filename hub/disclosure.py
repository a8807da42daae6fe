"""Disclosing (提供): deliveries are numbered and decided; here they are sealed, entered in the ledger, and saved."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from pydantic_core import to_json

from hub.lane import Lane
from hub.ledger.entries import digest_of, disclosed
from hub.ledger.standing import enter_standing, standing
from hub.ledger.writing import open_ledger
from hub.router.routing import Routing
from hub.router.state import Routed
from hub.store import SQL, save_followed
from hub.windows.due import told_time
from infra.runtime.postgres import Connection
from topics.catalogue import HUB, out_topic
from topics.envelope.places import delivery_terms
from topics.envelope.run import Head, Run, SignedRun
from topics.envelope.sealing import OpenRun, Sealer
from topics.grant import Grant
from topics.ledger.entry import EntryKind
from topics.messages import headers
from topics.messages.delivery import SCHEMA, Delivery

SOURCE = "urn:kairan:hub"
COLUMNS = (
    "recipient", "generation", "number", "addressee_number", "sequence", "history_number", "kind", "key", "headers",
    "value", "digest", "routed_at",
)  # fmt: skip
DIGEST = COLUMNS.index("digest")
Causes = Mapping[tuple[str, int], str | None]
NO_CAUSES: Causes = MappingProxyType({})


async def disclose(connection: Connection, lane: Lane, routing: Routing, causes: Causes = NO_CAUSES) -> None:
    """Seal, enter and save what was routed, with its exact key, headers and bytes; the head must be locked. `causes`
    are the trace contexts of changes, by resident and history number."""
    if not routing.routed:
        return
    now = datetime.now(UTC)
    grants = {routed.grant.recipient: routed.grant for routed in routing.routed}
    sealers = await _sealers(connection, lane, grants)
    rows = [
        _row(routed, sealers[routed.grant.recipient], now, _traced(lane, routed, causes)) for routed in routing.routed
    ]
    await _enter(connection, lane, routing, [row[DIGEST] for row in rows])
    await connection.copy_records_to_table("delivery", records=rows, columns=COLUMNS)
    await _save_runs(connection, lane, grants, sealers)
    await save_followed(connection, routing)


async def _enter(connection: Connection, lane: Lane, routing: Routing, digests: Sequence[Any]) -> None:
    """One entry for each delivery, behind the entries of the grants and keys under which it was made."""
    ledger = await open_ledger(connection, lane.settings.environment, lane.municipality)
    grants = {routed.grant.recipient: routed.grant for routed in routing.routed}
    await enter_standing(connection, ledger, standing(grants.values(), lane.ring.register()))
    named = {name: digest_of(grant).hex() for name, grant in grants.items()}
    for routed, digest in zip(routing.routed, digests, strict=True):
        body = disclosed(routed, digest, named[routed.grant.recipient])
        ledger.enter(EntryKind.DISCLOSE, body, routed.addressee_number)
    await ledger.save(connection)


async def _sealers(connection: Connection, lane: Lane, grants: Mapping[str, Grant]) -> dict[str, Sealer]:
    runs = {
        row["name"]: _run(lane, row)
        for row in await connection.fetch(SQL["open_runs"], list(grants))
        if grants[row["name"]].generation == row["generation"]
    }
    environment, city = lane.settings.environment, lane.municipality
    return {
        name: Sealer(delivery_terms(environment, grant, city), lane.ring.between(HUB, name), runs.get(name))
        for name, grant in grants.items()
    }


def _run(lane: Lane, row: Any) -> OpenRun:
    place = _place(row["name"], row["generation"], row["first"])
    signed = SignedRun(Run.from_wire(row["run"]), row["run"], row["signature"])
    return OpenRun(signed, lane.run_keys.open(place, row["sealed_key"]))


def _traced(lane: Lane, routed: Routed, causes: Causes) -> headers.Headers:
    """The trace context of a delivery: all that a recipient gets have one, or none has; only what a change has caused
    is linked to it."""
    if not routed.grant.traced:
        return ()
    cause = causes.get((routed.addressee_number, routed.history_number))
    topic = out_topic(lane.settings.environment, routed.grant)
    return lane.traces.header(None if cause is None else lane.traces.create(topic, cause))


def _row(routed: Routed, sealer: Sealer, now: datetime, traced: headers.Headers) -> tuple[object, ...]:
    delivery = routed.delivery
    sent_at = told_time(now, routed.grant.timing)
    event_id = f"{delivery.recipient}-{delivery.generation}-{delivery.municipality}-{delivery.number}"
    head = Head(key=delivery.subject, event_id=event_id, number=delivery.number, sequence=delivery.sequence)
    value = sealer.seal(head, delivery.to_wire())
    return (
        delivery.recipient,
        delivery.generation,
        delivery.number,
        routed.addressee_number,
        delivery.sequence,
        routed.history_number,
        delivery.kind.value,
        delivery.subject.encode("ascii"),
        _headers(delivery, event_id, sent_at, traced),
        value,
        sha256(value).digest(),
        now,
    )


def _headers(delivery: Delivery, event_id: str, now: datetime, traced: headers.Headers) -> bytes:
    told = headers.cloud_event(
        event_id=event_id,
        source=SOURCE,
        event_type="jp.kairan.delivery.v1",
        time=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        dataschema=SCHEMA,
    )
    return to_json([(name, value.decode("ascii")) for name, value in (*told, *traced)])


async def _save_runs(
    connection: Connection, lane: Lane, grants: Mapping[str, Grant], sealers: Mapping[str, Sealer]
) -> None:
    """Keep the content key of the newest run alone: nobody, not even the hub, opens what is behind it."""
    renewed = {name: grants[name].generation for name, sealer in sealers.items() if sealer.started}
    if not renewed:
        return
    await connection.execute(SQL["close_runs"], list(renewed), list(renewed.values()))
    started = [(name, run) for name, sealer in sealers.items() for run in sealer.started]
    newest = {name: sealer.started[-1] for name, sealer in sealers.items() if sealer.started}
    rows = [_run_row(lane, name, run, keeps=run is newest[name]) for name, run in started]
    await connection.execute(SQL["save_runs"], *(list(column) for column in zip(*rows, strict=True)))


def _run_row(lane: Lane, name: str, open_run: OpenRun, *, keeps: bool) -> tuple[object, ...]:
    signed = open_run.signed
    run = signed.run
    place = _place(name, run.terms.generation, run.first)
    return (
        name,
        run.terms.generation,
        run.first,
        run.sender_key,
        run.recipient_key,
        signed.raw,
        signed.signature,
        lane.run_keys.seal(place, open_run.content_key) if keeps else None,
    )


def _place(recipient: str, generation: int, first: int) -> str:
    return f"{recipient}/{generation}/{first}"
