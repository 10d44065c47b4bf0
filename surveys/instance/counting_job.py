"""The long parts of a count, a job of the instance's queue: sealing, the sums, the tally, the papers, the
bundle.

A request never waits for them: the state says how far they are. Every part can be killed and done again; what
is kept in memory (the board, the sums, the papers) is computed anew from the stores after a restart.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from surveys.accounts.staff_log import CLOCK, Act, StaffLog
from surveys.audit.bundle import write_bundle
from surveys.box import receipts
from surveys.box.board import Board, read_board
from surveys.committee import counting
from surveys.committee.certifying import certificate_in, signed_papers
from surveys.committee.counting import Count
from surveys.disk import make_folder, put_in_place
from surveys.errors import SurveysError
from surveys.instance.kinds import COUNT
from surveys.instants import instant
from surveys.jobs.progress import Progress, Silent
from surveys.jobs.queue import Jobs, Standing
from surveys.names import RoundId
from surveys.papers.conference import conference
from surveys.protocol.certificate import Certificate
from surveys.protocol.manifest import Manifest
from surveys.protocol.tally import Tally
from surveys.rounds import conduct, ledger
from surveys.rounds.conduct import Facts, Incident, IncidentKind
from surveys.rounds.states import State, has_reached
from surveys.stages import closing, publishing, tallying
from surveys.stages.errors import MoreBallotsThanPapers
from surveys.stages.publishing import Papers
from surveys.stores.store import Stores

T = TypeVar("T")
_log = logging.getLogger(__name__)
SECONDS_AFTER_A_FAILURE = 30.0


@dataclass
class Work:
    """What is known of one round's count; `facts` are those that the papers were drawn up from."""

    board: Board | None = None
    count: Count | None = None
    tally: Tally | None = None
    papers: Papers | None = None
    facts: Facts | None = None


Step = Callable[[RoundId, Work, Progress], None]


