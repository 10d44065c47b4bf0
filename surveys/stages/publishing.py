"""Certification and publication: results, minutes, certificate, bundle; nothing is published that does not verify.

counting → certified → published (docs/protocol.md §13, §14).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from surveys.audit.bundle import read_bundle
from surveys.audit.verifier import Report, Verdict, verify
from surveys.box.board import Board
from surveys.committee import counting
from surveys.committee.counting import Count
from surveys.committee.trustee import checkpoint_name
from surveys.protocol import canonical
from surveys.protocol.certificate import Certificate, Certified
from surveys.protocol.checkpoint import note_signature, sign_off
from surveys.protocol.manifest import Manifest
from surveys.protocol.tally import Tally
from surveys.protocol.transcript import lp
from surveys.results.errors import UncertifiedMinutes
from surveys.results.exports import write_whole
from surveys.results.figures import RoundFigures, figures
from surveys.results.ledger import Publication
from surveys.results.ledger import publish as enter_results
from surveys.results.minutes import Conference, Hashes, attendance_json, minutes_json, minutes_text
from surveys.results.minutes_record import pdf_hash, read_record
from surveys.results.typeset import fingerprint, typeset, whole_round
from surveys.roll import attendance, listing, registrar
from surveys.rounds import ledger
from surveys.rounds.states import State
from surveys.rules.atoms import Atom
from surveys.rules.disclosure import prove, published_figures
from surveys.rules.preset import Preset
from surveys.stages.errors import BundleRefused, MoreBallotsThanPapers
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores
from surveys.stores.instants import INSTANT


@dataclass(frozen=True, slots=True)
class Papers:
    """What the committee certifies: figures, and the files that hold them; `pdf` is None where no typeset minutes were made."""

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
    values: Mapping[str, Any]

    def typeset(self) -> bytes:
        """The typeset minutes (13.7); some seconds. Raises TypesettingFailed; nothing was stored then."""
        sources = {
            "manifest.json": self.manifest.encode(),
            "results.json": self.results,
            "attendance.json": self.attendance,
            "minutes.json": canonical.encode({**self.values}),
        }
        return typeset(whole_round(read_record(sources)))

    def papers(self, pdf: bytes | None) -> Papers:
        """The papers that name these typeset minutes, or none."""
        values = {**self.values, "pdf": None if pdf is None else fingerprint(pdf).hex()}
        text = minutes_text(self.manifest, self.figures, values)
        return Papers(
            self.figures, self.results, self.attendance, canonical.encode(values), text.encode(), pdf
        )


def draw_up(stores: Stores, count: Count, tally: Tally, conference: Conference) -> Draft:
    """Results, attendance and minutes of a counted round. Stores nothing.

    First proves that the figures single nobody out; raises Leak or Unproved, or MoreBallotsThanPapers: nothing was drawn up then.
    """
    manifest = count.manifest
    survey = manifest.definition.survey.hex()
    numbers = attendance.attendance(stores.roll(survey))
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
    results = canonical.encode(round_figures.as_json())
    stated = canonical.encode(attendance_json(manifest, present, conference))
    roll = listing.read_roll(stores.roll(survey))
    hashes = Hashes(
        manifest.hash,
        manifest.ceremony,
        count.plan.board,
        count.plan.digest,
        sha256(results).digest(),
        sha256(roll.encode()).digest(),
        len(roll.replaced),
    )
    counted_by = [manifest.definition.trustees[share.trustee - 1] for share in tally.shares]
    values = minutes_json(manifest, round_figures, hashes, conference, counted_by)
    return Draft(manifest, round_figures, results, stated, values)


def keep_minutes(path: Path, draft: Draft, certificate: Certificate | None) -> Papers:
    """The papers with their typeset minutes, which lie at `path` afterwards; may be killed and run again.

    Where a certificate is in, the file that it vouches for is the one that is kept, even if this software would set it
    otherwise now (an update between certificate and publication). In every other case the minutes are set anew and the
    file is written whole or not at all. Raises TypesettingFailed, or UncertifiedMinutes where neither the file nor a new
    one is what the certificate vouches for; then the file is as it was.
    """
    if certificate is not None and path.is_file():
        papers = draft.papers(path.read_bytes())
        if sha256(papers.minutes).digest() == certificate.minutes:
            return papers
    papers = draft.papers(draft.typeset())
    made = sha256(papers.minutes).digest()
    if certificate is not None and made != certificate.minutes:
        raise UncertifiedMinutes(certificate.minutes.hex(), made.hex())
    assert papers.pdf is not None
    write_whole(path, papers.pdf)
    return papers


def minutes_path(bundle: Path) -> Path:
    """Where the typeset minutes of this bundle lie: beside it."""
    return bundle.with_suffix(".pdf")


def minutes_beside(bundle: Path) -> Path | None:
    """The typeset minutes of a published bundle, made anew where they are missing or damaged; None where it names none.

    Does not verify the bundle: it is the instance's own. Raises UncertifiedMinutes when this software sets them otherwise;
    nothing is written then.
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


