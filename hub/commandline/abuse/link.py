"""One bare connection to a broker: requests as they are.

The client libraries see that a topic is not theirs and do not even ask, or ask again and again without a word.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiokafka.conn import AIOKafkaConnection, create_conn
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.types import Array, Schema
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from infra.runtime.settings import Settings
from infra.runtime.tls import client_context

TIMEOUT_MILLISECONDS = 15_000
FETCH_BYTES = 4096
CLOSED = "the broker closed the connection"

Address = tuple[str, int]


class Link:
    """A live connection of one principal."""

    def __init__(self, connection: AIOKafkaConnection) -> None:
        self._connection = connection

    async def answer(self, request: Any) -> dict[str, Any]:
        """The answer to one request, by field name."""
        response = await self._connection.send(request)
        return _fields(response.SCHEMA, [response.get_item(name) for name in response.SCHEMA.names])

    async def ask(self, request: Any) -> str:
        """The first error in the answer, by the protocol's name and code; empty when there is none."""
        try:
            return next((word(code) for code in _codes(await self.answer(request)) if code), "")
        except KafkaError:
            return CLOSED


@asynccontextmanager
async def linked(settings: Settings, principal: str, address: Address | None = None) -> AsyncIterator[Link]:
    """A connection as `principal`, to the first broker or to `address`."""
    host, port = address or first_address(settings)
    connection = await create_conn(
        host,
        port,
        client_id="kairan-drill",
        request_timeout_ms=TIMEOUT_MILLISECONDS,
        security_protocol="SSL",
        ssl_context=client_context(settings, principal),
    )
    try:
        yield Link(connection)
    finally:
        closing = connection.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(closing, TIMEOUT_MILLISECONDS / 1000)


async def told(settings: Settings, principal: str, request: Any, address: Address | None = None) -> str:
    """The error with which a request of `principal` is answered; empty when it is granted."""
    async with linked(settings, principal, address) as link:
        return await link.ask(request)


def first_address(settings: Settings) -> Address:
    """Host and port of the first broker."""
    host, _, port = settings.kafka_bootstrap.partition(",")[0].rpartition(":")
    return host, int(port)


async def leader_of(settings: Settings, principal: str, topic: str, partition: int = 0) -> Address:
    """Where the leader of a partition is, as `principal` is told; waits while there is none yet."""
    deadline = time.monotonic() + TIMEOUT_MILLISECONDS / 1000
    async with linked(settings, principal) as link:
        while time.monotonic() < deadline:
            told = await link.answer(MetadataRequest([topic], allow_auto_topic_creation=False))
            leaders = {p["partition"]: p["leader"] for t in told["topics"] for p in t["partitions"]}
            for broker in told["brokers"]:
                if broker["node_id"] == leaders.get(partition):
                    return broker["host"], broker["port"]
            await asyncio.sleep(0.05)
    raise TimeoutError


def fetch(topic: str, partition: int = 0) -> FetchRequest:
    """Reads from the first record on, without any group."""
    return FetchRequest(0, 0, FETCH_BYTES, 0, [(topic, [(partition, 0, FETCH_BYTES)])])


def produce(topic: str, value: bytes, partition: int = 0) -> ProduceRequest:
    """Writes one record."""
    batch = DefaultRecordBatchBuilder(2, 0, False, -1, -1, -1, len(value) + FETCH_BYTES)  # noqa: FBT003
    batch.append(0, int(time.time() * 1000), b"synthetic", value, [])
    return ProduceRequest(None, -1, TIMEOUT_MILLISECONDS, [(topic, [(partition, bytes(batch.build()))])])


def word(code: int) -> str:
    """An error code by the protocol's name and number."""
    return f"{for_code(code).message} ({code})"


def _fields(schema: Schema, values: Sequence[Any]) -> dict[str, Any]:
    """The library's own way of naming fields does not know arrays that are null."""
    return {name: _value(kind, value) for name, kind, value in zip(schema.names, schema.fields, values, strict=True)}


def _value(kind: Any, value: Any) -> Any:
    if isinstance(kind, Array) and isinstance(kind.array_of, Schema):
        return [_fields(kind.array_of, each) for each in value or ()]
    return value


def _codes(fields: Any) -> Iterator[int]:
    if isinstance(fields, dict):
        for name, value in fields.items():
            if name == "error_code":
                yield value
            else:
                yield from _codes(value)
    elif isinstance(fields, list):
        for each in fields:
            yield from _codes(each)
