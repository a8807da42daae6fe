"""How long work shows that it goes on: a line that moves on a terminal, plain lines elsewhere; on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from hub.commandline.output import errors


class Steps:
    """The steps of one piece of work, one after the other."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def begin(self, text: str, total: int | None = None) -> None:
        """Go on to the next step, of `total` parts where that is known."""
        if not errors.is_terminal:
            errors.print(text, markup=False)
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(text, total=total)

    def reach(self, done: int) -> None:
        """So many parts of the present step are done."""
        if self._task is not None:
            self._progress.update(self._task, completed=done)


@contextmanager
def steps() -> Iterator[Steps]:
    """Show steps while the block runs."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        yield Steps(progress)
