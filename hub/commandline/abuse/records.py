"""Cases 38, 39, 44 and 46: numbers, dates, cells and orders of events that a register must not take."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from hub.commandline.abuse.case import PLANTED_NUMBER, Attempt, Case, Evidence, accepted, all_refused
from hub.commandline.abuse.doors import filing
from hub.commandline.counter import number_in
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from producers.register.book import Book
from producers.register.filings import parse_filing
from producers.register.findings import FilingRefusedError
from producers.register.rules.decide import decide
from producers.register.serials import numbered
from topics.date_texts import DateTextError, read_date
from topics.items.findings import Severity
from topics.items.resident import RESIDENT_FILE
from topics.items.validation import acceptable, format_findings
from topics.text.spreadsheets import QUOTE, cell, to_csv

UNKNOWN = numbered(range(999_999_900, 1_000_000_000))[0]
"""An addressee or household number that is well formed, and nobody's."""
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
WRONG_DIGIT = PLANTED_NUMBER[:-1] + "9"
NUMBERS = (
    WRONG_DIGIT,
    PLANTED_NUMBER.translate(FULL_WIDTH),
    PLANTED_NUMBER.translate(ARABIC),
    PLANTED_NUMBER + "\n",
    PLANTED_NUMBER + "0",
    PLANTED_NUMBER[:4] + "-" + PLANTED_NUMBER[4:],
)
DAYS = ("2099-01-01", "2026-13-01", "2026-00-10", "2026-4-1", "２０２６-04-01", "2026-04-01\n", "平成31年5月1日", "")
BIRTHS = ("1981-02-30", "1980-04-31", "0000-02-29", "1980-02-29~~", "29-02-1980")
WORDS = ("平成31年5月1日", "令和元年4月30日", "昭和64年1月8日", "令和0年5月1日", "平成3年2月30日", "大正15年12月32日")
"""Days beyond the last or before the first of an era, and days that no calendar has."""
FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "　=1")

Judge = Callable[[str], str]


def _all(values: tuple[str, ...], *judges: Judge) -> Attempt:
    """Every value is refused by every judge, in its own words."""
    words = [judge(value) for value in values for judge in judges]
    return all_refused(*(Attempt(refused=True, cause=word) if word else accepted() for word in words))


async def _bad_numbers(settings: Settings) -> Attempt:
    city = settings.municipalities[0]
    if _at_the_card(PLANTED_NUMBER) or _judged(filing(city, "合成", my_number=PLANTED_NUMBER)):
        return Attempt(refused=False, cause="even a right number is refused")
    return _all(
        NUMBERS,
        _at_the_card,
        lambda value: _judged(filing(city, "合成", my_number=value)),
        lambda value: _judged(filing(city, "合成", resident_code=value)),
    )


def _at_the_card(value: str) -> str:
    try:
        number_in(value)
    except Refusal as refusal:
        return str(refusal)
    return ""


async def _bad_dates(settings: Settings) -> Attempt:
    city = settings.municipalities[0]
    return all_refused(
        _all(DAYS, lambda day: _judged(filing(city, "合成") | {"changed_on": day})),
        _all(BIRTHS, lambda day: _judged(filing(city, "合成", birth_date=day))),
        _all(WORDS, _as_words),
    )


def _as_words(value: str) -> str:
    try:
        read_date(value)
    except DateTextError as error:
        return str(error)
    return ""


async def _formulas(settings: Settings) -> Attempt:
    """A cell that a spreadsheet would calculate is text behind an apostrophe, in every list that is written."""
    return _all(FORMULAS, _as_cell)


def _as_cell(value: str) -> str:
    written = to_csv(["synthetic"], [[value]]).decode("utf-8-sig")
    quoted = cell(value) == QUOTE + value and f'"{QUOTE}' in written
    return "cells are quoted, no cell is a formula" if quoted else ""


async def _out_of_order(settings: Settings) -> Attempt:
    city = settings.municipalities[0]
    return all_refused(*(
        Attempt(refused=True, cause=word) if (word := _judged(told, book)) else accepted()
        for told, book in _orders(city)
    ))  # fmt: skip


def _orders(city: str) -> Iterator[tuple[dict[str, Any], Book]]:
    base = {"filing_id": filing(city, "合成")["filing_id"], "operator": "drill", "filed_on": "2026-05-01",
            "changed_on": "2026-05-01"}  # fmt: skip
    away = {"text": "合成県合成市1番"}
    yield base | {"kind": "move-out-announced", "residents": [UNKNOWN], "to": away}, _book()
    yield base | {"kind": "death", "resident": UNKNOWN}, _book()
    moved_in = _book()
    entered = parse_filing(json.dumps(filing(city, "合成")))
    moved_in.enact(entered.filing_id, decide(moved_in, entered))
    (resident,) = moved_in.residents
    yield base | {"kind": "move-out-effective", "residents": [resident]}, moved_in
    yield filing(city, "合成", relationship="妻"), _book()
    yield base | {"kind": "birth", "household_number": UNKNOWN, "child": filing(city, "合成")["persons"][0]
                  | {"relationship": "子"}}, _book()  # fmt: skip


def _judged(told: dict[str, Any], book: Book | None = None) -> str:
    """What the register says to a filing, or else the first stage of validation to the record it would keep."""
    try:
        book = book or _book()
        amendments = decide(book, parse_filing(json.dumps(told)))
    except FilingRefusedError as refusal:
        return str(refusal)
    for amendment in amendments:
        record = amendment.record.model_dump(exclude_none=True) if amendment.record else {}
        findings = format_findings(RESIDENT_FILE, record)
        if not acceptable(findings):
            return "; ".join(str(found) for found in findings if found.severity is Severity.ERROR)
    return ""


def _book() -> Book:
    """A register without anybody in it."""
    serials = numbered(range(100_000_000, 100_000_100))
    return Book(addressee_numbers=iter(serials), household_numbers=iter(serials))


RECORDS = (
    Case(38, "numbers with a wrong check digit, full-width or Arabic digits, a line's end", Evidence.FINDING,
         _bad_numbers),
    Case(39, "days to come, days that no calendar or era has", Evidence.FINDING, _bad_dates),
    Case(44, "a formula in a list's cell", Evidence.KEPT, _formulas),
    Case(46, "events out of order, a household without a head", Evidence.FINDING, _out_of_order),
)  # fmt: skip
