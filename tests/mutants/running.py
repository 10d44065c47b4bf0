"""One mutant after the other: written into the copy of the tree, tried, and taken out again."""

from __future__ import annotations

import ast
import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from tests.mutants.choosing import choose
from tests.mutants.copies import put
from tests.mutants.measuring import ARGUMENTS, Measured, surroundings
from tests.mutants.operators import Mutant

KILLED, TIMED_OUT, SURVIVED, UNTESTED = "killed", "timed out", "survived", "untested"
# pytest's exit codes: a test failed, a file could not be read, pytest itself was broken.
_NOTICED = {1, 2, 3}
# Seconds of the processor, so that on a busy machine nothing is called an endless loop; the clock is for what
# sleeps.
CPU_AT_LEAST, WALL = 15, 600
# So often the same tests are run without the mutant first: what fails then would have counted as noticed.
CONTROL_EVERY = 15


# What most tests read; any other is read by each child.
LIBRARIES = (
    "coverage",
    "cryptography.hazmat.primitives.asymmetric.rsa",
    "flask",
    "hypothesis",
    "sqlalchemy",
    "wasmtime",
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A mutant of a module (its path from the root)."""

    module: str
    mutant: Mutant

    @property
    def id(self) -> str:
        """The same for the same text in the same module: what is known of it holds until either changes."""
        return hashlib.sha256(f"{self.module}\0{self.mutant.source}".encode()).hexdigest()[:16]

    def __str__(self) -> str:
        mutant = self.mutant
        return f"{self.module}:{mutant.line}: {mutant.before[:90]} → {mutant.after[:90]}"


class Nursery:
    """The process that forks for each run (tests/mutants/nursery.py), beside one copy of the tree."""

    def __init__(self, tree: Path, libraries: tuple[str, ...] = LIBRARIES) -> None:
        self.tree, self.moment, self.judged = tree, 1_000_000_000, 0
        self.said = tree.parent / f"{tree.name}-said.txt"
        self.process = subprocess.Popen(
            [sys.executable, "tests/mutants/nursery.py", ",".join(libraries), *ARGUMENTS],
            cwd=tree,
            env=surroundings(tree),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Nursery:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        with self.process:  # closes what it reads, and waits
            pass

    def attempt(self, tests: Sequence[str], cpu: int) -> int:
        """pytest's exit code over these tests, in their order; minus a signal where one ended it."""
        chosen = self.tree.parent / f"{self.tree.name}-tests.json"
        chosen.write_text(json.dumps(tests))
        files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
        task = {"files": files, "tests": str(chosen), "said": str(self.said), "cpu": cpu, "wall": WALL}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(task) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def judge(self, placed: Placed, measured: Measured) -> str:
        """KILLED, TIMED_OUT, SURVIVED or UNTESTED. Raises RuntimeError where no test was run at all."""
        ast.parse(placed.mutant.source)  # what cannot be read would count as noticed
        path = self.tree / placed.module
        original, since = path.read_bytes(), int(path.stat().st_mtime)
        runs = choose(measured, placed.module, placed.mutant.statement)
        if self.judged % CONTROL_EVERY == 0 and runs and self.attempt(runs[0], WALL) != 0:
            raise RuntimeError(
                f"fail without a mutant, in this order: {runs[0]}\n{self.said.read_text()[-3000:]}"
            )
        self.judged += 1
        self.moment += 1
        put(path, placed.mutant.source.encode(), self.moment)
        try:
            for tests in runs:
                cpu = CPU_AT_LEAST + int(sum(measured.seconds[test] for test in tests))
                code = self.attempt(tests, cpu)
                if code in _NOTICED:
                    return KILLED
                if code < 0:
                    return TIMED_OUT
                if code != 0:
                    raise RuntimeError(f"pytest ended with {code}: {placed.module}:{placed.mutant.line}")
        finally:
            put(path, original, since)
        return SURVIVED if runs else UNTESTED
