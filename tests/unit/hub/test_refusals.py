"""Functional errors on the wire, and what routing does for whom something was refused."""

from typing import Any

import pytest

from topics.messages.inbound import LONGEST_REFUSAL, FunctionalError, read_inbound

GOOD: dict[str, Any] = {
    "party": "prefecture", "municipality": "142158", "number": 1, "generation": 1, "first": 3, "last": 5,
    "code": "PREFECTURE-UPDATE-SEQUENCE",
}  # fmt: skip


def test_a_functional_error_travels() -> None:
    error = FunctionalError.model_validate(GOOD)
    assert read_inbound(error.to_wire()) == error


@pytest.mark.parametrize(
    "changes",
    [
        {"last": 2},
        {"last": 3 + LONGEST_REFUSAL},
        {"code": "CODE-123456789018"},
        {"code": "合成太郎"},
        {"code": "lower-case"},
        {"code": "ONE"},
        {"addressee_number": "1000000001"},
    ],
    ids=str,
)
def test_a_functional_error_holds_a_span_and_a_code_of_letters(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        FunctionalError.model_validate(GOOD | changes)
