"""What must fail, tried live: each attempt is refused for the right reason or counts as not refused."""

import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import GroupAuthorizationFailedError, NoError, TopicAuthorizationFailedError, for_code
from aiokafka.protocol.fetch import FetchRequest

from infra.certificates.authority import create_authority, issue
from infra.runtime.databases import database_name
from infra.runtime.kafka import consumer, producer
from infra.runtime.postgres import connect
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from infra.runtime.tls import client_context
from topics.catalogue import change_topic, group, qualified
from topics.partitions import partition_of

READ_SECONDS = 5.0
FETCH_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Denial:
    """One attempt: what was tried, whether it was refused, and the refusal's own word."""

    tried: str
    refused: bool
    cause: str


async def try_what_must_fail(settings: Settings) -> list[Denial]:
    """Every attempt, one after the other."""
    attempts: dict[str, Callable[[Settings], Awaitable[str]]] = {
        "welfare reads the prefecture's topic": _foreign_topic,
        "welfare reads its topic in the prefecture's group": _foreign_group,
        "intermediate writes the change topic": _foreign_write,
        "nobody: a client without certificate": _no_certificate,
        "stranger: a certificate of another authority": _other_authority,
        "welfare opens the numbers database": _foreign_database,
    }
    return [_denial(tried, await attempt(settings)) for tried, attempt in attempts.items()]


def _denial(tried: str, cause: str) -> Denial:
    return Denial(tried, bool(cause), cause or "NOT REFUSED")


async def _foreign_topic(settings: Settings) -> str:
    """A fetch by hand: the client libraries see that the topic is not theirs and do not even ask."""
    topic, partition = qualified(settings.environment, "out.prefecture.v1"), partition_of(settings.municipalities[0])
    client = AIOKafkaClient(
        bootstrap_servers=settings.kafka_bootstrap,
        security_protocol="SSL",
        ssl_context=client_context(settings, "welfare"),
    )
    await client.bootstrap()
    try:
        fetch = FetchRequest(0, 0, FETCH_BYTES, 0, [(topic, [(partition, 0, FETCH_BYTES)])])
        answer = await client.send(client.get_random_node(), fetch)
    finally:
        await client.close()
    error = for_code(answer.topics[0][1][0][1])
    return "" if error is NoError else error.__name__


async def _foreign_group(settings: Settings) -> str:
    reader: AIOKafkaConsumer = consumer(settings, "welfare", group(settings.environment, "prefecture"))
    await reader.start()
    try:
        reader.subscribe([qualified(settings.environment, "out.welfare.v1")])
        await reader.getmany(timeout_ms=int(READ_SECONDS * 1000))
    except GroupAuthorizationFailedError as error:
        return type(error).__name__
    finally:
        await reader.stop()
    return ""


async def _foreign_write(settings: Settings) -> str:
    writer: AIOKafkaProducer = producer(settings, "intermediate")
    await writer.start()
    try:
        partition = partition_of(settings.municipalities[0])
        await writer.send_and_wait(change_topic(settings.environment), b"synthetic", partition=partition)
    except TopicAuthorizationFailedError as error:
        return type(error).__name__
    finally:
        await writer.stop()
    return ""


async def _no_certificate(settings: Settings) -> str:
    return _tls_alert(settings, _context(settings))


async def _other_authority(settings: Settings) -> str:
    context = _context(settings)
    with TemporaryDirectory() as directory:
        issue(Path(directory), create_authority(), "welfare")
        context.load_cert_chain(f"{directory}/welfare.crt", f"{directory}/welfare.key")
    return _tls_alert(settings, context)


async def _foreign_database(settings: Settings) -> str:
    name = database_name("numbers", settings.environment, settings.municipalities[0])
    try:
        connection = await connect(settings, name, role="welfare", principal="welfare")
    except Refusal as refusal:
        return refusal.sentence.rpartition(": ")[2]
    await connection.close()
    return ""


def _context(settings: Settings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(settings.certificates_directory / "ca.crt"))


def _tls_alert(settings: Settings, context: ssl.SSLContext) -> str:
    """In TLS 1.3 the server's refusal of a client certificate arrives with the first read."""
    host, _, port = settings.kafka_bootstrap.partition(",")[0].rpartition(":")
    try:
        with (
            socket.create_connection((host, int(port)), timeout=READ_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            secured.recv(1)
    except ssl.SSLError as error:
        return error.reason or type(error).__name__
    return ""
