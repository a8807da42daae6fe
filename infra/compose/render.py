"""Renders ``docker-compose.yml`` and PostgreSQL's access files; ``python -m infra.compose.render`` writes them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from infra.embedded.broker_properties import Node, node_properties
from infra.runtime.settings import load_settings
from topics.declared import declared_grants
from topics.grant import Grant

ROOT = Path(__file__).parents[2]
KAFKA_IMAGE = "apache/kafka:4.3.1"
POSTGRES_IMAGE = "postgres:18"
PROMETHEUS_IMAGE = "prom/prometheus:v3.5.0"
GRAFANA_IMAGE = "grafana/grafana:12.1.1"
CERTIFICATES = ".kairan/certificates"
CLUSTER_ID = "a2FpcmFuLXN5bnRoZXRpYw"
BROKERS = 3
POSTGRES_PORT = 15432
PROMETHEUS_PORT = 19090
GRAFANA_PORT = 13000
FIRST_CLIENT_PORT = 19094
HEADER = """\
# Brokers, PostgreSQL, Prometheus and Grafana for Kairan, all data synthetic. Rendered by `make compose`; do not edit.
# Before the first start: `make setup` and `.venv/bin/kairan certificates` (see docs/how-to/compose.md).
"""
SERVICE_ROLES = {
    "register": ("register", "relay", "counter", "certificate", "number_sweep"),
    "hub": ("hub", "hub_join"),
    "ledger": ("ledger",),
    "analysis": ("analysis",),
    "auditor": ("auditor",),
    "ops": ("ops",),
    "desk": ("desk", "reviewer"),
    "admin": ("admin",),
}
"""Which service's certificate may sign in as which database role."""


def nodes() -> tuple[Node, ...]:
    """The three brokers: reached from outside on this machine, by each other under their service names."""
    return tuple(
        Node(n, f"kafka-{n}", FIRST_CLIENT_PORT + n - 1, 9093, 9094, client_host="localhost", bind="0.0.0.0")  # noqa: S104 - inside the container
        for n in range(1, BROKERS + 1)
    )


def compose() -> str:
    """The text of ``docker-compose.yml``."""
    brokers = {f"kafka-{node.number}": _broker(node) for node in nodes()}
    services = {**brokers, "postgres": _postgres(), "prometheus": _prometheus(), "grafana": _grafana()}
    volumes: dict[str, dict[str, str]] = {f"{name}-data": {} for name in services}
    document = {"name": "kairan", "services": services, "volumes": volumes}
    return HEADER + yaml.safe_dump(document, sort_keys=False, width=120)


def access_rules() -> str:
    """``pg_hba.conf``: TLS with a client certificate from anywhere, nothing else."""
    return "hostssl all all all cert map=kairan\nlocal all admin peer map=owner\n"


def roles(grants: Sequence[Grant]) -> dict[str, tuple[str, ...]]:
    """Which certificate may sign in as which database role; a recipient as itself."""
    return SERVICE_ROLES | {grant.recipient: (grant.recipient,) for grant in grants}


def identities(grants: Sequence[Grant]) -> str:
    """``pg_ident.conf``: the certificate's common name and the roles it may take."""
    pairs = [(principal, role) for principal, taken in roles(grants).items() for role in taken]
    return "".join(f"kairan {principal} {role}\n" for principal, role in pairs) + "owner postgres admin\n"


def _broker(node: Node) -> dict[str, Any]:
    paths = {
        "data": "/var/lib/kafka/data",
        "keystore": "/certificates/broker.pem",
        "truststore": "/certificates/ca.crt",
    }
    settings = {_variable(name): value for name, value in node_properties(node, nodes(), paths).items()}
    return {
        "image": KAFKA_IMAGE,
        "hostname": node.host,
        "user": "${KAIRAN_UID:-1000}:${KAIRAN_GID:-1000}",
        "environment": {"CLUSTER_ID": CLUSTER_ID, **{name: _literal(value) for name, value in settings.items()}},
        "ports": [f"127.0.0.1:{node.client_port}:{node.client_port}"],
        "volumes": [*_mounted("ca.crt", "broker.pem"), f"kafka-{node.number}-data:/var/lib/kafka/data"],
        "restart": "unless-stopped",
    }


