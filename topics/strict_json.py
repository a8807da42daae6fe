"""JSON that means one thing to every reader (RFC 8259 with the care of RFC 7493, I-JSON).

Parsers differ on a member named twice, on NaN and on numbers beyond a double; what they differ on is refused here,
before a model reads it, and so is what is larger than any message of ours.
"""

import json
import math
from typing import Any, NoReturn

LARGEST_BYTES = 1024 * 1024


class AmbiguousJsonError(ValueError):
    """What was handed in is no JSON that all readers read alike; the text tells why and quotes nothing."""


def unambiguous(value: bytes | str) -> bytes:
    """`value` as it is, in UTF-8; raises `AmbiguousJsonError`."""
    try:
        text, data = (value.decode(), value) if isinstance(value, bytes) else (value, value.encode())
    except UnicodeError:
        raise AmbiguousJsonError("not UTF-8") from None
    if len(data) > LARGEST_BYTES:
        raise AmbiguousJsonError(f"larger than {LARGEST_BYTES} bytes")
    try:
        json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite)
    except AmbiguousJsonError:
        raise
    except RecursionError:
        raise AmbiguousJsonError("nested too deeply") from None
    except ValueError:
        raise AmbiguousJsonError("not JSON") from None
    return data


def _once(members: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in members}) != len(members):
        raise AmbiguousJsonError("a member stands twice")


def _no_number(_: str) -> NoReturn:
    raise AmbiguousJsonError("NaN and Infinity are no numbers")


def _finite(digits: str) -> None:
    if not math.isfinite(float(digits)):
        raise AmbiguousJsonError("a number is beyond all bounds")
