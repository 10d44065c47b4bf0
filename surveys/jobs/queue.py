"""The queue of an instance (huey over its own SQLite file): work that is too long for a request. See
docs/operations.md, "Background work".

A job is a kind of work and what it is about ("freeze", a round's id): there is one of each at a time, and
beginning it again while it waits or runs changes nothing. A job that was cut off by a kill is begun again
when the workers start; so each kind of work must be safe to run again. Danger: the file of the queue lies
beside the stores in the open; what a job is about is an id, never a name, a code or a key.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from huey import SqliteHuey
from huey.consumer import Consumer

from surveys.errors import SurveysError
from surveys.jobs.errors import NoSuchJob

WORKERS = 2
BEAT_SECONDS = 5.0
SILENT_AFTER = 30.0
_PACE = 0.2
_log = logging.getLogger(__name__)


class Standing(StrEnum):
    """How a job stands. `silent`: its worker has given no sign of life, so the process that ran it is
    gone.
    """

    WAITING = "waiting"
    RUNNING = "running"
    SILENT = "silent"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands. `done` of `total` steps of its present stage; `failed` is the name of the refusal
    that ended it, `why` its facts.
    """

    kind: str
    about: str
    standing: Standing
    stage: str = ""
    done: int = 0
    total: int = 0
    failed: str | None = None
    why: str = ""
    beat: float = 0.0

    @property
    def under_way(self) -> bool:
        """Whether there is something to wait for."""
        return self.standing in (Standing.WAITING, Standing.RUNNING)


UNFORESEEN = "web.errors.Broken"


class Tell:
    """Where a job tells how far it is. Written down a few times a second at most."""

    def __init__(self, jobs: Jobs, kind: str, about: str) -> None:
        self._jobs, self._kind, self._about = jobs, kind, about
        self._stage, self._done, self._total, self._written = "", 0, 0, 0.0

    def begin(self, stage: str, total: int) -> None:
        """A stage with so many steps begins."""
        self._stage, self._done, self._total = stage, 0, total
        self._write()

    def step(self, steps: int = 1) -> None:
        """So many steps are done."""
        self._done += steps
        if self._done >= self._total or time.monotonic() - self._written > _PACE:
            self._write()

    def _write(self) -> None:
        self._written = time.monotonic()
        self._jobs.tell(self._kind, self._about, self._stage, self._done, self._total)


Work = Callable[[str, Tell], None]


class _Workers(Consumer):  # type: ignore[misc]
    """huey's workers inside the server's process, whose signals are the server's own affair."""

    def _set_signal_handlers(self) -> None:
        pass


