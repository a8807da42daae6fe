"""What was signed last, kept with the keys: a database that is set back does not take the signer back with it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.runtime.files import OWNER_ONLY, replace
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Signed:
    """The largest tree ever signed of one log; `root` in hexadecimal digits."""

    size: int
    root: str


def read_signed(settings: Settings, origin: str) -> Signed | None:
    """What was signed last, None before the first time; raises `Refusal` for a file that is not one."""
    path = _path(settings, origin)
    if not path.exists():
        return None
    try:
        return Signed(**json.loads(path.read_text(encoding="ascii")))
    except (TypeError, ValueError):
        raise Refusal(
            "KRN-LEDGER-STATE", f"{path} does not tell what was signed last; restore it, never delete it"
        ) from None


def write_signed(settings: Settings, origin: str, signed: Signed) -> None:
    """Remember, on the disk before this returns."""
    replace(_path(settings, origin), json.dumps(asdict(signed)).encode("ascii"), mode=OWNER_ONLY)


def _path(settings: Settings, origin: str) -> Path:
    return settings.keys_directory / f"signed-{origin.replace('/', '-')}.json"
