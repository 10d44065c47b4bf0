"""The clock lets work begin; looking at a page never does."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from surveys.accounts.links import Purpose, make_link
from surveys.jobs.queue import Jobs
from surveys.rounds.states import State
from surveys.stages.clock import Clock
from surveys.stages.committee_desk import InstanceDesk
from surveys.stages.counting_work import COUNT, CountingWork
from tests.committee.test_faulty_members import Scene
from tests.faults.test_certifying import _ceremony
from tests.journeys.test_committee import a_committee

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_a_beat_that_fails_does_not_stop_the_clock(caplog: pytest.LogCaptureFixture) -> None:
    beats, enough = [], threading.Event()

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
    with a_committee(tmp_path / "instance", voters=8) as committee:
        _ceremony(Scene(committee, []))
        token = make_link(committee.stores.app, committee.survey, Purpose.TRUSTEE, 1, NOW, 1)
        jobs = Jobs(tmp_path / "jobs.sqlite")
        counts = CountingWork(committee.stores, committee.keyring, tmp_path, jobs)
        jobs.teach({COUNT: counts.work})
        desk = InstanceDesk(committee.stores, committee.keyring, counts, lambda: NOW)
        # The served site has a clock of its own: it is the state before any beat of it that is looked at here.
        assert desk.state(committee.survey, token).stage == "confirmed"
        before = {path.name: path.read_bytes() for path in committee.settings.stores.iterdir()}
        for _ in range(3):
            desk.state(committee.survey, token)
            for name in ("definition", "manifest", "ceremony"):
                desk.document(committee.survey, token, name)
        assert {path.name: path.read_bytes() for path in committee.settings.stores.iterdir()} == before
        assert committee.state is State.CONFIRMED
        committee.open_vote_close()
        jobs.start()
        counts.look()
        while (job := jobs.look(COUNT, committee.survey)) is not None and job.under_way:
            threading.Event().wait(0.05)
        jobs.close()
        assert desk.state(committee.survey, token).stage == "count"
