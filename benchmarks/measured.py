"""What every benchmark writes: a table on the screen and a JSON file beside it, both with the machine they
come from.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).resolve().parents[1] / "build" / "benchmarks"


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock, and of processors in this process and in children that have ended."""

    wall: float
    cpu: float


def spent(work: Callable[[], object]) -> Spent:
    """What one run takes."""
    wall, cpu = time.perf_counter(), _cpu()
    work()
    return Spent(time.perf_counter() - wall, _cpu() - cpu)


def _cpu() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def machine() -> dict[str, Any]:
    """Where this was measured, and how busy it was."""
    models = [
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        if line.startswith("model name")
    ]
    return {
        "processor": models[0] if models else platform.processor(),
        "processors": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_before": os.getloadavg(),
    }


def middle(values: Sequence[float]) -> str:
    """Median and both ends, in milliseconds."""
    in_ms = [1000 * value for value in values]
    return f"{statistics.median(in_ms):.3f}  [{min(in_ms):.3f} … {max(in_ms):.3f}]"


def report(
    name: str, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], facts: Mapping[str, Any]
) -> Path:
    """Print the table, write build/benchmarks/NAME.json; returns its path."""
    table = Table(*columns, title=title)
    for row in rows:
        table.add_row(*row)
    Console(width=130).print(table)
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(facts, ensure_ascii=False, indent=1, default=str) + "\n", "utf-8")
    Console().print(f"→ {path}")
    return path
