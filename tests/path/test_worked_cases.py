"""Worked cases of a city's life, each from the counter through the broker to the offices that hear of it."""

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import to_json

from consumers.databases import database_of
from consumers.kit.counts import counts
from consumers.welfare.cases import place
from hub.commandline.drills.stops import stopped_before
from infra.embedded.cluster import EmbeddedCluster
from producers.register.filings import Filing
from producers.register.registrar import Outcome, Registrar
from tests.environments import named
from tests.filings import filing, told
from tests.path.deployment import Deployment, deployed, with_day_windows
from tests.path.shell import done, typed
from tests.path.telling import told_of
from tests.polling import until
from tests.unit.register.counter import AWAY, HOME, MY_NUMBER, RESIDENT_CODE, person
from tests.unit.register.occasions import NEXT_HOME, foreigner
from tests.unit.register.occasions import place as seat
from topics.check_digits import my_number_digit, resident_code_digit
from topics.declared import declared_by_recipient
from topics.office_days import JAPAN
from topics.relationship import HEAD

OFFICES = ("addressee", "intermediate", "prefecture", "welfare")
DISTRICT, PACE, SECONDS = 120, 40.0, 60.0
"""Households that get a new address, and how many of them in a second; how long to wait for anything."""


@pytest.fixture(scope="module")
def deployment(cluster: EmbeddedCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    settings = with_day_windows(named(cluster, "worked"), tmp_path_factory.mktemp("worked"))
    running = asyncio.run(deployed(settings))
    yield running
    running.supervisor.stop()


async def test_case_3_when_the_head_dies_who_is_left_alone_is_head_at_once(deployment: Deployment) -> None:
    head, wife = await _family(deployment, HEAD, "妻")
    await _file(deployment, filing("death", resident=head))
    await deployment.settle()
    gone, left = [await told_of(deployment.settings, "addressee", who) for who in (head, wife)]
    assert [each["kind"] for each in gone] == ["created", "ceased"]
    assert [each["kind"] for each in left] == ["created", "changed"]
    assert left[-1]["items"]["relationship"] == HEAD
    assert left[-1]["items"]["head_name"] == left[-1]["items"]["name"]["text"]
    assert {each[-1]["group"]["count"] for each in (gone, left)} == {2}
    assert len({each[-1]["group"]["id"] for each in (gone, left)}) == 1


async def test_case_3_when_more_are_left_the_household_has_no_head_until_one_is_named(deployment: Deployment) -> None:
    head, wife, child = await _family(deployment, HEAD, "妻", "子")
    home = (await told_of_household(deployment, wife))[-1]
    await _file(deployment, filing("death", resident=head))
    await deployment.settle()
    for who in (wife, child):
        last = (await told_of(deployment.settings, "addressee", who))[-1]["items"]
        assert not {"head_name", "relationship"} & set(last)
    places = [seat(wife, HEAD), seat(child, "子")]
    await _file(deployment, filing("change-of-head", household_number=home, places=places))
    await deployment.settle()
    told = [(await told_of(deployment.settings, "addressee", who))[-1] for who in (wife, child)]
    assert {each["items"]["head_name"] for each in told} == {told[0]["items"]["name"]["text"]}
    assert told[0]["items"]["relationship"] == HEAD
    assert len({each["group"]["id"] for each in told}) == 1


async def test_case_5_who_is_naturalised_is_never_gone(deployment: Deployment) -> None:
    alien = foreigner(my_number=MY_NUMBER, resident_code=RESIDENT_CODE)
    (who,) = await _moved_in(deployment, alien)
    await place(deployment.settings, deployment.settings.municipalities[0], [who])
    await deployment.settle()
    told = {"registered_domicile": "合成県合成市", "domicile_head": "合成　新"}
    name = {"text": "合成　新", "kana": "ごうせい　しん"}
    await _file(deployment, filing("naturalisation", resident=who, name=name, **told))
    await deployment.settle()
    for office in OFFICES:
        deliveries = await told_of(deployment.settings, office, who)
        assert [each["kind"] for each in deliveries] in (["created", "changed"], ["snapshot", "changed"]), office
        assert {each["state"] for each in deliveries} == {"active"}
        assert len({each["subject"] for each in deliveries}) == 1
    first, second = await told_of(deployment.settings, "prefecture", who)
    for number in ("my_number", "resident_code"):
        assert first["items"][number] == second["items"][number]


async def test_case_6_a_move_that_is_annulled_ends_where_it_began(deployment: Deployment) -> None:
    (who,) = await _moved_in(deployment, person(HEAD, my_number="983205673214", resident_code="24846016224"))
    await place(deployment.settings, deployment.settings.municipalities[0], [who])
    await deployment.settle()
    move = filing("move-within", places=[seat(who, HEAD)], address=NEXT_HOME)
    await _file(deployment, move)
    await _until_told(deployment, who, 2)
    await _file(deployment, filing("annulment", annuls=str(move.filing_id)))
    await deployment.settle()
    for office in ("addressee", "prefecture", "welfare"):
        first, moved, annulled = await told_of(deployment.settings, office, who)
        assert (moved["kind"], annulled["kind"], annulled["refers_to"]) == ("changed", "annulled", moved["sequence"])
        assert _person(annulled) == _person(first) != _person(moved)
    missed = await told_of(deployment.settings, "intermediate", who)
    assert [each["kind"] for each in missed] == ["created"]  # both fell into one window, and nothing is new


async def test_case_8_a_code_that_changes_while_the_prefecture_has_not_acknowledged_closes_its_sequence(
    deployment: Deployment,
) -> None:
    (who,) = await _moved_in(deployment, _numbered(1))
    grant = declared_by_recipient(deployment.settings.grants_directory)["prefecture"]
    await deployment.settle()
    async with stopped_before(deployment.settings, "identity", "INSERT", database_of(grant)) as step:
        await _file(deployment, filing("move-within", places=[seat(who, HEAD)], address=NEXT_HOME))
        await step.reached()
        dates = dict.fromkeys(("changed_on", "claimed_on", "filed_on"), "2026-04-08")
        code = _resident_code(2)
        await _file(deployment, filing("code-change-request", resident=who, resident_code=code, **dates))
        await _file(deployment, filing("move-within", places=[seat(who, HEAD)], address=HOME))
        await _until_told(deployment, who, 4, "prefecture")
    await deployment.settle()
    deliveries = await told_of(deployment.settings, "prefecture", who)
    assert [each["sequence"] for each in deliveries] == [1, 2, 3, 4]
    assert [each["items"]["update_sequence"] for each in deliveries] == [1, 2, 1, 2]
    old, new = _resident_code(1), _resident_code(2)
    assert [each["items"]["resident_code"] for each in deliveries] == [old, old, new, new]
    linked = [
        (each["items"].get("former_resident_code"), each["items"].get("resident_code_since")) for each in deliveries
    ]
    assert linked == [(None, None), (None, None), (old, "2026-04-08"), (old, "2026-04-08")]
    assert (await counts(deployment.settings, "prefecture")).parked == 0


async def test_a_record_that_the_prefecture_has_frozen_goes_back_to_the_city_and_is_sent_again(
    deployment: Deployment,
) -> None:
    settings = deployment.settings
    (who,) = await _moved_in(deployment, _numbered(3))
    await deployment.settle()
    subject = (await told_of(settings, "prefecture", who))[0]["subject"]
    await done(settings, "registration", "mark", subject, "--reason", "under inquiry", "--by", "officer-1")
    marked = json.loads((await done(settings, "registration", "list", "--json")).stdout)
    assert [(each["subject"], each["mark"], each["made_by"]) for each in marked] == [
        (subject, "update-forbidden", "officer-1")
    ]
    await _file(deployment, filing("move-within", places=[seat(who, HEAD)], address=NEXT_HOME))
    await deployment.settle()
    (entry,) = json.loads((await done(settings, "worklist", "list", "--json")).stdout)
    assert (entry["party"], entry["code"]) == ("prefecture", "PREFECTURE-UPDATE-FORBIDDEN")
    await _file(deployment, filing("move-within", places=[seat(who, HEAD)], address=HOME))
    await deployment.settle()
    assert len(json.loads((await done(settings, "worklist", "list", "--json")).stdout)) == 2  # frozen still
    await done(settings, "registration", "unmark", subject, "--by", "officer-1")
    await done(settings, "worklist", "resend", str(entry["id"]), "--by", "clerk-1")
    await deployment.settle()
    told = (await told_of(settings, "prefecture", who))[-1]
    assert told["supersedes"] == [2, 3]
    assert (told["items"]["address"], told["items"]["abnormal_update_sequence"]) == (HOME["text"], 2)
    assert json.loads((await done(settings, "worklist", "list", "--json")).stdout) == []
    days = [f"{datetime.now(JAPAN) + timedelta(days=days):%Y-%m-%d}" for days in (-1, 0)]
    whom = ("--from", days[0], "--to", days[1], "--resident", who)
    why = ("--reason", "synthetic", "--by", "clerk-1", "--second", "clerk-2")
    await done(settings, "resend", "prefecture", *whom, *why)
    await deployment.settle()
    again = (await told_of(settings, "prefecture", who))[-1]
    assert again["items"] == told["items"] | {"abnormal_update_sequence": 3}


async def test_case_9_a_move_out_passes_the_new_addresses_of_a_whole_district(
    deployment: Deployment, tmp_path: Path
) -> None:
    homes = [filing("move-in-domestic", origin=AWAY, address=HOME, persons=[person(HEAD)]) for _ in range(DISTRICT)]
    (leaver,) = await _moved_in(deployment, person(HEAD))
    outcomes = await _file(deployment, *homes)
    await deployment.settle()
    bulk = tmp_path / "new-addresses.jsonl"
    bulk.write_bytes(b"\n".join(_new_address(outcome) for outcome in outcomes) + b"\n{}\n")
    settings = deployment.settings.model_copy(update={"bulk_changes_per_second": PACE})
    async with asyncio.TaskGroup() as tasks:
        command = tasks.create_task(typed(settings, "counter", "file", str(bulk), "--json"))
        await _until_told(deployment, outcomes[0].residents[0], 2)
        await _file(deployment, filing("move-out-announced", residents=[leaver], to=AWAY, changed_on="2026-04-20"))
    await deployment.settle()
    standing = json.loads(command.result().stdout)
    assert (command.result().exit_code, standing["results"]) == (2, {"registered": DISTRICT, "refused": 1})
    assert [(each["line"], each["code"]) for each in standing["refused"]] == [(DISTRICT + 1, "REG-FORMAT")]
    last = (await told_of(deployment.settings, "addressee", leaver))[-1]
    moved = [(await told_of(deployment.settings, "addressee", each.residents[0]))[-1] for each in outcomes]
    assert {each["items"]["address"]["text"] for each in moved} == {NEXT_HOME["text"]}
    assert "planned_move_out" in last["items"]
    assert last["number"] < max(each["number"] for each in moved)


async def test_the_verifier_agrees_with_all_of_it(deployment: Deployment) -> None:
    assert (await deployment.verify()).findings == ()


async def told_of_household(deployment: Deployment, who: str) -> list[str]:
    """The household numbers that the addressee system was told of a person."""
    return [each["items"]["household_number"] for each in await told_of(deployment.settings, "addressee", who)]


async def _until_told(deployment: Deployment, who: str, deliveries: int, office: str = "addressee") -> None:
    async def is_told() -> bool:
        return len(await told_of(deployment.settings, office, who)) >= deliveries

    await until(is_told, SECONDS)


async def _family(deployment: Deployment, *relationships: str) -> tuple[str, ...]:
    who = await _moved_in(deployment, *(person(each) for each in relationships))
    await deployment.settle()
    return who


async def _moved_in(deployment: Deployment, *people: dict[str, Any]) -> tuple[str, ...]:
    arrival = filing("move-in-domestic", origin=AWAY, address=HOME, persons=list(people))
    return (await _file(deployment, arrival))[0].residents


async def _file(deployment: Deployment, *filings: Filing) -> list[Outcome]:
    city = deployment.settings.municipalities[0]
    async with Registrar.open(deployment.settings, city) as registrar:
        outcomes = await registrar.register(filings)
    assert {outcome.result for outcome in outcomes} == {"registered"}
    return outcomes


def _numbered(serial: int) -> dict[str, Any]:
    my_number = f"{7 * 10**10 + serial:011d}"
    return person(HEAD, my_number=my_number + my_number_digit(my_number), resident_code=_resident_code(serial))


def _resident_code(serial: int) -> str:
    body = f"{7 * 10**9 + serial:010d}"
    return body + resident_code_digit(body)


def _new_address(outcome: Outcome) -> bytes:
    return to_json(told("minor-amendment", household_number=outcome.household_number, address=NEXT_HOME))


def _person(told: dict[str, Any]) -> dict[str, Any]:
    """What is told of the person, without what is told of the change."""
    of_the_change = {"reason", "changed_on", "operator", "update_sequence", "timestamp", "record_status"}
    return {name: value for name, value in told["items"].items() if name not in of_the_change}
