"""The rehearsal itself: every stage in its order, the parties apart (docs/protocol.md, all of it).

Order: contests, slips, freeze, ceremony, open, vote, close, seal, count, certify, bundle, verify. The stores may be new
ones, thrown away afterwards, or those of an instance. Slips and sheets are held in memory only and die with the process.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import secrets
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from surveys.audit.bundle import write_bundle
from surveys.committee import ceremony, counting
from surveys.committee.trustee import Trustee
from surveys.jobs.progress import Progress, Silent
from surveys.organisation.values import Organisation
from surveys.protocol.certificate import certificate_of
from surveys.protocol.manifest import Definition, Manifest
from surveys.results.figures import RoundFigures
from surveys.results.minutes import Conference, PollsAct
from surveys.roll.listing import Voter
from surveys.roll.slips import Slip, make_slips
from surveys.rounds.contests import Electorate
from surveys.rounds.definition import Terms
from surveys.stages import closing, freezing, opening, publishing, tallying
from surveys.stages.errors import ImpossiblePresent
from surveys.stages.preparing import make_panel_keys
from surveys.stages.publishing import Papers
from surveys.stages.rehearsal.script import Script
from surveys.stages.rehearsal.voters import Act, serve, settle
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores
from surveys.stores.instants import INSTANT

ATTEMPT = 1
CHUNK = 20
SAMPLE = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rehearsal leaves: the manifest, the figures, the papers."""

    manifest: Manifest
    figures: RoundFigures
    papers: Papers


def rehearse(
    stores: Stores,
    keyring: Keyring,
    terms: Terms,
    organisation: Organisation,
    electorate: Electorate,
    script: Script,
    bundle: Path,
    *,
    present: int | None = None,
    progress: Progress | None = None,
    jobs: int | None = None,
    typeset: bool = True,
) -> Outcome:
    """Run the whole vote and write its audit bundle (not verified yet: `surveys.audit` does that).

    `present` is over all panels; None means that those who took a paper were present. `jobs` worker processes serve the
    voters. Unless `typeset` is off, the typeset minutes come to lie beside the bundle. Raises ImpossiblePresent before
    anything is stored, and whatever the stages refuse.
    """
    tell = progress or Silent()
    workers = jobs or os.cpu_count() or 1
    there = spread_present(electorate, script, present)
    polls = open_vote(stores, keyring, terms, organisation, electorate, there, tell, workers)
    manifest, trustees = polls.manifest, polls.trustees
    _vote(stores, keyring, manifest, _acts(electorate, script, polls.slips), tell, workers)
    closed = _now()
    closing.close_polls(stores, manifest, closed)
    tell.begin("seal", 1)
    board = closing.seal_box(stores, keyring, manifest)
    tell.step()
    begun = tallying.propose(stores, manifest, ATTEMPT, board)
    count = begun.count
    # The head and the last t − 1: the count must not need those who were first.
    counters = [trustees[0], *trustees[len(trustees) - terms.threshold + 1 :]]
    tell.begin("count", len(counters))
    for trustee in counters:
        given = trustee.count(
            manifest, count.ceremony, begun.ballots, board.checkpoint.checkpoint, count.plan, proofs=SAMPLE
        )
        counting.accept_share(stores.app, count, given.share, given.cosignature)
        tell.step()
    tell.begin("solve", len(count.sums))
    tally = tallying.tally(stores, count, tell.step)
    incidents = publishing.below_quorum(stores, manifest)
    log = (PollsAct(polls.opened, "opened"), PollsAct(closed, "closed"))
    draft = publishing.draw_up(stores, count, tally, Conference(log, incidents=incidents))
    if typeset:
        tell.begin("typeset", 1)
        papers = publishing.keep_minutes(publishing.minutes_path(bundle), draft, None)
        tell.step()
    else:
        papers = draft.papers(None)
    head = counters[0]
    certified = papers.certified(count)
    signed = head.certify(manifest, count.ceremony, certified)
    publishing.certify(stores, count)
    certificate = certificate_of(head.trustee, certified, signed)
    write_bundle(bundle, publishing.members(stores, count, board, tally, papers, certificate))
    return Outcome(manifest, papers.figures, papers)


