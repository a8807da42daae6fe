"""Which partition carries which municipality: an append-only table; each city is in one total order."""

from functools import cache
from importlib.resources import files

import yaml

from topics.check_digits import is_municipality_code


@cache
def municipalities() -> tuple[str, ...]:
    """All municipality codes, by partition."""
    codes = tuple(yaml.safe_load(files("topics").joinpath("partitions.yaml").read_text(encoding="utf-8")))
    wrong = [code for code in codes if not is_municipality_code(code)]
    if wrong or len(set(codes)) != len(codes):
        raise ValueError("partitions.yaml: each line is one municipality code with a right check digit, once")
    return codes


def partition_of(municipality: str) -> int:
    """The partition of a municipality; ValueError for one that the table does not have."""
    return municipalities().index(municipality)


def municipality_of(partition: int) -> str:
    """The municipality of a partition."""
    return municipalities()[partition]
