"""Begins processes by forking them of one that has imported everything (`infra.embedded.forking`)."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

from infra.embedded.forked import Forked
from infra.runtime.refusals import Refusal


class ForkServer:
    """The process of `infra.embedded.forking`, which begins to import at once; errors of its own are in `log`.

    A thread asks it, one thing at a time: an interrupt meets the caller, and no answer is taken for another's.
    `interpreter` stands between Python and the module where that is run by another one.
    """

    def __init__(self, program: str, imported: str, log: Path, interpreter: Sequence[str] = ()) -> None:
        self._log = log
        self._thread = ThreadPoolExecutor(1)
        command = [sys.executable, "-m", *interpreter, "infra.embedded.forking", program, imported]
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, start_new_session=True, text=True
            )

    def fork(self, words: Sequence[str], log: Path, environment: Mapping[str, str]) -> Forked:
        """Begin ``PROGRAM words`` with both outputs appended to `log`; a signal to our own group does not reach it."""
        log.parent.mkdir(parents=True, exist_ok=True)
        begun = {"words": list(words), "environment": {**os.environ, **environment}, "log": str(log)}
        answer = self._thread.submit(self._ask, begun)
        try:
            return Forked(answer.result(), self.exit_code)
        except KeyboardInterrupt:
            os.kill(answer.result(), signal.SIGKILL)  # the caller will not hear of it
            raise

    def exit_code(self, pid: int) -> int | None:
        """Of a process it has forked; None while that runs."""
        code: int | None = self._thread.submit(self._ask, {"ended": pid}).result()
        return code

    def close(self) -> None:
        """End it; what it has forked lives on."""
        self._thread.shutdown()
        for pipe in self._pipes():
            pipe.close()
        self._process.wait()

    def _ask(self, request: Mapping[str, object]) -> Any:
        sent, answered = self._pipes()
        try:
            sent.write(json.dumps(request) + "\n")
            sent.flush()
            return json.loads(answered.readline())
        except (BrokenPipeError, json.JSONDecodeError):
            raise Refusal("KRN-ROLE", f"what roles are forked of has ended; see {self._log}") from None

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError("a fork server is begun with pipes")
        return self._process.stdin, self._process.stdout
