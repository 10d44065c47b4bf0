"""Certification and publication: results, minutes, certificate, bundle; nothing is published that does not
verify.

counting → certified → published (docs/protocol.md §13, §14).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from surveys.audit.bundle import read_bundle
from surveys.audit.checks_minutes import absent_of
from surveys.audit.members import Content
from surveys.audit.sharing import Helpers
from surveys.audit.verifier import Report, Verdict, verify
from surveys.box.board import Board
from surveys.committee import counting
from surveys.committee.counting import Count
from surveys.committee.trustee import checkpoint_name
from surveys.instants import instant
from surveys.letters.member_letters import forget_members
from surveys.names import PersonCode, UnitCode
from surveys.papers.minutes import BELOW_QUORUM, Attendance, Conference, Hashes, Minutes
from surveys.papers.minutes_record import pdf_hash, read_record
from surveys.papers.typeset import fingerprint, typeset, whole_round
from surveys.protocol.agreement import encode_agreement
from surveys.protocol.board import board_chunks
from surveys.protocol.certificate import Certificate, Certified
from surveys.protocol.checkpoint import note_signature, sign_off
from surveys.protocol.manifest import Manifest
from surveys.protocol.tally import Tally
from surveys.results.errors import UncertifiedMinutes
from surveys.results.exports import write_whole
from surveys.results.figures import RoundFigures, figures
from surveys.results.publications import Publication
from surveys.results.publications import publish as enter_results
from surveys.roll import attendance, listing
from surveys.rounds import ledger
from surveys.rounds.states import State
from surveys.rules.atoms import Atom
from surveys.rules.disclosure import prove, published_figures
from surveys.rules.preset import Preset
from surveys.rules.quorum import quorum_met
from surveys.stages import binding, tallying
from surveys.stages.errors import BundleRefused, MoreBallotsThanPapers
from surveys.stores.engines import Engines
from surveys.stores.store import Stores


@dataclass(frozen=True, slots=True)
class Papers:
    """What the committee certifies: figures, and the files that hold them; `pdf` is None where no typeset
    minutes were made.
    """

    figures: RoundFigures
    results: bytes
    attendance: bytes
    minutes: bytes
    text: bytes
    pdf: bytes | None = field(default=None, repr=False)

    def certified(self, count: Count) -> Certified:
        """What the certificate signs (13.6)."""
        return Certified(
            manifest=count.manifest.hash,
            board=count.plan.board,
            plan=count.plan.digest,
            results=sha256(self.results).digest(),
            attendance=sha256(self.attendance).digest(),
            minutes=sha256(self.minutes).digest(),
            text=sha256(self.text).digest(),
        )


@dataclass(frozen=True, slots=True)
class Draft:
    """The papers but for the hash of the typeset minutes: what those are made from."""

    manifest: Manifest
    figures: RoundFigures
    results: bytes
    attendance: bytes
    minutes: Minutes

    def typeset(self) -> bytes:
        """The typeset minutes (13.7); some seconds. Raises TypesettingFailed; nothing was stored then."""
        sources = {
            "manifest.json": self.manifest.encode(),
            "results.json": self.results,
            "attendance.json": self.attendance,
            "minutes.json": self.minutes.encode(self.manifest.definition),
        }
        return typeset(whole_round(read_record(sources)))

    def papers(self, pdf: bytes | None) -> Papers:
        """The papers that name these typeset minutes, or none."""
        definition = self.manifest.definition
        minutes = replace(self.minutes, pdf=None if pdf is None else fingerprint(pdf))
        text = minutes.text(definition, self.figures.book)
        return Papers(self.figures, self.results, self.attendance, minutes.encode(definition), text, pdf)


def draw_up(engines: Engines, count: Count, tally: Tally, conference: Conference) -> Draft:
    """Results, attendance and minutes of a counted round. Stores nothing.

    First proves that the figures single nobody out; raises Leak or Unproved, or MoreBallotsThanPapers:
    nothing was drawn up then.
    """
    manifest = count.manifest
    round_id = manifest.definition.round_id
    numbers = attendance.attendance(engines.roll(round_id))
    pairs = zip(manifest.definition.panels, numbers, count.ballots, strict=True)
    if more := [panel.unit for panel, there, ballots in pairs if ballots > there.issued]:
        raise MoreBallotsThanPapers(more)
    prove_figures(count)
    present = [panel.present for panel in numbers]
    round_figures = figures(
        manifest,
        count.plan,
        tally,
        present=present,
        issued=[panel.issued for panel in numbers],
        returned=count.ballots,
        frozen=conference.excluded,
    )
    results = round_figures.book.encode()
    roll = listing.read_roll(engines.roll(round_id))
    hashes = Hashes(
        manifest.hash,
        manifest.ceremony,
        count.plan.board,
        count.plan.digest,
        sha256(results).digest(),
        sha256(roll.encode()).digest(),
        len(roll.replaced),
    )
    names = manifest.definition.trustees
    stated = Attendance(tuple(present), names[0], conference)
    counted_by = tuple(names[share.trustee - 1] for share in tally.shares)
    absent = tuple(names[i - 1] for i in absent_of(tally.shares))
    minutes = Minutes(hashes, round_figures.turnout, conference, counted_by, absent)
    return Draft(manifest, round_figures, results, stated.encode(), minutes)


def keep_minutes(path: Path, draft: Draft, signed: Callable[[Papers], bool] | None = None) -> Papers:
    """The papers with their typeset minutes, which lie at `path` afterwards; may be killed and run again.

    `signed` tells the papers that t members have signed, where they have: the file that those name is kept,
    even if this software would set it otherwise now (an update between certificate and publication). In every
    other case the minutes are set anew and the file is written whole or not at all. Raises TypesettingFailed,
    or UncertifiedMinutes where neither the file nor a new one is what was signed; then the file is as it was.
    """
    if signed is not None and path.is_file():
        papers = draft.papers(path.read_bytes())
        if signed(papers):
            return papers
    papers = draft.papers(draft.typeset())
    if signed is not None and not signed(papers):
        raise UncertifiedMinutes("what members have signed", sha256(papers.minutes).hexdigest())
    assert papers.pdf is not None
    write_whole(path, papers.pdf)
    return papers


def minutes_path(bundle: Path) -> Path:
    """Where the typeset minutes of this bundle lie: beside it."""
    return bundle.with_suffix(".pdf")


def signed_path(bundle: Path) -> Path:
    """Where the minutes with their signatures lie: beside it too."""
    return bundle.with_suffix(".signed.pdf")


def minutes_beside(bundle: Path) -> Path | None:
    """The typeset minutes of a published bundle, made anew where they are missing or damaged; None where it
    names none.

    Does not verify the bundle: it is the instance's own. Raises UncertifiedMinutes when this software sets
    them otherwise; nothing is written then.
    """
    with read_bundle(bundle) as members:
        named = pdf_hash(members)
        if named is None:
            return None
        path = minutes_path(bundle)
        if path.is_file() and fingerprint(path.read_bytes()) == named:
            return path
        pdf = typeset(whole_round(read_record(members)))
    if fingerprint(pdf) != named:
        raise UncertifiedMinutes(named.hex(), fingerprint(pdf).hex())
    write_whole(path, pdf)
    return path


def below_quorum(engines: Engines, manifest: Manifest) -> tuple[str, ...]:
    """A line of the minutes for each panel with fewer present than the rule's quorum; the result has no
    effect there (13.3).
    """
    rule = Preset.from_json(manifest.definition.rule)
    numbers = attendance.attendance(engines.roll(manifest.definition.round_id))
    return tuple(
        f"{panel.unit}: {BELOW_QUORUM} ({there.present}/{panel.voters})"
        for panel, there in zip(manifest.definition.panels, numbers, strict=True)
        if quorum_met(rule, present=there.present, summoned=panel.voters) is False
    )


def prove_figures(count: Count) -> None:
    """Every figure that will be published on each person isolates no group under k (11.2). Raises Leak or
    Unproved.

    The plan's atoms have k ballots each already; this looks at the figures themselves, the sums over whole
    units included, of all contests on a person at once: it assumes that everybody marks a person alike
    wherever that person stands.
    """
    definition = count.manifest.definition
    units = [panel.unit for panel in definition.panels]
    figures: dict[PersonCode, list[frozenset[UnitCode]]] = {}
    cast: dict[PersonCode, dict[UnitCode, int]] = {}
    for contest, atoms in zip(definition.contests, count.plan.contests, strict=True):
        if atoms is None:
            continue
        groups = [
            Atom(
                tuple(sorted((units[p] for p in panels), key=str.encode)),
                sum(count.ballots[p] for p in panels),
            )
            for panels in atoms
        ]
        of_it = {units[p]: count.ballots[p] for p in contest.panels}
        figures.setdefault(contest.person, []).extend(published_figures(groups, definition.parents, of_it))
        cast.setdefault(contest.person, {}).update(of_it)
    for person, found in figures.items():
        prove(found, cast[person], definition.k)


def certify(engines: Engines, count: Count) -> None:
    """Move the round on, once its papers are signed. Raises RoundStopped."""
    if ledger.move(engines.app, count.manifest.definition.round_id, State.CERTIFIED):
        binding.bind(engines, count.manifest.definition.round_id)


def members(
    engines: Engines, count: Count, board: Board, tally: Tally, papers: Papers, certificate: Certificate
) -> Mapping[str, Content]:
    """The members of the audit bundle (14.1)."""
    return {
        "manifest.json": count.manifest.encode(),
        "ceremony.json": count.ceremony.encode(),
        **tallying.roll_members(engines, count.manifest.definition.round_id),
        "board.bin": lambda: board_chunks(board.ballots),
        "checkpoint.txt": _checkpoint(engines, count, board),
        "plan.json": count.plan.encode(),
        **paper_members(engines, count, tally, papers),
        "certificate.json": certificate.encode(),
    }


def paper_members(engines: Engines, count: Count, tally: Tally, papers: Papers) -> Mapping[str, bytes]:
    """The members from the agreement to the text of the minutes: what a member of the committee certifies."""
    return {
        "agreement.json": encode_agreement(counting.agreement_in(engines.app, count)),
        "tally.json": tally.encode(),
        "attendance.json": papers.attendance,
        "results.json": papers.results,
        "minutes.json": papers.minutes,
        "minutes.txt": papers.text,
    }


def verified(
    bundle: Path,
    jobs: int | None = None,
    on_check: Callable[[str, int, int], None] | None = None,
    helpers: Helpers | None = None,
) -> Report:
    """The verifier's report on a bundle that has passed every check; raises BundleRefused for any other."""
    report = verify(bundle, jobs=jobs, progress=on_check, helpers=helpers)
    if not report.good:
        raise BundleRefused([each.check for each in report.findings if each.verdict is Verdict.FAILED])
    return report


def publish(stores: Stores, manifest: Manifest, results: bytes, bundle: Path) -> None:
    """Enter the results of a round whose bundle has been verified, forget where members got their links, and
    move the round on, in this order; may be run again.

    Raises PublishedOtherwise where other results stand; nothing is changed then.
    """
    publication = Publication(
        round_id=manifest.definition.round_id,
        results=results,
        bundle=bundle.name,
        bundle_sha256=sha256(bundle.read_bytes()).hexdigest(),
        published_at=instant(datetime.now(UTC)),
    )
    enter_results(stores.app, publication)
    forget_members(stores.engines.app, manifest.definition.round_id)
    ledger.move(stores.engines.app, manifest.definition.round_id, State.PUBLISHED)


def _checkpoint(engines: Engines, count: Count, board: Board) -> bytes:
    given = counting.cosignatures_in(engines.app, count)
    lines = list(board.checkpoint.signatures)
    for trustee, signed in given.items():
        name = checkpoint_name(count.manifest, trustee)
        key = count.ceremony.commits[trustee - 1].sign_key
        lines.append(note_signature(name, key, signed))
    return sign_off(board.checkpoint.checkpoint, lines).encode()
