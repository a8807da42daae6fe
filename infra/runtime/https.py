"""HTTPS of one process: uvicorn on one address, ended by the process's own stop; and connections that know whose they
are by their certificate."""

import asyncio
import socket
import ssl
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from ssl import SSLObject
from urllib.parse import urlsplit

import uvicorn
from cryptography import x509
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from infra.runtime.service import Stop
from infra.runtime.tls import subject

BY = "by"
STOP_SECONDS = 5


class _Server(uvicorn.Server):
    """Ended by `should_exit` alone: signals are the process's own affair."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave the signals as they are."""
        yield


class _Known(H11Protocol):
    """A connection whose requests know the subject of its certificate."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Look at the certificate, which the handshake has verified."""
        self.app_state = {BY: _subject(transport.get_extra_info("ssl_object"))}
        super().connection_made(transport)


class Admitted:
    """Refuses what the connection's principal may not ask; `may` tells each one's methods, and nobody else has any."""

    def __init__(self, application: ASGIApp, may: Mapping[str, Collection[str]], code: str) -> None:
        self._application = application
        self._may = [(subject(principal), methods) for principal, methods in may.items()]
        self._refusal = Response(f"{code}: this certificate may not ask that\n", HTTPStatus.FORBIDDEN)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, or answer 403."""
        by = scope.get("state", {}).get(BY)
        may = next((methods for told, methods in self._may if told == by), ())
        await (self._application if scope.get("method") in may else self._refusal)(scope, receive, send)


async def serve_https(url: str, context: ssl.SSLContext, application: ASGIApp, stop: Stop) -> None:
    """Serve `application` at `url` until `stop`; raises OSError when the address is taken."""
    address = urlsplit(url)
    with socket.create_server((address.hostname or "", address.port or 0)) as listening:
        server = _Server(_configuration(context, application))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve([listening]))
            await stop.wait()
            server.should_exit = True


def _configuration(context: ssl.SSLContext, application: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=_Known,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ssl_context_factory=lambda _config, _default: context,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


def _subject(connection: SSLObject) -> x509.Name | None:
    certificate = connection.getpeercert(binary_form=True)
    return None if certificate is None else x509.load_der_x509_certificate(certificate).subject
