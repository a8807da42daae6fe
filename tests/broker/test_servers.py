"""The embedded servers and the commands around them: refused in one sentence, stopped for certain, side by side."""

import json
import os
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psutil
import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from hub.commandline.deployment import role_names
from infra.certificates.authority import create_authority, issue, issue_all
from infra.embedded.cluster import EmbeddedCluster
from infra.runtime.settings import Settings, load_settings
from topics.catalogue import ANALYSIS

ROOT = Path(__file__).parents[2]
DEADLINE_SECONDS = 120.0
SMALL = ("--residents", "300", "--changes", "5000")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state directory; whatever was started in it is stopped."""
    yield tmp_path / "state"
    _kairan("down", state=tmp_path / "state")


def test_a_certificate_says_who_holds_it_and_its_key_is_the_owners_alone(tmp_path: Path) -> None:
    issue_all(tmp_path, ("broker", "welfare"))
    before = (tmp_path / "welfare.crt").read_bytes()
    issue_all(tmp_path, ("broker", "welfare", "hub"))
    assert (tmp_path / "welfare.crt").read_bytes() == before
    certificate = x509.load_pem_x509_certificate(before)
    assert [n.value for n in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)] == ["welfare"]
    for private in (*tmp_path.glob("*.key"), *tmp_path.glob("*.pem")):
        assert stat.S_IMODE(private.stat().st_mode) == 0o600


@pytest.mark.parametrize("client", ["plain", "nobody", "stranger", "old-protocol", "odd-subject"])
def test_the_broker_lets_nobody_in_without_its_certificate(
    cluster: EmbeddedCluster, client: str, tmp_path: Path
) -> None:
    host, _, port = cluster.settings.kafka_bootstrap.partition(",")[0].rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as plain:
        if client == "plain":
            plain.sendall(b"\x00\x00\x00\x00synthetic")
            assert plain.recv(1) in (b"", b"\x15")
            return
        context = _context(cluster.settings, client, tmp_path)
        with pytest.raises((ssl.SSLError, ConnectionError)):
            _talk(context, plain, host)


def test_the_broker_speaks_tls_13_to_its_own(cluster: EmbeddedCluster) -> None:
    host, _, port = cluster.settings.kafka_bootstrap.partition(",")[0].rpartition(":")
    context = _context(cluster.settings, "hub", cluster.settings.certificates_directory)
    with (
        socket.create_connection((host, int(port)), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        assert secured.version() == "TLSv1.3"


def test_up_status_down(state: Path) -> None:
    assert _kairan("up", state=state).returncode == 0
    again = _kairan("up", state=state)
    assert (again.returncode, again.stderr.startswith("KRN-RUNNING")) == (1, True)
    shown = json.loads(_kairan("status", "--json", state=state).stdout)["processes"]
    roles = (f"{role}-1" for role in (*role_names(load_settings(state_directory=state)), "register-clock", ANALYSIS))
    assert {row["name"] for row in shown if row["running"]} == {"postgres", "broker-1", *roles}
    assert _kairan("topics", "plan", state=state).returncode == 0
    assert _kairan("verify", state=state).returncode == 0
    assert _kairan("down", state=state).returncode == 0
    assert _kairan("status", state=state).returncode == 1
    assert _left_running(state) == []


def test_two_clusters_run_side_by_side(cluster: EmbeddedCluster, tmp_path: Path) -> None:
    settings = load_settings(state_directory=tmp_path / "other")
    with EmbeddedCluster(settings, ("broker", "admin"), temporary=True) as other:
        assert other.settings.kafka_bootstrap != cluster.settings.kafka_bootstrap


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_is_interrupted_leaves_nothing_running(sent: signal.Signals, tmp_path: Path) -> None:
    told = tmp_path / "told"
    with told.open("wb") as output, _running(_command("demo", *SMALL), output, _environment(tmp_path)) as demo:
        _until(lambda: "a year of filings" in told.read_text(encoding="utf-8") or demo.poll() is not None)
        assert demo.poll() is None, told.read_text(encoding="utf-8")
        children = demo.children(recursive=True)
        assert len(children) > 5
        demo.send_signal(sent)
        assert demo.wait(DEADLINE_SECONDS) == 1
    assert "Traceback" not in told.read_text(encoding="utf-8")
    assert [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE] == []


def test_an_occupied_port_is_told(state: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = _kairan("up", state=state, KAIRAN_EMBEDDED_KAFKA_PORT=str(port))
    assert (done.returncode, done.stderr.startswith("KRN-PORT")) == (1, True)
    assert _left_running(state) == []


@pytest.mark.parametrize("damage", [lambda jar: jar.write_bytes(b"damaged"), lambda jar: jar.unlink()])
def test_a_damaged_or_missing_jar_is_told(state: Path, tmp_path: Path, damage: Callable[[Path], object]) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(load_settings().cache_directory, cache)
    damage(next(cache.rglob("*kafka-clients*.jar")))
    done = _kairan("up", state=state, KAIRAN_CACHE_DIRECTORY=str(cache))
    assert (done.returncode, done.stderr.startswith("KRN-JAR")) == (1, True)
    assert _left_running(state) == []


def test_a_directory_that_cannot_be_made_is_told() -> None:
    done = _kairan("up", state=Path("/proc/kairan"))
    assert (done.returncode, done.stderr.startswith("KRN-")) == (1, True)
    assert "Traceback" not in done.stderr


def test_a_broker_that_does_not_come_up_is_told(state: Path) -> None:
    done = _kairan("up", state=state, JAVA_TOOL_OPTIONS="-XX:+NoSuchOption")
    assert (done.returncode, done.stderr.startswith("KRN-BROKER")) == (1, True)
    assert _left_running(state) == []


def _context(settings: Settings, client: str, directory: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(settings.certificates_directory / "ca.crt"))
    own = settings.certificates_directory
    if client == "stranger":
        issue(directory, create_authority(), "hub")
    if client in ("stranger", "old-protocol", "hub"):
        where = directory if client == "stranger" else own
        context.load_cert_chain(where / "hub.crt", where / "hub.key")
    if client == "old-protocol":
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    if client == "odd-subject":
        context.load_cert_chain(own / "ca.crt", own / "ca.key")
    return context


def _talk(context: ssl.SSLContext, plain: socket.socket, host: str) -> None:
    with context.wrap_socket(plain, server_hostname=host) as secured:
        secured.sendall(b"\x00\x00\x00\x00")
        if not secured.recv(1):
            raise ConnectionResetError


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "hub", *arguments]


def _environment(state: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "KAIRAN_STATE_DIRECTORY": str(state), "NO_COLOR": "1", **more}


@contextmanager
def _running(command: list[str], output: IO[bytes], environment: dict[str, str]) -> Iterator[psutil.Popen]:
    """A process that has ended afterwards, however the test ends."""
    process = psutil.Popen(command, cwd=ROOT, stdout=output, stderr=output, env=environment)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(DEADLINE_SECONDS)


def _kairan(*arguments: str, state: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(*arguments),
        cwd=ROOT,
        env=_environment(state, **environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=2 * DEADLINE_SECONDS,
    )


def _left_running(state: Path) -> list[str]:
    """Processes that were started for this state directory."""
    processes = psutil.process_iter(["name", "environ"])
    return [p.info["name"] for p in processes if (p.info["environ"] or {}).get("KAIRAN_STATE_DIRECTORY") == str(state)]


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)
