"""Protection on the whole path: block before address whoever is down, lifted by hand alone, recalls tracked."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from infra.embedded.cluster import EmbeddedCluster
from tests.path.protected import MOVED, Story, live_it
from tests.path.shell import typed


@pytest.fixture(scope="module")
def story(cluster: EmbeddedCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    lived = asyncio.run(live_it(cluster, tmp_path_factory.mktemp("protected")))
    yield lived
    lived.deployment.supervisor.stop()


async def test_a_copy_that_was_down_never_shows_the_new_address_before_the_block(story: Story) -> None:
    """Worked case 7: provisional at 09:00, the move at 09:05, the copy's feed down from 09:00 to 11:00."""
    told = await story.told("intermediate", "ANNA")
    assert [(each["kind"], each["protection"]["blocked"]) for each in told] == [
        ("created", False), ("block", True), ("changed", True), ("block", False),
    ]  # fmt: skip
    assert _address(told[2]) == MOVED["ANNA"]
    assert MOVED["ANNA"] not in {_address(each) for each in told[:2]}
    assert MOVED["OTTO"] in story.seen
    assert not story.seen & {MOVED["ANNA"], MOVED["BERTA"]}


def test_for_whom_is_protected_nothing_is_answered_automatically(story: Story) -> None:
    assert story.answers == {"ANNA": False, "OTTO": True, "BERTA": False, "CARLA": False, "ANNA, ended": True}


async def test_a_protection_that_comes_while_the_move_is_on_its_way_recalls_it(story: Story) -> None:
    told = await story.told("welfare", "BERTA")
    shown = [(each["kind"], each["protection"]["status"]) for each in told]
    assert shown[1:] == [("changed", "none"), ("block", "provisional")]
    assert _address(told[1]) == MOVED["BERTA"]
    assert {(each["recipient"], each["standing"], each["is_late"]) for each in story.recalls["on the way"]} == {
        (recipient, "acknowledged", False) for recipient in ("addressee", "welfare", "intermediate")
    }  # fmt: skip
    assert {each["resident"] for each in story.recalls["on the way"]} == {story.who["ANNA"], story.who["BERTA"]}
    assert story.exits["on the way"] == 0


def test_a_term_that_is_over_lifts_nothing_and_asks_for_a_review(story: Story) -> None:
    listed = {each["resident"]: each for each in story.listed}
    assert set(listed) == {story.who[name] for name in ("ANNA", "BERTA", "CARLA")}
    carla = listed[story.who["CARLA"]]
    assert (carla["status"], carla["ends_on"], carla["review"]) == ("full", "2025-02-01", True)
    assert not listed[story.who["BERTA"]]["review"]
    blocked = {name: story.cases[name] for name in ("ANNA", "BERTA", "CARLA", "OTTO")}
    assert blocked == {
        "ANNA": (True, "provisional"), "BERTA": (True, "provisional"), "CARLA": (True, "full"), "OTTO": (False, "none"),
    }  # fmt: skip


def test_the_verifier_agrees(story: Story) -> None:
    assert story.report is not None
    assert story.report.findings == ()


async def test_of_protections_nothing_goes_to_the_prefecture(story: Story) -> None:
    for name in story.who:
        assert not [each for each in await story.told("prefecture", name) if {"protection", "recalled"} & set(each)]


def test_a_recall_is_acknowledged_late_or_refused(story: Story) -> None:
    scenes = {scene: _of_welfare(rows)[-1] for scene, rows in story.recalls.items()}
    assert {scene: (row["standing"], row["is_late"], row["needs_somebody"]) for scene, row in scenes.items()} == {
        "on the way": ("acknowledged", False, False),
        "late": ("waiting", True, True),
        "answered late": ("acknowledged", True, False),
        "refused": ("refused", False, True),
    }
    assert story.exits == {"on the way": 0, "late": 2, "answered late": 0, "refused": 2}
    assert not [row for scene in ("late", "refused") for row in story.recalls[scene] if "resident" in row]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("extension", "--resident", "ANNA"), "REG-PROTECTION step"),
        (("provisional", "--resident", "ANNA"), "REG-PROTECTION level"),
        (("lifting", "--resident", "ANNA"), "REG-FORMAT step"),
        (("provisional", "--resident", "1234567890", "--level", "address"), "REG-FORMAT residents.0"),
        (("provisional", "--resident", "ANNA", "--level", "street"), "REG-FORMAT level"),
        (("provisional", "--resident", "ANNA", "--level", "address", "--on", "2026-02-30"), "REG-FORMAT filed_on"),
    ],
)
async def test_a_step_that_cannot_be_is_refused_by_code_and_field(
    story: Story, words: tuple[str, ...], code: str
) -> None:
    told = [story.who.get(word, word) for word in words]
    result = await typed(story.settings, "protection", "file", *told, "--operator", "counter-1")
    assert result.exit_code == 1
    assert " ".join(result.stderr.split()).startswith(code.replace(" ", ": ", 1))
    assert story.who["ANNA"] not in result.stderr


async def test_nobody_is_named_without_a_case(story: Story) -> None:
    result = await typed(story.settings, "protection", "recalls", "--show-residents", "--json")
    assert result.exit_code == 1
    assert "KRN-LOOKUP" in result.stderr and not result.stdout


def _address(told: dict[str, Any]) -> str | None:
    address = told["items"].get("address")
    return address and str(address["text"])


def _of_welfare(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["recipient"] == "welfare"]
