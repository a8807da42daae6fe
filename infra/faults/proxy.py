"""A proxy for TCP connections that delays, throttles, silences or cuts them, between whom one says."""

import asyncio
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import psutil

HOST = "127.0.0.1"
CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Fault:
    """What befalls a connection; nothing by default.

    `cut`: it is reset, and so is every new one. `silent`: it stays open and nothing is carried (half-open). Else each
    part of up to 64 KiB is held for `delay_seconds`, and no more than `bytes_per_second` pass.
    """

    cut: bool = False
    silent: bool = False
    delay_seconds: float = 0.0
    bytes_per_second: float = math.inf


NONE = Fault()


@dataclass(frozen=True, slots=True)
class Rule:
    """`fault` befalls connections from these processes (by process id) to these ports of the proxy."""

    fault: Fault
    sources: frozenset[int]
    ports: frozenset[int]


@dataclass(slots=True, eq=False)
class _Connection:
    """One connection through the proxy: the port it came to, the port it came from, both its ends, what befalls it."""

    port: int
    source_port: int
    ends: list[asyncio.StreamWriter]
    fault: Fault = field(default=NONE)

    def reset(self) -> None:
        for end in self.ends:
            end.transport.abort()


class Proxy:
    """Carries connections by `routes`: from each port to another one of this machine, as long as no rule forbids."""

    def __init__(self, routes: Mapping[int, int]) -> None:
        self._routes = routes
        self._rules: tuple[Rule, ...] = ()
        self._connections: set[_Connection] = set()
        self._servers: list[asyncio.Server] = []
        self._carrying: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()

    async def start(self) -> None:
        """Listen on every port."""
        for port in self._routes:
            self._servers.append(await asyncio.start_server(self._accept, HOST, port))

    async def stop(self) -> None:
        """Let go of every port and connection."""
        for server in self._servers:
            server.close()
        for carrying in self._carrying:
            carrying.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def impose(self, *rules: Rule) -> None:
        """From now on these rules hold, and no others; with none everything passes, also what was held back."""
        self._rules = rules
        for connection in self._connections:
            self._judge(connection)
        self._changed.set()
        self._changed = asyncio.Event()

    def _judge(self, connection: _Connection) -> None:
        connection.fault = next(self._befalling(connection), NONE)
        if connection.fault.cut:
            connection.reset()

    def _befalling(self, connection: _Connection) -> Iterator[Fault]:
        for rule in self._rules:
            if connection.port in rule.ports and any(_owns(pid, connection.source_port) for pid in rule.sources):
                yield rule.fault

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        carrying = asyncio.create_task(self._carry(reader, writer))
        self._carrying.add(carrying)
        carrying.add_done_callback(self._carrying.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        source, own = writer.get_extra_info("peername"), writer.get_extra_info("sockname")
        connection = _Connection(own[1], source[1], [writer])
        self._connections.add(connection)
        try:
            self._judge(connection)
            there, outward = await asyncio.open_connection(HOST, self._routes[connection.port])
            connection.ends.append(outward)
            await self._both_ways(connection, (reader, outward), (there, writer))
        except OSError:
            return  # nobody there: the one who came is told by a reset
        finally:
            self._connections.discard(connection)
            connection.reset()

    async def _both_ways(
        self, connection: _Connection, *ways: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    ) -> None:
        """Until one side ends; what it still said has gone on by then."""
        pumps = [asyncio.create_task(self._pump(connection, *way)) for way in ways]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _pump(self, connection: _Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not connection.fault.cut and (chunk := await _some(reader)):
            while connection.fault.silent:
                await self._changed.wait()
            held = connection.fault.delay_seconds + len(chunk) / connection.fault.bytes_per_second
            if held:
                await asyncio.sleep(held)
            writer.write(chunk)
            await writer.drain()


async def _some(reader: asyncio.StreamReader) -> bytes:
    """What has come; nothing once the other side is gone."""
    try:
        return await reader.read(CHUNK_BYTES)
    except ConnectionError:
        return b""


def _owns(pid: int, port: int) -> bool:
    """Whether the process has a connection that begins at this port."""
    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return False
    return any(connection.laddr.port == port for connection in connections)
