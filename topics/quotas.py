"""Quotas on the wire: asked and set by the client-quota API (KIP-546), which the admin library does not speak yet.

Requests 48 and 49 in their first version, spelled in the Kafka client's own building blocks.
"""

import asyncio
import ssl
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import DescribeClientQuotasRequest
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Float64, Int16, Int32, Schema, String

from topics.catalogue import Quota

USER = "user"
ANY_NAME = 2
KEYS = ("producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate")
Answer = TypeVar("Answer")
ENTITY = ("entity", Array(("entity_type", String("utf-8")), ("entity_name", String("utf-8"))))


class _AlterResponse(Response):  # type: ignore[misc]
    API_KEY = 49
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("entries", Array(("error_code", Int16), ("error_message", String("utf-8")), ENTITY)),
    )


class _AlterStruct(RequestStruct):  # type: ignore[misc]
    API_KEY = 49
    API_VERSION = 0
    RESPONSE_TYPE = _AlterResponse
    SCHEMA = Schema(
        ("entries", Array(ENTITY, ("ops", Array(("key", String("utf-8")), ("value", Float64), ("remove", Boolean))))),
        ("validate_only", Boolean),
    )


class _AlterRequest(Request[_AlterStruct]):  # type: ignore[misc]
    API_KEY = 49

    def __init__(self, entries: list[Any]) -> None:
        self._entries = entries

    def build(self, request_struct_class: type[_AlterStruct]) -> _AlterStruct:
        return request_struct_class(self._entries, False)  # noqa: FBT003


def read_quotas(bootstrap: str, context: ssl.SSLContext) -> tuple[Quota, ...]:
    """Every quota of a single user; raises `KafkaError`."""
    request = DescribeClientQuotasRequest([(USER, ANY_NAME, None)], True)  # noqa: FBT003
    answer = _run(_send(bootstrap, context, request))
    _check(answer.error_code)
    return tuple(sorted(_quota(entity, values) for entity, values in answer.entries))


def set_quotas(bootstrap: str, context: ssl.SSLContext, quotas: Sequence[Quota]) -> None:
    """Set these quotas and no others for their principals; raises `KafkaError` at the first one refused."""
    entries = [([(USER, quota.principal)], _operations(quota)) for quota in quotas]
    for code, *_ in _run(_send(bootstrap, context, _AlterRequest(entries))).entries:
        _check(code)


def _operations(quota: Quota) -> list[tuple[str, float, bool]]:
    """Key, limit, and whether the limit is taken away."""
    limits = dict(quota.limits)
    return [(key, limits.get(key, 0.0), key not in limits) for key in KEYS]


def _quota(entity: Sequence[tuple[str, str]], values: Sequence[tuple[str, float]]) -> Quota:
    return Quota(entity[0][1], tuple(sorted((name, value) for name, value in values)))


def _check(code: int) -> None:
    if code:
        raise for_code(code)


async def _send(bootstrap: str, context: ssl.SSLContext, request: Any) -> Any:
    client = AIOKafkaClient(bootstrap_servers=bootstrap, security_protocol="SSL", ssl_context=context)
    await client.bootstrap()
    try:
        return await client.send(client.get_random_node(), request)
    finally:
        await client.close()


def _run(work: Coroutine[Any, Any, Answer]) -> Answer:
    """To its end, on a thread of its own: the caller may have an event loop of its own, or none."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
