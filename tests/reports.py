"""Reports of failures without values, since they are kept and sent around: where, which line, what class of error.

``--show-values`` tells everything, for a developer's own screen.
"""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from _pytest._code.code import TracebackEntry

from infra.runtime.postgres import describe
from infra.runtime.refusals import Refusal

OPTION = "--show-values"

Error = pytest.ExceptionInfo[BaseException]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a developer see the values."""
    parser.addoption(OPTION, action="store_true", help="show compared values, error texts and examples of failures")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Replace what a failure says by what may be said of it."""
    report = yield
    if report.failed and call.excinfo is not None and not item.config.getoption(OPTION):
        report.longrepr = "\n".join(_told(call.excinfo, item.path))
        report.sections = []
    return report


def _told(error: Error, test: Path) -> Iterator[str]:
    for entry in error.traceback.cut(path=test).filter(error):
        yield f"{entry.path}:{entry.lineno + 1}: in {entry.name}"
        yield f"    {_statement(entry)}"
    yield from _named(error.value, "E   ")


def _statement(entry: TracebackEntry) -> str:
    """The statement, or nothing where the source is not Python (asyncpg's is Cython), or not there (a template's)."""
    try:
        return str(entry.statement).strip()
    except (SyntaxError, AssertionError):
        return ""


def _named(error: BaseException, indent: str) -> Iterator[str]:
    yield indent + _sentence(error)
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _named(part, indent + "  ")
    elif isinstance(error, pytest.PytestUnraisableExceptionWarning) and error.__cause__ is not None:
        yield from _named(error.__cause__, indent + "  ")


def _sentence(error: BaseException) -> str:
    """Of texts only a refusal's own, pytest's (not raised, did not match, took too long) and the interpreter's: what
    was left open."""
    if isinstance(error, Refusal | ResourceWarning):
        return str(error)
    if isinstance(error, pytest.fail.Exception):
        return str(error).partition("\n")[0]
    return describe(error)
