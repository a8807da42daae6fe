"""How a role ends that cannot start: with its sentence, also where several of its tasks are refused at once."""

import asyncio

import pytest

from infra.runtime.refusals import Refusal
from infra.runtime.service import Stop, serve

REFUSED = Refusal("KRN-TEST", "do this")


async def _fail(error: Exception) -> None:
    raise error


async def _several(*errors: Exception) -> None:
    async with asyncio.TaskGroup() as outer, asyncio.TaskGroup() as inner:
        outer.create_task(_fail(errors[0]))
        for error in errors[1:]:
            inner.create_task(_fail(error))


async def test_of_several_refusals_one_is_told() -> None:
    async def run(_stop: Stop) -> None:
        await _several(REFUSED, REFUSED)

    with pytest.raises(Refusal, match="do this"):
        await serve(run)


async def test_a_refusal_hides_no_other_fault() -> None:
    async def run(_stop: Stop) -> None:
        await _several(REFUSED, ValueError("a fault"))

    with pytest.raises(ExceptionGroup):
        await serve(run)
