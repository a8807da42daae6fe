"""How commands speak: for people by default, JSON for programs; exit 0 good, 1 failed, 2 difference found."""

import json
import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console

from infra.runtime.postgres import DATABASE_ERRORS, describe
from infra.runtime.refusals import Refusal

FAILED = 1
DIFFERENCE = 2
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

AsJson = Annotated[bool, typer.Option("--json", help="print JSON for programs")]
"""The option that every command with an answer for programs has."""

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def quiet_libraries() -> None:
    """Libraries say nothing, since commands say in their own words what they do and what went wrong."""
    for name in ("aiokafka", "asyncpg", "httpx"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


@contextmanager
def refusals() -> Iterator[None]:
    """Turns a refusal, or what the operating system refuses, into one sentence on standard error and exit code 1."""
    try:
        yield
    except Refusal as refusal:
        _fail(str(refusal))
    except DATABASE_ERRORS as error:
        _fail(f"KRN-DATABASE: {describe(error)}")
    except OSError as error:
        _fail(f"KRN-SYSTEM: {error.strerror or type(error).__name__}: {error.filename or 'no file is named'}")


@contextmanager
def stoppable() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the block and the program.

    SIGTERM is handed on as SIGINT, which asyncio turns into a cancellation: raised in the midst of an extension's code
    an exception could leave that in pieces.
    """
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda _number, _frame: signal.raise_signal(signal.SIGINT))
    try:
        yield
    except KeyboardInterrupt:
        _fail("stopped; nothing is left running")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def undisturbed() -> None:
    """From here on signals do not interrupt: what was started is being stopped."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _fail(sentence: str) -> None:
    errors.print(sentence, style="red", markup=False, soft_wrap=True)
    raise SystemExit(FAILED) from None
