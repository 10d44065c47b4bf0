"""A whole vote at several sizes, what every step of it takes, and how that grows: `make bench-scale`,
`python -m benchmarks.scale [voters …]`.

Every step is a process of its own: seconds of the clock and of processors without the start of Python, and
the most memory that it ever held (VmHWM, or that of its largest child). An exponent e means that a step of N
ballots takes c·N^e: least squares in the logarithms of the sizes. `--cell` is the number of voters of a
panel, `--keep FOLDER` leaves the votes there, and a run with the same folder goes on after the steps that are
done; `--again STEP` measures that one and all after it anew; `--without STEP` leaves one out.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import dropwhile
from pathlib import Path

from benchmarks.measured import machine, report, spent
from benchmarks.scale_steps import STEPS, Vote, make

SIZES = (1_000, 10_000, 100_000)


@dataclass(frozen=True, slots=True)
class Took:
    """What one step took once Python had started: seconds, seconds of processors, megabytes at the peak."""

    wall: float
    cpu: float
    peak: float


def measure(folder: Path, step: str) -> Took:
    """Run a step in a fresh process. Ends the run where the step fails."""
    command = [sys.executable, "-m", "benchmarks.scale", "--folder", str(folder), "--step", step]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return Took(**json.loads(done.stdout))


def run(folder: Path, step: str) -> Took:
    """A step in this process, which does nothing else. Its peak is the kernel's own record of this
    address space: what a parent held counts in `ru_maxrss`.
    """
    took = spent(lambda: STEPS[step](Vote(folder)))
    status = Path("/proc/self/status").read_text("ascii")
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    # Minutes are typeset by a child.
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return Took(took.wall, took.cpu, max(peak, child) / 1024)


def exponent(points: Mapping[int, float]) -> float | None:
    """The slope of log y over log x by least squares; None for fewer than two sizes."""
    if len(points) < 2:
        return None
    xs, ys = [math.log(x) for x in points], [math.log(y) for y in points.values()]
    middle_x, middle_y = sum(xs) / len(xs), sum(ys) / len(ys)
    over = sum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True))
    return over / sum((x - middle_x) ** 2 for x in xs)


def vote_of(
    root: Path, voters: int, of_a_cell: int, again: str | None, steps: Sequence[str]
) -> dict[str, Took]:
    """Every step of a vote of this size; what is done already in this folder is not done again."""
    folder = root / str(voters)
    kept = folder / "took.json"
    if not folder.exists():
        folder.mkdir(parents=True)
        make(Vote(folder), voters, of_a_cell)
    took = (
        {name: Took(**each) for name, each in json.loads(kept.read_bytes()).items()} if kept.exists() else {}
    )
    for name in dropwhile(lambda each: each != again, STEPS) if again else ():
        took.pop(name, None)
    for step in steps:
        if step not in took:
            took[step] = measure(folder, step)
            kept.write_text(json.dumps({name: asdict(each) for name, each in took.items()}), "ascii")
            print(f"{voters:>9} {step:10}", took[step], file=sys.stderr, flush=True)
    return {step: took[step] for step in steps}


def fitted(found: Mapping[int, Mapping[str, Took]], step: str) -> dict[str, float | None]:
    """The exponents of one step: of processors' time, and of memory."""
    return {
        "cpu": exponent({size: took[step].cpu for size, took in found.items()}),
        "memory": exponent({size: took[step].peak for size, took in found.items()}),
    }


def main(arguments: Sequence[str]) -> None:
    """The table and build/benchmarks/scale.json; or, with --step, one step and its line of JSON."""
    asked = argparse.ArgumentParser(prog="benchmarks.scale")
    asked.add_argument("sizes", nargs="*", type=int)
    asked.add_argument("--cell", type=int, default=100)
    asked.add_argument("--keep", type=Path)
    asked.add_argument("--again", choices=list(STEPS))
    asked.add_argument("--without", action="append", default=[], choices=list(STEPS))
    asked.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked.add_argument("--step", choices=list(STEPS), help=argparse.SUPPRESS)
    given = asked.parse_args(arguments)
    if given.step:
        print(json.dumps(asdict(run(given.folder, given.step))))
        return
    sizes, where = given.sizes or SIZES, machine()
    steps = [step for step in STEPS if step not in given.without]
    with tempfile.TemporaryDirectory() as scratch:
        found = {
            size: vote_of(given.keep or Path(scratch), size, given.cell, given.again, steps) for size in sizes
        }
    exponents = {step: fitted(found, step) for step in steps}
    rows = []
    for step in steps:
        cells = [f"{took[step].cpu:.1f} s, {took[step].peak:.0f} MB" for took in found.values()]
        fits = ["" if fit is None else f"{fit:.2f}" for fit in exponents[step].values()]
        rows.append([step, *cells, *fits])
    columns = [
        "step: of processors, peak",
        *(f"{size}" for size in sizes),
        "time: exponent",
        "memory: exponent",
    ]
    facts = {
        "machine": where,
        "voters of a panel": given.cell,
        "steps": {size: {step: asdict(each) for step, each in took.items()} for size, took in found.items()},
        "exponents": exponents,
    }
    report("scale", f"a vote at several sizes, panels of {given.cell}", columns, rows, facts)


if __name__ == "__main__":
    main(sys.argv[1:])
