"""Backups of a real server: as it was at a moment, nothing readable on the way, and whatever was altered is refused."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from hub.commandline.deployment import databases, principal_names
from hub.commandline.main import app
from hub.databases import HUB_DATABASE
from hub.ledger.checkpoints import open_log
from hub.ledger.witnessing import Witness
from hub.ledger.writing import open_ledger
from infra.backup.contents import row_counts
from infra.certificates.authority import issue_all
from infra.check.ledger import replay_city
from infra.embedded.postgres import STOP_SIGNAL, EmbeddedPostgres
from infra.embedded.processes import free_ports, stop
from infra.embedded.supervisor import Supervisor
from infra.runtime.exercises import last_exercises
from infra.runtime.key_ring import KeyRing, create_keys
from infra.runtime.migrations import prepare_databases
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings, environment_of, load_settings
from producers.register.registrar import Registrar
from producers.synthetic.city import SyntheticCity
from producers.synthetic.life import load_city
from tests.polling import until
from topics.catalogue import ADMIN, LEDGER
from topics.declared import declared_grants
from topics.ledger.entry import EntryKind

CITY = "142158"
RESIDENTS, LATER = 60, 40
ENTRIES = 3
DEADLINE_SECONDS = 60.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A PostgreSQL that archives its log, with a city's databases, and a witness; no broker."""
    state = Path(tmp_path_factory.mktemp("backups"))
    own = {"certificates_directory": "certificates", "keys_directory": "keys", "key_encryption_file": "encryption/key"}
    own |= {"key_register_directory": "register", "witness_directory": "witness", "backup_directory": "backups"}
    places = {name: state / place for name, place in own.items()} | {"offsite_directory": state / "offsite"}
    url = f"https://127.0.0.1:{free_ports(1)[0]}"
    bare = load_settings(state_directory=state, witness_url=url, postgres_tls=False, checkpoint_seconds=0.05, **places)
    postgres = EmbeddedPostgres(bare)
    reached = {"postgres_host": str(postgres.socket_directory), "postgres_port": postgres.port}
    settings = bare.model_copy(update=reached)
    issue_all(settings.certificates_directory, principal_names(settings))
    create_keys(settings, [grant.recipient for grant in declared_grants()])
    witness = Supervisor(settings)
    postgres.start()
    postgres.wait()
    witness.start_one("witness")
    asyncio.run(_prepare(settings))
    yield settings
    witness.stop()
    assert postgres.process is not None
    stop(postgres.process, by=STOP_SIGNAL)
    postgres.remove_data()


async def _prepare(settings: Settings) -> None:
    await prepare_databases(settings, databases(settings))
    await until(partial(_is_witnessed, settings), DEADLINE_SECONDS, "the witness does not answer")


async def _is_witnessed(settings: Settings) -> bool:
    return (await replay_city(settings, CITY)).findings == ()


@pytest.fixture(scope="module")
def lived(server: Settings) -> dict[str, Any]:
    """A city backed up, a moment after which more was registered, and what there was at both."""
    asyncio.run(_live(server, 1, RESIDENTS))
    made = _typed(server, "backup", "--keep", "2", "--json")
    asyncio.run(_live(server, 2, LATER))
    then, moment = asyncio.run(row_counts(server)), datetime.now(UTC)
    asyncio.run(_live(server, 3, LATER))
    again = _typed(server, "backup", "--keep", "2", "--json")
    assert (made.exit_code, again.exit_code) == (0, 0), (made.stderr, again.stderr)
    return {"moment": moment, "then": then, "now": asyncio.run(row_counts(server)), "made": json.loads(made.stdout)}


async def _live(settings: Settings, seed: int, residents: int) -> None:
    """New residents, and entries of the ledger that the witness has seen."""
    async with Registrar.open(settings, CITY) as registrar:
        await load_city(registrar, SyntheticCity(seed, CITY, residents))
    name = HUB_DATABASE.name(settings.environment, CITY)
    connection = await connect(settings, name, role=ADMIN, principal=ADMIN)
    async with connection.transaction():
        ledger = await open_ledger(connection, settings.environment, CITY)
        for _ in range(ENTRIES):
            ledger.enter(EntryKind.VIEW, {"actor": "synthetic-1"})
        await ledger.save(connection)
    await connection.close()
    ring = KeyRing(settings)
    log, witness = await open_log(settings, CITY, partial(ring.signer, LEDGER)), Witness(settings, ring)
    await log.turn(witness)
    await log.pool.close()
    await witness.close()


def _typed(settings: Settings, *words: str) -> Result:
    return CliRunner(env=environment_of(settings.model_dump())).invoke(app, list(words), catch_exceptions=False)


def test_the_server_is_restored_as_it_was_at_a_moment(server: Settings, lived: dict[str, Any], tmp_path: Path) -> None:
    done = _typed(server, "restore", "--at", lived["moment"].isoformat(), "--to", str(tmp_path / "then"), "--json")
    assert done.exit_code == 0, done.output
    proof = json.loads(done.stdout)
    assert proof["rows"] == lived["then"] != lived["now"]
    assert (proof["findings"], proof["behind"]) == ([], ENTRIES)
    assert proof["base"] == lived["made"]["base"]["name"]
    assert 0 <= proof["rpo_seconds"] < DEADLINE_SECONDS
    kept = {each.name: each for each in last_exercises(server)}
    assert (kept["backup"].good, kept["restore"].good, kept["restore"].figures["behind"]) == (True, True, ENTRIES)


def test_without_a_moment_nothing_is_missing(server: Settings, lived: dict[str, Any], tmp_path: Path) -> None:
    done = _typed(server, "restore", "--to", str(tmp_path / "now"), "--json")
    assert done.exit_code == 0, done.output
    proof = json.loads(done.stdout)
    assert (proof["rows"], proof["findings"], proof["behind"]) == (lived["now"], [], 0)


def test_nothing_can_be_read_in_the_archive_nor_in_its_copy(server: Settings, lived: dict[str, Any]) -> None:
    assert server.backup_directory is not None
    assert server.offsite_directory is not None
    sealed = sorted(server.backup_directory.rglob("*.sealed"))
    assert len(sealed) > 2
    assert lived["made"]["base"]["content_bytes"] > 30_000_000
    for file in sealed:
        assert b"PG_VERSION" not in file.read_bytes()
        assert file.read_bytes() == (server.offsite_directory / file.relative_to(server.backup_directory)).read_bytes()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--at", "2020-01-01T00:00:00+09:00"), "BACKUP-NO-BASE"),
        (("--at", "2026-01-01T00:00:00"), "BACKUP-MOMENT"),
        (("--at", "yesterday"), "BACKUP-MOMENT"),
    ],
)
def test_a_moment_that_cannot_be_had_is_refused(
    server: Settings, lived: dict[str, Any], tmp_path: Path, words: tuple[str, ...], code: str
) -> None:
    assert lived
    done = _typed(server, "restore", *words, "--to", str(tmp_path / "never"))
    assert (done.exit_code, done.stderr.startswith(code)) == (1, True)


def test_a_place_that_holds_something_is_not_written_over(server: Settings, tmp_path: Path) -> None:
    (tmp_path / "something").write_text("synthetic", encoding="utf-8")
    done = _typed(server, "restore", "--to", str(tmp_path))
    assert (done.exit_code, done.stderr.startswith("BACKUP-TARGET")) == (1, True)


def test_without_a_place_for_backups_there_are_none(server: Settings) -> None:
    done = _typed(server.model_copy(update={"backup_directory": None}), "backup")
    assert (done.exit_code, done.stderr.startswith("BACKUP-NONE")) == (1, True)
