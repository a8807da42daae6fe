"""The witness, as the signer speaks with it (C2SP tlog-witness over mutual TLS)."""

from collections.abc import Awaitable, Callable
from functools import partial

import httpx

from infra.runtime.settings import Settings
from infra.runtime.tls import client_context
from topics.catalogue import LEDGER
from topics.ledger.tree import Nodes, consistency_path
from topics.ledger.verifiers import encode64

PATH = "/add-checkpoint"
CONFLICT = 409

Compute = Callable[[Callable[[Nodes], list[bytes]]], Awaitable[list[bytes]]]


class WitnessRefusedError(Exception):
    """The witness has seen another history than this one; `code` says how it departs."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Witness:
    """The connection to the witness."""

    def __init__(self, settings: Settings) -> None:
        self._client = httpx.AsyncClient(
            base_url=settings.witness_url, verify=client_context(settings, LEDGER), timeout=10.0
        )

    async def cosigned(self, note: str, size: int, known: int, compute: Compute) -> str:
        """`note` with the witness's line; `known` is the size that it cosigned last, as far as we know.

        Raises `WitnessRefusedError` when it has seen more than there is, or something else; `httpx.HTTPError` when it
        cannot be reached.
        """
        answer = await self._ask(note, size, known, compute)
        if answer.status_code == CONFLICT:
            known = int(answer.text)
            if known > size:
                raise WitnessRefusedError("LEDGER-WITNESS-SAW-MORE")
            answer = await self._ask(note, size, known, compute)
        if answer.is_server_error:
            answer.raise_for_status()
        if not answer.is_success:
            raise WitnessRefusedError(f"LEDGER-WITNESS-{answer.status_code}")
        return note + answer.text

    async def _ask(self, note: str, size: int, known: int, compute: Compute) -> httpx.Response:
        proof = await compute(partial(consistency_path, known, size)) if 0 < known < size else []
        lines = "".join(f"{encode64(each)}\n" for each in proof)
        return await self._client.post(PATH, content=f"old {known}\n{lines}\n{note}")

    async def close(self) -> None:
        """Let go of the connection."""
        await self._client.aclose()
