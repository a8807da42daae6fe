"""I8: no canary in plain sight anywhere but where a grant permits; and whatever is planted is found."""

import asyncio
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from hub.commandline.deployment import grants_now
from infra.check.artefacts import (
    Artefact,
    file_artefacts,
    log_artefacts,
    table_artefacts,
    topic_artefacts,
    write_ahead_artefacts,
)
from infra.check.canaries import EVERYTHING, NUMBERS, Canary, Kind, Leak, Scan
from infra.check.permitted import permitted_by
from infra.check.segments import segments
from infra.embedded.cluster import EmbeddedCluster
from infra.runtime.databases import database_name
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from tests.path.canaries import CITY, Haunted, grant_of, haunt
from tests.path.shell import done
from tests.sealing import opened_records
from topics.catalogue import change_topic, in_topic, out_topic
from topics.envelope.places import change_terms, delivery_terms
from topics.envelope.run import Terms

GZIP = 1
EMPTY_COPY = 21
PLANTED = {
    Kind.MY_NUMBER: "849302716558",
    Kind.NAME: "鯱鉾　朔太郎",
    Kind.ADDRESS: "海老名市合成九番町919番99号",
    Kind.DOMICILE: "合成国架空郡鯱鉾村9番地",
    Kind.ADDRESSEE_NUMBER: "9081726354",
}
PLANT = Scan(Canary(kind, 9, value) for kind, value in PLANTED.items())


@pytest.fixture(scope="module")
def haunted(cluster: EmbeddedCluster) -> Iterator[Haunted]:
    """The canaries have gone through; do not alter it, but for what is taken back."""
    lived_through = asyncio.run(haunt(cluster, "haunted"))
    yield lived_through
    lived_through.deployment.supervisor.stop()


async def test_topics_hold_what_is_granted_and_nothing_else(haunted: Haunted) -> None:
    artefacts = list(topic_artefacts(haunted.settings))
    assert {name.split("/")[0] for name in (artefact.name for artefact in artefacts)} == {"node-1"}
    assert _leaks(haunted, artefacts) == []


async def test_logs_hold_nothing(haunted: Haunted) -> None:
    artefacts = list(log_artefacts(haunted.settings.state_directory))
    assert {"broker-1.log", "postgres.log", "hub-1.log", "relay-1.log"} <= {artefact.name for artefact in artefacts}
    assert b"KIT-NOT-STORABLE" in b"".join(artefact.octets for artefact in artefacts)
    assert b"violates" in next(artefact.octets for artefact in artefacts if artefact.name == "postgres.log")
    assert _leaks(haunted, artefacts) == []


async def test_tables_hold_no_number_and_dead_letters_nothing(haunted: Haunted) -> None:
    artefacts = [artefact async for artefact in table_artefacts(haunted.settings, grants_now(haunted.settings))]
    parked = [
        artefact for artefact in artefacts if artefact.name.endswith(".parked") and len(artefact.octets) > EMPTY_COPY
    ]
    assert len(parked) == 3
    assert _leaks(haunted, artefacts) == []


async def test_the_write_ahead_log_holds_no_number(haunted: Haunted, cluster: EmbeddedCluster) -> None:
    artefacts = list(write_ahead_artefacts(cluster.postgres.data, haunted.first_log))
    assert artefacts
    assert _leaks(haunted, artefacts) == []


async def test_refusals_and_database_errors_quote_nothing(haunted: Haunted) -> None:
    assert len(haunted.said) >= 15
    artefacts = [Artefact(f"refusal {n}", said.encode()) for n, said in enumerate(haunted.said)]
    assert _leaks(haunted, artefacts) == []


async def test_exports_name_nobody_but_whom_they_are_about(haunted: Haunted, tmp_path: Path) -> None:
    """The whole ledger names nobody; a proof names the one resident who asked, by the city's own number."""
    asked = ("--by", "auditor-1", "--purpose", "asked by the resident", "--output")
    residents = [canary for canary in haunted.canaries if canary.kind is Kind.ADDRESSEE_NUMBER]
    await done(haunted.settings, "ledger", "export", *asked, str(tmp_path / "ledger"))
    for canary in residents:
        proof = str(tmp_path / f"{canary.ordinal}.json")
        await done(haunted.settings, "ledger", "who", "--resident", canary.value, *asked, proof)
    leaks = _leaks(haunted, list(file_artefacts(_files(tmp_path))))
    assert {(leak.artefact, leak.kind, leak.ordinal) for leak in leaks} == {
        (f"{canary.ordinal}.json", Kind.ADDRESSEE_NUMBER, canary.ordinal) for canary in residents
    }


