"""What the mutation tester asks of pytest, inside the copy of the tree: `-p tests.mutants.plugin`.

MUTANTS_MEASURE=file: which test runs which line of the modules, and how long each test takes, as JSON
{"seconds": {test: seconds}, "lines": {module: {line: [test…]}}}. What a fixture runs belongs to all tests of
the file ("*"), for later tests may use it again. MUTANTS_TESTS=file: only the tests of that JSON list, in its
order.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


class _Measure:
    def __init__(self, target: Path) -> None:
        import coverage  # read where it is used: most runs measure nothing

        self.target, self.seconds = target, dict[str, float]()
        self.coverage = coverage.Coverage(data_file=None, config_file=False, include=[f"{ROOT}/surveys/*"])
        self.coverage.set_option("run:core", "ctrace")
        # A file whose tests start other processes runs nothing here.
        self.coverage.set_option("run:disable_warnings", ["no-data-collected"])
        self.coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None]:
        self.coverage.switch_context(item.nodeid)
        yield
        self.coverage.switch_context("*")

    def pytest_runtest_setup(self) -> None:
        self.coverage.switch_context("*")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration

    def pytest_sessionfinish(self) -> None:
        self.coverage.stop()
        data = self.coverage.get_data()
        lines = {
            Path(file).relative_to(ROOT).as_posix(): {
                line: sorted(set(tests) - {""}) for line, tests in data.contexts_by_lineno(file).items()
            }
            for file in data.measured_files()
        }
        self.target.write_text(json.dumps({"seconds": self.seconds, "lines": lines}))


class _Chosen:
    def __init__(self, tests: list[str]) -> None:
        self.place = {test: at for at, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(
            (one for one in items if one.nodeid in self.place), key=lambda one: self.place[one.nodeid]
        )


def pytest_configure(config: pytest.Config) -> None:
    if target := os.environ.get("MUTANTS_MEASURE"):
        config.pluginmanager.register(_Measure(Path(target)))
    if chosen := os.environ.get("MUTANTS_TESTS"):
        config.pluginmanager.register(_Chosen(json.loads(Path(chosen).read_text())))
