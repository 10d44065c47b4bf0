"""Work in the background: one of each at a time, told on the way, begun again when it was cut off."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from surveys.jobs import queue
from surveys.jobs.errors import NoSuchJob
from surveys.jobs.queue import Job, Jobs, Standing, Tell, Work

SECONDS = 90.0


def awaited(look: Callable[[], bool]) -> None:
    """Until it is so, or the test fails."""
    ends = time.monotonic() + SECONDS
    while not look():
        assert time.monotonic() < ends, "it never came"
        threading.Event().wait(0.01)


@contextmanager
def working(folder: Path, **works: Work) -> Iterator[Jobs]:
    jobs = Jobs(folder / "jobs.sqlite")
    jobs.teach(works)
    jobs.start()
    try:
        yield jobs
    finally:
        jobs.close()


def standing(jobs: Jobs, kind: str, about: str = "a") -> Standing | None:
    found = jobs.look(kind, about)
    return None if found is None else found.standing


def test_a_job_is_done_and_tells_how_far_it_is(tmp_path: Path) -> None:
    at, go = threading.Event(), threading.Event()

    def work(about: str, tell: Tell) -> None:
        assert about == "ab" * 16
        tell.begin("keys", 4)
        tell.step(4)
        at.set()
        assert go.wait(SECONDS)

    with working(tmp_path, freeze=work) as jobs:
        jobs.begin("freeze", "ab" * 16)
        assert at.wait(SECONDS)
        found = jobs.look("freeze", "ab" * 16)
        assert found is not None
        assert (found.standing, found.stage, found.done, found.total) == (Standing.RUNNING, "keys", 4, 4)
        go.set()
        awaited(lambda: standing(jobs, "freeze", "ab" * 16) is Standing.DONE)


def test_what_waits_or_runs_is_not_begun_twice(tmp_path: Path) -> None:
    begun, go = [], threading.Event()

    def work(about: str, _: Tell) -> None:
        begun.append(about)
        assert go.wait(SECONDS)

    with working(tmp_path, mail=work) as jobs:
        for _ in range(5):
            jobs.begin("mail", "a")
        awaited(lambda: begun == ["a"])
        jobs.begin("mail", "a")
        go.set()
        awaited(lambda: standing(jobs, "mail") is Standing.DONE)
        assert begun == ["a"]
        jobs.begin("mail", "a")
        awaited(lambda: begun == ["a", "a"])


def test_a_refusal_ends_a_job_by_name_and_it_may_be_begun_again(tmp_path: Path) -> None:
    fails = [True]

    def work(_: str, __: Tell) -> None:
        if fails.pop():
            raise NoSuchJob("x")

    with working(tmp_path, mail=work) as jobs:
        jobs.begin("mail", "a")
        awaited(lambda: standing(jobs, "mail") is Standing.FAILED)
        found = jobs.look("mail", "a")
        assert found is not None
        assert (found.failed, found.why) == ("jobs.errors.NoSuchJob", "there is no work of the kind 'x'")
        fails.append(False)
        jobs.begin("mail", "a")
        awaited(lambda: standing(jobs, "mail") is Standing.DONE)


def test_what_nobody_foresaw_ends_a_job_too_and_the_worker_lives_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def work(_: str, __: Tell) -> None:
        raise RuntimeError("a secret place in memory")

    with working(tmp_path, bad=work, good=lambda *_: None) as jobs:
        jobs.begin("bad", "a")
        awaited(lambda: standing(jobs, "bad") is Standing.FAILED)
        found = jobs.look("bad", "a")
        assert found is not None
        assert (found.failed, found.why) == (queue.UNFORESEEN, "")
        jobs.begin("good", "a")
        awaited(lambda: standing(jobs, "good") is Standing.DONE)
    assert "secret place" in caplog.text


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with working(tmp_path) as jobs, pytest.raises(NoSuchJob):
        jobs.begin("nothing", "a")


KILLED = """
import os, sys
from pathlib import Path
from surveys.jobs.queue import Jobs
jobs = Jobs(Path(sys.argv[1]))
def work(about, tell):
    tell.begin("half", 2)
    tell.step()
    os._exit(9)
