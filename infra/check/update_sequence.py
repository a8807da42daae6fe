"""Whether the update sequence (更新順番号) goes strictly +1 for each resident code, read off what lies on the topic."""

from collections.abc import Iterator, Sequence
from typing import Any

from infra.check.findings import Invariant
from infra.check.streams import Sent
from topics.grant import Grant


def of_updates(grant: Grant, chain: Sequence[Sent]) -> Iterator[tuple[Invariant, str]]:
    """Each delivery under a code counts once: in item 29, or in item 30 where it stands for another and is not the
    first."""
    if "update_sequence" not in grant.fields():
        return
    last: dict[Any, tuple[int, int]] = {}
    for sent in chain:
        items = sent.items
        code = items.get("resident_code")
        if code is None:
            continue
        regular, abnormal = last.get(code, (0, 0))
        expected = (regular, abnormal + 1) if sent.supersedes and regular else (regular + 1, abnormal)
        if (items.get("update_sequence"), items.get("abnormal_update_sequence", 0)) != expected:
            yield Invariant.I4, f"delivery {sent.number}: its update sequence does not follow the one before"
        last[code] = expected
