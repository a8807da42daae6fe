"""How commands speak: for people by default, JSON for programs; exit 0 good, 1 failed, 2 difference found."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from infra.runtime.refusals import Refusal

FAILED = 1
DIFFERENCE = 2

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


@contextmanager
def refusals() -> Iterator[None]:
    """Turns a refusal into one sentence on standard error and exit code 1."""
    try:
        yield
    except Refusal as refusal:
        errors.print(str(refusal), style="red", markup=False, soft_wrap=True)
        raise SystemExit(FAILED) from None
