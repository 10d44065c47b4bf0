"""The long parts of a count, in one background thread of the server: sealing, the sums, the tally, the bundle.

A request never waits for them: the state says how far they are. Every part can be killed and done again; what is kept in memory
(the board, the sums, the papers) is computed anew from the stores after a restart.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from surveys.audit.bundle import write_bundle
from surveys.box import receipts
from surveys.box.board import Board, read_board
from surveys.committee import counting
from surveys.committee.certifying import certificate_in
from surveys.committee.counting import Count
from surveys.errors import SurveysError
from surveys.protocol.manifest import Manifest
from surveys.protocol.tally import Tally
from surveys.results.minutes import Conference, PollsAct
from surveys.rounds import ledger
from surveys.rounds.states import State, has_reached
from surveys.stages import closing, publishing, tallying
from surveys.stages.publishing import Papers
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores

T = TypeVar("T")
SECONDS_AFTER_A_FAILURE = 30.0


@dataclass
class Work:
    """What is known of one round's count, and what is being done."""

    board: Board | None = None
    count: Count | None = None
    tally: Tally | None = None
    papers: Papers | None = None
    busy: int | None = None
    failed: str | None = None
    again_at: float = 0.0


class CountingWork:
    """The counts of an instance."""

    def __init__(self, stores: Stores, keyring: Keyring, bundles: Path) -> None:
        self._stores, self._keyring, self._bundles = stores, keyring, bundles
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="count")
        self._lock = threading.Lock()
        self._works: dict[str, Work] = {}

    def of(self, survey: str) -> Work:
        """The round's work, as it stands."""
        with self._lock:
            return self._works.setdefault(survey, Work())

    def look(self) -> None:
        """Begin what is next for every round that waits for the server: one beat of the clock."""
        for heading in ledger.headings(self._stores.app):
            if has_reached(heading.state, State.CLOSING) and heading.state is not State.PUBLISHED:
                self.go_on(heading.survey)

    def close(self) -> None:
        """Wait for what is being done, and begin nothing more."""
        self._worker.shutdown(wait=True, cancel_futures=True)

    def go_on(self, survey: str) -> None:
        """Begin what is next for this round, unless something is being done. Returns at once."""
        work = self.of(survey)
        with self._lock:
            if work.busy is not None or time.monotonic() < work.again_at:
                return
            step = self._next(survey, work)
            if step is None:
                return
            work.busy, work.failed = 0, None
        self._worker.submit(self._do, survey, work, step)

    def _next(self, survey: str, work: Work) -> Callable[[str, Work], None] | None:
        found = ledger.find(self._stores.app, self._keyring, survey)
        if not has_reached(found.state, State.CLOSING) or found.state is State.PUBLISHED:
            return None
        if work.count is None:
            return self._begin
        threshold = work.count.manifest.definition.threshold
        if work.papers is None and len(counting.shares_in(self._stores.app, work.count)) >= threshold:
            return self._solve
        if work.papers is not None and certificate_in(self._stores.app, survey) is not None:
            return self._publish
        return None

    def _do(self, survey: str, work: Work, step: Callable[[str, Work], None]) -> None:
        try:
            step(survey, work)
        except SurveysError as error:
            work.failed, work.again_at = type(error).__name__, time.monotonic() + SECONDS_AFTER_A_FAILURE
        except Exception:
            work.failed, work.again_at = "Broken", time.monotonic() + SECONDS_AFTER_A_FAILURE
            raise
        finally:
            work.busy = None

    def _begin(self, survey: str, work: Work) -> None:
        """Seal the box (once), read the board, compute plan and sums."""
        manifest = self._manifest(survey)
        found = ledger.find(self._stores.app, self._keyring, survey)
        if found.state is State.CLOSING:
            board = closing.seal_box(self._stores, self._keyring, manifest)
        else:
            box = self._stores.box(survey)
            board = read_board(box, manifest, receipts.load_box_key(box, self._keyring))
        work.busy = 30
        count = tallying.propose(self._stores, manifest, found.attempt, board).count
        work.board, work.count = board, count

    def _solve(self, survey: str, work: Work) -> None:
        """The tally from the first t shares, and the papers that follow from it; the typeset minutes come to lie beside the bundle."""
        count, solved = _there(work.count), 0

        def on_solved() -> None:
            nonlocal solved
            solved += 1
            work.busy = 80 * solved // len(count.sums)

        tally = tallying.tally(self._stores, count, on_solved)
        found = ledger.find(self._stores.app, self._keyring, survey)
        incidents = publishing.below_quorum(self._stores, count.manifest)
        log = (PollsAct(found.opened or "", "opened"), PollsAct(found.closed or "", "closed"))
        conference = Conference(log, incidents=incidents)
        draft = publishing.draw_up(self._stores, count, tally, conference)
        work.busy = 85
        self._bundles.mkdir(parents=True, exist_ok=True)
        path = publishing.minutes_path(self._bundles / f"{survey}.zip")
        papers = publishing.keep_minutes(path, draft, certificate_in(self._stores.app, survey))
        # The file lies on the disk: its megabytes need not wait in memory for the certificate.
        work.tally, work.papers = tally, replace(papers, pdf=None)

    def _publish(self, survey: str, work: Work) -> None:
        """Certified: write the bundle, verify it, enter the results. Nothing is published that does not verify."""
        count, papers = _there(work.count), _there(work.papers)
        certificate = _there(certificate_in(self._stores.app, survey))
        publishing.certify(self._stores, count)
        members = publishing.members(
            self._stores, count, _there(work.board), _there(work.tally), papers, certificate
        )
        self._bundles.mkdir(parents=True, exist_ok=True)
        path = self._bundles / f"{survey}.zip"
        fresh = path.with_suffix(".unverified")
        write_bundle(fresh, members)
        work.busy = 20
        try:
            publishing.verified(fresh, jobs=1)
        except SurveysError:
            fresh.unlink()
            raise
        fresh.replace(path)
        publishing.publish(self._stores, self._keyring, count.manifest, papers.results, path)

    def _manifest(self, survey: str) -> Manifest:
        return _there(ledger.find(self._stores.app, self._keyring, survey).manifest)


def _there(value: T | None) -> T:
    if value is None:
        raise RuntimeError("the count has not come so far")
    return value
