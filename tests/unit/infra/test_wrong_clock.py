"""A process under a wrong clock: everything it reads of the time of day is off, and what it makes is the usual kind."""

import json
import subprocess
import sys
import time
from pathlib import Path

PROGRAM = """
import json, sys, time
from datetime import UTC, date, datetime, timedelta
from pydantic import BaseModel
class Dated(BaseModel):
    at: datetime
    on: date
told = Dated(at=datetime.now(UTC), on=date.today())
again = Dated.model_validate_json(told.model_dump_json())
print(json.dumps({
    "now": told.at.timestamp(), "time": time.time(), "nanoseconds": time.time_ns() / 1e9, "today": str(date.today()),
    "kinds": [isinstance(datetime.now(UTC), datetime), isinstance(date.today(), date), again == told,
              datetime(2026, 1, 1).year == 2026, not isinstance(date.today(), datetime), sys.argv[1:] == ["word"]],
}))
"""
DAY = 86_400


def test_a_clock_is_off_by_what_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    command = [sys.executable, "-m", "infra.faults.clock", str(DAY), "program", "word"]
    done = subprocess.run(
        command,
        capture_output=True,
        check=True,
        text=True,
        env={"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[3]}"},
    )
    told = json.loads(done.stdout)
    right = time.time() + DAY
    assert all(abs(told[name] - right) < 60 for name in ("now", "time", "nanoseconds"))
    assert told["today"] == time.strftime("%Y-%m-%d", time.localtime(right))
    assert told["kinds"] == [True] * 6
