"""Grants on disk: YAML that people review, so comments and layout stay when a step of the trail is written in."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from topics.grant import Grant, GrantFileError, parse_grant

REQUESTED = "requested"
TRAIL = ("generation", "request", "review", "suspended", "ended")
LONGEST_LINE = 4096


def declared_path(directory: Path, recipient: str) -> Path:
    """Where the recipient's grant is declared."""
    return directory / f"{recipient}.yaml"


def requested_path(directory: Path, recipient: str) -> Path:
    """Where the recipient's request waits for its review."""
    return directory / REQUESTED / f"{recipient}.yaml"


def read_grant(path: Path) -> Grant | None:
    """The grant in the file, or None when there is no such file; GrantFileError when it is not one."""
    return parse_grant(path.read_text(encoding="utf-8"), path.name) if path.exists() else None


def write_grant(path: Path, grant: Grant, layout: Path) -> None:
    """Write `grant` in one step, with comments and order of the file `layout`; only the trail may differ from it."""
    text = _text(layout.read_text(encoding="utf-8"), grant)
    if parse_grant(text, path.name) != grant:
        raise GrantFileError(f"{path.name}: the file and the grant differ in more than the trail")
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_suffix(".staged")
    staged.write_text(text, encoding="utf-8")
    staged.replace(path)


def _text(layout: str, grant: Grant) -> str:
    yaml = YAML()
    yaml.width = LONGEST_LINE
    document = yaml.load(layout)
    told = grant.model_dump(exclude_none=True, exclude_defaults=True)
    for step in TRAIL:
        if step in told:
            document[step] = _laid_out(told[step])
        else:
            document.pop(step, None)
    written = io.StringIO()
    yaml.dump(document, written)
    return written.getvalue()


def _laid_out(value: Any) -> Any:
    """Maps in blocks, lists on one line."""
    if isinstance(value, Mapping):
        return CommentedMap({name: _laid_out(each) for name, each in value.items()})
    if isinstance(value, tuple | list | set | frozenset):
        line = CommentedSeq(value)
        line.fa.set_flow_style()
        return line
    return value
