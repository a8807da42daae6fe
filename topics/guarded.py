"""Guarded values: My Number (個人番号), resident code (住民票コード), link code (符号). They cannot slip out.

A guarded value refuses to become text, JSON, a pickle, a key or a copy; who needs it says for what purpose. All call
sites of `reveal` are listed in ``tests/unit/test_guarded.py``.
"""

import hmac
import re
from enum import StrEnum
from typing import Any, ClassVar, Final, NoReturn, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from topics.check_digits import is_my_number, is_resident_code


class Purpose(StrEnum):
    """For what a guarded value may be revealed."""

    SEAL = "to be stored, sealed"
    SEARCH = "to be searched by keyed digest"
    JOIN = "to be joined into a delivery whose grant permits it"
    PRINT = "to be printed on a document that was asked for with it"
    HOLD = "to be kept in the table of link codes, or looked up there"
    ASK = "to be sent, sealed, to the role that made it"


class GuardedError(TypeError):
    """Somebody tried to turn a guarded value into something readable; says the type, never the value."""


class Guarded:
    """A value of 12 digits, 11 digits or code letters that only `reveal` gives out."""

    __slots__ = ("_value",)
    rule: ClassVar[str] = ""

    def __init__(self, value: str) -> None:
        if not self._holds(value):
            raise ValueError(self.rule)
        self._value: Final = value

    def reveal(self, purpose: Purpose) -> str:
        """The value itself, for one of the purposes there are."""
        if not isinstance(purpose, Purpose):
            raise GuardedError(f"{type(self).__name__} is revealed for a purpose only")
        return self._value

    @classmethod
    def _holds(cls, value: str) -> bool:
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}(*)"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def _refuse(self, *_: Any) -> NoReturn:
        raise GuardedError(f"{type(self).__name__} does not become text, JSON, pickle, key or copy; reveal it")

    __str__ = __format__ = __hash__ = __len__ = __iter__ = __bytes__ = _refuse
    __reduce__ = __reduce_ex__ = __copy__ = __deepcopy__ = __getstate__ = _refuse

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validated, serialization=core_schema.plain_serializer_function_ser_schema(cls._refuse)
        )

    @classmethod
    def _validated(cls, value: Any) -> Self:
        if isinstance(value, cls):
            return value
        if not isinstance(value, str) or not cls._holds(value):
            raise PydanticCustomError("guarded", "{rule}", {"rule": cls.rule})
        return cls(value)


class MyNumber(Guarded):
    """個人番号: 12 ASCII digits, the last a check digit (平成26年総務省令第85号第5条)."""

    __slots__ = ()
    rule = "12 digits, the last a check digit; read it again from the card"

    @classmethod
    def _holds(cls, value: str) -> bool:
        return is_my_number(value)


class GivenNumber(Guarded):
    """個人番号 as somebody gave it: 12 ASCII digits, whose check digit is still to be looked at."""

    __slots__ = ()
    rule = "12 digits"

    @classmethod
    def _holds(cls, value: str) -> bool:
        return re.fullmatch(r"[0-9]{12}", value) is not None

    def checked(self) -> MyNumber | None:
        """The number, or None when its check digit is wrong."""
        return MyNumber(self._value) if is_my_number(self._value) else None


class ResidentCode(Guarded):
    """住民票コード: 11 ASCII digits, the last a check digit."""

    __slots__ = ()
    rule = "11 digits, the last a check digit; read it again"

    @classmethod
    def _holds(cls, value: str) -> bool:
        return is_resident_code(value)


class LinkCode(Guarded):
    """符号: an institution's own code of a person, 26 base32 characters; made and held by the linkage role only."""

    __slots__ = ()
    rule = "26 letters and digits of base32"

    @classmethod
    def _holds(cls, value: str) -> bool:
        return re.fullmatch(r"[a-z2-7]{26}", value) is not None


KINDS: dict[str, type[MyNumber] | type[ResidentCode]] = {"my-number": MyNumber, "resident-code": ResidentCode}
"""The kinds of number version in the numbers database."""
