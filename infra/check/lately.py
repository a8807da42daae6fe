"""Records and deliveries are kept as JSON, since a city's are many; one is asked several things in a row."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic_core import from_json

LATELY = 256


@lru_cache(maxsize=LATELY)
def lately_read(json: bytes) -> Mapping[str, Any]:
    """The object in `json`, which must be one; shared with whoever asked lately, so that nobody may change it."""
    return from_json(json)  # type: ignore[no-any-return]
