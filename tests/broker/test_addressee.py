"""The in-house office's files: everybody or what changed, complete from change number to change number."""

import csv
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from consumers.addressee.apply import AddresseeCopy
from consumers.addressee.export import ADDRESSEE, Exported, export
from consumers.addressee.layout import columns, header
from consumers.databases import database_of
from consumers.kit.protection import keep_protections
from infra.runtime.files import OWNER_ONLY
from infra.runtime.migrations import prepare_databases
from infra.runtime.postgres import connect
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.declared import declared_by_recipient
from topics.messages.delivery import Delivery
from topics.messages.protection import ProtectionTold

CITY = "142158"
GRANT = declared_by_recipient()[ADDRESSEE]


@pytest.fixture
async def office(settings: Settings) -> AsyncIterator["Office"]:
    """The office's database, to which deliveries are applied as its process would."""
    await prepare_databases(settings, (database_of(GRANT),))
    name = database_of(GRANT).name(settings.environment, CITY)
    connection = await connect(settings, name, role=ADDRESSEE, principal=ADDRESSEE)
    yield Office(settings, connection)
    await connection.close()


class Office:
    """What it is told, and the files it writes."""

    def __init__(self, settings: Settings, connection: asyncpg.Connection) -> None:
        self.settings = settings
        self.connection = connection

    async def told(self, *deliveries: Delivery) -> None:
        """One batch."""
        async with self.connection.transaction():
            await AddresseeCopy().apply(self.connection, CITY, deliveries)
            await keep_protections(self.connection, CITY, deliveries)

    async def writes(self, path: Path, since: int | None) -> tuple[Exported, list[dict[str, str]]]:
        """A file, read back."""
        return await export(self.settings, CITY, path, since), _read(path)


def _read(path: Path) -> list[dict[str, str]]:
    """The rows as a spreadsheet has them, of a file that nobody else may read."""
    assert path.stat().st_mode & 0o777 == OWNER_ONLY
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _delivery(subject: str, sequence: int, **changes: Any) -> Delivery:
    items = {"addressee_number": f"n-{subject}", "name": {"text": f"合成　{subject}", "kana": "ごうせい"}}
    base: dict[str, Any] = {
        "recipient": ADDRESSEE, "municipality": CITY, "generation": 1, "number": 1, "sequence": sequence,
        "subject": subject, "kind": "changed", "state": "active", "items": items | changes.pop("items", {}),
    }  # fmt: skip
    return Delivery.model_validate(base | changes)


def _gone(subject: str, sequence: int) -> Delivery:
    return _delivery(subject, sequence, kind="annulled", state="absent").model_copy(update={"items": {}})


def _standing(rows: Sequence[dict[str, str]]) -> dict[str, tuple[str, str]]:
    return {row["宛名番号"]: (row["履歴番号"], row["削除フラグ"]) for row in rows}


async def test_a_full_file_and_the_differences_after_it_make_the_copy(office: Office, tmp_path: Path) -> None:
    await office.told(*(_delivery(subject, 1) for subject in "abc"))
    first, everybody = await office.writes(tmp_path / "full.csv", None)
    assert (first.rows, _standing(everybody)) == (3, {f"n-{subject}": ("1", "0") for subject in "abc"})
    await office.told(_delivery("b", 2), _gone("c", 2), _delivery("d", 1, state="ceased"))
    second, changed = await office.writes(tmp_path / "difference.csv", first.until)
    assert _standing(changed) == {"n-b": ("2", "0"), "n-c": ("1", "1"), "n-d": ("1", "0")}
    assert await office.writes(tmp_path / "again.csv", first.until) == (second, changed)
    third, none = await office.writes(tmp_path / "nothing.csv", second.until)
    assert (third.rows, none, third.until) == (0, [], second.until)
    _, now = await office.writes(tmp_path / "full.csv", None)
    merged = _standing(everybody) | _standing(changed)
    assert _standing(now) == {number: row for number, row in merged.items() if row[1] == "0"}


