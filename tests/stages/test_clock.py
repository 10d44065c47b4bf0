"""The clock lets work begin; looking at a page never does."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from surveys.accounts.links import Purpose, make_link
from surveys.instance.clock import MOST_JUMP, Clock, Standstill, Steady, elapsed
from surveys.instance.counting_job import CountingWork
from surveys.instance.kinds import COUNT
from surveys.instance.trustee_service import InstanceCommittee
from surveys.jobs.queue import Jobs
from surveys.rounds.states import State
from tests.committee.test_faulty_members import Scene
from tests.faults.test_certifying import _ceremony
from tests.journeys.test_committee import a_committee

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_a_beat_that_fails_does_not_stop_the_clock(caplog: pytest.LogCaptureFixture) -> None:
    beats: list[None] = []
    enough = threading.Event()

    def beat() -> None:
        beats.append(None)
        if len(beats) == 1:
            raise RuntimeError("once")
        enough.set()

    clock = Clock(beat, seconds=0.01)
    assert enough.wait(10)
    clock.stop()
    after = len(beats)
    assert "goes on after a beat that failed" in caplog.text
    assert threading.Event().wait(0.05) is False
    assert len(beats) == after


def test_a_look_at_the_state_begins_nothing_and_a_beat_does(tmp_path: Path) -> None:
    with a_committee(tmp_path / "instance", voters=8, with_site=False) as committee:
        _ceremony(Scene(committee, []))
        token = make_link(committee.stores.engines.app, committee.round_id, Purpose.TRUSTEE, 1, NOW, 1)
        jobs = Jobs(tmp_path / "jobs.sqlite")
        counts = CountingWork(committee.stores, tmp_path, jobs)
        jobs.teach({COUNT: counts.work})
        desk = InstanceCommittee(committee.stores, counts, lambda: NOW)
        assert desk.state(committee.round_id, token).stage == "confirmed"
        before = {path.name: path.read_bytes() for path in committee.settings.stores.iterdir()}
        for _ in range(3):
            desk.state(committee.round_id, token)
            for name in ("definition", "manifest", "ceremony"):
                desk.document(committee.round_id, token, name)
        assert {path.name: path.read_bytes() for path in committee.settings.stores.iterdir()} == before
        assert committee.state is State.CONFIRMED
        committee.open_vote_close()
        jobs.start()
        counts.look()
        while (job := jobs.look(COUNT, committee.round_id)) is not None and job.under_way:
            threading.Event().wait(0.05)
        jobs.close()
        assert desk.state(committee.round_id, token).stage == "cosign"


class Watches:
    """A wall clock that can be set, and the seconds that are gone."""

    def __init__(self, folder: Path) -> None:
        self.standstill = Standstill(folder / "clock-jumped")
        self.wall, self.gone = 1_800_000_000.0, 500.0
        self.beats: list[float] = []
        watched = lambda: self.wall, lambda: self.gone
        self.steady = Steady(lambda: self.beats.append(self.wall), self.standstill, *watched)

    def beat(self, seconds: float = 1.0, set_by: float = 0.0) -> bool:
        """Let time go by, set the clock; whether the beat was let through."""
        self.wall, self.gone = self.wall + seconds + set_by, self.gone + seconds
        before = len(self.beats)
        self.steady()
        return len(self.beats) > before


@pytest.mark.parametrize("jump", [MOST_JUMP + 5, 86_400.0, -MOST_JUMP - 5, -3600.0])
def test_after_a_jump_of_the_clock_nothing_is_done_by_it_until_it_is_back(
    jump: float, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    here = Watches(tmp_path)
    assert here.beat()
    assert here.standstill.seconds() is None
    assert not here.beat(set_by=jump)
    assert not any(here.beat() for _ in range(100))
    assert caplog.text.count("has jumped") == 1
    assert here.standstill.seconds() == jump
    assert here.beat(set_by=-jump)
    assert here.standstill.seconds() is None
    assert "is back" in caplog.text


def test_a_clock_that_is_corrected_little_by_little_and_a_machine_that_slept_are_followed(
    tmp_path: Path,
) -> None:
    here = Watches(tmp_path)
    assert all(here.beat(set_by=0.5) for _ in range(1000))
    assert here.beat(seconds=8 * 3600.0)
    assert here.beat(set_by=-MOST_JUMP + 1)


def test_the_seconds_that_are_gone_go_by() -> None:
    first = elapsed()
    assert 0 <= elapsed() - first < 60


def test_the_twin_without_steadiness_follows_a_clock_that_was_set(tmp_path: Path) -> None:
    here = Watches(tmp_path)
    here.steady = lambda: here.beats.append(here.wall)  # type: ignore[assignment]
    assert here.beat(set_by=86_400.0)