class Jobs:
    """The jobs of an instance. Teach it the kinds of work, then `start` the workers in one process; any
    process may begin and look.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._huey = SqliteHuey(
            "tin-nhiem", filename=str(path), results=False, journal_mode="delete", timeout=30
        )
        self._works: dict[str, Work] = {}
        self._lock = threading.Lock()
        self._file = path.with_name(f"{path.name}.lock")
        self._running: set[tuple[str, str]] = set()
        self._workers: _Workers | None = None
        self._ended = threading.Event()
        self._run = self._huey.task()(self._do)

    @property
    def works_here(self) -> bool:
        """Whether the workers are in this process."""
        return self._workers is not None

    def teach(self, works: Mapping[str, Work]) -> None:
        """What there is to do: kind → a verb that takes what the job is about and where to tell how far it
        is.
        """
        self._works.update(works)

    def begin(self, kind: str, about: str) -> Job:
        """Let this job be done, unless it waits or runs already. Returns at once. Raises NoSuchJob for an
        unknown kind.
        """
        if kind not in self._works:
            raise NoSuchJob(kind)
        with self._alone():
            held = self.look(kind, about)
            if held is not None and held.under_way:
                return held
            job = Job(kind, about, Standing.WAITING, beat=time.monotonic())
            self._keep(job)
            self._run(kind, about)
            return job

    def look(self, kind: str, about: str) -> Job | None:
        """How a job stands, None if there never was one. Stores nothing."""
        held = self._huey.get(_place(kind, about), peek=True)
        if held is None:
            return None
        job = Job(**{**held, "standing": Standing(held["standing"])})
        # The clock that nobody sets; after the machine was started anew it may lie before the beat.
        if job.standing is Standing.RUNNING and not 0 <= time.monotonic() - job.beat <= SILENT_AFTER:
            return replace(job, standing=Standing.SILENT)
        return job

    def all(self) -> tuple[Job, ...]:
        """Every job that is known, those under way first."""
        places = [
            place.split(":", 2) for place in self._huey.storage.result_items() if place.startswith("job:")
        ]
        found = (self.look(kind, about) for _, kind, about in places)
        return tuple(
            sorted((job for job in found if job is not None), key=lambda job: (not job.under_way, -job.beat))
        )

    def forget(self, kind: str, about: str) -> None:
        """Forget a job that has ended."""
        job = self.look(kind, about)
        if job is not None and not job.under_way:
            self._huey.delete(_place(kind, about))

    def tell(self, kind: str, about: str, stage: str, done: int, total: int) -> None:
        """How far a running job is."""
        with self._alone():
            held = self.look(kind, about)
            if held is not None and (kind, about) in self._running:
                self._keep(
                    replace(
                        held,
                        standing=Standing.RUNNING,
                        stage=stage,
                        done=done,
                        total=total,
                        beat=time.monotonic(),
                    )
                )

    def start(self) -> None:
        """Start the workers in this process; jobs that were cut off are begun again. One process of an
        instance at a time.
        """
        with self._alone():
            self._huey.storage.flush_queue()
            for job in self.all():
                if job.standing not in (Standing.DONE, Standing.FAILED) and job.kind in self._works:
                    self._keep(Job(job.kind, job.about, Standing.WAITING, beat=time.monotonic()))
                    self._run(job.kind, job.about)
        self._workers = _Workers(
            self._huey,
            workers=WORKERS,
            periodic=False,
            initial_delay=0.05,
            max_delay=0.5,
            check_worker_health=False,
        )
        self._workers.start()
        threading.Thread(target=self._beat, name="jobs-beat", daemon=True).start()

    def close(self) -> None:
        """Wait for what is being done, and begin nothing more."""
        self._ended.set()
        if self._workers is not None:
            self._workers.stop(graceful=True)
        self._huey.storage.close()

    def _do(self, kind: str, about: str) -> None:
        """One job, in a worker: what it refuses is kept as its end, and the page says it."""
        at = (kind, about)
        with self._alone():
            self._running.add(at)
            self._keep(Job(kind, about, Standing.RUNNING, beat=time.monotonic()))
        failed, why = None, ""
        try:
            self._works[kind](about, Tell(self, kind, about))
        except SurveysError as error:
            failed, why = key(type(error)), str(error)
        except Exception:
            failed = UNFORESEEN
            _log.exception("a job of the kind %s broke", kind)
        with self._alone():
            self._running.discard(at)
            held = self.look(kind, about) or Job(kind, about, Standing.RUNNING)
            standing = Standing.DONE if failed is None else Standing.FAILED
            self._keep(replace(held, standing=standing, failed=failed, why=why, beat=time.monotonic()))

    def _beat(self) -> None:
        """A sign of life for every running job, also where a step takes long."""
        while not self._ended.wait(BEAT_SECONDS):
            with self._alone():
                for kind, about in self._running:
                    held = self.look(kind, about)
                    if held is not None:
                        self._keep(replace(held, standing=Standing.RUNNING, beat=time.monotonic()))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else reads and writes how jobs stand meanwhile: no other thread, and no other process of the
        instance.
        """
        with self._lock:
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                yield
            finally:
                os.close(descriptor)

    def _keep(self, job: Job) -> None:
        self._huey.put(_place(job.kind, job.about), asdict(job))


def key(kind: type[SurveysError]) -> str:
    """The refusal's name in the table of sentences."""
    return f"{kind.__module__.removeprefix('surveys.')}.{kind.__qualname__}"


def _place(kind: str, about: str) -> str:
    return f"job:{kind}:{about}"
