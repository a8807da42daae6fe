"""The store in memory behaves as PostgreSQL does: the same statements, the same answers; locks, rollback, fencing."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from hub.commandline.faults.connection import MemoryPool
from hub.commandline.faults.statements import (
    PARTS,
    aside,
    codes,
    forwarding,
    hub,
    inquiries,
    interests,
    intermediate,
    kit,
    ledger,
    prefecture,
    protection,
    returns,
    welfare,
    windows,
)
from hub.commandline.faults.statements.table import Statements
from hub.store import SQL, FencedError, lock_head
from hub.windows.waiting import COLUMNS as WAITING
from infra.runtime.settings import Settings
from tests.broker.stores import CITY, Pools, in_memory, in_postgresql

PAST, FUTURE = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
DAY = date(2026, 4, 1)
YEAR = timedelta(days=365)
DISCLOSED = '{"kind": "disclose", "recipient": "a", "generation": 1, "number": 1}'
OCCASION, RETOLD = '{"kind": "changed"}', '{"kind": "retold"}'
ASKED = '{"kind": "view"}'
A, B = "1000000007", "1000000015"
CODED = '{"resident_code": "r", "former_resident_code": "q", "resident_code_since": "2026-04-01"}'
DELIVERY = (
    "recipient", "generation", "number", "addressee_number", "sequence", "history_number", "kind", "key", "headers",
    "value", "digest", "routed_at",
)  # fmt: skip
ENTRY = ("index", "entry", "addressee_number", "salt")
CODE = ("municipality", "institution", "epoch", "code", "link_number")
NOW = frozenset({"moment"})
"""Columns that tell the time."""

Told = tuple[Statements, str, Sequence[Any]]


def _deliveries() -> list[tuple[object, ...]]:
    numbers = (("a", 1, A, 1, 1), ("a", 2, B, 1, 1), ("a", 3, A, 2, 2), ("b", 1, A, 1, 2))
    return [
        (name, 2 if name == "b" else 1, number, who, sequence, history, "changed", b"k", b"[]", b"v%d" % number,
         b"d%d" % number, PAST)
        for name, number, who, sequence, history in numbers
    ]  # fmt: skip


def _asked(part: Statements, *asked: tuple[str, Sequence[Any]]) -> list[Told]:
    return [(part, name, arguments) for name, arguments in asked]


HUB = [
    *_asked(
        hub,
        ("take_over", ()), ("lock_head", ()), ("register_recipients", (["a", "b"], [1, 2])), ("last_numbers", ()),
        ("register_recipients", (["a"], [1])), ("snapshot_after", ("b", 2)), ("snapshot_after", ("a", 1)),
        ("snapshot_reached", ("b", 2, A)), ("snapshot_after", ("b", 2)), ("snapshot_reached", ("b", 2, None)),
        ("snapshot_after", ("b", 2)),
        ("advance_position", (5,)), ("lock_head", ()), ("register_recipients", (["late"], [1])),
        ("snapshot_after", ("late", 1)), ("advance_offset", ("t", 3)), ("advance_offset", ("t", 4)),
        ("offsets", ()), ("save_residents", ([A, B], [1, 1], ["active", "absent"], ['{"sex": "1"}', None])),
        ("save_residents", ([A], [2], ["ceased"], ['{"sex": "2"}'])), ("residents", ([A, B, "x"],)),
        ("codes", ([A, B, "x"],)), ("save_residents", ([B], [2], ["active"], [CODED])), ("codes", ([A, B],)),
        ("residents_after", ("", 1)), ("residents_after", (A, 9)),
        ("followed", ([A],)),
        ("save_followed", (["a", "b"], [1, 2], [A, A], ["s", "t"], [None, "l"], [1, 1], ["active"] * 2, [b"x", None],
            [b"y", None], ['{"c": [1, 0]}', None])),
        ("save_followed", (["b"], [2], [A], ["other"], ["other"], [2], ["absent"], [None], [b"z"], ['{"c": [2, 1]}'])),
        ("followed", ([A, B],)),
        ("place_interests", ("a", [A, B])), ("place_interests", ("a", [A])), ("interested", ([A, B],)),
        ("remove_interests", ("a", [B])), ("interested", ([A, B],)),
        ("save_last_numbers", (["a", "b"], [1, 2], [3, 1])),
    ),
    (hub, "copy delivery", (DELIVERY, _deliveries())),
    *_asked(
        hub,
        ("last_numbers", ()), ("due", ("a", 1)), ("due", ("x", 1)), ("unsent", ("a", 1, 2)),
        ("mark_sending", ("a", 1, 2, 1)), ("mark_sending", ("a", 1, 3, 9)), ("mark_sending", ("a", 1, 1, 1)),
        ("mark_sent", ("a", 1, 2, 9)), ("unsent", ("a", 1, 9)), ("mark_sent", ("a", 1, 2, 1)), ("unsent", ("a", 1, 9)),
        ("mark_sent", ("a", 1, 1, 1)), ("due", ("a", 1)), ("unread", ()), ("earlier_sequences", ([A, B], [2, 1])),
        ("ask_again", ("a", 1, 1, 3)), ("ask_again", ("a", 1, 2, 2)), ("due", ("a", 1)), ("asked_again", ("a", 1, 1)),
        ("asked_again", ("a", 1, 9)),
        ("forget_asked", ([1],)), ("asked_again", ("a", 1, 9)), ("share_grant", ("a", 1)), ("take_grant", ("a", 1)),
        ("grant_epoch", ("a", 1)), ("grant_epoch", ("a", 7)), ("expected_message", ("p",)),
        ("advance_message", ("p", 4)),
        ("expected_message", ("p",)), ("acknowledge", ("a", 1, 1, 2, "applied")),
        ("acknowledge", ("a", 1, 3, 3, "held")), ("unread", ()),
        ("digests_of_spans", ("a", [1, 1, 7], [1, 9, 1], [3, 9, 1])), ("park", ("t", 7, b"k", b"v", "CODE")),
        ("park", ("t", 7, b"k", b"v", "CODE")), ("open_runs", (["a", "b"],)),
        ("save_runs", (["a", "b"], [1, 2], [1, 1], ["s"] * 2, ["r"] * 2, [b"r"] * 2, [b"s"] * 2, [b"k", None])),
        ("open_runs", (["a", "b"],)), ("close_runs", (["a"], [1])), ("open_runs", (["a", "b"],)),
        ("save_runs", (["a"], [1], [65], ["s"], ["r"], [b"r2"], [b"s"], [b"k2"])), ("open_runs", (["a", "b"],)),
    ),
    *_asked(ledger, ("ledger_head", ()), ("entered", ())),
    (ledger, "copy ledger_entry", (ENTRY, [(0, "{}", None, None), (1, DISCLOSED, A, b"salt"), (2, ASKED, A, b"salt")])),
    *_asked(
        protection,
        ("protections", ([A],)),
        ("save_protections", ([A, B], ["full", "none"], ["address", None], [DAY, None], [None, None])),
        ("save_protections", ([A], ["ended"], [None], [None], [DAY])), ("protections", ([A, B, "x"],)),
        ("disclosed", ([A],)), ("disclosed", ([B],)),
        ("save_recalls", (["a", "b"], [1, 2], [A, A], [7, 7], [2, None], ["told", "not-told"], [4, None])),
    ),
    *_asked(hub, ("acknowledge", ("a", 1, 2, 2, "parked"))),
    *_asked(
        returns,
        ("spans", ("a", [1, 1, 7], [1, 3, 1], [2, 9, 1])), ("tell_anew", ("a", 1, [A])),
        ("remember_refused", ("a", [1, 1], [A, A], [1, 2])), ("remember_refused", ("a", [1], [A], [2])),
        ("forget_refused", ("a", [1], [1], [1])), ("tell_anew", ("a", 1, [A, B])),
        ("ask_redeliveries", ("a", [A, B])), ("ask_redeliveries", ("a", [A])), ("any_redelivery", ()),
        ("asked_redeliveries", ("a", 1)), ("forget_redeliveries", ("a", [A])), ("asked_redeliveries", ("a", 9)),
        ("forget_refused", ("a", [1, 1], [1, 3], [2, 3])), ("tell_anew", ("a", 1, [A])), ("take_numbers", (2,)),
        ("take_numbers", (1,)), ("keep", ([1, 2], [b"one", b"two"])), ("unsent", (1,)), ("unsent", (9,)),
        ("confirmed", (1,)), ("unsent", (9,)),
    ),
    *_asked(hub, ("followed", ([A],))),
    *_asked(
        ledger,
        ("advance_ledger", (2, PAST)), ("ledger_head", ()),
        ("save_entered", (["grant", "key"], ["a/1", "k"], [b"1", b"2"])),
        ("save_entered", (["grant"], ["a/1"], [b"3"])), ("entered", ()),
    ),
    *_asked(windows, ("last_due", (["a", "b"], [1, 2])), ("any_due", ()), ("due", ())),
    (windows, "copy waiting", (WAITING, [
        ("a", 1, A, 1, "active", '{"sex": "1"}', OCCASION, PAST), ("a", 1, A, 2, "active", None, OCCASION, PAST),
        ("a", 1, B, 1, "active", None, OCCASION, FUTURE),
        ("b", 2, B, 1, "active", None, RETOLD, PAST),
    ])),
    *_asked(
        windows,
        ("last_due", (["a", "b", "c"], [1, 2, 1])), ("any_due", ()), ("due", ()), ("rank", ([2, 1], [1, 2])),
        ("retold", ([2, 99],)),
        ("ranked", ()), ("due", ()), ("next_ranked", ("a", 1, 1)), ("next_ranked", ("a", 1, 9)),
        ("forget_rows", ([1, 2],)),
        ("ranked", ()), ("any_due", ()), ("forget_rows", ([4, 99],)), ("last_due", (["a", "b"], [1, 2])),
    ),
]  # fmt: skip
KIT = _asked(
    kit,
    ("stored_offset", ("t", 0)), ("lock_offset", ("t", 0)), ("earlier_generation", (CITY, 1)),
    ("open_lane", ("t", 0, 7, CITY, 1)), ("open_lane", ("t", 0, 9, CITY, 1)), ("stored_offset", ("t", 0)),
    ("lock_offset", ("t", 0)), ("earlier_generation", (CITY, 2)), ("next_number", (CITY, 1)),
    ("receive", (CITY, 1, [1, 2], [b"1", b"2"])), ("receive", (CITY, 1, [2, 3], [b"other", b"3"])),
    ("received", (CITY, 1, [1, 2, 3, 4])), ("subject_gates", (CITY, ["s", "t"])), ("give_up", (CITY, 1, [2])),
    ("set_subject_gates", (CITY, ["s", "t"], [1, 4])), ("set_subject_gates", (CITY, ["s"], [2])),
    ("subject_gates", (CITY, ["s", "t", "u"])),
    ("miss", (CITY, 1, [5, 6])), ("miss", (CITY, 1, [6, 7])), ("find", (CITY, 1, [5, 99])),
    ("not_applied", (CITY, 1, [2, 5, 6, 7])),
    ("keep_protections", (CITY, ["s", "t"], [1, 1], [True, False], ["full", None], ["address", None], [DAY, None],
        [None] * 2)),
    ("forget_protections", (CITY, ["s", "x"])),
    ("ask_again", (CITY, 1, 3600.0, 3600.0)), ("ask_again", (CITY, 1, 0.0, 3600.0)), ("next_number", (CITY, 1)),
    ("advance", ("t", 0, CITY, 1, 10, 2, 1, 8)), ("advance", ("t", 0, CITY, 1, 11, 1, 0, 9)),
    ("next_number", (CITY, 1)), ("stored_offset", ("t", 0)), ("allot", (CITY, 2)), ("allot", ("142166", 3)),
    ("enqueue", (CITY, "c", [1, 2], [b"m1", None], [None, b"m2"])), ("unsent", (CITY, 1)), ("unsent", (CITY, 9)),
    ("confirmed", (CITY, 1)),
    ("unsent", (CITY, 9)),
)  # fmt: skip
ASIDE = _asked(
    aside,
    ("all_set_aside", (CITY, 1)), ("parked_from", (CITY, "t", 0, 0)),
    ("hold", (CITY, 1, "t", 0, [20, 21, 22], [b"k"] * 3, [b"v", None, b"w"], [b"h"] * 3, [10, 11, 12], ["s", "t", "u"],
        [4, 5, 6], [10, 10, 12], [2, 2, 1], ["{}", "{2,3}", "{}"])),
    ("park", (CITY, "t", 0, [3, 4], [b"k", None], [b"v", None], [b"h"] * 2, [None, 1], [None, 13], [None, "t"],
        [None, 6], [None, 13], [None, 1], ["C", "D"])),
    ("all_set_aside", (CITY, 1)), ("set_aside_with", (CITY, 1, ["s"], [])), ("set_aside_with", (CITY, 1, [], [12])),
    ("held_records", (CITY, 1, [10, 12, 99])), ("parked_from", (CITY, "t", 0, 4)), ("spoil", (CITY, 1, [10], ["E"])),
    ("release", (CITY, 1, [12, 99])), ("unpark", (CITY, 1, [13])), ("all_set_aside", (CITY, 1)),
    ("parked_from", (CITY, "t", 0, 0)),
)  # fmt: skip
PERSON = (CITY, ["s", "t"], [1, 1], ["active", "ceased"], ["{}", '{"sex": "1"}'])
INSTRUCTED = (CITY, ["t", "x"], [2, 2], ['["sex", "my_number"]', "[]"])
SEALED = ([b"1", None], [None, b"2"], [None, None])
OF_RECIPIENTS = {
    "welfare": [
        *KIT,
        *_asked(
            welfare,
            ("put", PERSON), ("put", PERSON), ("instruct", INSTRUCTED), ("drop", (CITY, ["s", "x"])),
        ),
        *_asked(
            interests,
            ("place", (CITY, [A, B])), ("place", (CITY, [A])), ("remove", (CITY, [B, "x"])), ("place", (CITY, [A, B])),
        ),
    ],
    "prefecture": [
        *ASIDE,
        *_asked(
            prefecture,
            ("put", (*PERSON, *SEALED)), ("put", (*PERSON, *SEALED)), ("registered", (CITY, ["s", "t", "x"])),
            ("instruct", INSTRUCTED), ("registered", (CITY, ["t"])), ("drop", (CITY, ["s"])),
            ("closed", (CITY, ["s"])), ("close", (CITY, ["s", "t"], [b"i", b"j"], [1, 2], [0, 1])),
            ("close", (CITY, ["s"], [b"i"], [3], [0])), ("closed", (CITY, ["s", "t"])), ("marks", (CITY, ["s", "t"])),
        ),
        *_asked(
            forwarding,
            ("allot", (CITY, 2)), ("enqueue", (CITY, [1, 2], [b"m", b"n"])), ("allot", (CITY, 1)),
        ),
    ],
    "intermediate": [
        *_asked(
            intermediate,
            ("put", (*PERSON, ["l", "m"], YEAR)), ("put", (*PERSON, ["l", "m"], YEAR)),
            ("register", (CITY, ["s", "x"])), ("instruct", INSTRUCTED),
            ("end_registrations", (CITY, ["m", "l"])), ("register", (CITY, ["t"])),
            ("end_registrations", (CITY, ["m", "x"])), ("register", (CITY, ["t"])), ("drop", (CITY, ["x"])),
            ("delete_registrations", (CITY, ["l", "m"], [1, 2])),
        ),
        *_asked(
            inquiries,
            ("open_progress", ("inquiry", 0, 3)), ("open_progress", ("inquiry", 0, 2)),
            ("open_progress", ("inquiry", 0, 5)), ("unsent", (CITY, "i", 9)),
        ),
        *_asked(
            codes,
            ("lock_codes", (CITY,)), ("open_epochs", (CITY,)), ("open_epoch", (CITY, "i", 1)),
            ("open_epochs", (CITY,)),
        ),
        (codes, "copy link_code", (CODE, [(CITY, "i", 1, "c", "l"), (CITY, "i", 1, "d", "m")])),
        *_asked(
            codes,
            ("coded", (CITY, ["i", "j"], ["l", "m"])), ("everybody", (CITY,)), ("end_codes", (CITY, ["l"])),
            ("coded", (CITY, ["i"], ["l", "m"])),
        ),
        *_asked(intermediate, ("drop", (CITY, ["s"]))),
    ],
}  # fmt: skip
SCRIPTS = {"hub": HUB, "numbers": _asked(hub, ("numbers", ([A],))), **OF_RECIPIENTS}
ORDERED = frozenset({"unsent", "asked_again", "due", "next_ranked"})


def test_every_counterpart_is_compared() -> None:
    asked = {(id(part), name) for script in SCRIPTS.values() for part, name, _ in script}
    known = {(id(part), name) for part in PARTS for name in (*part.handlers, *(f"copy {t}" for t in part.copies))}
    assert asked == known


async def test_both_stores_answer_alike(settings: Settings) -> None:
    memory = in_memory()
    async with in_postgresql(settings) as postgresql:
        for name, script in SCRIPTS.items():
            for part, query, arguments in script:
                answers = [await _answer(pools[name], part, query, arguments) for pools in (memory, postgresql)]
                assert answers[0] == answers[1], f"{name}: {query}"
            await _the_same_rows_stand(memory[name], postgresql[name])


async def _the_same_rows_stand(memory: MemoryPool, postgresql: Any) -> None:
    """Also where no statement asks for them."""
    for table in memory.database.schema:
        kept = memory.database.rows(table)
        there = [dict(row) for row in await postgresql.fetch(f'SELECT * FROM "{table}"')]
        shown = [{column: row[column] for column in kept[0]} for row in there] if kept else there
        assert _untimed(kept) == _untimed(shown), table


def _untimed(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of times only whether there are any."""
    plain = [
        {name: isinstance(value, datetime) or value for name, value in _plain(row).items()} for row in map(dict, rows)
    ]
    return sorted(plain, key=lambda row: repr(sorted(row.items())))


