"""Who got what, with proofs that hold without us; and whoever tampers with the ledger is found out."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typer.testing import Result

from hub.databases import HUB_DATABASE
from infra.check import offline
from infra.check.ledger import Replayed, replay_city
from infra.check.sources import read_checkpoints
from infra.runtime.key_ring import KeyRing
from infra.runtime.postgres import Connection, connect
from infra.runtime.settings import Settings
from producers.register.standing import some_residents
from tests.path.deployment import Deployment, deployed
from tests.path.offline import checked_offline
from tests.path.shell import done, typed
from tests.polling import until
from topics.catalogue import LEDGER
from topics.declared import declared_by_recipient
from topics.ledger.note import Checkpoint, origin_of, sign_checkpoint
from topics.ledger.tree import Range, leaf_hash

CITY = "142158"
DEADLINE_SECONDS = 30.0
LEDGER_TABLES = ("head", "ledger_entry", "ledger_tile", "ledger_checkpoint")
TAMPERINGS = {
    "an entry is dropped": ("LEDGER-DROPPED", "DELETE FROM ledger_entry WHERE index = 30"),
    "an entry is altered": (
        "LEDGER-ALTERED",
        """UPDATE ledger_entry SET entry = replace(entry, '"welfare"', '"nobody"')
           WHERE index = (SELECT max(index) FROM ledger_entry WHERE entry LIKE '%"welfare"%')""",
    ),
    "two entries change places": (
        "LEDGER-ORDER",
        """UPDATE ledger_entry l SET entry = o.entry FROM ledger_entry o
           WHERE l.index IN (30, 31) AND o.index = 61 - l.index""",
    ),
    "the end is cut off": (
        "LEDGER-TRUNCATED",
        "DELETE FROM ledger_entry WHERE index > (SELECT max(index) - 5 FROM ledger_entry)",
    ),
    "an entry is dated back": (
        "LEDGER-BACKDATED",
        """UPDATE ledger_entry SET entry = regexp_replace(entry, '"time":"20', '"time":"19') WHERE index = 40""",
    ),
}


async def test_the_ledger_of_a_city_that_has_lived_replays(lived: Deployment) -> None:
    await _all_witnessed(lived.settings)
    assert (await replay_city(lived.settings, CITY)).findings == ()


@pytest.mark.parametrize("tampering", TAMPERINGS)
async def test_tampering_is_found(lived: Deployment, tampering: str) -> None:
    code, statement = TAMPERINGS[tampering]
    async with _put_back_after(lived.settings, "ledger_entry") as connection:
        await connection.execute(statement)
        found = await replay_city(lived.settings, CITY)
        report = await lived.verify()
    assert code in _codes(found)
    assert not report.ok
    assert (await replay_city(lived.settings, CITY)).findings == ()


@pytest.fixture
async def deployment(settings: Settings) -> AsyncIterator[Deployment]:
    running = await deployed(settings.model_copy(update={"checkpoint_seconds": 0.1}))
    await running.load(30)
    await running.settle()
    await _all_witnessed(running.settings)
    yield running
    running.supervisor.stop()


async def test_a_database_set_back_to_yesterday_is_refused_by_signer_and_witness(deployment: Deployment) -> None:
    settings = deployment.settings
    async with _put_back_after(settings, *LEDGER_TABLES):
        await deployment.live(20)
        await deployment.settle()
        await _all_witnessed(settings)
    await until(lambda: _logged(settings, "LEDGER-ROLLED-BACK"), DEADLINE_SECONDS)
    assert "LEDGER-TRUNCATED" in _codes(await replay_city(settings, CITY))
    _state(settings).unlink()  # whoever sets the database back may also take what the signer remembers
    await _append(settings)
    await until(lambda: _logged(settings, "LEDGER-WITNESS-SAW-MORE"), DEADLINE_SECONDS)


async def test_a_history_written_anew_with_the_stolen_key_is_a_fork(deployment: Deployment) -> None:
    settings = deployment.settings
    _stop_signer(deployment)
    async with _put_back_after(settings, *LEDGER_TABLES) as connection:
        await connection.execute("""UPDATE ledger_entry SET entry = replace(entry, '"items":[', '"items":[2,3,')""")
        await connection.execute("DELETE FROM ledger_checkpoint")
        await connection.execute("INSERT INTO ledger_checkpoint VALUES ($1, $2, false)", *await _forged(settings))
        codes = _codes(await replay_city(settings, CITY))
    assert "LEDGER-FORK" in codes


async def test_who_got_what_is_answered_with_proofs_that_a_stranger_can_check(
    lived: Deployment, tmp_path: Path
) -> None:
    (resident, *_) = await some_residents(lived.settings, CITY, 1)
    proof = tmp_path / "proof.json"
    answer = await _asked(lived.settings, "who", "--resident", resident, *AUDITOR, "--output", str(proof), "--json")
    (told, bundle) = (json.loads(answer.stdout)[part] for part in ("entries", "proof"))
    others = {grant.recipient for grant in declared_by_recipient().values() if grant.counterparty} | {"numbering"}
    disclosed = {each["recipient"] for each in told if each["kind"] == "disclose"}
    assert disclosed == set(declared_by_recipient()) - others
    assert told[-1]["kind"] == "view"
    assert told[-1]["actor"] == "auditor-1"
    assert bundle == json.loads(proof.read_text())
    assert await checked_offline(lived.settings, tmp_path, "inclusion", str(proof)) == offline.GOOD
    _alter(proof)
    assert await checked_offline(lived.settings, tmp_path, "inclusion", str(proof)) == offline.DIFFERENT


async def test_a_question_about_one_item_names_the_disclosures_that_told_it(lived: Deployment) -> None:
    (resident, *_) = await some_residents(lived.settings, CITY, 1)
    answer = await _asked(lived.settings, "who", "--resident", resident, *AUDITOR, "--item", "3", "--json")
    assert {each["recipient"] for each in json.loads(answer.stdout)["entries"]} == {"prefecture", "jlis"}


async def test_a_question_and_an_export_are_entries_themselves(lived: Deployment, tmp_path: Path) -> None:
    (resident, *_) = await some_residents(lived.settings, CITY, 1)
    await _asked(lived.settings, "who", "--resident", resident, *AUDITOR, "--output", str(tmp_path / "proof.json"))
    answer = await _asked(lived.settings, "who", "--resident", resident, *AUDITOR, "--json")
    asked, exported, again = json.loads(answer.stdout)["entries"][-3:]
    assert [asked["kind"], exported["kind"], again["kind"]] == ["view", "export", "view"]


async def test_the_exported_ledger_replays_offline_and_names_nobody(lived: Deployment, tmp_path: Path) -> None:
    await until(lambda: _is_witnessed(lived.settings), DEADLINE_SECONDS)
    audit = tmp_path / "audit"
    await _asked(lived.settings, "export", *AUDITOR, "--output", str(audit))
    notes = [argument for note in sorted(audit.glob("*.note")) for argument in ("--checkpoint", str(note))]
    assert (
        await checked_offline(lived.settings, tmp_path, "replay", str(audit / "entries.jsonl"), *notes) == offline.GOOD
    )
    text = (audit / "entries.jsonl").read_text()
    assert not [each for each in await some_residents(lived.settings, CITY, 50) if each in text]


AUDITOR = ("--by", "auditor-1", "--purpose", "asked by the resident")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (("--resident", "123456789018", *AUDITOR), "KRN-LEDGER-RESIDENT"),
        (("--resident", "1000000007", "--by", "Auditor 1", "--purpose", "synthetic"), "KRN-LEDGER-ACCOUNT"),
        (("--resident", "1000000007", "--by", "auditor-1", "--purpose", "about 123456789018"), "KRN-LEDGER-PURPOSE"),
        (("--resident", "1000000007", *AUDITOR, "--item", "45"), "KRN-LEDGER-ITEM"),
        (("--resident", "1000000007", *AUDITOR, "--municipality", "999999"), "KRN-MUNICIPALITY"),
    ],
)
async def test_a_wrong_question_is_refused_without_repeating_it(
    lived: Deployment, wrong: tuple[str, ...], code: str
) -> None:
    result = await typed(lived.settings, "ledger", "who", *wrong)
    assert result.exit_code == 1
    assert code in result.stderr
    assert "123456789018" not in result.stderr


async def test_the_auditor_enters_questions_and_nothing_else(lived: Deployment) -> None:
    name = HUB_DATABASE.name(lived.settings.environment, CITY)
    connection = await connect(lived.settings, name, role="auditor", principal="auditor")
    forged = json.dumps({"kind": "disclose", "index": await connection.fetchval("SELECT size FROM begin_question()")})
    try:
        for statement in (
            f"SELECT enter_question('{forged}', NULL, NULL, now())",
            "INSERT INTO ledger_entry VALUES (1000000, '{}')",
            "UPDATE ledger_entry SET entry = '{}'",
            "DELETE FROM ledger_entry",
        ):
            with pytest.raises(Exception, match=r"denied|not a question"):
                await connection.execute(statement)
    finally:
        await connection.close()


async def _asked(settings: Settings, *arguments: str) -> Result:
    return await done(settings, "ledger", *arguments)


def _alter(proof: Path) -> None:
    bundle = json.loads(proof.read_text())
    bundle["entries"][0]["entry"] = bundle["entries"][0]["entry"].replace('"items":[', '"items":[99,', 1)
    proof.write_text(json.dumps(bundle))


def _codes(replayed: Replayed) -> set[str]:
    return {finding.partition(":")[0] for finding in replayed.findings}


@asynccontextmanager
async def _put_back_after(settings: Settings, *tables: str) -> AsyncIterator[Connection]:
    """Tables of the hub as the superuser has them in hand, and afterwards as they were."""
    name = HUB_DATABASE.name(settings.environment, CITY)
    connection = await connect(settings, name, role="admin", principal="admin")
    try:
        for table in tables:
            await connection.execute(f"CREATE TEMP TABLE before_{table} AS SELECT * FROM {table}")
        yield connection
        async with connection.transaction():
            for table in tables:
                await connection.execute(f"DELETE FROM {table}")
                await connection.execute(f"INSERT INTO {table} SELECT * FROM before_{table}")
    finally:
        await connection.close()


async def _all_witnessed(settings: Settings) -> None:
    await until(lambda: _is_witnessed(settings), DEADLINE_SECONDS, "not everything was witnessed")


async def _is_witnessed(settings: Settings) -> bool:
    replayed = await replay_city(settings, CITY)
    return replayed.entries == replayed.witnessed > 0


async def _append(settings: Settings) -> None:
    """One more entry, so that there is something to sign."""
    await _asked(settings, "who", "--resident", "1000000007", *AUDITOR)


async def _logged(settings: Settings, code: str) -> bool:
    logs = (settings.state_directory / "logs").glob("checkpoints-*.log")
    return any(code in log.read_text(encoding="utf-8") for log in logs)


def _state(settings: Settings) -> Path:
    return settings.keys_directory / f"signed-kairan-{settings.environment}-{CITY}.json"


def _stop_signer(deployment: Deployment) -> None:
    (signer,) = (role for role in deployment.supervisor.roles if role.name == "checkpoints")
    deployment.supervisor.kill(signer)


async def _forged(settings: Settings) -> tuple[int, str]:
    """A checkpoint over the entries as they stand now, under the log's own key."""
    name, origin, tree = HUB_DATABASE.name(settings.environment, CITY), origin_of(settings.environment, CITY), Range()
    connection = await connect(settings, name, role="auditor", principal="auditor")
    for row in await connection.fetch("SELECT entry FROM ledger_entry ORDER BY index"):
        tree.append(leaf_hash(row["entry"].encode()))
    await connection.close()
    signer = KeyRing(settings).signer(LEDGER).private
    assert await read_checkpoints(settings, CITY) == []
    return tree.size, sign_checkpoint(Checkpoint(origin, tree.size, tree.root()), origin, signer)
