"""The check of consistency with the prefecture: what was altered, deleted and added by hand is named, put right, and
then nothing differs; what is under way is no difference."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic_core import from_json
from typer.testing import CliRunner

from hub.commandline.main import app
from hub.commandline.output import DIFFERENCE
from infra.check.sources import read_register
from infra.runtime.asking import send
from infra.runtime.databases import database_name
from infra.runtime.key_ring import KeyRing
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings, environment_of
from producers.register.access import Occasion
from producers.register.confirmation.asking import confirm, seal
from tests.path.deployment import Deployment, deployed
from tests.path.shell import typed
from tests.polling import until
from topics.envelope.places import confirm_terms
from topics.guarded import ResidentCode
from topics.messages.confirmation import FourItems, Query

RESIDENTS, CHANGES = 40, 40
OCCASION = Occasion("counter-1", "合成: move-in at the counter", "c-1")
NOBODY = FourItems(name="合成　無名", address="合成町", birth_date="1980-01-01", sex="1")
TWIN = (
    "INSERT INTO registered"
    " SELECT municipality, repeat('0', 64), number, sequence, state, NULL, NULL, NULL, NULL, items"
    " FROM registered WHERE subject = $1"
)
CHECK = ("consistency", "check", "--recipient", "prefecture")
ALTER = 'UPDATE identity SET items = items || \'{"postal_code": "0000000", "sex": "9"}\' WHERE subject = $1'
UNSEAL = (
    "UPDATE identity SET sealed_my_number = sealed_resident_code, state = 'ceased', sequence = 99 WHERE subject = $1"
)
ADD = (
    "INSERT INTO identity (municipality, subject, sequence, state, items)"
    " SELECT municipality, 'zz-' || subject, 1, state, items FROM identity WHERE subject = $1"
)


@pytest.fixture
async def deployment(settings: Settings) -> AsyncIterator[Deployment]:
    running = await deployed(settings)
    yield running
    running.supervisor.stop()


async def _the_national_role_has_it_all(settings: Settings) -> None:
    """What the prefecture registered is passed on, each once, in order, and nothing waits."""
    query = "SELECT state, sequence, items FROM {} ORDER BY state, sequence, items::text"

    async def passed_on() -> bool:
        here = await _rows(settings, query.format("identity"))
        return here == await _rows(settings, query.format("registered"), kind="jlis")

    await until(passed_on, 30, "the national role's copy is another one")
    (last,) = await _rows(settings, "SELECT last FROM forward_counter")
    (following,) = await _rows(settings, "SELECT next_number - 1 FROM registered_gate", kind="jlis")
    assert tuple(last) == tuple(following)
    assert await _rows(settings, "SELECT FROM forward_outbox") == []
    assert (
        await _rows(settings, "SELECT FROM registered_gap UNION ALL SELECT FROM registered_refused", kind="jlis") == []
    )


async def _rows(settings: Settings, query: str, *arguments: object, kind: str = "prefecture") -> list[Any]:
    name = database_name(kind, settings.environment, None)
    connection = await connect(settings, name, role="admin", principal="admin")
    try:
        return list(await connection.fetch(query, *arguments))
    finally:
        await connection.close()


async def _checked(settings: Settings, *words: str) -> tuple[int, dict[str, Any]]:
    result = await typed(settings, *CHECK, *words, "--json")
    assert result.exit_code in (0, DIFFERENCE), f"{result.stderr}{result.exception!r}"
    return result.exit_code, json.loads(result.stdout)


async def test_what_differs_is_named_and_put_right(deployment: Deployment) -> None:
    settings = deployment.settings
    await deployment.load(RESIDENTS)
    await deployment.settle()
    await deployment.live(CHANGES)
    await deployment.settle()
    code, told = await _checked(settings)
    assert (code, told["differences"], told["under_way"], told["untold"]) == (0, [], 0, 0)
    assert told["compared"] >= RESIDENTS / 2
    await _the_national_role_has_it_all(settings)
    await _identities_are_confirmed(settings)
    wrong = await _meddle(settings)
    code, told = await _checked(settings, "--repair")
    assert (code, sorted(told["differences"], key=lambda each: str(each["subject"]))) == (DIFFERENCE, wrong)
    await deployment.settle()
    code, told = await _checked(settings)
    assert (code, told["differences"]) == (0, [])
    assert (await deployment.verify()).findings == ()
    await _what_is_under_way_is_passed_over(deployment)


async def _identities_are_confirmed(settings: Settings) -> None:
    """By code and by items: exactly one, or nobody, or several; each query is in both logs, and nobody asked about."""
    (city, *_), ring = settings.municipalities, KeyRing(settings)
    rows = await _rows(settings, "SELECT subject, items FROM registered ORDER BY subject LIMIT 1", kind="jlis")
    one = from_json(rows[0]["items"])
    items = {field: one[field] for field in ("name", "address", "birth_date", "sex")}
    asked: list[tuple[ResidentCode | FourItems, str]] = [
        (await _code_of(settings, one), "confirmed"),
        (ResidentCode("24727059608"), "none"),
        (FourItems(**items), "confirmed"),
        (FourItems(**{**items, "birth_date": "1801-01-01"}), "none"),
    ]
    for who, outcome in asked:
        told = await confirm(settings, ring, city, who, OCCASION, seconds=30)
        assert (told.outcome, told.items and told.items["name"]) == (outcome, told.items and one["name"])
        assert not told.items or not {"resident_code", "my_number", "operator", "terminal"} & told.items.keys()
    await _rows(settings, TWIN, rows[0]["subject"], kind="jlis")
    shell = CliRunner(env=environment_of(settings.model_dump()))
    options = ("--operator", OCCASION.operator, "--purpose", OCCASION.purpose, "--case", OCCASION.case_number)
    words = ["identity", "ask", *options, "--json"]
    answers = "".join(f"{value}\n" for value in items.values())
    several = await asyncio.to_thread(shell.invoke, app, [*words, "--by-items"], input=answers)
    assert several.exit_code == 1 and '"several"' in several.stdout and '"items": null' in several.stdout
    await _rows(settings, "DELETE FROM registered WHERE subject = repeat('0', 64)", kind="jlis")
    await _asked_twice_is_answered_once(settings, ring, city)
    await _both_logs_tell_the_same(settings, one)


async def _code_of(settings: Settings, items: dict[str, Any]) -> ResidentCode:
    register = await read_register(settings, settings.municipalities[0])
    for history in register.histories.values():
        record = history[-1].record or {}
        if record and (record["name"]["text"], record["birth_date"]) == (items["name"], items["birth_date"]):
            return ResidentCode(register.numbers[record["resident_code"]])
    raise AssertionError("nobody has these items")


async def _asked_twice_is_answered_once(settings: Settings, ring: KeyRing, city: str) -> None:
    (row,) = await _rows(settings, "SELECT inquiry_id FROM confirmation ORDER BY decided_at LIMIT 1", kind="jlis")
    query = Query(municipality=city, inquiry_id=row["inquiry_id"], operator="c-1", purpose="合成", person=NOBODY)
    await send(settings, confirm_terms(settings.environment, city), [seal(settings, ring, query), b"none"])

    async def refused() -> bool:
        rows = await _rows(settings, "SELECT code FROM confirmation WHERE outcome = 'refused'", kind="jlis")
        return sorted(row["code"] for row in rows) == ["CONFIRM-DOUBLED", "ENV-MALFORMED"]

    await until(refused, 30, "a query that came twice was not refused")
    assert (await _rows(settings, "SELECT last FROM confirmation_counter", kind="jlis"))[0]["last"] == 5


async def _both_logs_tell_the_same(settings: Settings, items: dict[str, Any]) -> None:
    logs = [await typed(settings, "identity", "log", *side, "--json") for side in ((), ("--national",))]
    ours, theirs = (json.loads(log.stdout) for log in logs)
    answered = [each for each in theirs if each["outcome"] != "refused"]
    assert [(e["inquiry_id"], e["outcome"]) for e in ours] == [(e["inquiry_id"], e["outcome"]) for e in answered]
    assert {each["operator"] for each in answered} == {OCCASION.operator} and len(ours) == 5
    assert not any(str(items[field]) in log.stdout for log in logs for field in ("name", "address", "birth_date"))


async def _meddle(settings: Settings) -> list[dict[str, Any]]:
    """Alter two rows, delete one, add one; returns what must be found, by subject."""
    rows = await _rows(settings, "SELECT subject FROM identity WHERE state = 'active' ORDER BY subject LIMIT 4")
    altered, unsealed, deleted, kept = (row["subject"] for row in rows)
    await _rows(settings, ALTER, altered)
    await _rows(settings, UNSEAL, unsealed)
    await _rows(settings, "DELETE FROM identity WHERE subject = $1", deleted)
    await _rows(settings, ADD, kept)
    return [
        {"kind": "different", "subject": altered, "items": [7, 10]},
        {"kind": "different", "subject": unsealed, "items": [13, 29, 35]},
        {"kind": "missing", "subject": deleted, "items": []},
        {"kind": "surplus", "subject": f"zz-{kept}", "items": []},
    ]


async def _what_is_under_way_is_passed_over(deployment: Deployment) -> None:
    """While the prefecture is away changes come, and it differs in nothing."""
    (prefecture,) = [role for role in deployment.supervisor.roles if role.name == "prefecture"]
    deployment.supervisor.kill(prefecture)
    await deployment.live(CHANGES)

    async def passed_over() -> bool:
        code, told = await _checked(deployment.settings)
        assert (code, told["differences"]) == (0, [])
        return bool(told["under_way"])

    await until(passed_over, 30, "no change was under way")
    deployment.supervisor.start_one("prefecture")
    await deployment.settle()
    code, told = await _checked(deployment.settings)
    assert (code, told["under_way"]) == (0, 0)
    await _the_national_role_has_it_all(deployment.settings)
