"""The update sequence (更新順番号): strictly +1 for each resident code of a person, beside her sequence of deliveries.

What stands for a refused delivery, or is told anew by hand, is no update: it counts in the abnormal sequence
(異常時更新順番号), and the regular one stays where it is. Pure.
"""

import hmac
from collections.abc import Mapping
from hashlib import sha256

from hub.router.state import Followed, Record
from topics.grant import Grant
from topics.guarded import Guarded, Purpose

DIGEST_DIGITS = 16
"""A person has a handful of codes in a life."""


def code_told(grant: Grant, key: bytes, record: Record, numbers: Mapping[str, Guarded]) -> str | None:
    """A keyed digest of the code under which the grant's updates are counted; None where they are not, or there is
    none."""
    code = numbers.get(record.get("resident_code") or "") if grant.catalogue == "identity" else None
    if code is None:
        return None
    return hmac.digest(key, f"code/{code.reveal(Purpose.SEARCH)}".encode(), sha256).hex()[:DIGEST_DIGITS]


def counted(known: Followed, code: str | None) -> Mapping[str, tuple[int, int]] | None:
    """The last regular and abnormal sequence of each code, with the next delivery counted. A code begins at 1."""
    if code is None:
        return known.updates
    regular, abnormal = (known.updates or {}).get(code, (0, 0))
    following = (regular, abnormal + 1) if known.refused and regular else (regular + 1, abnormal)
    return {**(known.updates or {}), code: following}


def told_sequences(known: Followed, code: str | None) -> tuple[int | None, int | None]:
    """Items 29 and 30 of the next delivery; one of them is one more than before, and the second is not told while 0."""
    if code is None:
        return None, None
    regular, abnormal = (counted(known, code) or {})[code]
    return regular, abnormal or None
