"""``kairan lag``: what is unread, since when and why; and what is owed, against the law's limit."""

import asyncio
import time
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group
from rich.live import Live
from rich.table import Table

from hub.commandline.output import DIFFERENCE, AsJson, console, print_json, refusals, stoppable
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, load_settings

if TYPE_CHECKING:
    from hub.watch.survey import Register, Survey, Surveyor

BETWEEN_LOOKS_SECONDS = 1.0

Watch = Annotated[bool, typer.Option("--watch", help="look again and again until Ctrl-C")]


def lag(as_json: AsJson = False, watch: Watch = False) -> None:  # noqa: FBT002
    """Show every reader's lag in records and time, and what is owed; exit 2 when something is amiss.

    It looks twice, a second apart, so that progress can be told. Example: kairan lag --watch
    """
    from hub.watch.survey import Surveyor

    with refusals(), stoppable():
        settings = load_settings()
        surveyor = Surveyor(settings, registers_now)
        if watch:
            _keep_showing(surveyor, settings.survey_seconds)
        _look(surveyor)
        time.sleep(BETWEEN_LOOKS_SECONDS)
        survey = _look(surveyor)
    if as_json:
        print_json(survey.to_json())
    else:
        console.print(_tables(survey))
    if not survey.is_good:
        raise typer.Exit(DIFFERENCE)


async def registers_now(settings: Settings) -> "tuple[Register, ...]":
    """Every register's position and outbox."""
    from hub.watch.survey import Register
    from producers.register.standing import outbox_standing

    return tuple([Register(city, *await outbox_standing(settings, city)) for city in settings.municipalities])


def _look(surveyor: "Surveyor") -> "Survey":
    from topics.broker import BrokerError

    try:
        return asyncio.run(surveyor.survey())
    except BrokerError as error:
        raise Refusal("KRN-BROKER", str(error)) from None


def _keep_showing(surveyor: "Surveyor", seconds: float) -> None:
    with Live(_tables(_look(surveyor)), console=console) as live:
        while True:
            time.sleep(seconds)
            live.update(_tables(_look(surveyor)))


def _tables(survey: "Survey") -> Group:
    return Group(_streams(survey), _owed(survey))


def _streams(survey: "Survey") -> Table:
    from hub.watch.streams import LIMIT_SECONDS
    from hub.watch.words import span, told

    table = Table("reader", "topic", "municipality", "unread", "oldest", "drained in", "state", "why")
    for each in survey.watched:
        drain = "never" if each.drain_seconds is None else span(each.drain_seconds)
        table.add_row(
            each.stream.reader,
            each.stream.topic,
            each.stream.municipality,
            f"{each.reading.lag:,}",
            span(each.reading.age_seconds),
            drain,
            each.verdict.state.value,
            told(each.verdict.reason, each.reading, LIMIT_SECONDS),
        )
    return table


def _owed(survey: "Survey") -> Table:
    from hub.watch.words import span

    table = Table("recipient", "municipality", "stage", "what", "unacknowledged", "oldest", "limit")
    for each in survey.hub.owed:
        oldest = span(each.oldest_seconds) + (", late" if each.is_late else "")
        row = (each.recipient, each.municipality, each.stage, each.what, f"{each.changes:,}", oldest)
        table.add_row(*row, span(each.limit_seconds))
    return table
