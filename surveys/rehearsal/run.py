"""The rehearsal itself: every stage in its order, the parties apart (docs/protocol.md, all of it).

Order: contests, slips, freeze, ceremony, open, vote, close, seal, count, certify, bundle, verify. The stores
may be new ones, thrown away afterwards, or those of an instance. Slips and sheets are held in memory only and
die with the process.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import secrets
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from surveys.audit.bundle import write_bundle
from surveys.audit.case import Workforce
from surveys.audit.sharing import Helpers
from surveys.box.board import Board
from surveys.committee import ceremony, counting
from surveys.committee.checking import Examined, examine, examine_papers
from surveys.committee.counting import Count
from surveys.committee.trustee import Trustee
from surveys.instants import Instant, instant
from surveys.jobs.progress import Progress, Silent
from surveys.organisation.values import Organisation
from surveys.papers.minutes import Conference, polls_log
from surveys.protocol.certificate import Certificate, certificate_of
from surveys.protocol.manifest import Definition, Manifest
from surveys.protocol.tally import Tally
from surveys.rehearsal.script import Script
from surveys.rehearsal.voters import Act, serve, settle
from surveys.results.figures import RoundFigures
from surveys.roll.listing import Voter
from surveys.roll.slips import Slip, make_slips
from surveys.rounds.contests import Electorate
from surveys.rounds.definition import Terms
from surveys.rounds.stated import Polls, PollsAct
from surveys.stages import closing, freezing, opening, publishing, tallying
from surveys.stages.errors import ImpossiblePresent
from surveys.stages.preparing import make_panel_keys
from surveys.stages.publishing import Papers
from surveys.stores.engines import Engines
from surveys.stores.store import Stores

ATTEMPT = 1
CHUNK = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rehearsal leaves: the manifest, the figures, the papers."""

    manifest: Manifest
    figures: RoundFigures
    papers: Papers


def rehearse(
    stores: Stores,
    terms: Terms,
    organisation: Organisation,
    electorate: Electorate,
    script: Script,
    bundle: Path,
    *,
    present: int | None = None,
    progress: Progress | None = None,
    jobs: int | None = None,
    helpers: Helpers | None = None,
    typeset: bool = True,
) -> Outcome:
    """Run the whole vote and write its audit bundle (not verified yet: `surveys.audit` does that).

    `present` is over all panels; None means that those who took a paper were present. `jobs` worker
    processes serve the voters; `helpers` look at the ballots, never at a key. Unless `typeset` is off, the
    typeset minutes come to lie beside the bundle. Raises ImpossiblePresent before anything is stored, and
    whatever the stages refuse.
    """
    tell = progress or Silent()
    workers = jobs or os.cpu_count() or 1
    there = spread_present(electorate, script, present)
    polls = open_vote(stores, terms, organisation, electorate, there, tell, workers)
    manifest, trustees = polls.manifest, polls.trustees
    _vote(stores, manifest, _acts(electorate, script, polls.slips), tell, workers)
    closed = _now()
    closing.close_polls(stores.engines, manifest, closed)
    tell.begin("seal", 1)
    board = closing.seal_box(stores, manifest)
    tell.step()
    count = tallying.propose(stores.engines, manifest, ATTEMPT, board)
    # The head and the last t − 1: the count must not need those who were first.
    counters = [trustees[0], *trustees[len(trustees) - terms.threshold + 1 :]]
    examined = _count(
        stores.engines, count, board, trustees, counters, tell, Workforce(workers, lambda *_: None, helpers)
    )
    tell.begin("solve", len(count.sums))
    tally = tallying.tally(stores.engines, count, tell.step)
    incidents = publishing.below_quorum(stores.engines, manifest)
    log = polls_log(
        manifest.definition, PollsAct(polls.opened, Polls.OPENED), (), PollsAct(closed, Polls.CLOSED)
    )
    draft = publishing.draw_up(stores.engines, count, tally, Conference(log, incidents=incidents))
    if typeset:
        tell.begin("typeset", 1)
        papers = publishing.keep_minutes(publishing.minutes_path(bundle), draft)
        tell.step()
    else:
        papers = draft.papers(None)
    certificate = _certify(stores.engines, count, board, tally, papers, counters, examined)
    publishing.certify(stores.engines, count)
    write_bundle(bundle, publishing.members(stores.engines, count, board, tally, papers, certificate))
    return Outcome(manifest, papers.figures, papers)


def _count(
    engines: Engines,
    count: Count,
    board: Board,
    trustees: Sequence[Trustee],
    counters: Sequence[Trustee],
    tell: Progress,
    workforce: Workforce,
) -> Examined:
    """All cosign, some open. The board is checked once: in a rehearsal all members sit at one machine, and
    nobody waits.
    """
    tell.begin("check", len(board.ballots))
    done = 0

    def on_check(check: str, checked: int, _: int) -> None:
        nonlocal done
        if check == "8.2":
            tell.step(max(0, checked - done))
            done = max(done, checked)

    members = tallying.board_members(engines, count, board)
    examined = examine(members, jobs=workforce.jobs, progress=on_check, helpers=workforce.helpers)
    began = datetime.now(UTC)
    at = instant(began)
    for trustee in trustees:
        given = trustee.cosign(examined, at)
        counting.accept_cosignature(engines.app, count, given.cosignature, given.checkpoint)
    agreement = counting.agreement_in(engines.app, count)
    later = instant(began + timedelta(minutes=count.manifest.definition.look_up))
    tell.begin("count", len(counters))
    for trustee in counters:
        counting.accept_share(engines.app, count, trustee.open(examined, agreement, now=later, since=at))
        tell.step()
    return examined