@dataclass(frozen=True, slots=True)
class OpenPolls:
    """A vote whose polls are open, with what a real one has on paper: slips and the trustees' sheets."""

    manifest: Manifest
    slips: tuple[Slip, ...] = field(repr=False)
    trustees: tuple[Trustee, ...] = field(repr=False)
    sheets: tuple[bytes, ...] = field(repr=False)
    opened: str
    unquorate: tuple[int, ...]


def open_vote(
    stores: Stores,
    keyring: Keyring,
    terms: Terms,
    organisation: Organisation,
    electorate: Electorate,
    present: Sequence[int],
    tell: Progress,
    jobs: int,
) -> OpenPolls:
    """From an organisation to open polls: slips, freeze, ceremony, gate. `present` is by panel."""
    slips = _slips(terms, electorate)
    definition = _freeze(stores, keyring, terms, organisation, electorate, slips, tell, jobs)
    sheets = tuple(secrets.token_bytes(32) for _ in terms.trustees)
    trustees = tuple(Trustee(sheet, i) for i, sheet in enumerate(sheets, 1))
    manifest = _ceremony(stores, keyring, definition, trustees, tell)
    opened = _now()
    return OpenPolls(
        manifest,
        slips,
        trustees,
        sheets,
        opened,
        opening.open_polls(stores, manifest, present, opened),
    )


def spread_present(electorate: Electorate, script: Script, present: int | None) -> tuple[int, ...]:
    """Present by panel: those who take a paper, and the rest of `present` over the panels, proportionally to who is left."""
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
    keyring: Keyring,
    terms: Terms,
    organisation: Organisation,
    electorate: Electorate,
    slips: Sequence[Slip],
    tell: Progress,
    jobs: int,
) -> Definition:
    tell.begin("keys", len(electorate.panels))
    keys = make_panel_keys(keyring, len(electorate.panels), jobs, tell.step)
    entries = (slip.entry for slip in slips)
    return freezing.freeze(stores, keyring, terms, organisation, electorate, entries, keys)


def _ceremony(
    stores: Stores, keyring: Keyring, definition: Definition, trustees: Sequence[Trustee], tell: Progress
) -> Manifest:
    """Three rounds; the trustees see each other's messages only through the public record."""
    tell.begin("ceremony", 3 * len(trustees))
    app = stores.app
    for trustee in trustees:
        ceremony.accept_commit(app, definition, ATTEMPT, trustee.commit(definition, ATTEMPT))
        tell.step()
    commits = ceremony.commits_of(app, definition, ATTEMPT)
    for trustee in trustees:
        ceremony.accept_deal(app, definition, ATTEMPT, trustee.deal(definition, ATTEMPT, commits))
        tell.step()
    manifest = opening.make_manifest(stores, keyring, definition, ATTEMPT)
    deals = ceremony.record(app, definition, ATTEMPT).deals
    for trustee in trustees:
        confirmed = trustee.confirm(manifest, ATTEMPT, commits, deals)
        ceremony.accept_confirm(app, manifest, ATTEMPT, confirmed)
        tell.step()
    opening.confirm(stores, manifest, ATTEMPT)
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


def _vote(
    stores: Stores, keyring: Keyring, manifest: Manifest, acts: Sequence[Act], tell: Progress, jobs: int
) -> None:
    tell.begin("vote", len(acts))
    chunks = [acts[i : i + CHUNK] for i in range(0, len(acts), CHUNK)]
    context = multiprocessing.get_context("spawn")
    arguments = (stores.root, keyring, manifest.encode())
    with ProcessPoolExecutor(
        max(1, min(jobs, len(chunks))), context, initializer=settle, initargs=arguments
    ) as pool:
        try:
            for done in as_completed([pool.submit(serve, chunk) for chunk in chunks]):
                tell.step(done.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _now() -> str:
    return datetime.now(UTC).strftime(INSTANT)
