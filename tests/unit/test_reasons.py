"""The table of reasons, what partners write for them, and the matrix that the register's rules are held to."""

from datetime import date

import pytest

from topics.reason_matrix import Channel, reason_matrix, removals_in_pairs
from topics.reasons import partner_code, reason_code, reason_mappings, reason_names, reason_on, reasons

TODAY = date(2026, 4, 1)
LISTED = {
    "enter": """国内転入 国外転入等 出生 職権記載（帰化等） 職権記載（国籍喪失） 職権記載 改製（記載） 再製（記載）
        異動の取消し（増）""",
    "remove": """国内転出 国外転出 死亡 職権消除（帰化等） 職権消除（国籍喪失） 職権消除 改製（消除） 再製（消除）
        異動の取消し（減）""",
    "amend": """転居 軽微な修正 職権修正 誤記修正 個人番号の変更請求 個人番号の職権修正 個人番号の職権記載
        住民票コードの変更請求 住民票コードの職権記載 世帯分離 世帯合併 世帯変更 世帯主変更
        旧氏の記載 旧氏の変更 旧氏の削除 通称の記載 通称の削除 異動の取消し（修正）""",
}


@pytest.mark.parametrize("effect", LISTED)
def test_the_table_has_the_standards_reasons_and_no_other(effect: str) -> None:
    listed = [reason.name_ja for reason in reasons() if reason.listed and reason.effect == effect]
    assert listed == LISTED[effect].split()


def test_a_move_within_that_is_taken_back_is_no_reason_of_its_own() -> None:
    assert not [reason for reason in reasons() if "転居取消" in reason.name_ja]


def test_on_any_day_a_code_is_one_reasons_and_a_reason_has_one_code() -> None:
    days = {reason.valid_from for reason in reasons()} | {TODAY}
    for day in days:
        valid = [reason for reason in reasons() if reason.holds_on(day)]
        assert len({reason.code for reason in valid}) == len({reason.name for reason in valid}) == len(valid)


def test_a_code_is_asked_for_by_name_and_day() -> None:
    assert reason_code("death", TODAY) == "23"
    with pytest.raises(LookupError):
        reason_code("former-name-entry", date(2019, 11, 4))
    with pytest.raises(LookupError):
        reason_on("wedding", TODAY)


@pytest.mark.parametrize("partner", sorted({mapping.partner for mapping in reason_mappings()}))
@pytest.mark.parametrize("reason", reason_names())
def test_a_partner_has_a_word_for_every_reason_or_is_said_to_have_none(partner: str, reason: str) -> None:
    told = partner_code(partner, reason, TODAY)
    assert told is None or told.strip()


def test_an_absent_code_is_no_oversight() -> None:
    assert partner_code("vendor-next", "nationality-loss-entry", TODAY) is None
    assert partner_code("national-file", "death", TODAY) == "23"
    for partner, reason in (("vendor-next", "wedding"), ("nobody", "death")):
        with pytest.raises(LookupError):
            partner_code(partner, reason, TODAY)
    with pytest.raises(LookupError):
        partner_code("vendor-next", "death", date(2014, 12, 31))


def test_mappings_speak_of_our_reasons_only() -> None:
    assert {name for mapping in reason_mappings() for name in mapping.codes} == set(reason_names())


def test_the_matrix_has_a_row_for_every_reason() -> None:
    assert set(reason_matrix()) == set(reason_names())


@pytest.mark.parametrize("reason", reason_names())
def test_a_row_agrees_with_the_reasons_effect(reason: str) -> None:
    row, effect = reason_matrix()[reason], reason_on(reason, TODAY).effect
    paired = reason in removals_in_pairs(reason_matrix().values())
    assert bool(row.items) != paired
    assert set(row.followed_by) <= set(reason_names())
    assert row.residents
    assert (row.pair is None) or (effect == "enter" and reason_on(row.pair, TODAY).effect == "remove")
    assert (row.head == "falls") <= (effect == "remove" or reason == "household-change")
    assert (24 in row.items) >= (effect == "remove" and not paired)
    assert (row.dates.changed_on == "announced") == (reason == "move-out-announced")


def test_what_concerns_nobody_outside_is_told_to_nobody() -> None:
    silent = {reason for reason, row in reason_matrix().items() if not row.channels}
    pairs = removals_in_pairs(reason_matrix().values())
    assert silent == {"renewal-entry", "reproduction-entry"} | pairs


@pytest.mark.parametrize("channel", Channel)
def test_every_channel_is_some_reasons(channel: Channel) -> None:
    assert [row for row in reason_matrix().values() if channel in row.channels]
