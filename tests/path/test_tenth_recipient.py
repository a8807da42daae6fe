"""A further recipient needs a grant and a certificate, and no line of program: it receives, and nobody else does."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from consumers.databases import database_of, recipient_folders
from hub.commandline.abuse.evidence import denied
from hub.commandline.abuse.link import fetch
from hub.commandline.deployment import grants_now, issue_certificates, prepare
from hub.commandline.settlement import recipients_standing
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from tests.path.deployment import Deployment, deployed
from tests.schemas import departures
from tests.sealing import opened_records
from topics.catalogue import out_topic, principals
from topics.declared import SHIPPED
from topics.envelope.places import delivery_terms
from topics.grant import Grant
from topics.messages.delivery import Delivery
from topics.partitions import partition_of
from topics.schemas.payload import payload_schema

RECIPIENT = "library"
FIELDS = {"addressee_number", "name", "birth_date", "address"}
RESIDENTS, CHANGES = 30, 60
SCOPE = """
  catalogue: resident
  purpose: 図書館の利用者登録 / registration of readers
  legal_basis: [personal-information-act-69-2-2]
  valid_from: 2026-04-01
  valid_to: 2031-03-31
  items: [1, 5, 6, 14]
  triggers: [1, 5, 6, 14]
  population: all
"""
DECLARATION = f"""recipient: {RECIPIENT}
title: 合成図書館 / synthetic library
synthetic: true
request: {{letter_sha256: {"ab" * 32}, received_on: 2026-01-15, requester: library-office-1}}
{SCOPE.replace(chr(10) + "  ", chr(10))}review:
  reviewer: privacy-officer-1
  decided_on: 2026-02-02
  decision: approved
  scope:{SCOPE.replace(chr(10), chr(10) + "  ")}
"""


@pytest.fixture
async def town(settings: Settings, tmp_path: Path) -> AsyncIterator[Deployment]:
    """Every role of a deployment with the grants that are shipped, in a directory of its own."""
    grants = shutil.copytree(SHIPPED, tmp_path / "grants", ignore=shutil.ignore_patterns("__*"))
    certificates = shutil.copytree(settings.certificates_directory, tmp_path / "certificates")
    own = settings.model_copy(update={"grants_directory": grants, "certificates_directory": certificates})
    deployment = await deployed(own)
    yield deployment
    deployment.supervisor.stop()


async def test_a_recipient_that_is_only_declared_receives_and_nobody_else_does(town: Deployment) -> None:
    assert RECIPIENT not in recipient_folders()
    await town.load(RESIDENTS)
    await town.settle()
    await _declare(town)
    await town.live(CHANGES)
    await town.settle()
    report = await town.verify()
    assert report.findings == ()
    standing = (await recipients_standing(town.settings))[RECIPIENT]
    assert standing.applied == standing.delivered > RESIDENTS
    assert (standing.held, standing.rejected) == (0, 0)
    await _check_copy(town.settings)
    _check_topic(town.settings, standing.delivered)
    _check_schemas(town.settings)
    await _check_closed(town.settings)


async def _declare(town: Deployment) -> None:
    """All that a city does: a grant, a certificate, what is derived from them, and the recipient's process."""
    assert town.settings.grants_directory is not None
    (town.settings.grants_directory / f"{RECIPIENT}.yaml").write_text(DECLARATION, encoding="utf-8")
    issue_certificates(town.settings)
    await prepare(town.settings)
    town.supervisor.start_one(RECIPIENT)


def _check_schemas(settings: Settings) -> None:
    """What lies on every recipient's topic is what its schema promises."""
    for grant in grants_now(settings):
        schema = payload_schema(grant)
        contents = opened_records(settings, delivery_terms(settings.environment, grant, settings.municipalities[0]))
        found = [departures(schema, json.loads(content)) for content in contents]
        assert len(found) > 0 or grant.timing or grant.counterparty
        assert [each for each in found if each] == []


async def _check_copy(settings: Settings) -> None:
    """Its own database, in which each person has the four items and no others."""
    name = database_of(_grant(settings)).name(settings.environment, settings.municipalities[0])
    connection = await connect(settings, name, role=RECIPIENT, principal=RECIPIENT)
    try:
        rows = await connection.fetch("SELECT array(SELECT jsonb_object_keys(items)) AS fields FROM person")
    finally:
        await connection.close()
    assert len(rows) >= RESIDENTS
    assert {frozenset(row["fields"]) for row in rows} == {frozenset(FIELDS)}


def _check_topic(settings: Settings, delivered: int) -> None:
    """Its topic, opened with its key: the same four items, and nothing of the change itself."""
    terms = delivery_terms(settings.environment, _grant(settings), settings.municipalities[0])
    deliveries = [Delivery.from_wire(content) for content in opened_records(settings, terms)]
    assert len(deliveries) == delivered
    assert {field for delivery in deliveries for field in delivery.items} == FIELDS
    assert {delivery.kind for delivery in deliveries} >= {"snapshot", "created", "changed"}
    assert not any(delivery.reason or delivery.dates or delivery.operator for delivery in deliveries)


async def _check_closed(settings: Settings) -> None:
    """The broker refuses everybody else; who administers it, who runs it and who never calls it are not asked."""
    topic = out_topic(settings.environment, _grant(settings))
    others = set(principals(grants_now(settings))) - {RECIPIENT, "admin", "broker", "ledger", "witness"}
    asked = fetch(topic, partition_of(settings.municipalities[0]))
    attempts = await asyncio.gather(
        *(denied(settings, who, f"Topic:LITERAL:{topic} ", asked) for who in sorted(others))
    )
    assert {who for who, attempt in zip(sorted(others), attempts, strict=True) if not attempt.refused} == set()
    assert len(attempts) >= 7


def _grant(settings: Settings) -> Grant:
    return next(grant for grant in grants_now(settings) if grant.recipient == RECIPIENT)
