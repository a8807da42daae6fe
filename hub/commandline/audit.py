"""Gathers an audit's evidence from the running deployment, as the administrator."""

import asyncio
import socket
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from hub.commandline.deployment import broker, desired_now, held_now
from infra.check.audit.evidence import Credential, Evidence
from infra.runtime.postgres import connect
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.broker import Access, Broker, BrokerError
from topics.catalogue import ADMIN, BROKER
from topics.drift import drift

MANAGEMENT_PORTS = (1099, 5555, 7071, 9010, 9404, 9999)
"""Where JMX and metrics agents listen by custom."""
PROBE_SECONDS = 0.5
NOT_CLIENTS = {ADMIN, BROKER, "ca", "postgres"}


def gather(settings: Settings) -> Evidence:
    """Look at brokers, certificates, ports, log and clock; raises `Refusal` when a server is not there."""
    administrator = broker(settings)
    wanted, held = desired_now(settings), held_now(settings)
    try:
        return Evidence(
            desired=wanted,
            nodes=administrator.node_settings(),
            acls=administrator.every_acl(),
            quotas=held.quotas,
            topics=administrator.every_topic(),
            departures=tuple(drift(wanted, held)),
            credentials=tuple(_credentials(settings.certificates_directory)),
            too_mighty=tuple(_too_mighty(settings)),
            open_ports=tuple(_open_ports(settings)),
            denials_kept=_denials_kept(settings),
            clock_seconds=asyncio.run(_clock_seconds(settings)),
        )
    except BrokerError as error:
        raise Refusal("KRN-TOPICS", str(error)) from None


def _principals(directory: Path) -> list[str]:
    return sorted({path.stem for path in directory.glob("*.crt")} - {"ca"})


def _credentials(directory: Path) -> list[Credential]:
    return [_credential(directory, principal) for principal in _principals(directory)]


def _credential(directory: Path, principal: str) -> Credential:
    certificate = x509.load_pem_x509_certificate((directory / f"{principal}.crt").read_bytes())
    lasts = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    left = certificate.not_valid_after_utc - datetime.now(UTC)
    key = directory / f"{principal}.key"
    return Credential(principal, lasts.days, left.days, key_is_open=bool(key.stat().st_mode & 0o077))


def _too_mighty(settings: Settings) -> list[str]:
    """Who, beside the administrator, would be let create a topic: a super user, or a broker that refuses nobody."""
    who = set(_principals(settings.certificates_directory)) - NOT_CLIENTS
    return [name for name in sorted(who) if _as(settings, name).may_create_topics()]


def _as(settings: Settings, principal: str) -> Broker:
    access = Access(settings.kafka_bootstrap, settings.certificates_directory, principal)
    return Broker(access, settings.environment)


def _open_ports(settings: Settings) -> list[int]:
    hosts = {address.rpartition(":")[0] for address in settings.kafka_bootstrap.split(",")}
    return sorted({port for host in hosts for port in MANAGEMENT_PORTS if _answers(host, port)})


def _answers(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(PROBE_SECONDS)
        return probe.connect_ex((host, port)) == 0


def _denials_kept(settings: Settings) -> bool | None:
    """Whether the embedded brokers' logs have the authorizer's lines; the probes before this one left some."""
    logs = sorted((settings.state_directory / "logs").glob("broker-*.log"))
    if not logs:
        return None
    return any("is Denied" in log.read_text(encoding="utf-8", errors="replace") for log in logs)


async def _clock_seconds(settings: Settings) -> float:
    connection = await connect(settings, "postgres", role=ADMIN, principal=ADMIN)
    try:
        theirs: datetime = await connection.fetchval("SELECT clock_timestamp()")
    finally:
        await connection.close()
    return (theirs - datetime.now(UTC)).total_seconds()
