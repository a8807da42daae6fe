"""The witness as a process of its own, over real HTTPS: who may speak to it, what it cosigns, what outlives kill -9."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from infra.certificates.authority import issue_all
from infra.embedded.processes import free_ports
from infra.embedded.supervisor import Supervisor
from infra.runtime.key_ring import KeyRing, create_keys, create_pair
from infra.runtime.settings import Settings, load_settings
from infra.runtime.tls import client_context
from infra.witness.service import VKEY_FILE
from tests.polling import until
from tests.unit.ledger.logs import leaves_of, nodes_over
from topics.catalogue import HUB, LEDGER, WITNESS
from topics.envelope.suites import Algorithm
from topics.ledger.note import Checkpoint, open_note, origin_of, sign_checkpoint
from topics.ledger.tree import consistency_path, tree_root
from topics.ledger.verifiers import Kind, Verifier
from topics.ledger.witnessing import ADD_CHECKPOINT, MOST_BYTES, Submission, latest_path

ORIGIN = origin_of("", "142158")
LEAVES = leaves_of(1000)
NODES = nodes_over(LEAVES)
FORK = nodes_over(LEAVES[1:])
START_SECONDS = 30.0


@dataclass(slots=True)
class Served:
    """A running witness, and the ledger's key as it signs now."""

    settings: Settings
    supervisor: Supervisor

    def note(self, size: int, nodes: object = NODES, origin: str = ORIGIN) -> str:
        root = tree_root(size, NODES if nodes is NODES else FORK)
        return sign_checkpoint(Checkpoint(origin, size, root), origin, KeyRing(self.settings).signer(LEDGER).private)

    def client(self, principal: str = LEDGER) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.settings.witness_url, verify=client_context(self.settings, principal))

    async def submit(self, old: int, size: int) -> httpx.Response:
        return await self.send(Submission(old, consistency_path(old, size, NODES), self.note(size)))

    async def send(self, submission: Submission) -> httpx.Response:
        async with self.client() as client:
            return await client.post(ADD_CHECKPOINT, content=submission.text().encode())

    async def latest(self) -> httpx.Response:
        async with self.client() as client:
            return await client.get(latest_path(ORIGIN))

    def cosigned(self, note: str) -> dict[str, int]:
        keys = [line for line in KeyRing(self.settings).register().keys.values() if line.principal == LEDGER]
        log = [Verifier.of(ORIGIN, Kind.NOTE, line.verifier()) for line in keys]
        vkey = (self.settings.witness_directory / VKEY_FILE).read_text().strip()
        return dict(open_note(note, [*log, Verifier.parse(vkey)]).cosigned)

    async def answers(self) -> None:
        async def answered() -> bool:
            try:
                return (await self.latest()).status_code in (200, 404)
            except httpx.TransportError:
                self.supervisor.refuse_dead()
                return False

        await until(answered, START_SECONDS, "the witness does not serve")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A directory of keys and certificates; the witness needs neither broker nor database."""
    own = {
        name: tmp_path / name
        for name in ("certificates_directory", "keys_directory", "key_register_directory", "witness_directory")
    }
    made = load_settings(
        state_directory=tmp_path,
        key_encryption_file=tmp_path / "key-encryption" / "key",
        witness_url=f"https://127.0.0.1:{free_ports(1)[0]}",
        **own,
    )
    issue_all(made.certificates_directory, (LEDGER, WITNESS, HUB))
    create_keys(made, [])
    return made


@pytest.fixture
def supervisor(settings: Settings) -> Iterator[Supervisor]:
    running = Supervisor(settings)
    yield running
    running.stop()


@pytest.fixture
async def served(settings: Settings, supervisor: Supervisor) -> AsyncIterator[Served]:
    supervisor.start_one("witness")
    running = Served(settings, supervisor)
    await running.answers()
    yield running


async def test_growth_is_cosigned_and_forks_and_rollbacks_are_not(served: Served) -> None:
    assert (await served.latest()).status_code == 404
    for old, size in [(0, 3), (3, 8), (8, 8), (8, 64)]:
        answer = await served.submit(old, size)
        assert answer.status_code == 200
        assert served.cosigned(served.note(size) + answer.text).keys() == {"kairan/witness"}
        assert (await served.latest()).text == served.note(size) + answer.text
    kept = (await served.latest()).text
    rollback = await served.submit(8, 9)
    assert (rollback.status_code, rollback.text, rollback.headers["content-type"]) == (409, "64\n", "text/x.tlog.size")
    assert (await served.send(Submission(64, [], served.note(64, FORK)))).status_code == 422
    assert (await served.send(Submission(64, [], served.note(9)))).status_code == 400
    assert (await served.send(Submission(0, [], served.note(9, origin="kairan/other/142158")))).status_code == 404
    assert (await served.latest()).text == kept


async def test_a_key_of_the_ledger_signs_and_no_other(served: Served) -> None:
    assert (await served.submit(0, 3)).status_code == 200
    stranger = KeyRing(served.settings).signer(HUB).private
    hub = sign_checkpoint(Checkpoint(ORIGIN, 3, tree_root(3, NODES)), ORIGIN, stranger)
    assert (await served.send(Submission(3, [], hub))).status_code == 403
    create_pair(served.settings, LEDGER, Algorithm.ED25519, datetime.now(UTC))
    assert (await served.submit(3, 8)).status_code == 200


async def test_only_the_ledger_s_certificate_is_listened_to(served: Served) -> None:
    body = Submission(0, [], served.note(3)).text().encode()
    for principal in (HUB, WITNESS):
        async with served.client(principal) as client:
            refused = await client.post(ADD_CHECKPOINT, content=body)
            assert (refused.status_code, refused.text.partition(":")[0]) == (403, "WITNESS-PRINCIPAL")
            assert (await client.get(latest_path(ORIGIN))).status_code == 403
    nobody = ssl.create_default_context(cafile=str(served.settings.certificates_directory / "ca.crt"))
    async with httpx.AsyncClient(base_url=served.settings.witness_url, verify=nobody) as client:
        with pytest.raises(httpx.TransportError):
            await client.post(ADD_CHECKPOINT, content=body)
    assert (await served.latest()).status_code == 404


async def test_tls_before_1_3_and_plain_http_are_refused(served: Served) -> None:
    older = client_context(served.settings, LEDGER)
    older.minimum_version, older.maximum_version = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2
    for address, context in (
        (served.settings.witness_url, older),
        (served.settings.witness_url.replace("https", "http"), None),
    ):
        async with httpx.AsyncClient(base_url=address, verify=context or True) as client:
            with pytest.raises(httpx.TransportError):
                await client.get(latest_path(ORIGIN))


async def test_what_is_too_long_is_not_read(served: Served) -> None:
    async with served.client() as client:
        assert (await client.post(ADD_CHECKPOINT, content=b"o" * (MOST_BYTES + 1))).status_code == 413
        assert (await client.post(ADD_CHECKPOINT, content=b"\xff" * 9)).status_code == 400


async def test_killed_it_knows_what_it_cosigned_and_keeps_its_key(served: Served) -> None:
    line = (await served.submit(0, 8)).text
    served.supervisor.kill(served.supervisor.roles[0])
    served.supervisor.start_one("witness")
    await served.answers()
    assert (await served.latest()).text == served.note(8) + line
    assert (await served.submit(0, 9)).text == "8\n"
    assert served.cosigned(served.note(9) + (await served.submit(8, 9)).text)


@pytest.mark.parametrize("reached", [3, 8, 20])
async def test_killed_at_any_moment_it_has_what_it_told(served: Served, reached: int) -> None:
    told: list[int] = []
    growing = asyncio.create_task(_grow(served, told))

    async def far_enough() -> bool:
        return len(told) >= reached

    await until(far_enough, START_SECONDS)
    served.supervisor.kill(served.supervisor.roles[0])
    with pytest.raises(httpx.TransportError):
        await growing
    served.supervisor.start_one("witness")
    await served.answers()
    assert int((await served.latest()).text.split("\n")[1]) in (told[-1], told[-1] + 1)


async def _grow(served: Served, told: list[int]) -> None:
    for size in range(1, len(LEAVES) + 1):
        assert (await served.submit(size - 1, size)).status_code == 200
        told.append(size)


async def test_a_second_witness_on_the_same_directory_ends_at_once(served: Served) -> None:
    second = served.supervisor.start_one("witness")
    assert await asyncio.to_thread(second.process.wait, START_SECONDS) == 1
    served.supervisor.roles.remove(second)
    log = (served.settings.state_directory / "logs" / "witness-2.log").read_text()
    assert "KRN-WITNESS" in log
    assert (await served.submit(0, 3)).status_code == 200


def test_its_key_lies_apart_wrapped_and_owner_only(settings: Settings, supervisor: Supervisor) -> None:
    supervisor.start_one("witness")
    asyncio.run(Served(settings, supervisor).answers())
    key = settings.witness_directory / "keys" / "witness.key"
    assert key.stat().st_mode & 0o077 == 0
    assert len(bytes.fromhex(key.read_text())) == 40
    assert not (settings.keys_directory / "witness.key").exists()