class CountingWork:
    """The counts of an instance; `work` is the job that `jobs` must be taught under `COUNT`."""

    def __init__(self, stores: Stores, bundles: Path, jobs: Jobs) -> None:
        self._stores, self._bundles, self._jobs = stores, bundles, jobs
        self._staff_log = StaffLog(stores.app, lambda: datetime.now(UTC))
        self._lock = threading.Lock()
        self._works: dict[str, Work] = {}
        self._followed: set[str] = set()

    def of(self, round_id: RoundId) -> Work:
        """The round's work, as it stands. Where another process does it, this one follows it in the
        background.
        """
        with self._lock:
            work = self._works.setdefault(round_id, Work())
            follow = not self._jobs.works_here and round_id not in self._followed
            if follow:
                self._followed.add(round_id)
        if follow:
            threading.Thread(target=self._follow, args=(round_id, work), name="follow", daemon=True).start()
        return work

    def _follow(self, round_id: RoundId, work: Work) -> None:
        """Compute what the working process has computed: it follows from what is stored, so both have the
        same.

        Nothing is sealed, recorded or published here, and what is refused is left to the process that works
        to say.
        """
        try:
            while (step := self._next(round_id, work)) in (self.begin, self.solve, self.draw_up):
                job = self._jobs.look(COUNT, round_id)
                sealed = has_reached(self._state(round_id), State.SEALED)
                if not sealed or (job is not None and (job.under_way or job.failed is not None)):
                    return
                assert step is not None
                step(round_id, work, Silent())
        except SurveysError as error:
            _log.warning("a count could not be followed: %s", type(error).__name__)
        finally:
            with self._lock:
                self._followed.discard(round_id)

    def under_way(self, round_id: RoundId) -> tuple[int | None, str | None]:
        """How far the server is with what it computes (0 to 100, None while it computes nothing), and what
        ended its last try.
        """
        job = self._jobs.look(COUNT, round_id)
        if job is None:
            return None, None
        if job.standing in (Standing.DONE, Standing.FAILED):
            return None, None if job.failed is None else job.failed.rpartition(".")[2]
        return (min(99, 100 * job.done // job.total) if job.total else 0), None

    def look(self) -> None:
        """Begin what is next for every round that waits for the server: one beat of the clock."""
        for heading in ledger.headings(self._stores.engines.app):
            if not has_reached(heading.state, State.CLOSING) or heading.state is State.PUBLISHED:
                continue
            if self._stores.engines.stops.of(heading.round_id) is None:
                self.go_on(heading.round_id)

    def go_on(self, round_id: RoundId) -> None:
        """Begin what is next for this round, unless something is being done or has just failed. Returns at
        once.
        """
        job = self._jobs.look(COUNT, round_id)
        if (
            job is not None
            and job.failed is not None
            and 0 <= time.monotonic() - job.beat < SECONDS_AFTER_A_FAILURE
        ):
            return
        if self._next(round_id, self.of(round_id)) is not None:
            self._jobs.begin(COUNT, round_id)

    def work(self, about: str, tell: Progress) -> None:
        """Do what is next for this round until it waits for people or is published; may be killed and run
        again.
        """
        round_id = RoundId(about)
        while (step := self._next(round_id, work := self.of(round_id))) is not None:
            step(round_id, work, tell)

    def _next(self, round_id: RoundId, work: Work) -> Step | None:
        found = ledger.find(self._stores.app, round_id)
        if not has_reached(found.state, State.CLOSING) or found.state is State.PUBLISHED:
            return None
        if work.count is None:
            return self.begin
        threshold = work.count.manifest.definition.threshold
        if work.tally is None:
            enough = len(counting.shares_in(self._stores.engines.app, work.count)) >= threshold
            return self.solve if enough else None
        if work.papers is None:
            return self.draw_up
        if self._certificate(round_id, work) is not None:
            return self.publish
        return None if work.facts == self._facts(round_id) else self.draw_up

    def begin(self, round_id: RoundId, work: Work, tell: Progress) -> None:
        """Seal the box (once), read the board, compute plan and sums."""
        manifest = self._manifest(round_id)
        found = ledger.find(self._stores.app, round_id)
        tell.begin("seal", 0)
        if found.state is State.CLOSING:
            board = closing.seal_box(self._stores, manifest)
        else:
            box = self._stores.engines.box(round_id)
            board = read_board(box, manifest, receipts.load_box_key(self._stores.box(round_id)))
        tell.begin("count", 0)
        count = tallying.propose(self._stores.engines, manifest, found.attempt, board)
        work.board, work.count = board, count

    def solve(self, round_id: RoundId, work: Work, tell: Progress) -> None:
        """The tally from the first t shares."""
        count = there(work.count)
        tell.begin("solve", len(count.sums))
        work.tally = tallying.tally(self._stores.engines, count, tell.step)

    def draw_up(self, round_id: RoundId, work: Work, tell: Progress) -> None:
        """The papers that follow from the tally and from what is stated; the typeset minutes come to lie
        beside the bundle.

        More ballots than papers are an incident: it is put on record, and nothing is drawn up.
        """
        count, facts = there(work.count), self._facts(round_id)
        found = ledger.find(self._stores.app, round_id)
        tell.begin("minutes", 0)
        told = conference(found, facts, publishing.below_quorum(self._stores.engines, count.manifest))
        try:
            draft = publishing.draw_up(self._stores.engines, count, there(work.tally), told)
        except MoreBallotsThanPapers as error:
            at = instant(datetime.now(UTC))
            incident = Incident(at, IncidentKind.MORE_BALLOTS, str(error))
            conduct.record_incident(self._stores.app, round_id, incident)
            raise
        make_folder(self._bundles, 0o700)
        path = publishing.minutes_path(self._bundles / f"{round_id}.zip")
        signed = signed_papers(self._stores.engines.app, round_id, count.manifest.definition.threshold)

        def is_signed(papers: Papers) -> bool:
            return papers.certified(count).message_digest() in signed

        papers = publishing.keep_minutes(path, draft, is_signed if signed else None)
        # The file lies on the disk: its megabytes need not wait in memory for the certificate.
        work.papers, work.facts = replace(papers, pdf=None), facts

    def publish(self, round_id: RoundId, work: Work, tell: Progress) -> None:
        """Certified: write the bundle, verify it, enter the results. Nothing is published that does not
        verify.

        That it is published stands in the staff log first; done again after a kill, it stands there again.
        """
        count, papers = there(work.count), there(work.papers)
        certificate = there(self._certificate(round_id, work))
        publishing.certify(self._stores.engines, count)
        members = publishing.members(
            self._stores.engines, count, there(work.board), there(work.tally), papers, certificate
        )
        make_folder(self._bundles, 0o700)
        path = self._bundles / f"{round_id}.zip"
        fresh = path.with_suffix(".unverified")
        write_bundle(fresh, members)
        tell.begin("verify", 0)
        try:
            publishing.verified(fresh, jobs=1)
        except SurveysError:
            fresh.unlink()
            raise
        put_in_place(fresh, path)
        with self._staff_log.acting(
            CLOCK,
            Act.ROUND_PUBLISHED,
            unit=count.manifest.definition.top,
            round_id=round_id,
            bundle=path.name,
        ):
            publishing.publish(self._stores, count.manifest, papers.results, path)

    def typeset(self, round_id: RoundId) -> bytes:
        """The typeset minutes that the papers name, as they lie beside the bundle."""
        return publishing.minutes_path(self._bundles / f"{round_id}.zip").read_bytes()

    def _certificate(self, round_id: RoundId, work: Work) -> Certificate | None:
        count, papers = there(work.count), there(work.papers)
        threshold = count.manifest.definition.threshold
        return certificate_in(self._stores.engines.app, round_id, papers.certified(count), threshold)

    def _state(self, round_id: RoundId) -> State:
        return ledger.find(self._stores.app, round_id).state

    def _facts(self, round_id: RoundId) -> Facts:
        return conduct.find(self._stores.app, round_id).facts

    def _manifest(self, round_id: RoundId) -> Manifest:
        return there(ledger.find(self._stores.app, round_id).manifest)


def there(value: T | None) -> T:
    """What an earlier step of the count has left."""
    if value is None:
        raise RuntimeError("the count has not come so far")
    return value
