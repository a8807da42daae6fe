"""The process of which others are forked: ``python -m infra.embedded.forking PROGRAM IMPORTED``.

It imports IMPORTED, and with it all that PROGRAM needs, and opens nothing: no thread, no connection, no key. What is
forked of it begins in milliseconds as ``python -m PROGRAM WORDS`` would in more than a second, and is a process like
any other. Each line of its input is one request in JSON and is answered by one line; it ends with its input, and what
it has forked lives on.
"""

import gc
import json
import os
import runpy
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from setproctitle import setproctitle


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a forked process is to be: its program's `words`, its whole environment, the file its outputs go to."""

    words: list[str]
    environment: dict[str, str]
    log: str


def main(program: str, imported: str) -> None:
    """Answer requests; in a forked process, be what was asked for."""
    import_module(imported)
    gc.freeze()  # what is shared with the forked is not written to by their collections
    beginning = _forked()
    if beginning is not None:
        _begin(program, beginning)
        runpy.run_module(program, run_name="__main__", alter_sys=True)


def _forked() -> Beginning | None:
    """Serve until the input ends; a `Beginning` is returned in a forked process alone."""
    codes: dict[int, int] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        if "ended" in asked:
            _answer(_exit_code(asked["ended"], codes))
            continue
        pid = os.fork()
        if pid == 0:
            return Beginning(**asked)
        codes.pop(pid, None)  # of an earlier process with the same number
        _answer(pid)
    return None


def _answer(answer: int | None) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _exit_code(pid: int, codes: dict[int, int]) -> int | None:
    """None while it runs; minus the signal's number where one ended it. `codes` holds those that the system has told,
    for it tells each once."""
    if pid not in codes:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            codes[pid] = os.waitstatus_to_exitcode(status)
    return codes.get(pid)


def _begin(program: str, beginning: Beginning) -> None:
    """A session, outputs, an environment and a name of its own."""
    setproctitle(" ".join((program, *beginning.words)))  # the first time it looks for the environment as it was
    os.setsid()
    with Path(os.devnull).open("rb") as nothing, Path(beginning.log).open("ab") as log:
        os.dup2(nothing.fileno(), 0)
        for output in (1, 2):
            os.dup2(log.fileno(), output)
    os.environ.clear()
    os.environ.update(beginning.environment)
    sys.argv[1:] = beginning.words


if __name__ == "__main__":
    main(*sys.argv[1:])
