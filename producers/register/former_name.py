"""Former family name (旧氏) within a name: 氏［旧氏］　名, as identity documents write it; item 5 has no place beside.

Since 2019-11-05 (住民基本台帳法施行令 第30条の13); pure.
"""

import re

from topics.items.resident import PersonName

_WRITTEN = re.compile(r"［([^［］]*)］")
_SPACE = re.compile(r"[　 ]")


class NoFamilyNameError(ValueError):
    """The name is one word: where its family name ends cannot be told."""


def former_of(name: PersonName) -> str | None:
    """The former family name that stands in a name."""
    found = _WRITTEN.search(name.text)
    return found[1] if found else None


def with_former(name: PersonName, former: PersonName) -> PersonName:
    """The name with a former family name after the present one; raises `NoFamilyNameError`."""
    return PersonName(text=_inserted(name.text, former.text), kana=_inserted(name.kana, former.kana))


def without_former(name: PersonName) -> PersonName:
    """The name as it is without."""
    return PersonName(text=_WRITTEN.sub("", name.text), kana=_WRITTEN.sub("", name.kana))


def _inserted(text: str, former: str) -> str:
    boundary = _SPACE.search(text)
    if boundary is None or "［" in former or "］" in former:
        raise NoFamilyNameError
    return f"{text[: boundary.start()]}［{former}］{text[boundary.start() :]}"
