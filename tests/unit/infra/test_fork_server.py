"""The fork server: what is forked is the program, with words, environment and log of its own, and its end is told."""

import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Timer

import psutil
import pytest

from infra.embedded.fork_server import ForkServer
from infra.embedded.forked import Forked
from infra.embedded.processes import stop
from infra.runtime.refusals import Refusal
from tests.polling import until

SECONDS = 30.0
PROGRAM = """
import os, signal, sys
if sys.argv[1] == "wait":
    signal.pause()
print(os.environ["OWN"], os.environ.get("ANOTHERS"), *sys.argv[1:], os.getpid() == os.getsid(0), sys.stdin.read())
print("an error", file=sys.stderr)
raise SystemExit(3)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def server(place: Path) -> Iterator[ForkServer]:
    started = ForkServer("program", "json", place / "server.log")
    yield started
    started.close()


def test_it_is_the_program_with_what_was_given_to_it_alone(server: ForkServer, place: Path) -> None:
    first = server.fork(["run", "now"], place / "logs" / "first.log", {"OWN": "one", "ANOTHERS": "gone"})
    second = server.fork(["run"], place / "logs" / "second.log", {"OWN": "two"})
    assert [first.wait(SECONDS), second.wait(SECONDS)] == [3, 3]
    logs = [(place / "logs" / f"{name}.log").read_text(encoding="utf-8") for name in ("first", "second")]
    assert set(logs[0].splitlines()) == {"one gone run now True ", "an error"}
    assert set(logs[1].splitlines()) == {"two None run True ", "an error"}


async def _waits(process: Forked) -> bool:
    return process.cmdline()[:1] == ["program wait"]


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM])
async def test_the_signal_that_ended_it_is_told_as_often_as_asked(
    server: ForkServer, place: Path, by: signal.Signals
) -> None:
    process = server.fork(["wait"], place / "log", {})
    assert process.poll() is None
    await until(partial(_waits, process), SECONDS, "it does not bear the name of what it is")
    assert stop(process, by=by) == -by
    assert (process.poll(), server.exit_code(process.pid)) == (-by, -by)


def test_what_was_forked_outlives_the_server(place: Path) -> None:
    server = ForkServer("program", "json", place / "server.log")
    pid = server.fork(["wait"], place / "log", {}).pid
    server.close()
    left = psutil.Process(pid)
    assert left.is_running()
    os.kill(pid, signal.SIGKILL)


async def _is_childless(process: psutil.Process) -> bool:
    return all(child.status() == psutil.STATUS_ZOMBIE for child in process.children())


async def test_an_interrupt_while_one_is_begun_leaves_none_and_mixes_no_answers(place: Path) -> None:
    (place / "slow.py").write_text("import time; time.sleep(1)", encoding="utf-8")
    server = ForkServer("program", "slow", place / "server.log")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            server.fork(["wait"], place / "log", {})
    finally:
        signal.signal(signal.SIGINT, before)
    assert server.fork(["run"], place / "log", {"OWN": "one"}).wait(SECONDS) == 3
    (parent,) = (each for each in psutil.Process().children() if "slow" in each.cmdline())
    await until(partial(_is_childless, parent), SECONDS, "one that nobody heard of lives on")
    server.close()


def test_an_import_that_fails_is_refused_and_stands_in_the_log(place: Path) -> None:
    server = ForkServer("program", "no_such_module", place / "server.log")
    with pytest.raises(Refusal, match=r"has ended; see .*server\.log"):
        server.fork(["wait"], place / "log", {})
    server.close()
    assert "No module named 'no_such_module'" in (place / "server.log").read_text(encoding="utf-8")


def test_the_clock_of_a_server_may_be_wrong(place: Path) -> None:
    (place / "program.py").write_text("import time; print(time.time_ns())", encoding="utf-8")
    ahead = ForkServer("program", "json", place / "server.log", ("infra.faults.clock", "86400"))
    ahead.fork([], place / "log", {}).wait(SECONDS)
    ahead.close()
    told = int((place / "log").read_text(encoding="utf-8"))
    assert abs(told / 1e9 - time.time() - 86_400) < SECONDS
