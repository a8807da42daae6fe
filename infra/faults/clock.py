"""A program under a wrong clock: ``python -m infra.faults.clock SECONDS MODULE [ARGUMENT …]``.

Everything the interpreter tells of the time of day (`datetime.now`, `date.today`, `time.time`) is off by SECONDS; what
C code asks for itself (TLS about certificates), servers' clocks and monotonic time are not. It replaces the names in
the standard library before anything else is imported, and so needs no other program's help.
"""

import datetime as calendar
import runpy
import sys
import time
from datetime import date, datetime
from typing import Any

_time, _time_ns = time.time, time.time_ns


class _Facade(type):
    """Stands for a class: made are its instances, and its instances count as one's own."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.__mro__[1])

    def __call__(cls, *arguments: Any, **named: Any) -> Any:
        return cls.__mro__[1](*arguments, **named)


def shift(seconds: float) -> None:
    """Set this process's clock off by `seconds`."""
    by = calendar.timedelta(seconds=seconds)

    class ShiftedDatetime(datetime, metaclass=_Facade):
        @classmethod
        def now(cls, tz: calendar.tzinfo | None = None) -> Any:
            return datetime.now(tz) + by

    class ShiftedDate(date, metaclass=_Facade):
        @classmethod
        def today(cls) -> Any:
            return (datetime.now() + by).date()  # noqa: DTZ005 - as the original

    calendar.datetime, calendar.date = ShiftedDatetime, ShiftedDate  # type: ignore[misc]
    time.time = lambda: _time() + seconds
    time.time_ns = lambda: _time_ns() + round(seconds * 1e9)


if __name__ == "__main__":
    shift(float(sys.argv[1]))
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