def _certify(
    engines: Engines,
    count: Count,
    board: Board,
    tally: Tally,
    papers: Papers,
    counters: Sequence[Trustee],
    begun: Examined,
) -> Certificate:
    examined = examine_papers(
        {
            **tallying.board_members(engines, count, board),
            **publishing.paper_members(engines, count, tally, papers),
        },
        begun=begun,
    )
    signed = {trustee.trustee: trustee.certify(examined, papers.pdf) for trustee in counters}
    return certificate_of(examined.certified, signed)


@dataclass(frozen=True, slots=True)
class OpenPolls:
    """A vote whose polls are open, with what a real one has on paper: slips and the trustees' sheets."""

    manifest: Manifest
    slips: tuple[Slip, ...] = field(repr=False)
    trustees: tuple[Trustee, ...] = field(repr=False)
    sheets: tuple[bytes, ...] = field(repr=False)
    opened: Instant
    unquorate: tuple[int, ...]


def open_vote(
    stores: Stores,
    terms: Terms,
    organisation: Organisation,
    electorate: Electorate,
    present: Sequence[int],
    tell: Progress,
    jobs: int,
) -> OpenPolls:
    """From an organisation to open polls: slips, freeze, ceremony, gate. `present` is by panel."""
    slips = _slips(terms, electorate)
    definition = _freeze(stores, terms, organisation, electorate, slips, tell, jobs)
    sheets = tuple(secrets.token_bytes(32) for _ in terms.trustees)
    trustees = tuple(Trustee(sheet, i) for i, sheet in enumerate(sheets, 1))
    manifest = _ceremony(stores, definition, trustees, tell)
    opened = _now()
    return OpenPolls(
        manifest,
        slips,
        trustees,
        sheets,
        opened,
        opening.open_polls(stores.engines, manifest, present, opened),
    )


def spread_present(electorate: Electorate, script: Script, present: int | None) -> tuple[int, ...]:
    """Present by panel: those who take a paper, and the rest of `present` over the panels, proportionally to
    who is left.
    """
    issued = list(script.issued(electorate.panels))
    if present is None:
        return tuple(issued)
    sizes = [len(voters) for voters in electorate.panels.values()]
    if not sum(issued) <= present <= sum(sizes):
        raise ImpossiblePresent(present, sum(issued), sum(sizes))
    extra, free = present - sum(issued), sum(sizes) - sum(issued)
    there = []
    for size, took in zip(sizes, issued, strict=True):
        # Each panel's part of what is still to be spread over what is still free: the parts add up exactly.
        part = 0 if free == 0 else extra * (size - took) // free
        extra, free = extra - part, free - (size - took)
        there.append(took + part)
    return tuple(there)


def _slips(terms: Terms, electorate: Electorate) -> tuple[Slip, ...]:
    voters = [Voter(panel, code) for panel, codes in enumerate(electorate.panels.values()) for code in codes]
    return make_slips(terms.survey, voters)


def _freeze(
    stores: Stores,
    terms: Terms,
    organisation: Organisation,
    electorate: Electorate,
    slips: Sequence[Slip],
    tell: Progress,
    jobs: int,
) -> Definition:
    tell.begin("keys", len(electorate.panels))
    keys = make_panel_keys(stores.keyring, len(electorate.panels), jobs, tell.step)
    entries = (slip.entry for slip in slips)
    return freezing.freeze(stores, terms, organisation, electorate, entries, keys)


def _ceremony(
    stores: Stores, definition: Definition, trustees: Sequence[Trustee], tell: Progress
) -> Manifest:
    """Three rounds; the trustees see each other's messages only through the public record."""
    tell.begin("ceremony", 3 * len(trustees))
    app = stores.engines.app
    for trustee in trustees:
        ceremony.accept_commit(app, definition, ATTEMPT, trustee.commit(definition, ATTEMPT))
        tell.step()
    commits = ceremony.commits_of(app, definition, ATTEMPT)
    for trustee in trustees:
        ceremony.accept_deal(app, definition, ATTEMPT, trustee.deal(definition, ATTEMPT, commits))
        tell.step()
    manifest = opening.make_manifest(stores, definition, ATTEMPT)
    deals = ceremony.record(app, definition, ATTEMPT).deals
    for trustee in trustees:
        confirmed = trustee.confirm(manifest, ATTEMPT, commits, deals)
        ceremony.accept_confirm(app, manifest, ATTEMPT, confirmed)
        tell.step()
    opening.confirm(stores.engines, manifest, ATTEMPT)
    return manifest


def _acts(electorate: Electorate, script: Script, slips: Sequence[Slip]) -> list[Act]:
    """The voters in random order."""
    acts = [
        Act(slip.voter.panel, slip.code, script.acts[slip.voter.code])
        for slip in slips
        if slip.voter.code in script.acts
    ]
    random.SystemRandom().shuffle(acts)
    return acts


def _vote(stores: Stores, manifest: Manifest, acts: Sequence[Act], tell: Progress, jobs: int) -> None:
    tell.begin("vote", len(acts))
    chunks = [acts[i : i + CHUNK] for i in range(0, len(acts), CHUNK)]
    context = multiprocessing.get_context("spawn")
    arguments = (stores.engines.root, stores.engines.database, stores.keyring, manifest.encode())
    with ProcessPoolExecutor(
        max(1, min(jobs, len(chunks))), context, initializer=settle, initargs=arguments
    ) as pool:
        try:
            for done in as_completed([pool.submit(serve, chunk) for chunk in chunks]):
                tell.step(done.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _now() -> Instant:
    return instant(datetime.now(UTC))
