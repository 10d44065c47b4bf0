"""The client's own tests: where its core takes a shorter way than Python, for speed, it arrives at the same
place.
"""

from __future__ import annotations

from tests.client.node import node


def test_every_shortcut_of_the_core_arrives() -> None:
    done = node("--test", "tests/shortcuts.test.ts")
    assert done.returncode == 0, done.stdout[-4000:]


def test_the_measurement_of_a_count_runs_and_finds_the_counts_it_began_with() -> None:
    done = node("tests/speed.ts", "30")
    assert done.returncode == 0, done.stderr[-4000:]
    assert done.stdout.count("counts found") == 3
