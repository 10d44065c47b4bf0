"""Import and export of large organisations, each command a process of its own: `python -m
benchmarks.organisation [people …]`.

Wall clock, processor and peak memory (resident) of the whole process, start of Python included. The
organisation is the demo's, as often as it takes, with an address for everybody: 200 000 people have 18 721
units, 42 120 posts and 52 560 earlier results.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from surveys.names import PersonCode, UnitCode
from surveys.organisation.export import write_csv_zip, write_workbook
from surveys.organisation.values import Organisation, Unit
from surveys.rehearsal.demo_organisation import VOTERS, demo_organisation


def large(people: int) -> Organisation:
    """So many demo organisations under one root as have so many people."""
    units, members, posts = [Unit(UnitCode("TW"), None, "Trung ương", "Central", "root")], [], []
    gradings, history = [], []
    for number in range(max(1, people // VOTERS)):
        one, p = demo_organisation(number), f"B{number:02}-"
        units += [
            replace(
                each,
                code=UnitCode(p + each.code),
                parent=UnitCode(p + each.parent) if each.parent else UnitCode("TW"),
            )
            for each in one.units
        ]
        members += [
            replace(
                each,
                code=PersonCode(p + each.code),
                unit=UnitCode(p + each.unit),
                email=f"{(p + each.code).lower()}@example.vn",
            )
            for each in one.people
        ]
        posts += [
            replace(each, unit=UnitCode(p + each.unit), person=PersonCode(p + each.person))
            for each in one.posts
        ]
        gradings += [replace(each, unit=UnitCode(p + each.unit)) for each in one.gradings]
        history += [
            replace(each, unit=UnitCode(p + each.unit), person=PersonCode(p + each.person))
            for each in one.history
        ]
    return Organisation.of(units, members, posts, gradings, history)


def measured(*call: str) -> tuple[float, float, int]:
    """Seconds of the clock, seconds of the processor, megabytes at the peak."""
    surveys = str(Path(sys.executable).with_name("surveys"))
    begun = time.perf_counter()
    child = os.posix_spawn(
        surveys,
        [surveys, *call],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, used = os.wait4(child, 0)
    assert status == 0, call
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def main(sizes: list[int]) -> None:
    """Print a table for each size."""
    for people in sizes:
        folder = Path(tempfile.mkdtemp())
        organisation = large(people)
        write_workbook(folder / "a.xlsx", organisation)
        write_csv_zip(folder / "a.zip", organisation)
        sizes_of = ", ".join(
            f"{each.name} {each.stat().st_size >> 10} KiB" for each in sorted(folder.iterdir())
        )
        table = Table(
            "command",
            "seconds",
            "of the processor",
            "peak MB",
            title=f"{len(organisation.people)} people ({sizes_of})",
        )
        for name, call in (
            ("import .xlsx", ("import", str(folder / "a.xlsx"), "--yes", "--instance", str(folder / "i"))),
            ("the same again", ("import", str(folder / "a.xlsx"), "--yes", "--instance", str(folder / "i"))),
            ("import .zip", ("import", str(folder / "a.zip"), "--yes", "--instance", str(folder / "j"))),
            ("export .xlsx", ("export", str(folder / "b.xlsx"), "--instance", str(folder / "i"))),
            ("export .zip", ("export", str(folder / "b.zip"), "--instance", str(folder / "i"))),
        ):
            wall, cpu, peak = measured("organisation", *call)
            table.add_row(name, f"{wall:.1f}", f"{cpu:.1f}", str(peak))
        Console().print(table)


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]] or [5_000, 200_000])
