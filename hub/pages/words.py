"""The pages' words in Japanese and English, from words.yaml; every key has both."""

from functools import cache
from importlib.resources import files

import yaml

from hub.watch.words import Language

LANGUAGES: tuple[Language, ...] = ("ja", "en")


def word(key: str, language: Language, **figures: object) -> str:
    """The words of `key`, with figures put in; KeyError for a key that there is not."""
    return words()[key][language].format(**figures)


def preferred(cookie: str | None, accepted: str) -> Language:
    """The language chosen before, else the first of ours that the browser accepts, else Japanese."""
    if cookie in LANGUAGES:
        return "ja" if cookie == "ja" else "en"
    offered = [part.partition(";")[0].strip().lower()[:2] for part in accepted.split(",")]
    return next(("ja" if each == "ja" else "en" for each in offered if each in LANGUAGES), "ja")


@cache
def words() -> dict[str, dict[Language, str]]:
    """All words."""
    told: dict[str, dict[Language, str]] = yaml.safe_load(
        files("hub.pages").joinpath("words.yaml").read_text(encoding="utf-8")
    )
    return told
