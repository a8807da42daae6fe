"""The witness, as the signer speaks with it (C2SP tlog-witness over mutual TLS)."""

from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus

import httpx

from infra.runtime.key_ring import KeyRing
from infra.runtime.settings import Settings
from infra.runtime.tls import client_context
from topics.catalogue import LEDGER
from topics.ledger.tree import Nodes, consistency_path
from topics.ledger.verifiers import NoteError
from topics.ledger.witnessing import ADD_CHECKPOINT, Submission, parse_size, with_cosignatures, witnesses

ANSWER_SECONDS = 10.0

Compute = Callable[[Callable[[Nodes], list[bytes]]], Awaitable[list[bytes]]]


class WitnessRefusedError(Exception):
    """The witness has seen another history than this one; `code` says how it departs."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Witness:
    """The connection to the witness."""

    def __init__(self, settings: Settings, ring: KeyRing) -> None:
        context = client_context(settings, LEDGER)
        self._client = httpx.AsyncClient(base_url=settings.witness_url, verify=context, timeout=ANSWER_SECONDS)
        self._ring = ring

    async def cosigned(self, note: str, size: int, known: int, compute: Compute) -> str:
        """`note` with the witness's line; `known` is the size that it cosigned last, as far as we know.

        Raises `WitnessRefusedError` when it has seen more than there is, or something else; `httpx.HTTPError` when it
        cannot be reached.
        """
        try:
            answer = await self._ask(note, size, known, compute)
            if answer.status_code == HTTPStatus.CONFLICT:
                answer = await self._ask(note, size, _seen(answer, size), compute)
            return with_cosignatures(note, _granted(answer), witnesses(self._ring.register()))
        except NoteError as error:
            raise WitnessRefusedError(error.code) from None

    async def _ask(self, note: str, size: int, known: int, compute: Compute) -> httpx.Response:
        path = await compute(partial(consistency_path, known, size)) if 0 < known < size else []
        return await self._client.post(ADD_CHECKPOINT, content=Submission(known, path, note).text())

    async def close(self) -> None:
        """Let go of the connection."""
        await self._client.aclose()


def _seen(answer: httpx.Response, size: int) -> int:
    known = parse_size(answer.text)
    if known > size:
        raise WitnessRefusedError("LEDGER-WITNESS-SAW-MORE")
    return known


def _granted(answer: httpx.Response) -> str:
    if answer.is_server_error:
        answer.raise_for_status()
    if not answer.is_success:
        raise WitnessRefusedError(f"LEDGER-WITNESS-{answer.status_code}")
    return answer.text
