"""Logging: structured lines on standard error, from an allow-list of keys, so that no record can slip in.

A value that is not a short string or a number is replaced by the name of its type; exceptions by class and SQLSTATE.
"""

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any, TextIO, cast

import structlog

from infra.runtime.postgres import describe
from infra.runtime.scrubber import Scrubbed

KEYS = frozenset(
    {
        "event", "level", "timestamp", "role", "municipality", "recipient", "party", "topic", "partition", "offset",
        "count", "first", "last", "position", "number", "generation", "epoch", "code", "outcome", "seconds", "error",
        "database", "signal",
    }
)  # fmt: skip
LONGEST_TEXT = 200

Logger = structlog.stdlib.BoundLogger


def configure_logging(level: str, role: str) -> Logger:
    """Set up this process's logging once; returns the logger bound to `role`."""
    output = cast(TextIO, Scrubbed(sys.__stderr__ or sys.stderr))
    sys.stdout = sys.stderr = output
    _quieten()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _allow_listed,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(output),
    )
    logger: Logger = structlog.get_logger().bind(role=role)
    return logger


def _quieten() -> None:
    """Libraries, warnings and tracebacks: where from and of which class, without a message that might quote data."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(ClassesOnly("%(levelname)s %(name)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.captureWarnings(capture=True)
    logging.getLogger("aiokafka").setLevel(logging.WARNING)
    sys.excepthook = _ended


class ClassesOnly(logging.Formatter):
    """Exceptions by class, SQLSTATE and constraint."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the base class's name
        """The exception without its message or its values."""
        return describe(ei[1])


def _ended(_kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What the interpreter says at its end: where, and what class of error; of a group, each one in it."""
    for frame in traceback.extract_tb(trace):
        sys.stderr.write(f"  {frame.filename}:{frame.lineno} {frame.name}\n")
    sys.stderr.write(f"{describe(error)}\n")
    for inner in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        _ended(type(inner), inner, inner.__traceback__)


def _allow_listed(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {key: _plain(value) for key, value in event.items() if key in KEYS}


def _plain(value: object) -> object:
    if isinstance(value, BaseException):
        return describe(value)
    if isinstance(value, bool | int | float):
        return value
    return value[:LONGEST_TEXT] if isinstance(value, str) else type(value).__name__
