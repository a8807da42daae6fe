"""`kairan grants` on a deployment that has lived: why sent, why not, and what a wider grant would have told."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from hub.commandline.main import app
from infra.check.sources import Version, read_histories, read_listed, read_register, read_sent
from infra.runtime.settings import environment_of
from tests.path.deployment import Deployment
from topics.declared import SHIPPED, declared_grants


@pytest.fixture
def shell(lived: Deployment, tmp_path: Path) -> CliRunner:
    """A shell on the lived deployment, with grants of its own that it may alter."""
    for file in SHIPPED.glob("*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return CliRunner(env=environment_of(lived.settings.model_dump()) | {"KAIRAN_GRANTS_DIRECTORY": str(tmp_path)})


async def _place(lived: Deployment, recipient: str, *, sent: bool, listed: bool = False) -> tuple[str, Version]:
    """A change that was, or was not, sent to the recipient; of somebody who is, or is not, on its list."""
    city = lived.settings.municipalities[0]
    followed = await read_listed(lived.settings, city, recipient)
    for resident, history in (await read_histories(lived.settings, city)).items():
        numbers = {each.history_number for each in await read_sent(lived.settings, city, recipient, resident)}
        found = [version for version in history if (version.history_number in numbers) is sent]
        if found and (resident in followed) is listed:
            return city, found[-1]
    raise AssertionError("the lived city has no such change")


async def _explained(shell: CliRunner, recipient: str, change: str) -> dict[str, Any]:
    asked = ("explain", "--recipient", recipient, "--change", change)
    answer: dict[str, Any] = await asyncio.to_thread(_stepped, shell, *asked)
    return answer


@pytest.mark.parametrize("recipient", sorted(g.recipient for g in declared_grants() if g.counterparty is None))
async def test_a_sent_change_is_explained_item_by_item(lived: Deployment, shell: CliRunner, recipient: str) -> None:
    city, version = await _place(lived, recipient, sent=True, listed=recipient == "welfare")
    answer = await _explained(shell, recipient, f"{city}:{version.position}")
    assert answer["why"] == "SENT"
    grant = yaml.safe_load((SHIPPED / f"{recipient}.yaml").read_text(encoding="utf-8"))
    assert {item["number"] for item in answer["sent"]} <= set(grant["items"])
    assert all(item["why"] for item in answer["withheld"])
    assert answer == await _explained(shell, recipient, str(version.event_id))


async def test_an_unsent_change_is_explained(lived: Deployment, shell: CliRunner) -> None:
    city, version = await _place(lived, "welfare", sent=False)
    answer = await _explained(shell, "welfare", f"{city}:{version.position}")
    assert answer["why"] == "OUTSIDE-POPULATION"
    assert answer["sent"] == []
    assert "list" in answer["sentence"]


async def test_a_change_that_touched_no_trigger_is_explained(lived: Deployment, shell: CliRunner) -> None:
    city, version = await _place(lived, "prefecture", sent=False)
    answer = await _explained(shell, "prefecture", f"{city}:{version.position}")
    assert answer["why"] in ("NOTHING-NEW", "OUTSIDE-POPULATION")


async def test_an_explanation_names_no_value(lived: Deployment, shell: CliRunner) -> None:
    city, version = await _place(lived, "welfare", sent=True, listed=True)
    register = await read_register(lived.settings, city)
    asked = ["grants", "explain", "--recipient", "welfare", "--change", f"{city}:{version.position}"]
    result = await asyncio.to_thread(shell.invoke, app, asked)
    assert result.exit_code == 0
    record = version.record or {}
    values = {*register.numbers.values(), *register.histories, record["name"]["text"], record["address"]["text"]}
    assert not [value for value in values if value in result.output]


def test_a_change_that_is_none_is_refused(shell: CliRunner) -> None:
    result = shell.invoke(app, ["grants", "explain", "--recipient", "welfare", "--change", "142158:999999"])
    assert (result.exit_code, "KRN-CHANGE" in result.output) == (1, True)


async def test_a_wider_welfare_grant_is_previewed(lived: Deployment, shell: CliRunner, tmp_path: Path) -> None:
    proposal = _proposal(tmp_path, population="all", delivery_fields=["reason"])
    found = await asyncio.to_thread(_previewed, shell, proposal)
    city = lived.settings.municipalities[0]
    histories = await read_histories(lived.settings, city)
    listed = await read_listed(lived.settings, city, "welfare")
    assert found["persons"] == {"added": len(histories) - len(listed), "removed": 0}
    assert found["disclosures"]["added"] > found["persons"]["added"]
    assert found["fuller"] > 0
    assert found["wider"] == ["delivery fields reason", "population all"]


def test_items_and_numbers_added_are_previewed_and_none_is_for_the_same(shell: CliRunner, tmp_path: Path) -> None:
    welfare = _declared()
    wider = _proposal(tmp_path, items=[*welfare["items"], 2, 3], numbers={"my_number": True, "resident_code": True})
    found = _previewed(shell, wider)
    assert found["items"] == {"added": [2, 3], "removed": []}
    assert (found["persons"], found["disclosures"]) == ({"added": 0, "removed": 0}, {"added": 0, "removed": 0})
    assert found["fuller"] > 0
    same = _previewed(shell, _proposal(tmp_path))
    assert (same["fuller"], same["barer"], same["wider"]) == (0, 0, [])


def test_widening_waits_for_a_second_person_and_narrowing_does_not(shell: CliRunner, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("synthetic request letter", encoding="utf-8")
    wider = _proposal(tmp_path, delivery_fields=["reason"])
    assert (
        _stepped(shell, "request", str(wider), "--letter", str(letter), "--requester", "office-2")["in_force"] is False
    )
    assert yaml.safe_load((tmp_path / "welfare.yaml").read_text(encoding="utf-8")) == _declared()
    assert "the request of welfare waits" in shell.invoke(app, ["grants", "list"]).output
    own = shell.invoke(app, ["grants", "review", "welfare", "--by", "office-2", "--decision", "approved"])
    assert (own.exit_code, "GRANT-OWN-REVIEW" in own.output) == (1, True)
    _stepped(shell, "review", "welfare", "--by", "officer-2", "--decision", "approved")
    (welfare,) = (each for each in _stepped(shell, "list") if each["recipient"] == "welfare")
    assert welfare["in_force"] is True
    narrower = _proposal(tmp_path, items=[1, 5], triggers=[5], delivery_fields=[])
    asked = _stepped(shell, "request", str(narrower), "--letter", str(letter), "--requester", "office-2")
    assert (asked["in_force"], asked["wider"]) == (True, [])
    assert _stepped(shell, "show", "welfare")["items"] == "1, 5"


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"items": [1, 26], "triggers": [1]}, "GRANT-BEYOND-BASIS"), ({"items": [99]}, "items")],
)
def test_what_no_review_could_mend_is_refused(shell: CliRunner, tmp_path: Path, changes: Any, word: str) -> None:
    proposal = _proposal(tmp_path, **changes)
    asked = ["grants", "request", str(proposal), "--letter", str(proposal), "--requester", "office-2"]
    result = shell.invoke(app, asked)
    assert (result.exit_code, word in result.output) == (1, True)
    assert not (tmp_path / "requested").exists()


def _declared() -> dict[str, Any]:
    grant: dict[str, Any] = yaml.safe_load((SHIPPED / "welfare.yaml").read_text(encoding="utf-8"))
    return grant


def _proposal(directory: Path, **changes: Any) -> Path:
    """Welfare's grant with `changes`, as a proposal outside the declared ones."""
    file = directory / "proposals" / "welfare.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(yaml.safe_dump(_declared() | changes, allow_unicode=True), encoding="utf-8")
    return file


def _previewed(shell: CliRunner, proposal: Path) -> dict[str, Any]:
    answer: dict[str, Any] = _stepped(shell, "preview", str(proposal))
    return answer


def _stepped(shell: CliRunner, *arguments: str) -> Any:
    result = shell.invoke(app, ["grants", *arguments, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


async def test_what_does_not_concern_another_municipality_is_explained(lived: Deployment, shell: CliRunner) -> None:
    city, version = await _place(lived, "move-in-notice-132098", sent=False)
    answer = await _explained(shell, "move-in-notice-132098", f"{city}:{version.position}")
    assert answer["why"] == "OUTSIDE-POPULATION"
