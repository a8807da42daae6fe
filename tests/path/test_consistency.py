"""The check of consistency with the prefecture: what was altered, deleted and added by hand is named, put right, and
then nothing differs; what is under way is no difference."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.commandline.output import DIFFERENCE
from infra.runtime.databases import database_name
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from tests.path.deployment import Deployment, deployed
from tests.path.shell import typed
from tests.polling import until

RESIDENTS, CHANGES = 40, 40
CHECK = ("consistency", "check", "--recipient", "prefecture")
ALTER = 'UPDATE identity SET items = items || \'{"postal_code": "0000000", "sex": "9"}\' WHERE subject = $1'
UNSEAL = "UPDATE identity SET sealed_my_number = sealed_resident_code, state = 'ceased' WHERE subject = $1"
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
    wrong = await _meddle(settings)
    code, told = await _checked(settings, "--repair")
    assert (code, sorted(told["differences"], key=lambda each: str(each["subject"]))) == (DIFFERENCE, wrong)
    await deployment.settle()
    code, told = await _checked(settings)
    assert (code, told["differences"]) == (0, [])
    assert (await deployment.verify()).findings == ()
    await _what_is_under_way_is_passed_over(deployment)


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
        {"kind": "different", "subject": unsealed, "items": [13, 35]},
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