def _postgres() -> dict[str, Any]:
    """The server's key is copied first, since PostgreSQL wants it owned by its own user."""
    options = {
        "ssl": "on",
        "ssl_min_protocol_version": "TLSv1.3",
        "ssl_cert_file": "/certificates/postgres.crt",
        "ssl_key_file": "/var/lib/postgresql/server.key",
        "ssl_ca_file": "/certificates/ca.crt",
        "hba_file": "/access/pg_hba.conf",
        "ident_file": "/access/pg_ident.conf",
        "password_encryption": "scram-sha-256",
    }
    told = " ".join(f"-c {name}={value}" for name, value in options.items())
    copied = "install -o postgres -g postgres -m 600 /certificates/postgres.key /var/lib/postgresql/server.key"
    return {
        "image": POSTGRES_IMAGE,
        "environment": {"POSTGRES_USER": "admin", "POSTGRES_DB": "postgres", "POSTGRES_HOST_AUTH_METHOD": "trust"},
        "entrypoint": ["bash", "-c", f"{copied} && exec docker-entrypoint.sh postgres {told}"],
        "ports": [f"127.0.0.1:{POSTGRES_PORT}:5432"],
        "volumes": [
            *_mounted("ca.crt", "postgres.crt", "postgres.key"),
            "./infra/compose/pg_hba.conf:/access/pg_hba.conf:ro",
            "./infra/compose/pg_ident.conf:/access/pg_ident.conf:ro",
            "postgres-data:/var/lib/postgresql",
        ],
        "restart": "unless-stopped",
    }


def _prometheus() -> dict[str, Any]:
    """Reads the exporter on the host with a certificate that opens nothing else; runs as you, who own its key."""
    return {
        "image": PROMETHEUS_IMAGE,
        "user": "${KAIRAN_UID:-1000}:${KAIRAN_GID:-1000}",
        "extra_hosts": ["host.docker.internal:host-gateway"],
        "ports": [f"127.0.0.1:{PROMETHEUS_PORT}:9090"],
        "volumes": [
            *_mounted("ca.crt", "prometheus.crt", "prometheus.key"),
            "./infra/prometheus/prometheus.yaml:/etc/prometheus/prometheus.yml:ro",
            "./infra/prometheus/alerts.yaml:/etc/prometheus/alerts.yaml:ro",
            "prometheus-data:/prometheus",
        ],
        "restart": "unless-stopped",
    }


def _grafana() -> dict[str, Any]:
    return {
        "image": GRAFANA_IMAGE,
        "environment": {
            "GF_SECURITY_ADMIN_PASSWORD": "${KAIRAN_GRAFANA_PASSWORD:?choose a password for Grafana}",
            "GF_ANALYTICS_REPORTING_ENABLED": "false",
            "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        },
        "ports": [f"127.0.0.1:{GRAFANA_PORT}:3000"],
        "volumes": [
            "./infra/grafana/datasource.yaml:/etc/grafana/provisioning/datasources/kairan.yaml:ro",
            "./infra/grafana/dashboards.yaml:/etc/grafana/provisioning/dashboards/kairan.yaml:ro",
            "./infra/grafana/kairan.json:/dashboards/kairan.json:ro",
            "grafana-data:/var/lib/grafana",
        ],
        "restart": "unless-stopped",
    }


def _mounted(*files: str) -> list[str]:
    """Only these files: no container sees another's key, or the authority's."""
    return [f"./{CERTIFICATES}/{file}:/certificates/{file}:ro" for file in files]


def _variable(name: str) -> str:
    return "KAFKA_" + name.replace("-", "___").replace("_", "__").replace(".", "_").upper()


def _literal(value: str) -> str:
    """A dollar sign doubled, so that compose does not take it for a variable."""
    return value.replace("$", "$$")


def main() -> None:
    """Write the three files."""
    (ROOT / "docker-compose.yml").write_text(compose(), encoding="utf-8")
    (ROOT / "infra/compose/pg_hba.conf").write_text(access_rules(), encoding="utf-8")
    grants = declared_grants(load_settings().grants_directory)
    (ROOT / "infra/compose/pg_ident.conf").write_text(identities(grants), encoding="utf-8")


if __name__ == "__main__":
    main()