async def _answer(pool: Any, part: Statements, query: str, arguments: Sequence[Any]) -> list[Any]:
    async with pool.acquire() as connection, connection.transaction():
        if query.startswith("copy "):
            columns, records = arguments
            await connection.copy_records_to_table(query.removeprefix("copy "), records=records, columns=columns)
            return []
        rows = [_plain(dict(row)) for row in await connection.fetch(part.queries[query], *arguments)]
    told = [row for row in rows if row]  # a lock's answer is nothing
    return told if query in ORDERED else sorted(told, key=repr)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Without what nobody can foretell, JSON read."""
    told = {name: value for name, value in row.items() if name not in NOW and not name.startswith("pg_advisory")}
    return {name: json.loads(value) if str(value).startswith("{") else value for name, value in told.items()}


@pytest.fixture(params=["memory", "PostgreSQL"])
async def pools(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[Pools]:
    if request.param == "memory":
        yield in_memory()
    else:
        async with in_postgresql(settings) as opened:
            yield opened


async def test_a_store_keeps_its_promises(pools: Pools) -> None:
    await _a_rolled_back_transaction_leaves_nothing(pools["hub"])
    await _what_is_not_committed_is_not_seen(pools["hub"])
    await _who_was_replaced_is_fenced(pools["hub"])
    await _the_second_waits_and_sees_what_the_first_did(pools["welfare"])
    await _a_lock_that_is_shared_is_not_had_alone(pools["hub"])
    await _a_key_that_stands_is_refused(pools["welfare"])
    await _what_fails_within_is_undone_alone(pools["hub"])


async def _what_fails_within_is_undone_alone(pool: Any) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["advance_offset"], "around", 1)
        with pytest.raises(LookupError):
            async with connection.transaction():
                await connection.execute(SQL["advance_offset"], "around", 2)
                await connection.execute(SQL["advance_offset"], "within", 2)
                raise LookupError
        async with connection.transaction():
            await connection.execute(SQL["advance_offset"], "after", 3)
    told = {row["topic"]: row["next_offset"] for row in await pool.fetch(SQL["offsets"])}
    assert told.items() >= {("around", 1), ("after", 3)}
    assert "within" not in told


async def _a_rolled_back_transaction_leaves_nothing(pool: Any) -> None:
    with pytest.raises(LookupError):
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["advance_offset"], "rolled back", 7)
            raise LookupError
    assert await pool.fetch(SQL["offsets"]) == []


async def _what_is_not_committed_is_not_seen(pool: Any) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["advance_offset"], "seen", 7)
        assert len(await connection.fetch(SQL["offsets"])) == 1
        assert await pool.fetch(SQL["offsets"]) == []
    assert len(await pool.fetch(SQL["offsets"])) == 1


async def _who_was_replaced_is_fenced(pool: Any) -> None:
    await pool.execute(SQL["register_recipients"], ["a"], [1])
    mine = await pool.fetchval(SQL["take_over"])
    async with pool.acquire() as connection, connection.transaction():
        assert await lock_head(connection, mine) == 1
        taking_over = asyncio.create_task(pool.fetchval(SQL["take_over"]))
        await asyncio.wait({taking_over}, timeout=0.05)
        assert not taking_over.done()
    assert await taking_over == mine + 1
    with pytest.raises(FencedError):
        async with pool.acquire() as connection, connection.transaction():
            await lock_head(connection, mine)
    assert await pool.fetchval(SQL["mark_sending"], "a", 1, 1, mine) is None


async def _the_second_waits_and_sees_what_the_first_did(pool: Any) -> None:
    """Compare and set: of two that would settle the same records one finds them settled."""
    query = kit.queries
    await pool.execute(query["open_lane"], "t", 0, 7, CITY, 1)

    async def settle() -> bool:
        async with pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(query["lock_offset"], "t", 0) != 7:
                return False
            await connection.execute(query["advance"], "t", 0, CITY, 1, 2, 1, 0, 8)
            return True

    assert sorted(await asyncio.gather(settle(), settle())) == [False, True]
    assert await pool.fetchval(query["stored_offset"], "t", 0) == 8


async def _a_lock_that_is_shared_is_not_had_alone(pool: Any) -> None:
    async def revoke() -> None:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["take_grant"], "a", 1)

    async with pool.acquire() as one, one.transaction(), pool.acquire() as other, other.transaction():
        await one.execute(SQL["share_grant"], "a", 1)
        await other.execute(SQL["share_grant"], "a", 1)
        revoking = asyncio.create_task(revoke())
        await asyncio.wait({revoking}, timeout=0.05)
        assert not revoking.done()
    await revoking


async def _a_key_that_stands_is_refused(pool: Any) -> None:
    await pool.execute(kit.queries["enqueue"], CITY, None, [1], [b"once"], [None])
    with pytest.raises(asyncpg.UniqueViolationError):
        await pool.execute(kit.queries["enqueue"], CITY, None, [1], [b"twice"], [None])
