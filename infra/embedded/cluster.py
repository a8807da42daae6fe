"""The embedded cluster: certificates, broker and database of one state directory, run together."""

import signal
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import psutil

from infra.certificates.authority import issue_all
from infra.embedded.broker import EmbeddedBroker
from infra.embedded.postgres import KILL_SIGNAL, STOP_SIGNAL, EmbeddedPostgres
from infra.embedded.processes import free_ports, stop
from infra.runtime.settings import CLUSTER_FILE, Settings, environment_of

BROKER_STOP_SECONDS = 20.0


class EmbeddedCluster:
    """A context manager around one cluster; `settings` are the ones by which clients reach it.

    `temporary` clusters are killed rather than closed, and leave no data behind. `broker` is another kind of broker;
    `database` is configuration of the PostgreSQL's own.
    """

    def __init__(
        self,
        settings: Settings,
        principals: Sequence[str],
        *,
        temporary: bool = False,
        broker: type[EmbeddedBroker] = EmbeddedBroker,
        database: Mapping[str, str] | None = None,
    ) -> None:
        self._principals = principals
        self._temporary = temporary
        state = settings.state_directory
        own = {
            "certificates_directory": state / "certificates",
            "keys_directory": state / "keys",
            "key_encryption_file": state / "key-encryption" / "key",
            "key_register_directory": state / "key-register",
            "witness_directory": state / "witness",
        }
        base = settings.model_copy(update=own)
        self.broker = broker(base)
        self.postgres = EmbeddedPostgres(base, database)
        reached = {
            **own,
            "kafka_bootstrap": self.broker.bootstrap,
            "postgres_host": str(self.postgres.socket_directory),
            "postgres_tls": False,
            "postgres_port": self.postgres.port,
            "replication_factor": settings.embedded_brokers,
            "witness_url": _address(settings.embedded_witness_port),
            "exporter_url": _address(settings.embedded_exporter_port),
            "pages_url": _address(settings.embedded_pages_port),
        }
        self.settings = base.model_copy(update=reached)

    def start(self) -> None:
        """Start both servers side by side and wait until they serve; stops what it started when one does not."""
        directory = self.settings.certificates_directory
        issue_all(directory, self._principals)
        try:
            self.postgres.start()
            self.broker.start()
            self.postgres.wait()
            self.broker.wait()
        except BaseException:
            self.stop()
            raise
        self._write_cluster_file()

    def stop(self) -> None:
        """Stop both servers; returns when nothing of them runs."""
        by = signal.SIGKILL if self._temporary else signal.SIGTERM
        for process in self.broker.processes:
            stop(process, by=by, seconds=BROKER_STOP_SECONDS)
        if self.postgres.process is not None:
            stop(self.postgres.process, by=KILL_SIGNAL if self._temporary else STOP_SIGNAL)
        if self._temporary:
            self.postgres.remove_data()

    def named_processes(self) -> dict[str, psutil.Process]:
        """The servers' processes by name."""
        brokers = {f"broker-{n}": process for n, process in enumerate(self.broker.processes, start=1)}
        return {**({"postgres": self.postgres.process} if self.postgres.process else {}), **brokers}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    def _write_cluster_file(self) -> None:
        told = self.settings.model_dump(
            include={
                "certificates_directory",
                "keys_directory",
                "key_encryption_file",
                "key_register_directory",
                "kafka_bootstrap",
                "postgres_host",
                "postgres_port",
                "postgres_tls",
                "replication_factor",
                "witness_url",
                "witness_directory",
                "exporter_url",
                "pages_url",
                "municipalities",
            }
        )
        lines = "".join(f"{name}={value}\n" for name, value in environment_of(told).items())
        (self.settings.state_directory / CLUSTER_FILE).write_text(lines, encoding="utf-8")


def _address(port: int) -> str:
    return f"https://127.0.0.1:{port or free_ports(1)[0]}"
