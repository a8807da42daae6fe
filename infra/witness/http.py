"""The witness over HTTP (tlog-witness): takes checkpoints from the ledger alone, shows them to the auditor as well."""

import asyncio
import time
from collections.abc import Sequence
from http import HTTPStatus
from ssl import SSLObject

import structlog
from cryptography import x509
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from infra.certificates.authority import subject
from infra.runtime.log import Logger
from infra.witness.witness import Answer, Witness
from topics.catalogue import AUDITOR, LEDGER
from topics.ledger.witnessing import ADD_CHECKPOINT, MOST_BYTES, latest_path

MAY = {LEDGER: ("GET", "POST"), AUDITOR: ("GET",)}
"""What each principal may ask; nobody else anything."""
BY = "by"


class Connection(H11Protocol):
    """A connection whose requests know whose it is, by the subject of its certificate."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Look at the certificate, which the handshake has verified."""
        self.app_state = {BY: _principal(transport.get_extra_info("ssl_object"))}
        super().connection_made(transport)


class Admitted:
    """Refuses what the connection's principal may not ask."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, or answer 403."""
        may = MAY.get(scope.get("state", {}).get(BY), ())
        refusal = Response("WITNESS-PRINCIPAL: this certificate may not ask that\n", HTTPStatus.FORBIDDEN)
        await (self._application if scope.get("method") in may else refusal)(scope, receive, send)


def application(witness: Witness, origins: Sequence[str]) -> ASGIApp:
    """The application for these logs."""
    log: Logger = structlog.get_logger()
    by_path = {latest_path(origin): origin for origin in origins}

    async def add(request: Request) -> Response:
        body = await _body(request)
        answer = witness.add(body, int(time.time())) if body is not None else TOO_LONG
        log.info("a checkpoint was submitted", outcome=answer.status.phrase)
        return _response(answer)

    async def latest(request: Request) -> Response:
        origin = by_path.get(request.url.path)
        return _response(witness.latest(origin) if origin else UNKNOWN)

    routes = [Route(ADD_CHECKPOINT, add, methods=["POST"]), Route("/{origin}/checkpoint", latest, methods=["GET"])]
    return Admitted(Starlette(routes=routes))


TOO_LONG = Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"WITNESS-LENGTH: a submission has at most {MOST_BYTES} bytes\n")
UNKNOWN = Answer(HTTPStatus.NOT_FOUND, "WITNESS-ORIGIN: no log of this origin is known here\n")


async def _body(request: Request) -> str | None:
    """The body, of which no more is read than a submission can have; what is not UTF-8 is no submission either."""
    read = bytearray()
    async for part in request.stream():
        read += part
        if len(read) > MOST_BYTES:
            return None
    return read.decode("utf-8", "surrogateescape")


def _response(answer: Answer) -> Response:
    return Response(answer.text, answer.status, headers={"content-type": answer.media_type})


def _principal(connection: SSLObject) -> str | None:
    certificate = connection.getpeercert(binary_form=True)
    if certificate is None:
        return None
    told = x509.load_der_x509_certificate(certificate).subject
    return next((principal for principal in MAY if subject(principal) == told), None)
