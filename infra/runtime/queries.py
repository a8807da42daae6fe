"""SQL lives in ``.sql`` files; this reads them.

Format: each query begins with a line ``-- name: <name>``; lines up to the next one are the query.
"""

from importlib.resources import files
from types import MappingProxyType

_MARK = "-- name: "


def load_queries(package: str, file: str) -> MappingProxyType[str, str]:
    """The queries of one ``.sql`` file of a package, by name."""
    text = files(package).joinpath(file).read_text(encoding="utf-8")
    blocks = text.split(_MARK)[1:]
    return MappingProxyType({_name(block): block.partition("\n")[2].strip() for block in blocks})


def _name(block: str) -> str:
    return block.partition("\n")[0].strip()
