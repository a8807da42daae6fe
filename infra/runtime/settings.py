"""Every setting of every process, in one place: name, default, unit, meaning.

Read from the environment (prefix ``KAIRAN_``), then from ``<state directory>/cluster.env``, which ``kairan up`` writes,
then from the defaults below. Nonsense is refused when a process starts, by a sentence that names the setting.
"""

import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from infra.runtime.refusals import Refusal

PREFIX = "KAIRAN_"
CLUSTER_FILE = "cluster.env"
HTTPS_ADDRESS = r"^https://[^/:@]+:[0-9]{1,5}$"
COLLECTOR_ADDRESS = rf"^$|{HTTPS_ADDRESS}|^http://(127\.0\.0\.1|localhost):[0-9]{{1,5}}$"


class Settings(BaseSettings):
    """The validated settings; frozen, so that a process runs under one set from start to end."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True
    )

    environment: str = Field(
        "",
        pattern=r"^([a-z][a-z0-9]{0,15})?$",
        description="prefix of topics, groups and databases; empty for none",
    )
    municipalities: Annotated[tuple[str, ...], NoDecode] = Field(
        ("142158",), min_length=1, description="municipality codes served, comma separated (6 digits)"
    )
    state_directory: Path = Field(Path(".kairan"), description="where the embedded cluster keeps data, keys and logs")
    cache_directory: Path = Field(
        Path("~/.cache/kairan"), description="where downloaded Kafka jars are kept between checkouts"
    )
    certificates_directory: Path = Field(
        Path(".kairan/certificates"), description="ca.crt and <principal>.crt / .key in PEM"
    )
    grants_directory: Path | None = Field(
        None, description="where the city keeps its grants, one YAML file each; empty for the ones shipped here"
    )
    keys_directory: Path = Field(Path(".kairan/keys"), description="the secrets: <name>.key, wrapped, owner-only")
    key_encryption_file: Path = Field(
        Path(".kairan/key-encryption/key"), description="the key under which all secrets lie wrapped; owner-only"
    )
    key_register_directory: Path = Field(
        Path(".kairan/key-register"), description="everybody's public keys, one JSON file each"
    )
    kafka_bootstrap: str = Field("127.0.0.1:19094", min_length=3, description="host:port[,host:port] of the brokers")
    postgres_host: str = Field(
        "127.0.0.1", min_length=1, description="PostgreSQL host, or the directory of its Unix socket"
    )
    postgres_tls: bool = Field(
        default=True,
        description="reach PostgreSQL by TLS with the principal's certificate; else by socket and password",
    )
    postgres_port: int = Field(15432, ge=1, le=65535, description="PostgreSQL port")
    postgres_connections: int = Field(6, ge=1, le=64, description="connections per process and database, at most")
    witness_url: str = Field(
        "https://127.0.0.1:15443",
        pattern=HTTPS_ADDRESS,
        description="where the witness of the ledger serves: https://host:port",
    )
    witness_directory: Path = Field(
        Path(".kairan/witness"), description="the witness's own: its signing key, and the latest checkpoint of each log"
    )
    exporter_url: str = Field(
        "https://127.0.0.1:15444", pattern=HTTPS_ADDRESS, description="where metrics are served: https://host:port"
    )
    pages_url: str = Field(
        "https://127.0.0.1:15445",
        pattern=HTTPS_ADDRESS,
        description="where the operations pages are served: https://host:port",
    )
    pages_idle_seconds: float = Field(
        900, ge=1, le=900, description="log-out of the pages after so long without an action"
    )
    pages_session_seconds: float = Field(
        28_800, ge=1, le=28_800, description="log-out of the pages after so long in any case"
    )
    traces_url: str = Field(
        "",
        pattern=COLLECTOR_ADDRESS,
        description="the city's OpenTelemetry collector (OTLP/HTTP): https://host:port, or http:// on this machine; "
        "empty for no traces",
    )
    survey_seconds: float = Field(2.0, ge=0.2, le=300, description="pause between two looks of the watch")
    backup_directory: Path | None = Field(
        None, description="where backups are kept, sealed; empty for none, and then no write-ahead log is archived"
    )
    offsite_directory: Path | None = Field(
        None, description="a directory on another machine to which every sealed backup is copied; empty for none"
    )
    archive_seconds: int = Field(
        60, ge=1, le=3600, description="the write-ahead log is archived at least so often, while anything is written"
    )
    transaction_timeout_seconds: int = Field(30, ge=1, le=600, description="limit of one database transaction")
    numbers_by_request: bool = Field(
        default=False,
        description="the simulated authority answers number requests; else the synthetic year files the numbers itself",
    )
    number_reply_hours: float = Field(
        24.0, ge=0, le=720, description="a number request without a reply is made again after so long"
    )
    number_request_attempts: int = Field(
        3, ge=1, le=100, description="a number is asked for so often; then the request is stuck"
    )
    bulk_changes_per_second: float = Field(
        300.0,
        gt=0,
        le=10_000,
        description="pace of filings in bulk, below the hub's own: the counter passes them",
    )
    session_timeout_seconds: int = Field(10, ge=6, le=300, description="Kafka group session time-out")
    relay_poll_milliseconds: int = Field(50, ge=5, le=10_000, description="pause of the relay when the outbox is empty")
    relay_batch_records: int = Field(1000, ge=1, le=10_000, description="changes the relay sends at once")
    hub_batch_records: int = Field(1000, ge=1, le=10_000, description="changes the hub decides in one transaction")
    dispatch_poll_milliseconds: int = Field(
        500, ge=5, le=10_000, description="pause of dispatch when all is sent and the router has told of nothing new"
    )
    dispatch_batch_records: int = Field(1000, ge=1, le=10_000, description="deliveries dispatch sends at once")
    checkpoint_seconds: float = Field(
        10.0, ge=0.05, le=600, description="pause between two checkpoints of a ledger with fewer than 256 new entries"
    )
    consumer_batch_records: int = Field(1000, ge=1, le=10_000, description="deliveries a recipient applies at once")
    access_up_to_seconds: float = Field(
        300.0, ge=0.1, le=3600, description="how often the access log says up to which moment everything was told"
    )
    parked_most_records: int = Field(
        100,
        ge=0,
        le=100_000,
        description="of so many neighbouring records a recipient parks at most these, then it stands still",
    )
    parked_window_records: int = Field(
        10_000, ge=1, le=10_000_000, description="how many neighbouring records these are parked of"
    )
    retention_alarm_hours: int = Field(
        96, ge=1, le=10_000, description="alarm when unread deliveries leave their topic within this time"
    )
    notice_due_days: int = Field(
        14, ge=1, le=365, description="days after a move-out by which the next municipality's move-in notice is due"
    )
    embedded_kafka_port: int = Field(0, ge=0, le=65535, description="embedded broker's first port; 0 picks a free one")
    embedded_postgres_port: int = Field(0, ge=0, le=65535, description="embedded PostgreSQL's port; 0 picks a free one")
    embedded_witness_port: int = Field(0, ge=0, le=65535, description="embedded witness's port; 0 picks a free one")
    embedded_exporter_port: int = Field(0, ge=0, le=65535, description="embedded exporter's port; 0 picks a free one")
    embedded_pages_port: int = Field(
        0, ge=0, le=65535, description="embedded operations pages' port; 0 picks a free one"
    )
    embedded_brokers: int = Field(1, ge=1, le=3, description="embedded brokers: 1 or 3")
    embedded_heap_mebibytes: int = Field(512, ge=256, le=8192, description="Java heap of one embedded broker")
    replication_factor: int = Field(1, ge=1, le=3, description="copies of each topic partition")
    start_timeout_seconds: int = Field(60, ge=5, le=600, description="how long a broker or database may take to start")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="least severe level logged")

    @field_validator("municipalities", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value

    @field_validator("municipalities")
    @classmethod
    def _codes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(len(code) == 6 and code.isascii() and code.isdigit() for code in value):
            raise ValueError("a municipality code has six digits")
        if len(set(value)) != len(value):
            raise ValueError("a municipality code stands twice")
        return value

    @field_validator("embedded_brokers")
    @classmethod
    def _one_or_three(cls, value: int) -> int:
        if value == 2:
            raise ValueError("choose 1 broker or 3")
        return value

    @field_validator("grants_directory", "backup_directory", "offsite_directory", mode="before")
    @classmethod
    def _or_none(cls, value: object) -> object:
        return value or None

    @field_validator(
        "state_directory",
        "cache_directory",
        "certificates_directory",
        "keys_directory",
        "key_encryption_file",
        "key_register_directory",
        "witness_directory",
        "grants_directory",
        "backup_directory",
        "offsite_directory",
    )
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser().absolute()


def environment_of(values: dict[str, object]) -> dict[str, str]:
    """The variables that hand `values` (by field name) to a child process."""
    return {PREFIX + name.upper(): _text(value) for name, value in values.items()}


def _text(value: object) -> str:
    if value is None:
        return ""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def load_settings(**overrides: object) -> Settings:
    """Settings from overrides, environment, cluster file and defaults; raises `Refusal` naming each bad setting."""
    directory = Path(str(overrides.get("state_directory") or os.environ.get(PREFIX + "STATE_DIRECTORY", ".kairan")))
    try:
        return Settings(_env_file=directory / CLUSTER_FILE, **overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise Refusal("KRN-SETTING", "; ".join(_sentences(error))) from None


def _sentences(error: ValidationError) -> list[str]:
    findings = error.errors(include_input=False, include_context=False, include_url=False)
    return [f"{PREFIX}{'_'.join(map(str, f['loc'][:1])).upper()}: {f['msg']}" for f in findings]
