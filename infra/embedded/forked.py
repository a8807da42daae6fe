"""A process that is not our child, though we had it begun."""

import time
from collections.abc import Callable

import psutil

POLL_SECONDS = 0.02


class Forked(psutil.Process):
    """A process that somebody else has begun for us and tells the exit code of, as `subprocess.Popen` would.

    `exit_code` answers None while the process runs.
    """

    def __init__(self, pid: int, exit_code: Callable[[int], int | None]) -> None:
        super().__init__(pid)
        self._exit_code = exit_code
        self._code: int | None = None

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        if self._code is None:
            self._code = self._exit_code(self.pid)
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code once it has ended; raises `psutil.TimeoutExpired`."""
        began = time.monotonic()
        while (code := self.poll()) is None:
            if timeout is not None and time.monotonic() - began > timeout:
                raise psutil.TimeoutExpired(timeout, self.pid)
            time.sleep(POLL_SECONDS)
        return code
