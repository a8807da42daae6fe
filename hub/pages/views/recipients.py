"""Recipients (提供先): what each is granted, how far it is, and what it owes, by sort and against the limit."""

from collections import defaultdict
from datetime import UTC, datetime

from starlette.responses import Response

from hub.pages.cells import Cell, Count, Mark, Moment, Table, Text
from hub.pages.flows import age
from hub.pages.page import Page
from hub.pages.visit import Visit
from hub.pages.words import word
from hub.watch.owed import Owed, Told
from hub.watch.survey import Survey
from hub.watch.words import Language, span
from topics.declared import declared_by_recipient
from topics.grant import Grant
from topics.ranges import ranges
from topics.reasons import reasons


async def _show(visit: Visit) -> Response:
    survey = visit.desk.latest.survey
    if survey is None:
        return visit.answer("recipients.html", 503, tables=())
    grants = declared_by_recipient(visit.desk.settings.grants_directory)
    tables = (_standing(survey, grants, visit.language), _owed(survey, visit.language))
    return visit.answer("recipients.html", tables=tables)


def _standing(survey: Survey, grants: dict[str, Grant], language: Language) -> Table:
    columns = ("recipient", "municipality", "granted", "decided", "sent", "acknowledged", "held", "rejected", "last")
    rows = tuple(_row(each, grants.get(each.recipient), language) for each in survey.hub.told)
    return Table("standing", columns, rows)


def _row(told: Told, grant: Grant | None, language: Language) -> tuple[Cell, ...]:
    items = word("items", language, count=len(grant.items), items=ranges(grant.items)) if grant else "–"
    return (
        Text(told.recipient),
        Text(told.municipality),
        Text(items),
        Count(told.last_number),
        Count(told.dispatched),
        Count(told.acknowledged),
        Count(told.held),
        Count(told.parked),
        Moment(told.acknowledged_at),
    )


def _owed(survey: Survey, language: Language) -> Table:
    rows = tuple(_owed_row(each, language) for each in survey.hub.owed)
    return Table("owed", ("recipient", "municipality", "stage", "sort", "changes", "oldest", "limit", "state"), rows)


def _owed_row(owed: Owed, language: Language) -> tuple[Cell, ...]:
    late = Mark("late", "late") if owed.is_late else Mark("in-time", "ok")
    return (
        Text(owed.recipient),
        Text(owed.municipality),
        Text(word(f"stage-{owed.stage}", language)),
        Text(_sort(owed, language)),
        Count(owed.changes),
        Text(age(owed.oldest_seconds, language)),
        Text(span(owed.limit_seconds, language)),
        late,
    )


def _sort(owed: Owed, language: Language) -> str:
    """The reason by its name while it waits, the delivery's kind once it is decided."""
    if owed.stage == "waiting":
        return reason_words(language).get(owed.what, word("no-reason", language))
    return word(f"kind-{owed.what}", language)


def reason_words(language: Language) -> dict[str, str]:
    """The reasons in words, by their codes: some stand for several."""
    today = datetime.now(UTC).date()
    named: dict[str, list[str]] = defaultdict(list)
    for reason in reasons():
        if reason.holds_on(today):
            named[reason.code].append(reason.name_ja if language == "ja" else reason.name)
    return {code: ", ".join(names) for code, names in named.items()}


PAGE = Page("/recipients", "recipients", 20, _show)
