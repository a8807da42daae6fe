"""The network that fails on request: real connections through a real proxy."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress

import pytest

from infra.embedded.processes import free_ports
from infra.faults.proxy import Fault, Proxy, Rule

SOON, NEVER = 5.0, 0.3
NOBODY = 2**22


@asynccontextmanager
async def _echo_behind_proxy() -> AsyncIterator[tuple[Proxy, int]]:
    here, there = free_ports(2)
    proxy = Proxy({here: there})
    server = await asyncio.get_running_loop().create_server(_Echo, "127.0.0.1", there)
    await proxy.start()
    try:
        yield proxy, here
    finally:
        await proxy.stop()
        server.close()


class _Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(data)


class _Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    async def say(self, text: bytes = b"synthetic") -> bytes:
        self.writer.write(text)
        return await self._reader.readexactly(len(text))


@asynccontextmanager
async def _client(port: int) -> AsyncIterator[_Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield _Client(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def _of_us(fault: Fault, port: int) -> Rule:
    return Rule(fault, frozenset({os.getpid()}), frozenset({port}))


async def _soon(answer: Awaitable[bytes]) -> bytes:
    return await asyncio.wait_for(answer, SOON)


async def test_without_a_rule_everything_passes() -> None:
    async with _echo_behind_proxy() as (_, port), _client(port) as client:
        assert await _soon(client.say()) == b"synthetic"


async def test_a_cut_resets_what_is_open_and_what_comes() -> None:
    async with _echo_behind_proxy() as (proxy, port), _client(port) as client:
        await _soon(client.say())
        await proxy.impose(_of_us(Fault(cut=True), port))
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await _soon(client.say())
        async with _client(port) as another:
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await _soon(another.say())
        await proxy.impose()
        async with _client(port) as third:
            assert await _soon(third.say()) == b"synthetic"


async def test_silence_holds_back_and_loses_nothing() -> None:
    async with _echo_behind_proxy() as (proxy, port), _client(port) as client:
        await proxy.impose(_of_us(Fault(silent=True), port))
        answer = asyncio.create_task(client.say())
        done, _ = await asyncio.wait([answer], timeout=NEVER)
        assert not done
        await proxy.impose()
        assert await _soon(answer) == b"synthetic"


@pytest.mark.parametrize("fault", [Fault(delay_seconds=0.1), Fault(bytes_per_second=90)], ids=["late", "slow"])
async def test_what_passes_late_or_slowly_passes(fault: Fault) -> None:
    async with _echo_behind_proxy() as (proxy, port), _client(port) as client:
        await proxy.impose(_of_us(fault, port))
        began = time.monotonic()
        assert await _soon(client.say()) == b"synthetic"
        assert time.monotonic() - began >= 0.2


async def test_others_do_not_notice() -> None:
    async with _echo_behind_proxy() as (proxy, port), _client(port) as client:
        await proxy.impose(Rule(Fault(cut=True), frozenset({NOBODY}), frozenset({port})))
        assert await _soon(client.say()) == b"synthetic"


async def test_nobody_behind_it_is_told_by_a_reset() -> None:
    here, there = free_ports(2)
    proxy = Proxy({here: there})
    await proxy.start()
    async with _client(here) as client:
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await _soon(client.say())
    await proxy.stop()
