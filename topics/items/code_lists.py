"""Code lists of items (コード一覧): dated data, read once; the reasons of change have a table of their own."""

from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import yaml

from topics.items.formats import Mark
from topics.model import WireModel
from topics.reasons import reasons

REASONS = "reasons"


class Code(WireModel):
    """One code, its Japanese name, its first day."""

    code: str
    name: str
    valid_from: date


class CodeList(WireModel):
    """A list of codes and how certain they are."""

    title: str
    mark: Mark
    codes: tuple[Code, ...]

    def names(self) -> dict[str, str]:
        """The Japanese name of every code."""
        return {code.code: code.name for code in self.codes}


@cache
def code_lists() -> MappingProxyType[str, CodeList]:
    """All lists by key, that of the reasons among them."""
    rows = yaml.safe_load(files("topics.codes").joinpath("item_codes.yaml").read_text(encoding="utf-8"))
    found = {key: CodeList.model_validate(row) for key, row in rows.items()}
    return MappingProxyType(found | {REASONS: _reasons()})


@cache
def names_of(key: str) -> MappingProxyType[str, str]:
    """The Japanese name of every code of the list `key`."""
    return MappingProxyType(code_lists()[key].names())


def _reasons() -> CodeList:
    codes = [Code(code=reason.code, name=reason.name_ja, valid_from=reason.valid_from) for reason in reasons()]
    return CodeList(title="異動事由", mark=Mark.INFERRED, codes=tuple(codes))
