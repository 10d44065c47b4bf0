"""Time the readers' pages over the demo organisation with three published years: `python -m
benchmarks.readers`.

Server time of a request as the test client sees it, wall clock and processor, after the volumes have been
opened once.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from surveys.accounts.roles import Grant, Role
from surveys.names import RoundId, UnitCode
from surveys.organisation.register import import_organisation
from surveys.rehearsal.demo_organisation import demo_organisation
from surveys.results.shelf import StaffShelf
from tests.staff import Browser, staff_site
from tests.three_years import YEARS, a_year, by_standing, publish_year

RUNS = 7
SURVEY = RoundId("26" * 16)


def main() -> None:
    """Build the years, then ask each page so many times."""
    site = staff_site(Path(tempfile.mkdtemp()))
    organisation = demo_organisation()
    import_organisation(site.stores.app, organisation, confirmed=False)
    draw = random.Random(1)
    sizes: dict[UnitCode, int] = {}
    for person in organisation.people:
        sizes[person.unit] = sizes.get(person.unit, 0) + 1
    for year in YEARS:
        returned = {unit: size - draw.choice([0, 0, 1, 2]) for unit, size in sizes.items()}
        mark = by_standing(_standing, year)
        publish_year(site.stores, a_year(organisation, year, RoundId(f"{year % 100}" * 16), mark, returned))
    begun = time.perf_counter()
    StaffShelf(site.stores.app).volumes()
    console = Console()
    console.print(f"opening {len(YEARS)} volumes for the first time: {time.perf_counter() - begun:.2f} s")
    browser = site.browser(site.account("head", Grant(Role.AUTHORITY, UnitCode("*"))))
    table = Table("page", "kB", "median ms", "most ms", "processor ms")
    for page in (
        "",
        f"{SURVEY}/units/KHOI",
        *(f"{SURVEY}/units/KHOI/{name}" for name in ("focus", "years", "posts", "grades", "turnout")),
        f"{SURVEY}/leaders/DU01-C02-01",
    ):
        table.add_row(
            page.removeprefix(f"{SURVEY}/") or "desk of a reader", *_asked(browser, f"/vi/results/{page}")
        )
    console.print(table)
    site.stores.close()


def _asked(browser: Browser, address: str) -> tuple[str, ...]:
    browser.get(address)
    walls, processor, size = [], [], 0
    for _ in range(RUNS):
        wall, used = time.perf_counter(), time.process_time()
        answer = browser.get(address)
        walls.append(1000 * (time.perf_counter() - wall))
        processor.append(1000 * (time.process_time() - used))
        assert answer.status_code == 200, address
        size = len(answer.data)
    middle = statistics.median
    return f"{size // 1000}", f"{middle(walls):.0f}", f"{max(walls):.0f}", f"{middle(processor):.0f}"


def _standing(person: str, unit: str) -> tuple[float, ...]:
    draw = random.Random(f"{person} {unit}")
    low = 0.6 if draw.random() < 0.012 else draw.betavariate(1.2, 12)
    high = (1 - low) * draw.betavariate(6, 2)
    return high, 1 - high - low, low, 0.01


if __name__ == "__main__":
    main()
