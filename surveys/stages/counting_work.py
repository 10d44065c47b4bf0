"""The long parts of a count, a job of the instance's queue: sealing, the sums, the tally, the papers, the bundle.

A request never waits for them: the state says how far they are. Every part can be killed and done again; what is kept in memory
(the board, the sums, the papers) is computed anew from the stores after a restart.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from surveys.audit.bundle import write_bundle
from surveys.box import receipts
from surveys.box.board import Board, read_board
from surveys.committee import counting
from surveys.committee.certifying import certificate_in
from surveys.committee.counting import Count
from surveys.errors import SurveysError
from surveys.jobs.progress import Progress
from surveys.jobs.queue import Jobs, Standing
from surveys.protocol.manifest import Manifest
from surveys.protocol.tally import Tally
from surveys.rounds import conduct, ledger
from surveys.rounds.conduct import Facts, Incident
from surveys.rounds.states import State, has_reached
from surveys.stages import closing, publishing, stating, tallying
from surveys.stages.errors import MoreBallotsThanPapers
from surveys.stages.publishing import Papers
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores
from surveys.stores.instants import INSTANT

T = TypeVar("T")
COUNT = "count"
SECONDS_AFTER_A_FAILURE = 30.0


@dataclass
class Work:
    """What is known of one round's count; `facts` are those that the papers were drawn up from."""

    board: Board | None = None
    count: Count | None = None
    tally: Tally | None = None
    papers: Papers | None = None
    facts: Facts | None = None


Step = Callable[[str, Work, Progress], None]


class CountingWork:
    """The counts of an instance; `work` is the job that `jobs` must be taught under `COUNT`."""

    def __init__(self, stores: Stores, keyring: Keyring, bundles: Path, jobs: Jobs) -> None:
        self._stores, self._keyring, self._bundles, self._jobs = stores, keyring, bundles, jobs
        self._lock = threading.Lock()
        self._works: dict[str, Work] = {}

    def of(self, survey: str) -> Work:
        """The round's work, as it stands."""
        with self._lock:
            return self._works.setdefault(survey, Work())

    def under_way(self, survey: str) -> tuple[int | None, str | None]:
        """How far the server is with what it computes (0 to 100, None while it computes nothing), and what ended its last try."""
        job = self._jobs.look(COUNT, survey)
        if job is None:
            return None, None
        if job.standing in (Standing.DONE, Standing.FAILED):
            return None, None if job.failed is None else job.failed.rpartition(".")[2]
        return (min(99, 100 * job.done // job.total) if job.total else 0), None

    def look(self) -> None:
        """Begin what is next for every round that waits for the server: one beat of the clock."""
        for heading in ledger.headings(self._stores.app):
            if has_reached(heading.state, State.CLOSING) and heading.state is not State.PUBLISHED:
                self.go_on(heading.survey)

    def go_on(self, survey: str) -> None:
        """Begin what is next for this round, unless something is being done or has just failed. Returns at once."""
        job = self._jobs.look(COUNT, survey)
        if job is not None and job.failed is not None and time.time() - job.beat < SECONDS_AFTER_A_FAILURE:
            return
        if self._next(survey, self.of(survey)) is not None:
            self._jobs.begin(COUNT, survey)

    def work(self, survey: str, tell: Progress) -> None:
        """Do what is next for this round until it waits for people or is published; may be killed and run again."""
        while (step := self._next(survey, work := self.of(survey))) is not None:
            step(survey, work, tell)

    def _next(self, survey: str, work: Work) -> Step | None:
        found = ledger.find(self._stores.app, self._keyring, survey)
        if not has_reached(found.state, State.CLOSING) or found.state is State.PUBLISHED:
            return None
        if work.count is None:
            return self.begin
        threshold = work.count.manifest.definition.threshold
        if work.tally is None:
            enough = len(counting.shares_in(self._stores.app, work.count)) >= threshold
            return self.solve if enough else None
        if work.papers is None:
            return self.draw_up
        if certificate_in(self._stores.app, survey) is not None:
            return self.publish
        return None if work.facts == self._facts(survey) else self.draw_up

    def begin(self, survey: str, work: Work, tell: Progress) -> None:
        """Seal the box (once), read the board, compute plan and sums."""
        manifest = self._manifest(survey)
        found = ledger.find(self._stores.app, self._keyring, survey)
        tell.begin("seal", 0)
        if found.state is State.CLOSING:
            board = closing.seal_box(self._stores, self._keyring, manifest)
        else:
            box = self._stores.box(survey)
            board = read_board(box, manifest, receipts.load_box_key(box, self._keyring))
        tell.begin("count", 0)
        count = tallying.propose(self._stores, manifest, found.attempt, board).count
        work.board, work.count = board, count

    def solve(self, survey: str, work: Work, tell: Progress) -> None:
        """The tally from the first t shares."""
        count = there(work.count)
        tell.begin("solve", len(count.sums))
        work.tally = tallying.tally(self._stores, count, tell.step)

    def draw_up(self, survey: str, work: Work, tell: Progress) -> None:
        """The papers that follow from the tally and from what is stated; the typeset minutes come to lie beside the bundle.

        More ballots than papers are an incident: it is put on record, and nothing is drawn up.
        """
        count, facts = there(work.count), self._facts(survey)
        found = ledger.find(self._stores.app, self._keyring, survey)
        tell.begin("minutes", 0)
        conference = stating.conference(found, facts, publishing.below_quorum(self._stores, count.manifest))
        try:
            draft = publishing.draw_up(self._stores, count, there(work.tally), conference)
        except MoreBallotsThanPapers as error:
            at = datetime.now(UTC).strftime(INSTANT)
            incident = Incident(at, "more_ballots", str(error))
            conduct.record_incident(self._stores.app, self._keyring, survey, incident)
            raise
        self._bundles.mkdir(parents=True, exist_ok=True)
        path = publishing.minutes_path(self._bundles / f"{survey}.zip")
        papers = publishing.keep_minutes(path, draft, certificate_in(self._stores.app, survey))
        # The file lies on the disk: its megabytes need not wait in memory for the certificate.
        work.papers, work.facts = replace(papers, pdf=None), facts

    def publish(self, survey: str, work: Work, tell: Progress) -> None:
        """Certified: write the bundle, verify it, enter the results. Nothing is published that does not verify."""
        count, papers = there(work.count), there(work.papers)
        certificate = there(certificate_in(self._stores.app, survey))
        publishing.certify(self._stores, count)
        members = publishing.members(
            self._stores, count, there(work.board), there(work.tally), papers, certificate
        )
        self._bundles.mkdir(parents=True, exist_ok=True)
        path = self._bundles / f"{survey}.zip"
        fresh = path.with_suffix(".unverified")
        write_bundle(fresh, members)
        tell.begin("verify", 0)
        try:
            publishing.verified(fresh, jobs=1)
        except SurveysError:
            fresh.unlink()
            raise
        fresh.replace(path)
        publishing.publish(self._stores, self._keyring, count.manifest, papers.results, path)

    def _facts(self, survey: str) -> Facts:
        return conduct.find(self._stores.app, self._keyring, survey).facts

    def _manifest(self, survey: str) -> Manifest:
        return there(ledger.find(self._stores.app, self._keyring, survey).manifest)


def there(value: T | None) -> T:
    """What an earlier step of the count has left."""
    if value is None:
        raise RuntimeError("the count has not come so far")
    return value
