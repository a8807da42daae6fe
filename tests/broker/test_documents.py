"""Documents on the real databases: what stands on them, what is written down before the file, what is refused."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from pydantic_core import to_json
from pypdf import PdfReader
from typer.testing import CliRunner

from hub.commandline.deployment import prepare
from hub.commandline.main import app
from hub.databases import HUB_DATABASE
from infra.runtime.postgres import connect
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, environment_of
from producers.register.access import Occasion, subject_cipher
from producers.register.databases import NUMBERS_DATABASE, REGISTER_DATABASE
from producers.register.documents.history import issues_of
from producers.register.documents.issuing import issue
from producers.register.documents.request import DocumentKind, Request
from producers.register.filings import parse_filing
from producers.register.registrar import Registrar
from tests.unit.register.counter import AWAY, DAY, HOME, MY_NUMBER, RESIDENT_CODE, person
from topics.check_digits import is_my_number, is_resident_code

CITY = "142158"
NAME, LACKING = "葛\U000e0100城　𠮷子", "\ue000田　合成"
DOMICILE = "合成国架空郡一番地"
BEFORE_THE_FILE = "import hub.ledger.exports as gate, os, signal; \
gate.replace = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL); from hub.commandline.main import run; run()"
CLOSED = [
    ("numbers", "certificate", "SELECT sealed FROM number_version"),
    ("numbers", "register", "SELECT * FROM read_for_document(gen_random_uuid(), 'a1', 'p', 'c', '{x}')"),
    ("numbers", "counter", "SELECT * FROM read_for_document(gen_random_uuid(), 'a1', 'p', 'c', '{x}')"),
    ("numbers", "certificate", "DELETE FROM number_reading"),
    ("register", "certificate", "SELECT record FROM resident"),
    ("register", "certificate", "DELETE FROM document_issue"),
    ("register", "certificate", "SELECT * FROM access_log"),
    ("register", "register", "UPDATE document_issue SET operator = 'x'"),
]


@pytest.fixture
async def city(settings: Settings) -> Settings:
    """A prepared deployment."""
    await prepare(settings)
    return settings


@pytest.fixture
async def household(city: Settings) -> list[str]:
    """A head with both numbers and a child whose name no font has; their addressee numbers."""
    head = person(my_number=MY_NUMBER, resident_code=RESIDENT_CODE, registered_domicile=DOMICILE, domicile_head=NAME)
    child = person("子", name={"text": LACKING, "kana": "がいじだ　ごうせい"}, birth_date="2019-05-01")
    told = {"kind": "move-in-domestic", "filing_id": uuid4(), "operator": "synthetic-1", "filed_on": DAY,
            "changed_on": DAY, "origin": AWAY, "address": HOME,
            "persons": [head | {"name": {"text": NAME, "kana": "かつらぎ　よしこ"}}, child]}  # fmt: skip
    async with Registrar.open(city, CITY) as registrar:
        (outcome,) = await registrar.register([parse_filing(to_json(told))])
    return list(outcome.residents)


def _asked(resident: str, kind: DocumentKind = DocumentKind.RESIDENT_RECORD, purpose: str = "identity",
           **more: Any) -> Request:  # fmt: skip
    return Request(kind, resident, Occasion("counter-1", purpose, "2026-0001"), **more)


async def test_a_copy_shows_what_is_recorded_and_no_number_unless_asked(city: Settings, household: list[str]) -> None:
    pages = _pages((await issue(city, CITY, _asked(household[0]))).content)
    text = "".join(pages)
    assert all("合成データ / synthetic data" in page for page in pages)
    assert NAME in text
    assert "昭和55年2月29日" in text
    for left_out in (MY_NUMBER, RESIDENT_CODE, DOMICILE, "続柄", "世帯主", LACKING[1:]):
        assert left_out not in text


async def test_what_is_asked_for_and_allowed_stands_on_it(city: Settings, household: list[str]) -> None:
    asked = _asked(household[0], purpose="tax", extra=("relationship", "domicile"), household=True, with_my_number=True)
    text = "".join(_pages((await issue(city, CITY, asked)).content))
    assert text.count(MY_NUMBER) == 1
    assert "記載なし" in text  # the child has no number yet
    assert DOMICILE in text
    assert RESIDENT_CODE not in text
    (reading,) = await _rows(city, NUMBERS_DATABASE, "SELECT issue_id, operator, purpose, asked FROM number_reading")
    (kept,) = await issues_of(city, CITY, household[1])
    assert tuple(reading) == (kept.issue_id, "counter-1", "tax", 1)
    assert 3 in kept.items


async def test_the_notice_tells_the_resident_code(city: Settings, household: list[str]) -> None:
    asked = _asked(household[0], DocumentKind.CODE_NOTICE, "resident-code-notice")
    text = "".join(_pages((await issue(city, CITY, asked)).content))
    assert "住民票コード通知票" in text
    assert RESIDENT_CODE in text
    assert MY_NUMBER not in text


async def test_what_the_font_lacks_is_marked_and_told(city: Settings, household: list[str]) -> None:
    issued = await issue(city, CITY, _asked(household[1], DocumentKind.CERTIFICATE))
    assert [(s.person, s.item, s.position) for s in issued.substituted] == [(1, 5, 1)]
    assert "〓田　合成" in "".join(_pages(issued.content))
    assert [kept.substituted for kept in await issues_of(city, CITY, household[1])] == [1]


async def test_history_and_ledger_stand_before_the_file(city: Settings, household: list[str], tmp_path: Path) -> None:
    file = tmp_path / "copy.pdf"
    assert (await asyncio.to_thread(_command, city, household[0], file)).returncode == 0
    digest = sha256(file.read_bytes()).hexdigest()
    assert [kept.digest.hex() for kept in await issues_of(city, CITY, household[0])] == [digest]
    (entry,) = await _exports(city)
    assert (entry["digest"], entry["content"], entry["subject"]) == (digest, "resident-record", household[0])
    assert file.stat().st_mode & 0o077 == 0


async def test_who_is_killed_before_the_file_leaves_an_entry_and_no_file(
    city: Settings, household: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "copy.pdf"
    died = await asyncio.to_thread(_command, city, household[0], file, BEFORE_THE_FILE)
    assert died.returncode == -signal.SIGKILL
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - no temporary file either
    (kept,) = await issues_of(city, CITY, household[0])
    assert [entry["digest"] for entry in await _exports(city)] == [kept.digest.hex()]


async def test_every_document_is_a_look_up_of_whom_it_shows(city: Settings, household: list[str]) -> None:
    await issue(city, CITY, _asked(household[0], purpose="tax", household=True, with_my_number=True))
    (row,) = await _rows(city, REGISTER_DATABASE, "SELECT * FROM access_log")
    cipher = subject_cipher(city)
    assert {cipher.open(str(row["lookup_id"]), each).decode() for each in row["subjects"]} == set(household)
    assert (row["question"], row["number_touched"], row["case_number"]) == ("document", True, "2026-0001")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"purpose": "identity", "with_my_number": True}, "KRN-DOCUMENT-NUMBER"),
        ({"purpose": "tax", "with_resident_code": True}, "KRN-DOCUMENT-NUMBER"),
        ({"purpose": "tax", "kind": DocumentKind.CODE_NOTICE}, "KRN-DOCUMENT-NUMBER"),
        ({"purpose": "because"}, "KRN-DOCUMENT-PURPOSE"),
        ({"extra": ("everything",)}, "KRN-DOCUMENT-ITEMS"),
        ({"purpose": "resident-code-notice", "kind": DocumentKind.CODE_NOTICE, "household": True},
         "KRN-DOCUMENT-ITEMS"),
    ],
)  # fmt: skip
async def test_what_may_not_be_had_is_refused_and_nothing_read(
    city: Settings, household: list[str], asked: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refusal) as caught:
        await issue(city, CITY, _asked(household[0], **asked))
    assert caught.value.code == code
    assert await _rows(city, REGISTER_DATABASE, "SELECT FROM access_log") == []
    assert await _rows(city, NUMBERS_DATABASE, "SELECT FROM number_reading") == []


@pytest.mark.parametrize("case", ["=cmd|' /C calc'!A0", "", "@x", MY_NUMBER])
async def test_a_case_is_a_case_number(city: Settings, household: list[str], case: str) -> None:
    request = Request(DocumentKind.CERTIFICATE, household[0], Occasion("counter-1", "identity", case))
    with pytest.raises(Refusal, match="KRN-LOOKUP: case_number"):
        await issue(city, CITY, request)
    assert await issues_of(city, CITY, household[0]) == []


async def test_nobody_found_is_logged_and_leaves_no_document(city: Settings) -> None:
    with pytest.raises(Refusal, match="KRN-DOCUMENT-RESIDENT"):
        await issue(city, CITY, _asked("0000000019"))
    assert [row["found"] for row in await _rows(city, REGISTER_DATABASE, "SELECT found FROM access_log")] == [0]
    assert await _rows(city, REGISTER_DATABASE, "SELECT FROM document_issue") == []


@pytest.mark.parametrize(("database", "role", "statement"), CLOSED)
async def test_other_ways_are_closed(city: Settings, database: str, role: str, statement: str) -> None:
    kind = {"numbers": NUMBERS_DATABASE, "register": REGISTER_DATABASE}[database]
    connection = await connect(city, kind.name(city.environment, CITY), role=role, principal="register")
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_reading_that_does_not_tell_whom_cannot_be_committed(city: Settings, household: list[str]) -> None:
    name = REGISTER_DATABASE.name(city.environment, CITY)
    connection = await connect(city, name, role="certificate", principal="register")
    read = "SELECT * FROM read_for_document($1, 'counter-1', 'identity', 'c1', $2, true, false)"
    try:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await connection.execute(read, uuid4(), household[0])
    finally:
        await connection.close()


async def test_the_list_of_documents_goes_out_by_the_same_gate(
    city: Settings, household: list[str], tmp_path: Path
) -> None:
    await issue(city, CITY, _asked(household[0]))
    asked = ["documents", "history", "--resident", household[0], "--output", str(tmp_path / "list.csv"), "--json"]
    shell = CliRunner(env=environment_of(city.model_dump()))
    refused = await asyncio.to_thread(shell.invoke, app, asked)
    assert (refused.exit_code, "KRN-DOCUMENT-ACCOUNT" in refused.output) == (1, True)
    done = await asyncio.to_thread(shell.invoke, app, [*asked, "--by", "counter-1"])
    assert [row["kind"] for row in json.loads(done.stdout)] == ["resident-record"]
    assert (tmp_path / "list.csv").read_text(encoding="utf-8-sig").startswith('"issue","issued_at"')
    assert [entry["content"] for entry in await _exports(city)] == ["document-history"]


async def test_no_command_repeats_a_number(city: Settings, household: list[str], tmp_path: Path) -> None:
    more = ["--with-my-number", "--purpose", "tax"]
    done = await asyncio.to_thread(_command, city, household[0], tmp_path / "copy.pdf", "", more)
    said = done.stdout + done.stderr
    assert done.returncode == 0
    tables = [await _dump(city, database) for database in (REGISTER_DATABASE, NUMBERS_DATABASE, HUB_DATABASE)]
    for number in (MY_NUMBER, RESIDENT_CODE):
        assert number not in said + "".join(tables)
    words = said.replace("-", " ").split()
    assert not [word for word in words if is_my_number(word) or is_resident_code(word)]
    assert MY_NUMBER in "".join(_pages((tmp_path / "copy.pdf").read_bytes()))


def _command(
    settings: Settings, resident: str, file: Path, program: str = "", more: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    start = ["-c", program] if program else ["-m", "hub"]
    asked = ["documents", "issue", "--resident", resident, "--kind", "resident-record", "--by", "counter-1",
             "--purpose", "identity", "--case", "2026-0001", "--output", str(file), *more]  # fmt: skip
    return subprocess.run(
        [sys.executable, *start, *asked],
        env=environment_of(settings.model_dump()), capture_output=True, text=True, check=False,
    )  # fmt: skip


def _pages(content: bytes) -> list[str]:
    """The words of each page; the reader shows the high byte of each code as NUL."""
    return [page.extract_text().replace("\0", "") for page in PdfReader(BytesIO(content)).pages]


async def _exports(settings: Settings) -> list[dict[str, Any]]:
    rows = await _rows(settings, HUB_DATABASE, "SELECT entry, addressee_number FROM ledger_entry ORDER BY index")
    told = [json.loads(row["entry"]) | {"subject": row["addressee_number"]} for row in rows]
    return [entry for entry in told if entry["kind"] == "export"]


async def _rows(settings: Settings, database: Any, query: str) -> list[Any]:
    connection = await connect(
        settings, database.name(settings.environment, CITY), role="admin", principal="admin"
    )  # fmt: skip
    try:
        rows: list[Any] = await connection.fetch(query)
        return rows
    finally:
        await connection.close()


async def _dump(settings: Settings, database: Any) -> str:
    tables = await _rows(settings, database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    rows = [row for t in tables for row in await _rows(settings, database, f"SELECT t::text FROM {t['tablename']} t")]
    return "\n".join(row["t"] for row in rows)
