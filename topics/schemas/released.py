"""The released versions of each recipient's schema: ``<recipient>/v<n>.json`` beside this file, never edited."""

import json
from importlib.resources import files

from topics.schemas.payload import Schema


def released(recipient: str) -> dict[int, Schema]:
    """The recipient's released schemas by version, the oldest first; empty where none was released."""
    folder = files("topics.schemas").joinpath(recipient)
    names = [file.name for file in folder.iterdir() if file.name.endswith(".json")] if folder.is_dir() else []
    versions = sorted(int(name.removeprefix("v").removesuffix(".json")) for name in names)
    return {number: json.loads(folder.joinpath(f"v{number}.json").read_text(encoding="utf-8")) for number in versions}
