"""Guarded values stay guarded, whatever is done with them by mistake."""

import ast
import copy
import json
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from topics.guarded import GivenNumber, Guarded, LinkCode, MyNumber, Purpose, ResidentCode
from topics.model import WireModel

ROOT = Path(__file__).parents[2]
VALUES = {MyNumber: "123456789018", GivenNumber: "123456789012", ResidentCode: "24727059608", LinkCode: "a" * 26}
REVEALING = {
    "producers/register/numbers.py": {"SEAL"},
    "producers/register/takeover.py": {"SEAL"},
    "producers/register/lookup.py": {"SEARCH"},
    "producers/register/inbox/letters.py": {"SEARCH"},
    "producers/register/documents/content.py": {"PRINT"},
    "hub/router/projection.py": {"JOIN"},
    "hub/router/update_sequence.py": {"SEARCH"},
    "consumers/intermediate/code_table.py": {"HOLD"},
    "consumers/intermediate/inquiries/settling.py": {"HOLD"},
    "consumers/jlis/tier/confirming.py": {"SEARCH"},
    "topics/messages/confirmation.py": {"ASK"},
    "topics/messages/inquiry.py": {"ASK"},
    "topics/messages/numbers.py": {"SEAL"},
}
"""Every place that reveals, and for what; a new one is added here when it has been reviewed."""
MISTAKES: dict[str, Callable[[Guarded], Any]] = {
    "str": str,
    "f-string": lambda value: f"{value}",
    "format": lambda value: format(value, ">20"),
    "percent": lambda value: "%s" % value,  # noqa: UP031
    "bytes": lambda value: bytes(value),
    "json": lambda value: json.dumps(value, default=str),
    "pickle": pickle.dumps,
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "key": lambda value: {value: 1},
    "list": lambda value: list(value),
    "length": lambda value: len(value),
    "vars": vars,
    "no purpose": lambda value: value.reveal("because"),  # type: ignore[arg-type]
}


class Form(WireModel):
    number: MyNumber


@pytest.fixture(params=VALUES, ids=lambda kind: kind.__name__)
def guarded(request: pytest.FixtureRequest) -> Guarded:
    value: Guarded = request.param(VALUES[request.param])
    return value


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gives_nothing_away(guarded: Guarded, mistake: str) -> None:
    with pytest.raises(TypeError) as caught:
        MISTAKES[mistake](guarded)
    told = "".join(traceback.format_exception(caught.value)) + repr(guarded)
    assert VALUES[type(guarded)] not in told


def test_it_is_revealed_for_a_purpose(guarded: Guarded) -> None:
    assert guarded.reveal(Purpose.SEAL) == VALUES[type(guarded)]
    assert guarded == type(guarded)(VALUES[type(guarded)])
    assert guarded != VALUES[type(guarded)]


@pytest.mark.parametrize(
    "text", ["123456789012", "１２３４５６７８９０１８", "123456789018\n", "1234 5678 9018", "", 123456789018, None]
)
def test_what_is_no_number_is_refused_without_being_quoted(text: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        Form(number=text)
    told = str(caught.value) + repr(caught.value.errors(include_input=False))
    assert "check digit" in told
    assert not text or str(text) not in told


@pytest.mark.parametrize("dump", [BaseModel.model_dump, BaseModel.model_dump_json, Form.to_wire])
def test_a_model_does_not_serialize_it(dump: Callable[[BaseModel], Any]) -> None:
    form = Form(number="123456789018")
    with pytest.raises(Exception, match="MyNumber") as caught:
        dump(form)
    assert "123456789018" not in str(caught.value) + repr(form)


def test_only_listed_places_reveal() -> None:
    found: dict[str, set[str]] = {}
    for package in ("topics", "producers", "hub", "consumers", "infra"):
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "reveal":
                    (purpose,) = (each.attr for each in node.args if isinstance(each, ast.Attribute))
                    found.setdefault(str(file.relative_to(ROOT)), set()).add(purpose)
    assert found == REVEALING
