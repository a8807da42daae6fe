"""The verifier is not easily pleased: each planted fault is found and named."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from pydantic_core import from_json, to_json

from consumers.databases import database_of
from hub.commandline.abuse.run import run_drill, selected
from hub.commandline.demo_run import MUST_FAIL
from hub.commandline.deployment import broker, grants_now
from hub.commandline.settlement import recipients_standing
from hub.commandline.verify import departures_now
from infra.check.findings import Invariant
from infra.check.topic_reader import Raw, topic_reader
from infra.check.verify import auditor_rights
from infra.runtime.kafka import producer
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from tests.path.deployment import Deployment, deployed
from tests.sealing import opened_as, sealed_as
from topics.catalogue import change_topic, out_topic
from topics.envelope.opening import take_apart
from topics.messages.change import HEAD_SEQUENCE
from topics.partitions import partition_of

DATABASE_FAULTS = {
    "a person is missing from the copy": (
        "prefecture", Invariant.I1,
        "DELETE FROM identity WHERE subject = (SELECT min(subject) FROM identity)",
    ),
    "a person stands behind": (
        "intermediate", Invariant.I1, "UPDATE secondary_copy SET version = version + 1",
    ),
    "an item was altered": (
        "welfare", Invariant.I5, """UPDATE person SET items = items || '{"sex": "9"}'""",
    ),
    "a copy holds somebody who was never delivered": (
        "welfare", Invariant.I2,
        """INSERT INTO person (municipality, subject, sequence, state, items)
           SELECT municipality, 'synthetic-stranger', 1, 'active', '{"addressee_number": "none"}'
           FROM person LIMIT 1""",
    ),
    "somebody is followed who is not listed": ("welfare", Invariant.I2, "DELETE FROM interest"),
}  # fmt: skip


async def test_every_change_is_applied_everywhere_it_should(lived: Deployment) -> None:
    report = await lived.verify()
    assert report.findings == ()
    beside = {grant.recipient for grant in grants_now(lived.settings) if grant.counterparty}
    for name, standing in (await recipients_standing(lived.settings)).items():
        assert standing.applied == standing.delivered
        assert standing.delivered > 0 or name in beside
        assert standing.held == standing.rejected == 0


async def test_what_must_fail_fails(lived: Deployment) -> None:
    drill = await run_drill(lived.settings, selected(*MUST_FAIL))
    assert len(drill.tried) == len(MUST_FAIL) >= 3
    assert [tried.case.title for tried in drill.tried if not tried.attempt.refused] == []


@pytest.mark.parametrize("fault", DATABASE_FAULTS)
async def test_a_fault_in_a_copy_is_found(lived: Deployment, fault: str) -> None:
    recipient, invariant, statement = DATABASE_FAULTS[fault]
    async with _altered(lived.settings, recipient, statement):
        report = await lived.verify()
    assert invariant in {finding.invariant for finding in report.findings}
    assert (await lived.verify()).ok


async def test_faults_on_the_topics_are_found(settings: Settings) -> None:
    deployment = await deployed(settings)
    try:
        await deployment.load(20)
        await deployment.settle()
        topic, changes = out_topic(settings.environment, grants_now(settings)[0]), change_topic(settings.environment)
        last, change = await _last(settings, topic), await _last(settings, changes)
        assert await _found_after(deployment, topic, last, {}) == set()
        assert Invariant.I4 in await _found_after(deployment, topic, last, {"kind": "corrected"})
        surplus = {"number": _content(settings, last)["number"] + 1, "items": {"my_number": "synthetic"}}
        assert Invariant.I3 in await _found_after(deployment, topic, last, surplus)
        beyond = {"position": _content(settings, change)["position"] + 2}
        assert {Invariant.I1, Invariant.I4} <= await _found_after(deployment, changes, change, beyond)
    finally:
        deployment.supervisor.stop()


async def _found_after(
    deployment: Deployment, topic: str, record: Raw, difference: dict[str, object]
) -> set[Invariant]:
    """What the verifier names once `record` has been sent again with `difference`, rightly sealed."""
    settings = deployment.settings
    terms = take_apart(record.value).signed.run.terms
    value = _resealed(settings, record, difference) if difference else record.value
    async with producer(settings, terms.sender) as writer:
        await writer.send_and_wait(topic, value, key=record.key, partition=partition_of(terms.municipality))
    return {finding.invariant for finding in (await deployment.verify()).findings}


def _resealed(settings: Settings, record: Raw, difference: dict[str, object]) -> bytes:
    told = _content(settings, record) | difference
    terms = take_apart(record.value).signed.run.terms
    number, sequence = told.get("position") or told["number"], told.get("sequence", HEAD_SEQUENCE)
    return sealed_as(settings, terms, record.key.decode(), number, to_json(told), sequence=sequence)


def _content(settings: Settings, record: Raw) -> dict[str, Any]:
    terms = take_apart(record.value).signed.run.terms
    return from_json(opened_as(settings, terms, record.key, record.value))  # type: ignore[no-any-return]


async def _last(settings: Settings, topic: str) -> Raw:
    administrator, rights = broker(settings), auditor_rights(settings, grants_now(settings))
    administrator.allow(rights)
    async with topic_reader(settings) as reader:
        records = [raw async for raw in reader.partition(topic, partition_of(settings.municipalities[0]))]
    administrator.withdraw(rights)
    return records[-1]


@asynccontextmanager
async def _altered(settings: Settings, recipient: str, statement: str) -> AsyncIterator[None]:
    """The recipient's tables altered by hand, and afterwards as they were."""
    grant = next(grant for grant in grants_now(settings) if grant.recipient == recipient)
    name = database_of(grant).name(settings.environment, settings.municipalities[0])
    connection: asyncpg.Connection = await connect(settings, name, role="admin", principal="admin")
    tables = [table for table in ("identity", "person", "secondary_copy", "interest") if table in statement]
    try:
        for table in tables:
            await connection.execute(f"CREATE TEMP TABLE before_{table} AS SELECT * FROM {table}")
        await connection.execute(statement)
        yield
        for table in tables:
            await _put_back(connection, table)
    finally:
        await connection.close()


async def _put_back(connection: asyncpg.Connection, table: str) -> None:
    plain = await connection.fetchval(
        "SELECT string_agg(column_name, ', ') FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER'",
        table,
    )
    await connection.execute(f"DELETE FROM {table}")
    await connection.execute(f"INSERT INTO {table} ({plain}) SELECT {plain} FROM before_{table}")


async def test_keys_and_headers_of_a_deployment_that_has_lived_are_as_declared(lived: Deployment) -> None:
    assert await asyncio.to_thread(departures_now, lived.settings) == []
