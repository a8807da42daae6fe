"""Templates (Jinja2): everything is escaped, nothing undefined is passed over, and words come in one language."""

from datetime import UTC, datetime, timedelta, timezone
from functools import cache, partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from hub.pages.words import word
from hub.watch.words import Language, span

JAPAN = timezone(timedelta(hours=9))


def render(template: str, language: Language, **told: Any) -> str:
    """The page in `language`."""
    spoken = {
        "language": language,
        "word": partial(_word, language),
        "span": partial(_span, language),
        "moment": moment,
        "now": datetime.now(UTC),
    }
    return environment().get_template(template).render({**spoken, **told})


def moment(at: datetime) -> str:
    """A time as people in Japan read it."""
    return at.astimezone(JAPAN).strftime("%Y-%m-%d %H:%M:%S")


def _word(language: Language, key: str, **figures: object) -> str:
    return word(key, language, **figures)


def _span(language: Language, seconds: float) -> str:
    return span(seconds, language)


@cache
def environment() -> Environment:
    """The one environment of all templates."""
    return Environment(
        loader=PackageLoader("hub.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