def _files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


async def test_the_canaries_have_reached_whoever_may_have_them(haunted: Haunted) -> None:
    """Else the scans above would have searched for what never came by."""
    scan = Scan(haunted.canaries)
    seen = {kind: _seen(scan, _topics(haunted, kind)) for kind in _granted(haunted.settings)}
    assert seen == {kind: permitted - {Kind.RESIDENCE_CARD} for kind, permitted in _granted(haunted.settings).items()}


def _granted(settings: Settings) -> dict[str, frozenset[Kind]]:
    granted = {out_topic(settings.environment, grant): permitted_by(grant) for grant in grants_now(settings)}
    return granted | {change_topic(settings.environment): EVERYTHING - NUMBERS}


def _topics(haunted: Haunted, topic: str) -> list[Artefact]:
    """What the topic's records hold once opened by whoever they were sealed to."""
    contents = opened_records(haunted.settings, _terms(haunted.settings, topic))
    return [Artefact(topic, content) for content in contents]


def _terms(settings: Settings, topic: str) -> Terms:
    places = [change_terms(settings.environment, CITY)]
    places += [delivery_terms(settings.environment, grant, CITY) for grant in grants_now(settings)]
    return next(terms for terms in places if terms.topic == topic)


def _seen(scan: Scan, artefacts: Sequence[Artefact]) -> set[Kind]:
    return {leak.kind for artefact in artefacts for leak in artefact.leaks(scan)} - {Kind.RESIDENCE_CARD}


TOPICS: dict[str, tuple[Callable[[str], str], Kind]] = {
    "a number on the change topic": (change_topic, Kind.MY_NUMBER),
    "a number for welfare": (lambda e: out_topic(e, grant_of("welfare")), Kind.MY_NUMBER),
    "a domicile for welfare": (lambda e: out_topic(e, grant_of("welfare")), Kind.DOMICILE),
    "an addressee number for the intermediate server": (
        lambda e: out_topic(e, grant_of("intermediate")),
        Kind.ADDRESSEE_NUMBER,
    ),
    "a domicile for the prefecture": (lambda e: out_topic(e, grant_of("prefecture")), Kind.DOMICILE),
    "a name from welfare": (lambda e: in_topic(e, "welfare"), Kind.NAME),
    "an addressee number from the prefecture": (lambda e: in_topic(e, "prefecture"), Kind.ADDRESSEE_NUMBER),
    "an address among the groups": (lambda _: "__consumer_offsets", Kind.ADDRESS),
}


@pytest.mark.parametrize("planted", TOPICS)
def test_a_planted_value_is_found_in_a_compressed_segment(haunted: Haunted, tmp_path: Path, planted: str) -> None:
    topic, kind = TOPICS[planted]
    found = _found_in_copy(haunted.settings, tmp_path, topic(haunted.settings.environment), value=PLANTED[kind])
    assert [(leak.kind, leak.artefact.endswith(" values")) for leak in found] == [(kind, True)]


@pytest.mark.parametrize("where", ["key", "header"])
def test_a_planted_key_or_header_is_found(haunted: Haunted, tmp_path: Path, where: str) -> None:
    topic = change_topic(haunted.settings.environment)
    found = _found_in_copy(haunted.settings, tmp_path, topic, **{where: PLANTED[Kind.NAME]})
    assert [(leak.kind, leak.artefact.endswith("headers")) for leak in found] == [(Kind.NAME, True)]


def _found_in_copy(settings: Settings, directory: Path, topic: str, **parts: str) -> list[Leak]:
    """What is found once a record is appended to a copy of the topic's last segment."""
    original = next(file for file in reversed(segments(settings.state_directory, topic)) if file.stat().st_size)
    copy = directory / original.relative_to(settings.state_directory)
    copy.parent.mkdir(parents=True)
    copy.write_bytes(original.read_bytes() + _batch(**parts))
    there = settings.model_copy(update={"state_directory": directory})
    return [leak for artefact in topic_artefacts(there) for leak in artefact.leaks(PLANT)]


def _batch(*, value: str = "", key: str = "", header: str = "") -> bytes:
    builder = DefaultRecordBatchBuilder(2, GZIP, 0, -1, -1, -1, 4096)
    text = f'{{"planted": "{value}", "filling": "{"synthetic " * 20}"}}'
    builder.append(0, timestamp=1, key=key.encode(), value=text.encode(), headers=[("planted", header.encode())])
    batch = bytes(builder.build())
    assert value.encode() not in batch or not value
    return batch


