"""The witness over HTTP (tlog-witness): takes checkpoints from the ledger alone, shows them to the auditor as well."""

import time
from collections.abc import Sequence
from http import HTTPStatus

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from infra.runtime.https import Admitted
from infra.runtime.log import Logger
from infra.witness.witness import Answer, Witness
from topics.catalogue import AUDITOR, LEDGER
from topics.ledger.witnessing import ADD_CHECKPOINT, MOST_BYTES, latest_path

MAY = {LEDGER: ("GET", "POST"), AUDITOR: ("GET",)}
"""What each principal may ask; nobody else anything."""


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
    return Admitted(Starlette(routes=routes), MAY, "WITNESS-PRINCIPAL")


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