async def test_a_block_is_in_the_next_difference_and_in_every_full_file(office: Office, tmp_path: Path) -> None:
    free, blocked = ProtectionTold(blocked=False), ProtectionTold(blocked=True)
    await office.told(_delivery("a", 1, protection=free), _delivery("b", 1, protection=free), _delivery("c", 1))
    first, everybody = await office.writes(tmp_path / "full.csv", None)
    assert [row["支援措置フラグ"] for row in everybody] == ["0", "0", "1"]
    block = _delivery("b", 2, kind="block", protection=blocked).model_copy(update={"items": {}})
    await office.told(block, _gone("c", 2))
    _, changed = await office.writes(tmp_path / "difference.csv", first.until)
    shown = {row["宛名番号"]: (row["氏名"], row["支援措置フラグ"]) for row in changed}
    assert shown == {"n-b": ("合成　b", "1"), "n-c": ("", "0")}


async def test_what_is_open_is_not_in_a_file_and_comes_in_the_next(office: Office, tmp_path: Path) -> None:
    await office.told(_delivery("a", 1))
    name = database_of(GRANT).name(office.settings.environment, CITY)
    async with _connected(office.settings, name) as other, other.transaction():
        await AddresseeCopy().apply(other, CITY, [_delivery("b", 1)])
        first, rows = await office.writes(tmp_path / "one.csv", None)
    assert set(_standing(rows)) == {"n-a"}
    _, later = await office.writes(tmp_path / "two.csv", first.until)
    assert set(_standing(later)) == {"n-b"}


async def test_a_copy_that_began_anew_tells_no_difference_from_before(office: Office, tmp_path: Path) -> None:
    await office.told(_delivery("a", 1), _delivery("b", 1))
    before, _ = await office.writes(tmp_path / "before.csv", None)
    async with office.connection.transaction():
        await AddresseeCopy().forget(office.connection, CITY)
    await office.told(_delivery("a2", 1))
    for since in (before.until, 10**9):
        with pytest.raises(Refusal, match="ADDRESSEE-SINCE"):
            await office.writes(tmp_path / "difference.csv", since)
    assert not (tmp_path / "difference.csv").exists()
    _, rows = await office.writes(tmp_path / "full.csv", None)
    assert set(_standing(rows)) == {"n-a2"}


async def test_names_are_text_and_dates_are_three_columns(office: Office, tmp_path: Path) -> None:
    items = {
        "name": {"text": "=合成", "kana": "ごうせい"}, "birth_date": "1980-02-XX", "resident_since": "2020-04-01",
        "removal": {"reason": "23", "removed_on": "2026-01-05", "filed_on": "2026-01-06"},
    }  # fmt: skip
    await office.told(_delivery("a", 1, items=items))
    _, [row] = await office.writes(tmp_path / "full.csv", None)
    assert row["氏名"] == "'=合成"
    assert [row[f"生年月日{ending}"] for ending in ("", "_不詳フラグ", "_不詳表記")] == ["", "1", "昭和55年2月　日不詳"]
    assert [row[f"住民となった年月日{ending}"] for ending in ("", "_不詳フラグ")] == ["2020-04-01", "0"]
    assert row["消除情報_異動年月日"] == "2026-01-05"
    assert row["現住所"] == row["消除情報_届出年月日_不詳表記"] == ""


def test_the_columns_are_the_granted_items_and_no_others() -> None:
    paths = {column.path[0] for column in columns(GRANT)} | {"addressee_number"}
    assert paths == set(GRANT.fields())
    names = header(columns(GRANT))
    assert len(set(names)) == len(names)
    assert not {"個人番号", "住民票コード"} & set(names)


@asynccontextmanager
async def _connected(settings: Settings, name: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(settings, name, role=ADDRESSEE, principal=ADDRESSEE)
    try:
        yield connection
    finally:
        await connection.close()