jobs.teach({"freeze": work, "mail": work})
jobs.begin("freeze", "a")
jobs.begin("freeze", "b")
jobs.start()
import time
time.sleep(30)
"""


def test_jobs_that_were_cut_off_by_a_kill_are_begun_again(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "jobs.sqlite")], check=False)
    assert ended.returncode == 9
    done = []
    with working(tmp_path, freeze=lambda about, _: done.append(about)) as jobs:
        awaited(lambda: sorted(done) == ["a", "b"])
        awaited(lambda: {standing(jobs, "freeze", a) for a in "ab"} == {Standing.DONE})


def test_a_job_without_a_sign_of_life_is_called_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "jobs.sqlite")], check=False)
    assert ended.returncode == 9
    jobs = Jobs(tmp_path / "jobs.sqlite")
    held = [job.standing for job in jobs.all()]
    assert Standing.RUNNING in held
    monkeypatch.setattr(queue, "SILENT_AFTER", -1.0)
    assert [job.standing for job in jobs.all() if job.standing is not Standing.WAITING] == [
        Standing.SILENT
    ] * held.count(Standing.RUNNING)
    assert not Job("freeze", "a", Standing.SILENT).under_way
    jobs.close()


def test_closing_waits_for_what_is_being_done(tmp_path: Path) -> None:
    at, done = threading.Event(), []

    def work(about: str, _: Tell) -> None:
        at.set()
        threading.Event().wait(0.2)
        done.append(about)

    with working(tmp_path, mail=work) as jobs:
        jobs.begin("mail", "a")
        assert at.wait(SECONDS)
    assert done == ["a"]


BEGINNING = """
import sys
from pathlib import Path
from surveys.jobs.queue import Jobs
jobs = Jobs(Path(sys.argv[1]))
jobs.teach({"mail": lambda about, tell: None})
print("ready", flush=True)
sys.stdin.readline()
print(jobs.begin("mail", "a").standing.value, flush=True)
sys.stdin.readline()
"""


def test_many_processes_that_begin_a_job_at_once_begin_it_once(tmp_path: Path) -> None:
    go, done = threading.Event(), []

    def mail(about: str, _: Tell) -> None:
        done.append(about)
        assert go.wait(SECONDS)

    with working(tmp_path, mail=mail) as jobs, ExitStack() as open_:
        call = [sys.executable, "-c", BEGINNING, str(tmp_path / "jobs.sqlite")]
        others = [
            open_.enter_context(
                subprocess.Popen(call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
            )
            for _ in range(6)
        ]
        for other in others:
            assert other.stdout
            assert other.stdout.readline() == "ready\n"
        for other in others:
            assert other.stdin
            other.stdin.write("\n")
        for other in others:
            assert other.stdout
            assert other.stdout.readline().strip() in {"waiting", "running"}
        awaited(lambda: done == ["a"])
        go.set()
        awaited(lambda: standing(jobs, "mail") is Standing.DONE)
        for other in others:
            assert other.stdin
            other.stdin.write("\n")
        threading.Event().wait(0.5)
    assert done == ["a"]


def test_a_clock_that_is_set_changes_nothing_for_what_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, go = threading.Event(), threading.Event()

    def work(_: str, __: Tell) -> None:
        at.set()
        assert go.wait(SECONDS)

    with working(tmp_path, freeze=work) as jobs:
        jobs.begin("freeze", "a")
        assert at.wait(SECONDS)
        for day in (-86400, 86400):
            monkeypatch.setattr(time, "time", lambda by=day: 1.8e9 + by)
            assert standing(jobs, "freeze") is Standing.RUNNING
        go.set()


def test_a_beat_of_before_the_machine_was_started_anew_is_no_sign_of_life(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path / "jobs.sqlite")
    jobs._keep(Job("freeze", "a", Standing.RUNNING, beat=time.monotonic() + 86400))
    assert standing(jobs, "freeze") is Standing.SILENT
    jobs.close()
