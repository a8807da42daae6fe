"""``kairan docs reasons``: every reason of change, its codes, and what it may do."""

from datetime import date
from typing import Annotated

import typer
from rich.table import Table

from hub.commandline.output import AsJson, console, print_json
from topics.items.resident import RESIDENT_FILE
from topics.reason_matrix import Channel, ReasonRules, reason_matrix, removals_in_pairs
from topics.reasons import Reason, partner_code, reason_mappings, reasons

AsMarkdown = Annotated[bool, typer.Option("--markdown", help="print the reference page")]
_DATES = {"filed_on": "届出日", "requested_on": "申出日", "notified_on": "通知日", "claimed_on": "請求日"}


def reasons_command(as_json: AsJson = False, markdown: AsMarkdown = False) -> None:  # noqa: FBT002
    """Show every reason of change and what it may do. Example: kairan docs reasons --markdown"""
    if markdown:
        typer.echo(reasons_page(), nl=False)
    elif as_json:
        print_json([_row(reason) for reason in reasons()])
    else:
        table = Table("code", "reason", "事由", "effect", "items", "channels")
        for reason in reasons():
            row = reason_matrix()[reason.name]
            table.add_row(
                reason.code, reason.name, reason.name_ja, reason.effect, ranges(row.items), "".join(row.channels)
            )
        console.print(table)


def _row(reason: Reason) -> dict[str, object]:
    """One code with its rules and with what each partner writes in our last period."""
    rules = reason_matrix()[reason.name].model_dump(mode="json", exclude={"reason"})
    sets = {name: sorted(rules[name]) for name in ("residents", "items", "followed_by")}
    return {**reason.model_dump(mode="json"), **rules, **sets, "partners": _partners(reason)}


def _partners(reason: Reason) -> dict[str, str | None]:
    day = reason.valid_to or date.max
    return {partner: partner_code(partner, reason.name, day) for partner in _PARTNERS}


_PARTNERS = tuple(dict.fromkeys(mapping.partner for mapping in reason_mappings()))


def reasons_page() -> str:
    """The page ``docs/reference/reasons.md``."""
    return "\n".join([*_HEAD, "", *_codes(), "", *_rules(), "", *_channels(), "", *_items()]) + "\n"


_HEAD = (
    "# Reasons of change (異動事由)",
    "",
    "Written by `kairan docs reasons --markdown` from `topics/codes/reasons.yaml`, `reason_mappings.yaml` and",
    "`reason_matrix.yaml`. The list is that of 住民記録システム標準仕様書 1.2.2; reasons in *italics* are steps that",
    "it does not name. Codes are dated data and this register's own: nothing is decided on their digits.",
    "A partner's `–` says that it has no such reason or that its code is not known; Juki-net's codes are not public:",
    "its column has the law's words.",
)


def _codes() -> list[str]:
    head = ["## Codes", "", f"| code | reason | 事由 | effect | valid | {' | '.join(_PARTNERS)} |"]
    rule = "|---" * (5 + len(_PARTNERS)) + "|"
    return [*head, rule, *(_code_line(reason) for reason in reasons())]


def _code_line(reason: Reason) -> str:
    name = f"`{reason.name}`" if reason.listed else f"*`{reason.name}`*"
    partners = " | ".join(told or "–" for told in _partners(reason).values())
    period = f"{reason.valid_from} – {reason.valid_to or ''}".strip()
    return f"| {reason.code} | {name} | {reason.name_ja} | {reason.effect} | {period} | {partners} |"


_COLUMNS = ("reason", "residents", "items of file 1", "異動日", "other dates", "head", "group", "others", "channels")


def _rules() -> list[str]:
    pairs = removals_in_pairs(reason_matrix().values())
    head = [
        "## What each may do",
        "",
        "The register refuses a filing whose dates or residents a row forbids; a rule that changes another item fails.",
        "異動日 lies at or before the day of filing, but for an announced move-out; 処理日 is always the day of input.",
        "A removal of a pair never stands alone: its entry tells it",
        "([why](../decisions/0009-a-pair-is-one-change.md)).",
        "",
        f"| {' | '.join(_COLUMNS)} |",
        "|---" * len(_COLUMNS) + "|",
    ]
    return [*head, *(_rule_line(row) for row in reason_matrix().values() if row.reason not in pairs)]


def _rule_line(row: ReasonRules) -> str:
    pair = f"`{row.reason}`" + (f" + `{row.pair}`" if row.pair else "")
    followed = ", ".join(f"`{name}`" for name in sorted(row.followed_by))
    channels = " ".join(row.channels) or "none"
    dates = ", ".join(f"{_DATES[name]} {need}" for name, need in row.dates.needs().items() if need != "never")
    day = row.dates.changed_on + ("" if row.dates.exact else ", may be unknown")
    cells = (pair, ", ".join(sorted(row.residents)), ranges(row.items), day, dates, row.head, row.group, followed)
    return f"| {' | '.join((*cells, channels))} |"


def _channels() -> list[str]:
    head = [
        "## Channels",
        "",
        "Whom a reason concerns by law. What is sent, and to whom, is decided by grants alone.",
        "",
    ]
    return [*head, *(f"- **{channel.value}** {channel.name.lower().replace('_', ' ')}" for channel in Channel)]


def _items() -> list[str]:
    head = ["## Reasons by item", "", "| item | 記録項目 | reasons that may change it |", "|---|---|---|"]
    return [*head, *(_item_line(number) for number in sorted(RESIDENT_FILE.by_number))]


def _item_line(number: int) -> str:
    named = [row.reason for row in reason_matrix().values() if number in row.items and row.head != "restored"]
    return f"| {number} | {RESIDENT_FILE.by_number[number].name_ja} | {', '.join(named) or 'annulments only'} |"


def ranges(numbers: frozenset[int]) -> str:
    """1, 2, 3, 7 as ``1-3, 7``."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(f"{part[0]}-{part[-1]}" if len(part) > 1 else str(part[0]) for part in parts)
