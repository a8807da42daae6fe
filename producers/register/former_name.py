"""Former family name (旧氏) within a name: 氏［旧氏］　名, its reading うじ・きゅうし　な; item 5 has no place beside.

Documents of identity write it so since 2019-11-05 (住民基本台帳法施行令 第30条の13); pure.
"""

import re

from topics.items.resident import PersonName

_WRITTEN = re.compile(r"［([^［］]*)］")
_READ = re.compile(r"・[^・　 ]*(?=[　 ])")
_SPACE = re.compile(r"[　 ]")
_MARKS = frozenset("［］・　 ")


class NoFamilyNameError(ValueError):
    """The name is one word, or the former name none: where the family name ends cannot be told."""


def former_of(name: PersonName) -> str | None:
    """The former family name that stands in a name."""
    found = _WRITTEN.search(name.text)
    return found[1] if found else None


def with_former(name: PersonName, former: PersonName) -> PersonName:
    """The name with a former family name after the present one; raises `NoFamilyNameError`."""
    text, kana = f"［{former.text}］", f"・{former.kana}"
    if not (_MARKS.isdisjoint(former.text) and _MARKS.isdisjoint(former.kana)):
        raise NoFamilyNameError
    return PersonName(text=_inserted(name.text, text), kana=_inserted(name.kana, kana))


def without_former(name: PersonName) -> PersonName:
    """The name as it is without."""
    if former_of(name) is None:
        return name
    return PersonName(text=_WRITTEN.sub("", name.text), kana=_READ.sub("", name.kana, count=1))


def _inserted(text: str, part: str) -> str:
    boundary = _SPACE.search(text)
    if boundary is None:
        raise NoFamilyNameError
    return f"{text[: boundary.start()]}{part}{text[boundary.start() :]}"
