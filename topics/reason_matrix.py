"""What each reason of change (異動事由) does: a declared table, read once; the register's rules are held to it."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BeforeValidator

from topics.items.resident import RESIDENT_FILE, ResidentClass
from topics.model import WireModel
from topics.reasons import codes_file

Need = Literal["required", "allowed", "never"]


class Channel(StrEnum):
    """Whom a change concerns, by the law's channels; who is sent anything is decided by grants alone."""

    IDENTITY_CONFIRMATION = "H"  # 本人確認情報
    MOVE_IN_NOTICE = "N"  # 転入通知
    MOVE_OUT_CERTIFICATE = "T"  # 転出証明書情報
    NUMBER_REQUEST = "P"  # 個人番号の要求
    DELIVERY_ADDRESS = "S"  # 送付先情報
    LINK_CODE_REQUEST = "G"  # 符号取得要求
    SECONDARY_COPY = "R"  # 副本・統合宛名
    ADDRESSEE = "A"  # 宛名連携
    WELFARE = "W"  # 福祉
    DOMICILE_NOTICE = "K"  # 戸籍附票記載事項通知
    IMMIGRATION_NOTICE = "E"  # 入管 市町村通知


class DateRules(WireModel):
    """Which of the six dates a change tells, and what holds of its day (異動日); 処理日 is always the day of input."""

    changed_on: Literal["past", "announced", "birth"] = "past"
    exact: bool = True
    filed_on: Need = "never"
    requested_on: Need = "never"
    notified_on: Need = "never"
    claimed_on: Need = "never"

    def needs(self) -> dict[str, Need]:
        """The dates beside 異動日 and 処理日, and what is needed of each."""
        return {
            "filed_on": self.filed_on,
            "requested_on": self.requested_on,
            "notified_on": self.notified_on,
            "claimed_on": self.claimed_on,
        }


def _expanded(told: object) -> frozenset[int]:
    return frozenset(number for each in told for number in _range(each)) if isinstance(told, list) else frozenset()


def _range(told: object) -> Iterator[int]:
    first, _, last = str(told).partition("-")
    numbers = range(int(first), int(last or first) + 1)
    if not RESIDENT_FILE.by_number.keys() >= set(numbers):
        raise ValueError("items must be numbers of file 1")
    yield from numbers


class ReasonRules(WireModel):
    """One reason's row: whom it applies to, what it may change, its dates, heads, groups, channels."""

    reason: str
    residents: frozenset[ResidentClass]
    items: Annotated[frozenset[int], BeforeValidator(_expanded)]
    dates: DateRules
    head: Literal["kept", "filed", "falls", "renamed", "restored"]
    group: Literal["person", "persons", "members", "filing"]
    followed_by: frozenset[str] = frozenset()
    pair: str | None = None
    channels: tuple[Channel, ...]


@cache
def reason_matrix() -> MappingProxyType[str, ReasonRules]:
    """Every row by its reason; ValueError when one stands twice."""
    rows = [ReasonRules.model_validate(row) for row in codes_file("reason_matrix.yaml")]
    by_reason = {row.reason: row for row in rows}
    if len(by_reason) != len(rows):
        raise ValueError("reason_matrix.yaml: a reason stands twice")
    return MappingProxyType(by_reason)


def removals_in_pairs(rows: Iterable[ReasonRules]) -> frozenset[str]:
    """Removals that never stand alone: their entry tells them."""
    return frozenset(row.pair for row in rows if row.pair is not None)
