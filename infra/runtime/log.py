"""Logging: structured lines on standard error, from an allow-list of keys, so that no record can slip in.

A value that is not a short string or a number is replaced by the name of its type; exceptions by class and SQLSTATE.
"""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from infra.runtime.postgres import describe

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
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s", force=True)
    logging.getLogger("aiokafka").setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _allow_listed,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logger: Logger = structlog.get_logger().bind(role=role)
    return logger


def _allow_listed(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {key: _plain(value) for key, value in event.items() if key in KEYS}


def _plain(value: object) -> object:
    if isinstance(value, BaseException):
        return describe(value)
    if isinstance(value, bool | int | float):
        return value
    return value[:LONGEST_TEXT] if isinstance(value, str) else type(value).__name__
