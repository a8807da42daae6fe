"""Several sleepers and one bell: nobody sleeps through what was rung while he looked."""

import asyncio

from infra.runtime.wake import Wake

LONG = 60.0


async def test_whoever_sleeps_wakes() -> None:
    wake = Wake()
    sleepers = [asyncio.create_task(wake.after(wake.rung, LONG)) for _ in range(3)]
    await asyncio.sleep(0)
    wake.ring()
    await asyncio.wait_for(asyncio.gather(*sleepers), 5)


async def test_what_was_rung_before_the_sleep_is_not_missed_though_another_has_heard_it() -> None:
    wake = Wake()
    seen = wake.rung
    wake.ring()
    await asyncio.wait_for(wake.after(seen, LONG), 5)
    await asyncio.wait_for(wake.after(seen, LONG), 5)


async def test_without_a_bell_a_sleep_ends_by_itself() -> None:
    wake = Wake()
    await wake.after(wake.rung, 0.01)
    assert wake.rung == 0