def below_quorum(stores: Stores, manifest: Manifest) -> tuple[str, ...]:
    """A line of the minutes for each panel with fewer present than the rule's quorum; the result has no effect there (13.3)."""
    quorum = Preset.from_json(manifest.definition.rule).quorum
    if quorum is None:
        return ()
    numbers = attendance.attendance(stores.roll(manifest.definition.survey.hex()))
    return tuple(
        f"{panel.unit}: không đủ số người tối thiểu / below quorum ({there.present}/{panel.voters})"
        for panel, there in zip(manifest.definition.panels, numbers, strict=True)
        if there.present * quorum.denominator < panel.voters * quorum.numerator
    )


def prove_figures(count: Count) -> None:
    """Every figure that will be published of each contest isolates no group under k (11.2). Raises Leak or Unproved.

    The plan's atoms have k ballots each already; this looks at the figures themselves, the sums over whole units included.
    """
    definition = count.manifest.definition
    units = [panel.unit for panel in definition.panels]
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
        cast = {units[p]: count.ballots[p] for p in contest.panels}
        prove(published_figures(groups, definition.parents, cast), cast, definition.k)


def certify(stores: Stores, count: Count) -> None:
    """Move the round on, once its papers are signed."""
    ledger.move(stores.app, count.manifest.definition.survey.hex(), State.CERTIFIED)


def members(
    stores: Stores, count: Count, board: Board, tally: Tally, papers: Papers, certificate: Certificate
) -> Mapping[str, bytes]:
    """The members of the audit bundle (14.1)."""
    survey = count.manifest.definition.survey.hex()
    roll_store = stores.roll(survey)
    return {
        "manifest.json": count.manifest.encode(),
        "ceremony.json": count.ceremony.encode(),
        "roll.json": listing.read_roll(roll_store).encode(),
        "issuance.json": registrar.issuance_records(roll_store).encode(),
        "board.bin": b"".join(lp(raw) for raw in board.ballots),
        "checkpoint.txt": _checkpoint(stores, count, board, [share.trustee for share in tally.shares]),
        "plan.json": count.plan.encode(),
        "tally.json": tally.encode(),
        "attendance.json": papers.attendance,
        "results.json": papers.results,
        "minutes.json": papers.minutes,
        "minutes.txt": papers.text,
        "certificate.json": certificate.encode(),
    }


def verified(
    bundle: Path, jobs: int | None = None, on_check: Callable[[str, int, int], None] | None = None
) -> Report:
    """The verifier's report on a bundle that has passed every check; raises BundleRefused for any other."""
    report = verify(bundle, jobs=jobs, progress=on_check)
    if not report.good:
        raise BundleRefused([each.check for each in report.findings if each.verdict is Verdict.FAILED])
    return report


def publish(stores: Stores, keyring: Keyring, manifest: Manifest, results: bytes, bundle: Path) -> None:
    """Enter the results of a round whose bundle has been verified, and move the round on, in this order; may be run again.

    Raises PublishedOtherwise where other results stand; nothing is changed then.
    """
    publication = Publication(
        survey=manifest.definition.survey.hex(),
        results=results,
        bundle=bundle.name,
        bundle_sha256=sha256(bundle.read_bytes()).hexdigest(),
        published_at=datetime.now(UTC).strftime(INSTANT),
    )
    enter_results(stores.app, keyring, publication)
    ledger.move(stores.app, manifest.definition.survey.hex(), State.PUBLISHED)


def _checkpoint(stores: Stores, count: Count, board: Board, trustees: Sequence[int]) -> bytes:
    given = counting.cosignatures_in(stores.app, count)
    lines = list(board.checkpoint.signatures)
    for trustee in trustees:
        name = checkpoint_name(count.manifest, trustee)
        key = count.ceremony.commits[trustee - 1].sign_key
        lines.append(note_signature(name, key, given[trustee]))
    return sign_off(board.checkpoint.checkpoint, lines).encode()
