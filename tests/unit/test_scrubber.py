"""The last line before a log."""

import io
import logging
import subprocess
import sys

import pytest

from infra.runtime.log import ClassesOnly
from infra.runtime.scrubber import MARK, Scrubbed, scrub


@pytest.mark.parametrize(
    "text",
    ["123456789018", "１２３４５６７８９０１８", "1234 5678 9018", "1234-5678-9018", "24727059608", "n=123456789018."],
)
def test_numbers_go(text: str) -> None:
    clean, found = scrub(f"before {text} after")
    assert (MARK in clean, found) == (True, 1)
    assert not any(digit in clean for digit in "0123456789")


@pytest.mark.parametrize("text", ["123456789012", "2026-11-24T10:00:00", "offset 1234567", "1" * 30, "住民 太郎"])
def test_other_text_stays(text: str) -> None:
    assert scrub(text) == (text, 0)


@pytest.mark.parametrize("character", ["\r", "\x1b", "\x00", "\u202e", "\u2066", "\u200b", "\u2028"])
def test_what_would_break_or_disguise_a_line_is_shown(character: str) -> None:
    clean, _ = scrub(f"a{character}b\n")
    assert clean == f"a\\u{ord(character):04x}b\n"


def test_a_stream_counts_what_it_takes_out() -> None:
    under = io.StringIO()
    stream = Scrubbed(under)
    stream.write("123456789018\n")
    assert (under.getvalue(), stream.found) == (f"{MARK}\n", 1)


def test_a_logged_exception_is_told_by_class() -> None:
    try:
        int("123456789018x")
    except ValueError:
        told = ClassesOnly("%(levelname)s %(name)s").formatException(sys.exc_info())
    assert told == "ValueError"


PROGRAM = """
import asyncio, logging, warnings
from infra.runtime.log import configure_logging
log = configure_logging("INFO", "synthetic")
log.info("123456789018", number="123456789018", record={"name": "合成　太郎"}, unheard="合成　太郎")
logging.getLogger("library").error("合成　太郎 %s", "123456789018")
warnings.warn("合成　太郎 123456789018")
print("123456789018")
async def fail():
    asyncio.get_running_loop().call_soon(lambda: int("合成　太郎"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
asyncio.run(fail())
raise KeyError("合成　太郎 123456789018")
"""


def test_a_process_tells_nothing_by_any_way_out() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=False)
    told = (done.stdout + done.stderr).decode()
    assert done.returncode == 1
    assert "123456789018" not in told
    assert "合成" not in told
    assert MARK in told
    assert "KeyError" in told
    assert logging.getLogger("library").name in told
