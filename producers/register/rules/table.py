"""Holds what a rule decided to the matrix of reasons: the filing's dates, who it is about, and the items it changes."""

from collections.abc import Sequence
from datetime import timedelta

from producers.register.book import Amendment, Book, changed_items
from producers.register.filings import Filing
from producers.register.findings import FilingRefusedError, Rule
from topics.dates import calendar_day, is_legal, sort_key
from topics.messages.change import RecordState
from topics.reason_matrix import ReasonRules, reason_matrix
from topics.reasons import reason_on

LATEST = timedelta(days=14)
"""How long after the day a move-out may still be announced; then it is removed ex officio (職権消除)."""


class BeyondTableError(Exception):
    """A rule decided what the table does not allow: a defect of one of the two, and never the filing's."""


def hold(book: Book, filing: Filing, amendments: Sequence[Amendment]) -> None:
    """Refuse a filing whose dates the reason forbids; raises `BeyondTableError` for a rule that errs."""
    principal = amendments[0]
    rules = reason_matrix()[principal.reason]
    _hold_reasons(filing, amendments)
    _hold_dates(filing, rules)
    _hold_day(filing, rules, principal)
    _hold_group(rules, amendments)
    for amendment in amendments:
        _hold_amendment(book, filing, amendment)


def _hold_reasons(filing: Filing, amendments: Sequence[Amendment]) -> None:
    for amendment in amendments:
        try:
            reason_on(amendment.reason, filing.filed_day)
        except LookupError:
            sentence = "the reason had no code on that day; check the day of filing"
            raise FilingRefusedError(Rule.REASON, "filed_on", sentence) from None


def _hold_dates(filing: Filing, rules: ReasonRules) -> None:
    for field, need in rules.dates.needs().items():
        given = getattr(filing, field)
        if need == "required" and given is None:
            raise FilingRefusedError(Rule.DATE_NEEDED, field, "the reason asks for this day; give it")
        if need == "never" and given is not None and field != "filed_on":
            raise FilingRefusedError(Rule.DATE_FOREIGN, field, "the reason has no such day; leave it out")
        if given is not None and given > filing.filed_on:
            raise FilingRefusedError(Rule.DATE_IN_FUTURE, field, "must not be after filed_on")


def _hold_day(filing: Filing, rules: ReasonRules, principal: Amendment) -> None:
    """The day of the change (異動日): 住民記録システム標準仕様書 1.2.1, 4.0.3, 1.1.8."""
    day = calendar_day(filing.changed_on)
    if day is None and (rules.dates.exact or not is_legal(filing.changed_on, leap_day=True)):
        raise FilingRefusedError(Rule.DATE_EXACT, "changed_on", "must be a day of the calendar for this reason")
    if rules.dates.changed_on == "announced":
        if day is not None and filing.filed_day - day > LATEST:
            sentence = "more than 14 days ago; file an ex-officio removal (職権消除)"
            raise FilingRefusedError(Rule.LATE, "changed_on", sentence)
    elif sort_key(filing.changed_on) > filing.filed_on:
        sentence = "must not be after filed_on; only an announced move-out lies ahead"
        raise FilingRefusedError(Rule.DATE_IN_FUTURE, "changed_on", sentence)
    elif rules.dates.changed_on == "birth" and principal.record and principal.record.birth_date != filing.changed_on:
        raise FilingRefusedError(Rule.DATE_ORDER, "child.birth_date", "must be the day of the change")


def hold_residents(book: Book, proposed: Sequence[Amendment]) -> None:
    """Refuse what is about a resident to whom the reason does not apply."""
    for amendment in proposed:
        before = book.residents.get(amendment.resident)
        record = before.record if before is not None and before.state is RecordState.ACTIVE else amendment.record
        if record is not None and record.resident_class not in reason_matrix()[amendment.reason].residents:
            raise FilingRefusedError(Rule.CLASS, "resident", "the reason is not for residents of this nationality")


def _hold_group(rules: ReasonRules, amendments: Sequence[Amendment]) -> None:
    others = {amendment.reason for amendment in amendments[1:]}
    own = sum(amendment.reason == rules.reason for amendment in amendments)
    if not others <= {rules.reason, *rules.followed_by}:
        raise BeyondTableError(f"{rules.reason}: others change by {sorted(others)}")
    if rules.group == "person" and own > 1 and rules.reason not in rules.followed_by:
        raise BeyondTableError(f"{rules.reason}: changes one person, and not {own}")


def _hold_amendment(book: Book, filing: Filing, amendment: Amendment) -> None:
    before = book.residents.get(amendment.resident)
    rules = reason_matrix()[amendment.reason]
    beyond = set(changed_items(before.record if before else None, amendment.record)) - rules.items
    if beyond:
        raise BeyondTableError(f"{amendment.reason}: may not change the items {sorted(beyond)}")
    was = before is not None and before.state is RecordState.ACTIVE
    now = amendment.state is RecordState.ACTIVE
    effect = reason_on(amendment.reason, filing.filed_day).effect
    allowed = {"enter": (rules.pair is not None, True), "remove": (True, False), "amend": (was, was)}[effect]
    if (was, now) != allowed:
        raise BeyondTableError(f"{amendment.reason}: {effect}, yet the person was {was} and is {now}")
