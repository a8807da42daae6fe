"""A change flows topics → producers → hub → consumers: who may import whom."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from consumers.databases import recipient_folders

ROOT = Path(__file__).parents[2]
PACKAGES = ("topics", "producers", "hub", "consumers", "infra")
RUNTIME, CHECK, COMMAND_LINE = "infra.runtime", "infra.check", "hub.commandline"
ALLOWED = {
    "topics": ("topics",),
    "producers": ("producers", "topics", RUNTIME),
    "hub": ("hub", "topics", RUNTIME),
    "consumers": ("consumers", "topics", RUNTIME),
    RUNTIME: (RUNTIME, "topics"),
    CHECK: (CHECK, RUNTIME, "topics"),
    "infra": ("infra", "topics"),
}
ENTRANCES = {"hub.__main__": (COMMAND_LINE,)}


def _modules() -> dict[str, Path]:
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    return {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in files}


MODULES = _modules()


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_imports_only_what_its_package_may(module: str) -> None:
    if module.startswith(COMMAND_LINE):
        return
    allowed = (*_allowed(module), *ENTRANCES.get(module, ()))
    foreign = [name for name in _imported(MODULES[module]) if name.partition(".")[0] in PACKAGES]
    assert [name for name in foreign if not name.startswith(tuple(allowed))] == []


@pytest.mark.parametrize("recipient", sorted(recipient_folders()))
def test_recipients_know_the_kit_and_not_each_other(recipient: str) -> None:
    others = recipient_folders() - {recipient}
    for module, file in MODULES.items():
        if module.startswith(f"consumers.{recipient}."):
            assert not [name for name in _imported(file) if name.startswith(tuple(f"consumers.{o}" for o in others))]


def _allowed(module: str) -> tuple[str, ...]:
    return next(ALLOWED[prefix] for prefix in (RUNTIME, CHECK, module.partition(".")[0]) if module.startswith(prefix))


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
