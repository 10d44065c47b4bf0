"""Bars in the terminal for work that takes long, a bar for each of its stages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

STAGES = {
    "read": "reading",
    "compare": "comparing",
    "write": "writing",
    "keys": "token keys",
    "letters": "letters",
    "ceremony": "key ceremony",
    "vote": "voters",
    "seal": "sealing",
    "count": "trustees count",
    "solve": "sums",
    "typeset": "typesetting",
    "verify": "verification",
}
IN_BYTES = frozenset({"read"})


class _Amount(ProgressColumn):
    """So many of so many; of bytes, as people write sizes."""

    def render(self, task: Task) -> Text:
        written = decimal if task.fields.get("in_bytes") else str
        total = "?" if task.total is None else written(int(task.total))
        return Text(f"{written(int(task.completed))}/{total}", style="progress.download")


class Shown:
    """A bar in the terminal for each stage."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._task = bars.add_task("", total=None)

    def begin(self, stage: str, total: int) -> None:
        """A stage with so many steps begins."""
        self._task = self._bars.add_task(STAGES.get(stage, stage), total=total, in_bytes=stage in IN_BYTES)

    def step(self, steps: int = 1) -> None:
        """So many steps are done."""
        self._bars.advance(self._task, steps)

    def at(self, check: str, done: int, total: int) -> None:
        """The verifier is at this check."""
        self._bars.update(self._task, description=f"verification {check}", completed=done, total=total)


@contextmanager
def bars() -> Iterator[Shown]:
    """Bars on standard error; on a file or pipe nothing is drawn."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description:<16}"), BarColumn(), _Amount(), TimeElapsedColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        shown = Shown(progress)
        progress.update(TaskID(0), visible=False)
        yield shown