@pytest.mark.parametrize("log", ["hub-1.log", "welfare-1.log", "broker-1.log", "postgres.log"])
def test_a_planted_log_line_is_found(haunted: Haunted, tmp_path: Path, log: str) -> None:
    shutil.copytree(haunted.settings.state_directory / "logs", tmp_path / "logs")
    with (tmp_path / "logs" / log).open("a", encoding="ascii") as lines:
        lines.write(f'{{"event": {PLANTED[Kind.NAME]!a}}}\n')
    found = [leak for artefact in log_artefacts(tmp_path) for leak in artefact.leaks(PLANT)]
    assert [(leak.artefact, leak.kind) for leak in found] == [(log, Kind.NAME)]


def test_a_planted_number_in_the_write_ahead_log_is_found(
    haunted: Haunted, cluster: EmbeddedCluster, tmp_path: Path
) -> None:
    original = sorted((cluster.postgres.data / "pg_wal").glob(f"{haunted.first_log[:8]}*"))[0]
    (tmp_path / "pg_wal").mkdir()
    octets = original.read_bytes()
    (tmp_path / "pg_wal" / original.name).write_bytes(octets[:8000] + PLANTED[Kind.MY_NUMBER].encode() + octets[8012:])
    found = [leak for artefact in write_ahead_artefacts(tmp_path) for leak in artefact.leaks(PLANT)]
    assert [(leak.kind, leak.offset) for leak in found] == [(Kind.MY_NUMBER, 8000)]


ROWS: dict[str, tuple[str, Kind, str, str]] = {
    "a dead letter of the hub": (
        "hub",
        Kind.NAME,
        "INSERT INTO parked (topic, \"offset\", sealed_value, code) VALUES ('', -1, $1, '')",
        "DELETE FROM parked WHERE sealed_value = $1",
    ),
    "the key of a dead letter of welfare": (
        "welfare",
        Kind.ADDRESS,
        """INSERT INTO parked (topic, partition, "offset", municipality, sealed_key, sealed_headers, code)
           VALUES ('', 0, -1, '', $1, '', '')""",
        "DELETE FROM parked WHERE sealed_key = $1",
    ),
    "a domicile in what welfare holds": (
        "welfare",
        Kind.DOMICILE,
        """INSERT INTO held (municipality, subject, sequence, generation, number, topic, partition, "offset",
                             first_number, group_count, sealed_headers, sealed_value)
           VALUES ('', '', 0, 0, 0, '', 0, -1, 0, 1, '', $1)""",
        "DELETE FROM held WHERE sealed_value = $1",
    ),
    "a number that was not sealed": (
        "numbers",
        Kind.MY_NUMBER,
        """INSERT INTO number_version (reference, kind, filing_id, member, sealed, blind_index)
           VALUES ('', 'my-number', gen_random_uuid(), 0, $1, '')""",
        "DELETE FROM number_version WHERE sealed = $1",
    ),
}


@pytest.mark.parametrize("row", ROWS)
async def test_a_planted_row_is_found(haunted: Haunted, row: str) -> None:
    kind, planted, insert, delete = ROWS[row]
    name = database_name(kind, haunted.settings.environment, CITY)
    connection = await connect(haunted.settings, name, role="admin", principal="admin")
    try:
        await connection.execute(insert, PLANTED[planted].encode())
        artefacts = [artefact async for artefact in table_artefacts(haunted.settings, grants_now(haunted.settings))]
        await connection.execute(delete, PLANTED[planted].encode())
    finally:
        await connection.close()
    assert [leak.kind for artefact in artefacts for leak in artefact.leaks(PLANT)] == [planted]


def test_a_planted_value_in_a_report_is_found(tmp_path: Path) -> None:
    report = tmp_path / "junit.xml"
    report.write_text(f"<testsuite><failure message='{PLANTED[Kind.ADDRESS]}'/></testsuite>", encoding="utf-8")
    found = [leak for artefact in file_artefacts([report]) for leak in artefact.leaks(PLANT)]
    assert [(leak.artefact, leak.kind) for leak in found] == [("junit.xml", Kind.ADDRESS)]


def _leaks(haunted: Haunted, artefacts: Sequence[Artefact]) -> list[Leak]:
    scan = Scan(haunted.canaries)
    return [leak for artefact in artefacts for leak in artefact.leaks(scan)]
