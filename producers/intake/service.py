"""Takes a file in: batch by batch, numbers first, then rows, changes, findings and progress in one transaction.

A file is known by a keyed digest of its bytes: taken in again it changes nothing, stopped half-way it goes on after the
last batch that stands.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

from asyncpg import DeadlockDetectedError

from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.keys import NUMBERS_KEY, derive, load_key
from infra.runtime.postgres import Connection, connect
from infra.runtime.queries import load_queries
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from producers.intake.batches import Batch
from producers.intake.lines import Place
from producers.intake.source import Source, batches, check_header, digest
from producers.intake.standing import Kind, Origin, Sorted, sort_out
from producers.intake.storing import save_batch
from producers.register.databases import NUMBERS_DATABASE, REGISTER_DATABASE
from producers.register.takeover import References, hand_in_numbers, take_over
from topics.catalogue import REGISTER

_SQL = load_queries("producers.intake", "queries.sql")
ATTEMPTS = 5

Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a file is taken in, in rows, and what came of it, in residents."""

    kind: Kind
    line: int
    byte_offset: int
    refused: int
    warned: int
    created: int
    changed: int
    ceased: int
    annulled: int
    unchanged: int
    former: int
    finished: bool


class Intake:
    """One municipality's entrance for files."""

    def __init__(
        self, municipality: str, register: Connection, numbers: Connection, cipher: ColumnCipher, digest_key: bytes
    ) -> None:
        self.municipality = municipality
        self.register = register
        self._numbers = numbers
        self._cipher = cipher
        self._digest_key = digest_key

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings, municipality: str) -> AsyncIterator[Self]:
        """Connect as the role `register`; raises `Refusal`."""
        key = load_key(settings, NUMBERS_KEY)
        cipher = ColumnCipher(key, table="number_version", column="number")
        names = (d.name(settings.environment, municipality) for d in (REGISTER_DATABASE, NUMBERS_DATABASE))
        register, numbers = [await connect(settings, name, role=REGISTER, principal=REGISTER) for name in names]
        try:
            yield cls(municipality, register, numbers, cipher, derive(key, "intake/file"))
        finally:
            await register.close()
            await numbers.close()

    async def standing(self, file: bytes) -> Standing:
        """How far the file is taken in."""
        row: Any = await self.register.fetchrow(_SQL["file"], file)
        return Standing(**dict(row))

    async def take(self, source: Source, told: Told = lambda _n: None) -> tuple[bytes, Standing]:
        """Take the file in, or what is left of it; `told` hears of the lines done. Raises `Refusal`."""
        file = await asyncio.to_thread(digest, source.path, self._digest_key)
        check_header(source)
        before = await self._begin(file, source.kind)
        if not before.finished:
            await self._take_batches(source, Origin(file, source.kind), Place(before.line, before.byte_offset), told)
        return file, await self.standing(file)

    async def _begin(self, file: bytes, kind: Kind) -> Standing:
        if kind == "difference" and not await self.register.fetchval(_SQL["has_full"]):
            raise Refusal("INTAKE-NO-FULL", "a difference changes what a full file brought; take a full file in first")
        await self.register.execute(_SQL["begin_file"], file, kind)
        standing = await self.standing(file)
        if standing.kind != kind:
            raise Refusal("INTAKE-KIND", f"this file was taken in as {standing.kind}; say so, or take another file")
        return standing

    async def _take_batches(self, source: Source, origin: Origin, start: Place, told: Told) -> None:
        """One batch is written while the next one is read."""
        done = start.line
        with source.path.open("rb") as stream:
            coming_batches = batches(source, stream, start, self.municipality)
            batch = await asyncio.to_thread(next, coming_batches, None)
            while batch is not None:
                coming = asyncio.create_task(asyncio.to_thread(next, coming_batches, None))
                try:
                    await self._take_batch(origin, done, batch)
                finally:
                    following = await coming
                done = batch.place.line
                told(done)
                batch = following
        await self.register.execute(_SQL["finish_file"], origin.file)

    async def _take_batch(self, origin: Origin, done: int, batch: Batch) -> None:
        sorted_out = await self._sort_out(origin, batch)
        references = await hand_in_numbers(self.register, self._numbers, self._cipher, sorted_out.taken)
        for _ in range(ATTEMPTS):
            try:
                return await self._write(origin, done, batch, references)
            except DeadlockDetectedError:
                continue
        raise Refusal("INTAKE-BUSY", "the register's writers are in the way; take the file in again, it goes on")

    async def _sort_out(self, origin: Origin, batch: Batch) -> Sorted:
        known = await self.register.fetch(_SQL["known_persons"], [p.addressee_number for p in batch.persons])
        return sort_out(batch, known, origin)

    async def _write(self, origin: Origin, done: int, batch: Batch, references: References) -> None:
        async with self.register.transaction():
            await self.register.execute(_SQL["alone"])
            now = await self._sort_out(origin, batch)
            await save_batch(self.register, origin.file, now)
            counted = await take_over(self.register, self.municipality, now.taken, references)
            await self._advance(origin.file, done, batch.place, now, counted)

    async def _advance(self, file: bytes, done: int, place: Place, now: Sorted, counted: Counter[str]) -> None:
        kinds = [counted[kind] for kind in ("created", "changed", "ceased", "annulled", "unchanged")]
        kinds[1] += counted["corrected"]
        lines_told = (now.refused_lines, now.warned_lines)
        answer = await self.register.execute(
            _SQL["advance"], file, done, place.line, place.offset, *lines_told, *kinds, len(now.former)
        )
        if answer != "UPDATE 1":
            raise Refusal("INTAKE-ELSEWHERE", "somebody else is taking this file in; let them, or start again")
