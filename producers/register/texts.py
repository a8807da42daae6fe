"""A filing's text is kept exactly as received; what cannot be read is refused by its field."""

from collections.abc import Iterator
from typing import Any

from topics.text.visible import is_fit

SENTENCE = "no control, direction or invisible characters; write it as it is read"


def first_unfit(value: Any) -> str | None:
    """The path of the first text in `value` (nested dicts and sequences) that may not stand in the register."""
    return next((".".join(path) for path, text in _texts(value, ()) if not is_fit(text)), None)


def _texts(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _texts(each, (*path, str(name)))
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from _texts(each, (*path, str(index)))
