"""The brokers behind a proxy: every listener is reached through it, so that any link of the cluster can fail."""

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import replace
from threading import Thread
from typing import Any

from infra.embedded.broker import EmbeddedBroker
from infra.embedded.broker_properties import Node
from infra.embedded.processes import free_ports
from infra.faults.proxy import Fault, Proxy, Rule
from infra.runtime.settings import Settings

PORTS_EACH = 3
ANSWER_SECONDS = 10.0


class ProxiedBroker(EmbeddedBroker):
    """An embedded cluster whose nodes tell clients, each other and the controllers the proxy's ports for their own."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.reached = _behind_proxy(self.nodes)
        pairs = zip(self.nodes, self.reached, strict=True)
        self._routes = {port: own for node, far in pairs for port, own in zip(_ports(far), _ports(node), strict=True)}
        self._proxy = Proxy(self._routes)
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="network", daemon=True)

    def start(self) -> None:
        """Start the network, then the nodes."""
        self._thread.start()
        self._do(self._proxy.start())
        super().start()

    def close(self) -> None:
        """Stop the network; the nodes are stopped already."""
        self._do(self._proxy.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def between(self, sources: Iterable[int], nodes: Iterable[int], fault: Fault) -> Rule:
        """The rule that `fault` befalls what these processes have to do with these nodes (by number)."""
        wanted = set(nodes)
        ports = {port for node in self.reached if node.number in wanted for port in _ports(node)}
        return Rule(fault, frozenset(sources), frozenset(ports))

    def impose(self, *rules: Rule) -> None:
        """From now on these rules hold, and no others; with none the network is whole."""
        self._do(self._proxy.impose(*rules))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(ANSWER_SECONDS)


def _behind_proxy(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    own = {port for node in nodes for port in _ports(node)}
    ports = iter([port for port in free_ports(2 * PORTS_EACH * len(nodes)) if port not in own])
    return tuple(
        replace(node, client_port=next(ports), broker_port=next(ports), controller_port=next(ports)) for node in nodes
    )


def _ports(node: Node) -> tuple[int, int, int]:
    return node.client_port, node.broker_port, node.controller_port
