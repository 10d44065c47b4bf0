"""A process that has read the libraries once and forks for each mutant: a start costs milliseconds, not
seconds.

Run as a program in the copy of the tree. It reads one JSON line for each run, {"files": […], "tests": path,
"cpu": seconds, "wall": seconds}, and answers with one: pytest's exit code, or minus the signal that ended it.
Nothing of the product or its tests is read before the fork, so each child reads the mutant.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path


def _child(task: dict[str, object], arguments: tuple[str, ...]) -> None:
    import pytest

    os.setsid()
    cpu = int(str(task["cpu"]))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
    resource.setrlimit(resource.RLIMIT_DATA, (4 << 30, 4 << 30))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    said = os.open(str(task["said"]), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(said, 1)
    os.dup2(said, 2)
    os.environ["MUTANTS_TESTS"] = str(task["tests"])
    files = task["files"]
    assert isinstance(files, list)
    os._exit(int(pytest.main([*arguments, *files])))


def _ended(child: int, wall: float) -> int:
    """Its exit code, or minus a signal; a child that takes longer than `wall` seconds is ended with all
    its own.
    """
    until = time.monotonic() + wall
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(libraries: str, *arguments: str) -> None:
    """Read the libraries (names with commas), and serve until there is nothing more to read; `arguments`
    go before the files.
    """
    for name in ["pytest", *filter(None, libraries.split(","))]:
        importlib.import_module(name)
    gc.freeze()
    for line in sys.stdin:
        task = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                _child(task, arguments)
            finally:
                os._exit(3)
        code = _ended(child, float(task["wall"]))
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # what a test of a mutant has left running
        print(code, flush=True)


if __name__ == "__main__":
    sys.path[0] = str(Path.cwd())
    main(*sys.argv[1:])
