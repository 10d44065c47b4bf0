"""Children that are killed: before their n-th step, or in the middle of a write at a given place of a
file.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

CONTEXT = multiprocessing.get_context("fork")
STEPS = ("replace", "link", "unlink", "fsync", "chmod")


def ends(work: Callable[[], object], prepare: Callable[[], None]) -> bool:
    """Run the work in a child; False if it was killed. A child that fails in any other way fails the test."""

    def run() -> None:
        prepare()
        work()

    child = CONTEXT.Process(target=run)
    child.start()
    child.join()
    assert child.exitcode in (0, -signal.SIGKILL, -signal.SIGXFSZ), child.exitcode
    return child.exitcode == 0


def kill_before_step(number: int) -> Callable[[], None]:
    """Kill -9 right before the n-th call that changes a file's name or synchronises it, or statement, or
    commit.
    """

    def prepare() -> None:
        left = number

        def step(*_: Any) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        for name in STEPS:
            setattr(os, name, _stepping(getattr(os, name), step))
        for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(Engine, moment, step)

    return prepare


def kill_at_offset(limit: int) -> Callable[[], None]:
    """Kill in the middle of the first write that goes beyond this offset of any file, journal or store."""

    def prepare() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return prepare


def until_it_ends(work: Callable[[int], bool], most: int = 400) -> int:
    """Run with n = 1, 2, … until the work is no longer killed; the number of kills."""
    for number in range(1, most):
        if work(number):
            return number - 1
    raise AssertionError("it never ends")


def rows(path: Path) -> list[str]:
    """All that a SQLite file says, after SQLite has put a killed transaction right."""
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    dump = list(_dump(connection))
    connection.close()
    return dump


def _dump(connection: sqlite3.Connection) -> Iterator[str]:
    yield from connection.iterdump()


def _stepping(call: Callable[..., Any], step: Callable[[], None]) -> Callable[..., Any]:
    def stepped(*arguments: Any, **named: Any) -> Any:
        step()
        return call(*arguments, **named)

    return stepped
