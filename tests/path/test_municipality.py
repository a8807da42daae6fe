"""Other municipalities, both ways, through the real broker: worked cases 1 and 2, and what goes amiss on the way."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic_core import from_json, to_json

from consumers.municipality.writing import Answer, answer_certificates, write
from hub.commandline.deployment import grants_now
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from producers.register.clock import run_due
from producers.register.databases import REGISTER_DATABASE
from producers.register.events import JAPAN
from producers.register.filings import DomesticMoveIn, Filing, parse_filing
from producers.register.inbox.certificates import certificates, file_from, persons_of, read_certificate
from producers.register.inbox.worklist import entries
from producers.register.registrar import Outcome, Registrar
from tests.path.deployment import Deployment, deployed, with_day_windows
from tests.path.shell import done, typed
from tests.polling import until
from tests.schemas import departures
from tests.sealing import opened_records
from topics.check_digits import my_number_digit, resident_code_digit
from topics.envelope.places import delivery_terms
from topics.messages.delivery import Delivery
from topics.messages.inbound import MoveInNotice, MoveOutCertificate
from topics.schemas.payload import payload_schema

CITY = "142158"
NEAR, FAR = "132098", "271004"
HOME = {"text": "海老名市中央1番1号", "municipality": CITY, "postal_code": "2430432", "town_code": "00001"}
THERE = {"text": "合成市本町1番1号", "municipality": NEAR}
ELSEWHERE = {"text": "合成府合成市1番1号", "municipality": FAR}
TODAY = datetime.now(JAPAN).date()
PLANNED, MOVED = TODAY + timedelta(days=2), TODAY - timedelta(days=2)
"""Case 2 is told on 3/30: planned for 4/1, moved in on 3/28."""
SECONDS = 40.0


@pytest.fixture
async def town(settings: Settings, tmp_path: Path) -> AsyncIterator[Deployment]:
    deployment = await deployed(with_day_windows(settings, tmp_path))
    yield deployment
    deployment.supervisor.stop()


@pytest.mark.timeout(180)
async def test_worked_cases_1_and_2_and_notices_that_cannot_be_taken(town: Deployment) -> None:
    async with Registrar.open(town.settings, CITY) as registrar:
        await _case_1_a_family_of_three_moves_in_with_a_card(town, registrar)
        leaver = await _case_2_who_leaves_is_removed_on_the_day_of_the_notice(town, registrar)
        await _what_cannot_be_taken_stands_on_the_work_list(town, leaver)
        await _a_notice_that_does_not_come_is_listed(town, registrar)
    await town.settle()
    findings = (await town.verify()).findings
    assert findings == ()


async def _case_1_a_family_of_three_moves_in_with_a_card(town: Deployment, registrar: Registrar) -> None:
    """The certificate comes first, three changes are one group, and one notice goes to the origin."""
    family = [_certified(1, "世帯主"), _certified(2, "妻"), _certified(3, "子")]
    told = {"persons": family, "origin": THERE, "planned_on": TODAY.isoformat()}
    await write(town.settings, f"move-in-notice-{NEAR}", CITY, MoveOutCertificate, [to_json(told)])
    await until(lambda: _certificates_wait(town.settings, 1), SECONDS)
    (waiting,) = await certificates(town.settings, CITY)
    letter = await read_certificate(town.settings, CITY, waiting.id)
    filed = DomesticMoveIn(**_filing(TODAY, TODAY), origin=letter.origin, address=HOME, persons=persons_of(letter))
    outcome = await file_from(registrar, waiting.id, filed)
    assert (outcome.result, len(outcome.residents)) == ("registered", 3)
    await town.settle()
    await done(town.settings, "linkage", "flush")
    await town.settle()
    groups = [_groups(town.settings, name) for name in (f"move-in-notice-{NEAR}", "prefecture")]
    assert groups == [[3], [3]]
    assert len(_told(town.settings, "intermediate")) == 3
    silent = {"welfare", f"move-in-notice-{FAR}", f"move-out-certificate-{NEAR}", f"move-out-certificate-{FAR}"}
    assert [_told(town.settings, name) for name in sorted(silent)] == [[], [], [], []]
    assert await certificates(town.settings, CITY) == []
    await _what_they_do_later_is_not_told_to_the_origin(town, registrar, outcome)


async def _what_they_do_later_is_not_told_to_the_origin(
    town: Deployment, registrar: Registrar, moved_in: Outcome
) -> None:
    moved = HOME | {"text": "海老名市中央2番2号"}
    places = [{"addressee_number": who, "relationship": each} for who, each in
              zip(moved_in.residents, ("世帯主", "妻", "子"), strict=True)]  # fmt: skip
    await _file(registrar, kind="move-within", **_filing(TODAY, TODAY), address=moved, places=places)
    await town.settle()
    assert _groups(town.settings, "prefecture") == [3, 3]
    assert _groups(town.settings, f"move-in-notice-{NEAR}") == [3]


async def _case_2_who_leaves_is_removed_on_the_day_of_the_notice(town: Deployment, registrar: Registrar) -> str:
    """Announced on 3/20 for 4/1; the notice says 3/28 and comes on 3/30."""
    answer = Answer(MOVED, TODAY, THERE["text"])
    await answer_certificates(town.settings, f"move-out-certificate-{NEAR}", CITY, answer)
    leaver = await _resident(registrar, 4)
    told_before = len(_told(town.settings, "prefecture"))
    announced = _filing(TODAY - timedelta(days=10), PLANNED)
    await _file(registrar, kind="move-out-announced", **announced, residents=[leaver], to=THERE)
    await until(lambda: _holds(town.settings, leaver, lambda state, _: state == "ceased"), SECONDS)
    await town.settle()
    _, record = await _record(town.settings, leaver)
    assert record["removal"]["removed_on"] == MOVED.isoformat()
    assert record["planned_move_out"]["planned_on"] == PLANNED.isoformat()
    assert record["moved_out_to"] == THERE
    assert (await run_due(registrar, PLANNED)).removed == 0
    await town.settle()
    kinds = [delivery.kind for delivery in _told(town.settings, "prefecture")[told_before:]]
    assert kinds == ["created", "ceased"]
    assert len(_told(town.settings, f"move-out-certificate-{NEAR}")) == 1
    return leaver


async def _what_cannot_be_taken_stands_on_the_work_list(town: Deployment, leaver: str) -> None:
    """Another sender, nobody known, a resend that says another day: in that order, each seen to in its own way."""
    lie = _notice([_code(4)], ELSEWHERE)
    await write(town.settings, f"move-out-certificate-{FAR}", CITY, MoveInNotice, [lie, _notice([_code(9)], ELSEWHERE)])
    await until(lambda: _open(town.settings, ["NOTICE-UNKNOWN-PERSON", "NOTICE-WRONG-SENDER"]), SECONDS)
    later = TODAY - timedelta(days=1)
    again = [_notice([_code(4)], THERE, moved_in_on=later), _notice([_code(4)], THERE, moved_in_on=later)]
    await write(town.settings, f"move-out-certificate-{NEAR}", CITY, MoveInNotice, again)
    amended = later.isoformat()
    await until(lambda: _holds(town.settings, leaver, lambda _, r: r["removal"]["removed_on"] == amended), SECONDS)
    assert await _open(town.settings, ["NOTICE-UNKNOWN-PERSON", "NOTICE-WRONG-SENDER"])


async def _a_notice_that_does_not_come_is_listed(town: Deployment, registrar: Registrar) -> None:
    gone = TODAY - timedelta(days=30)
    silent = await _resident(registrar, 5)
    await _file(registrar, kind="move-out-announced", **_filing(gone, gone), residents=[silent], to=ELSEWHERE)
    assert (await run_due(registrar, TODAY)).removed == 1
    listed = json.loads((await done(town.settings, "notices", "list", "--json")).output)
    assert [(each["municipality"], each["noticed_on"]) for each in listed] == [
        (FAR, None),
        (NEAR, TODAY.isoformat()),
    ]
    missing = await typed(town.settings, "notices", "list", "--missing", "--json")
    assert (missing.exit_code, len(json.loads(missing.output))) == (2, 1)
    assert silent not in missing.output


def _filing(filed_on: date, changed_on: date) -> dict[str, Any]:
    return {
        "filing_id": str(uuid4()),
        "operator": "synthetic-1",
        "filed_on": filed_on.isoformat(),
        "changed_on": changed_on.isoformat(),
    }


async def _file(registrar: Registrar, **told: Any) -> Outcome:
    filing: Filing = parse_filing(to_json(told))
    (outcome,) = await registrar.register([filing])
    assert outcome.result == "registered", (outcome.code, outcome.field)
    return outcome


async def _resident(registrar: Registrar, serial: int) -> str:
    """Somebody who has lived here for long, alone, come from nowhere that is a counterparty."""
    since = TODAY - timedelta(days=300)
    came = {"origin": {"text": "座間市緑ケ丘1番1号", "municipality": "142166"}, "address": HOME}
    outcome = await _file(
        registrar, kind="move-in-domestic", **_filing(since, since), **came, persons=[_certified(serial, "世帯主")]
    )
    return outcome.residents[0]


def _certified(serial: int, relationship: str) -> dict[str, Any]:
    mine = f"{90_000_000_000 + serial * 7:011d}"
    return {
        "name": {"text": f"合成　{relationship}", "kana": "ごうせい　だれか"},
        "birth_date": "1990-04-01",
        "sex": "1",
        "relationship": relationship,
        "registered_domicile": "合成市本町1番",
        "domicile_head": "合成　世帯主",
        "resident_code": _code(serial),
        "my_number": mine + my_number_digit(mine),
    }


def _code(serial: int) -> str:
    plain = f"{8_000_000_000 + serial * 13:010d}"
    return plain + resident_code_digit(plain)


def _notice(codes: list[str], address: dict[str, str], moved_in_on: date = MOVED) -> bytes:
    told = {"resident_codes": codes, "moved_in_on": moved_in_on, "noticed_on": TODAY, "address": address}
    return to_json(told)


async def _certificates_wait(settings: Settings, count: int) -> bool:
    return len(await certificates(settings, CITY)) == count


async def _open(settings: Settings, codes: list[str]) -> bool:
    return sorted(entry.code for entry in await entries(settings, CITY)) == codes


async def _record(settings: Settings, who: str) -> tuple[str, dict[str, Any]]:
    name = REGISTER_DATABASE.name(settings.environment, CITY)
    connection = await connect(settings, name, role="register", principal="register")
    try:
        (row,) = await connection.fetch("SELECT state, record FROM resident WHERE addressee_number = $1", who)
    finally:
        await connection.close()
    return row["state"], from_json(row["record"])


async def _holds(settings: Settings, who: str, true: Callable[[str, dict[str, Any]], bool]) -> bool:
    return true(*await _record(settings, who))


def _told(settings: Settings, recipient: str) -> list[Delivery]:
    """What lies on the recipient's topic, by number, each once and as its schema promises."""
    grant = next(grant for grant in grants_now(settings) if grant.recipient == recipient)
    schema, found = payload_schema(grant), {}
    for content in opened_records(settings, delivery_terms(settings.environment, grant, CITY)):
        assert departures(schema, json.loads(content)) == []
        delivery = Delivery.from_wire(content)
        found[delivery.number] = delivery
    return [found[number] for number in sorted(found)]


def _groups(settings: Settings, recipient: str) -> list[int]:
    """How many the recipient was told of in each filing, the filings of one person left out."""
    groups = dict.fromkeys(d.group.id for d in _told(settings, recipient) if d.group is not None and d.group.count > 1)
    told = [d.group for d in _told(settings, recipient) if d.group is not None]
    return [sum(each.id == group for each in told) for group in groups]
