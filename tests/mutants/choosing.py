"""Which tests try a mutant, and in what order: first the quick ones that run its line, in the few files
with the most of them; only what outlives these is tried by every file that runs the line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tests.mutants.measuring import Measured

FIRST_FILES, FIRST_TESTS = 2, 30
BUDGET = 12.0  # seconds of tests, as measured, for what outlives these


def choose(measured: Measured, module: str, lines: Iterable[int]) -> list[list[str]]:
    """Lists of tests to be run one after the other; none where no test runs the line.

    A line that runs when the module is read is tried by all tests that run anything of it, and where none
    does (tables, constants) by all that read it.
    """
    known = measured.lines.get(module, {})
    ran = {test for line in lines for test in known.get(line, ())}
    if not ran and any(line in known for line in lines):
        ran = {test for tests in known.values() for test in tests} or set(measured.read[module])
    whole = {test.removesuffix("::*") for test in ran if test.endswith("::*")}
    running = {test for test in measured.seconds if test in ran or _file(test) in whole}
    if not running:
        return []
    # Those that run the line themselves, then those of a file whose fixtures do.
    ordered = sorted(running, key=lambda test: (test not in ran, measured.seconds[test], test))
    most = [file for file, _ in Counter(map(_file, ordered)).most_common(FIRST_FILES)]
    first = [test for test in ordered if _file(test) in most][:FIRST_TESTS]
    files = {_file(test) for test in running}
    # A file's other tests come too: what one test has made, the next may use without running the line again.
    others = sorted(
        (test for test in measured.seconds if _file(test) in files and test not in running),
        key=lambda test: (measured.seconds[test], test),
    )
    second, spent = list[str](), 0.0
    for test in [*ordered, *others]:
        spent += measured.seconds[test]
        if spent <= BUDGET and test not in first:
            second.append(test)
    return [each for each in (first, second) if each]


def _file(test: str) -> str:
    return test.partition("::")[0]
