"""Every code on the way of a delivery belongs to exactly one class, and the page says which."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.commandline.docs_failures import failures_page
from infra.runtime.backoff import FIRST_SECONDS, LONGEST_SECONDS, Backoff
from infra.runtime.failures import FAILURES, FailureClass, failure_class

ROOT = Path(__file__).parents[2]
ON_THE_WAY = ("consumers", "hub/inbox", "hub/router", "hub/returns", "hub/dispatch", "hub/watch", "topics/envelope")
FILES = [file for place in ON_THE_WAY for file in (ROOT / place).rglob("*.py")] + [ROOT / "hub/service.py"]
CODE = re.compile(r"(KIT|HUB|ENV|PREFECTURE|INTERMEDIATE|WELFARE|JLIS|NUMBERING)(-[A-Z]+)+")
DECLARED = {failure.code for failure in FAILURES}


def _codes(file: Path) -> Iterator[str]:
    """The codes that stand in a file, but for those of refusals: people read those, and nothing is done about them."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    refused = {id(call.args[0]) for call in ast.walk(tree) if _is_refusal(call)}  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in refused else None
        if isinstance(text, str) and CODE.fullmatch(text):
            yield text


def _is_refusal(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal"


USED = {code for file in FILES for code in _codes(file)}


@pytest.mark.parametrize("code", sorted(USED))
def test_a_code_in_use_is_declared(code: str) -> None:
    assert code in DECLARED


@pytest.mark.parametrize("code", sorted(DECLARED))
def test_a_declared_code_is_in_use_and_has_one_class(code: str) -> None:
    assert code in USED
    assert Counter(failure.code for failure in FAILURES)[code] == 1
    assert failure_class(code) in FailureClass


def test_what_was_never_declared_counts_as_poison() -> None:
    assert failure_class("LIBRARY-UNHEARD-OF") is FailureClass.POISON


def test_the_page_of_failures_is_up_to_date() -> None:
    """Otherwise: kairan docs failures --markdown > docs/reference/failures.md"""
    assert (ROOT / "docs/reference/failures.md").read_text(encoding="utf-8") == failures_page()


def test_pauses_double_up_to_a_limit_and_differ_by_chance() -> None:
    shortest, longest = Backoff(lambda: 0.0), Backoff(lambda: 1.0)
    assert [longest.seconds() for _ in range(8)] == [min(FIRST_SECONDS * 2**n, LONGEST_SECONDS) for n in range(8)]
    assert [shortest.seconds() for _ in range(8)] == [min(FIRST_SECONDS * 2**n, LONGEST_SECONDS) / 2 for n in range(8)]
    longest.reset()
    assert longest.seconds() == FIRST_SECONDS
