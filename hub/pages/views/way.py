"""The way of the changes (異動の流れ): drawn live, with rates and lags on its arrows; every reader with its reason."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from starlette.responses import JSONResponse, Response

from hub.pages.cells import Live, Table, Text
from hub.pages.desk import Desk
from hub.pages.drawing import drawing
from hub.pages.flows import age, backlogs, flows, undecided
from hub.pages.page import Page
from hub.pages.visit import Visit
from hub.pages.words import word
from hub.watch.survey import Survey
from hub.watch.words import Language, span


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of a survey: texts and states by key, and which flows there are."""

    shape: str
    texts: dict[str, str]
    states: dict[str, str]


def shown(survey: Survey, language: Language) -> Shown:
    """The texts and states of this survey."""
    texts, states = {}, {}
    for flow in flows(survey):
        texts[f"{flow.key}/rate"] = word("rate", language, rate=f"{flow.written_per_second:.1f}")
        texts[f"{flow.key}/unread"] = word("unread", language, count=f"{flow.unread:,}")
        texts[f"{flow.key}/count"] = f"{flow.unread:,}"
        texts[f"{flow.key}/age"] = age(flow.age_seconds, language)
        texts[f"{flow.key}/why"] = flow.why(language)
        texts[f"{flow.key}/state"] = word(f"state-{flow.state}", language)
        states[f"{flow.key}/state"] = flow.state.value
    for each in backlogs(survey).values():
        texts[f"{each.recipient}/backlog"] = word("unacknowledged", language, count=f"{each.changes:,}")
        limit = span(each.limit_seconds, language)
        texts[f"{each.recipient}/oldest"] = f"{age(each.oldest_seconds, language)} / {limit}"
        states[f"{each.recipient}/oldest"] = "late" if each.used > 1 else "behind" if each.used > 0.5 else "ok"
    texts["outbox"] = word("outbox", language, count=f"{sum(each.outbox for each in survey.registers):,}")
    texts["undecided"] = word("undecided", language, count=f"{undecided(survey):,}")
    return Shown("|".join(flow.key for flow in flows(survey)), texts, states)


async def _show(visit: Visit) -> Response:
    survey = visit.desk.latest.survey
    if survey is None:
        return visit.answer("way.html", 503, survey=None)
    recipients = [name for name in backlogs(survey) if any(flow.reader == name for flow in flows(survey))]
    rows = [_flow_of(survey, name) for name in recipients]
    drawn = drawing(recipients)
    seen = shown(survey, visit.language)
    return visit.answer("way.html", survey=survey, drawn=drawn, seen=seen, topics=dict(rows), readers=_readers(survey))


def _flow_of(survey: Survey, recipient: str) -> tuple[str, tuple[str, str]]:
    """The keys of the two flows between the hub and a recipient: what it reads, and what it writes."""
    outward = next(flow for flow in flows(survey) if flow.reader == recipient)
    inward = next(flow for flow in flows(survey) if flow.topic.endswith(f"in.{recipient}.v1"))
    return recipient, (outward.key, inward.key)


def _readers(survey: Survey) -> Table:
    rows = tuple(
        (
            Text(flow.reader),
            Text(flow.topic),
            Live(f"{flow.key}/state"),
            Live(f"{flow.key}/count"),
            Live(f"{flow.key}/age"),
            Live(f"{flow.key}/why"),
        )
        for flow in flows(survey)
    )
    return Table("readers", ("reader", "topic", "state", "unread-column", "oldest", "why"), rows)


async def _live(visit: Visit) -> Response:
    """What changes on the page, every few seconds; with no survey yet, that alone is said."""
    told: dict[str, object] = {"notice": notice(visit.desk, visit.language)}
    survey = visit.desk.latest.survey
    if survey is not None:
        seen = shown(survey, visit.language)
        told |= {"shape": seen.shape, "texts": seen.texts, "states": seen.states}
    return JSONResponse(told)


def notice(desk: Desk, language: Language) -> dict[str, object]:
    """How old what is shown is, and why, when a server does not answer."""
    survey = desk.latest.survey
    seconds = (datetime.now(UTC) - survey.taken_at).total_seconds() if survey else 0.0
    if not desk.latest.failure:
        return {"failed": False, "text": word("seen", language, age=span(seconds, language))}
    key = "unanswered-since" if survey else "unanswered-yet"
    return {"failed": True, "text": word(key, language, failure=desk.latest.failure, age=span(seconds, language))}


async def _past(visit: Visit) -> Response:
    """The points of the charts that are later than `after`: ages in seconds, and records a second."""
    asked = visit.request.query_params.get("after", "0")
    points = visit.desk.past.since(float(asked) if asked.replace(".", "", 1).isdecimal() else 0.0)
    readers = list(points[-1].ages) if points else []
    topics = list(points[-1].written) if points else []
    rates = [
        [
            max(0, later.written.get(topic, 0) - earlier.written.get(topic, 0)) / (later.at - earlier.at)
            for earlier, later in pairwise(points)
        ]
        for topic in topics
    ]
    ages = [[point.ages.get(reader, 0.0) for point in points[1:]] for reader in readers]
    times = [point.at for point in points[1:]]
    labels = {"ages": [f"{reader} ← {topic}" for reader, topic in readers], "rates": topics}
    return JSONResponse({"times": times, "labels": labels, "ages": ages, "rates": rates})


PAGE = Page("/way", "way", 10, _show, parts={"live": _live, "past": _past})
