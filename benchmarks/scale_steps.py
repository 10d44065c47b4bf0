"""The steps of one vote, each to be run in a process of its own over what the steps before it left in a
folder: `benchmarks.scale` measures them.

Danger: slips' codes, the members' sheets and the token keys lie in that folder in plain files. It is a
benchmark's, made up and thrown away.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from pathlib import Path

from surveys.audit.bundle import write_bundle
from surveys.audit.case import Case, Workforce
from surveys.audit.verifier import verify
from surveys.box import receipts
from surveys.box.board import Board, read_board
from surveys.box.intake import Intake
from surveys.committee import ceremony, counting
from surveys.committee.checking import Examined, ExaminedPapers, examine
from surveys.committee.counting import Count
from surveys.committee.plans import plan_for
from surveys.committee.trustee import Trustee
from surveys.instants import instant
from surveys.jobs.progress import Silent
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.organisation.export import write_workbook
from surveys.organisation.register import import_organisation, load_organisation
from surveys.organisation.sheets import read_organisation
from surveys.organisation.values import Organisation, Person, Post, PostKind, Scope, Unit
from surveys.papers.minutes import Conference, polls_log
from surveys.papers.typeset import fingerprint
from surveys.protocol.ballot import Ballot, check_token, decode_ballot, token_message
from surveys.protocol.certificate import certificate_of
from surveys.protocol.group import Point
from surveys.protocol.manifest import Manifest, decode_manifest
from surveys.protocol.plan import decode_plan
from surveys.protocol.secret.blind import blind, finalize
from surveys.protocol.secret.encrypt import ballot_public_key, encrypt_ballot
from surveys.protocol.secret.slip_key import slip_key
from surveys.protocol.tally import sums_of
from surveys.protocol.token import decode_key
from surveys.rehearsal.run import _ceremony
from surveys.roll.listing import SealedTokenKey, Voter
from surveys.roll.registrar import TokenKeys, issue_token, make_token_keys
from surveys.roll.slips import make_slips
from surveys.rounds.contests import Electorate, plan_electorate
from surveys.rounds.stated import Polls, PollsAct
from surveys.rules.preset import DEFAULT, Preset
from surveys.stages import closing, freezing, opening, publishing, tallying
from surveys.stages.publishing import Papers
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Stores
from tests.organisations import some_terms

CELLS_OF_A_COMMITTEE, TRUSTEES, ATTEMPT, TOGETHER = 10, 3, 1, 32
SURVEY = bytes(15) + b"\x0e"
PAPER = 4 + 32 + 256
YEAR = 2026


def an_organisation(voters: int, of_a_cell: int) -> Organisation:
    """Cells of so many voters under committees under one root; each votes on three secretaries: its own,
    its committee's, the root's.
    """
    units, people, posts = [Unit(UnitCode("T"), None, "Đảng bộ Tỉnh", "Province", "root")], [], []
    for cell in range(max(1, voters // of_a_cell)):
        above, code = UnitCode(f"T{cell // CELLS_OF_A_COMMITTEE:04}"), UnitCode(f"T{cell:06}")
        if cell % CELLS_OF_A_COMMITTEE == 0:
            units.append(Unit(above, UnitCode("T"), f"Đảng ủy {above}", None, "committee"))
            posts.append(_secretary(above, PersonCode(f"{code}-1")))
        units.append(Unit(code, above, f"Chi bộ {code}", None, "cell"))
        people += [
            Person(PersonCode(f"{code}-{n}"), f"Đảng viên {cell} {n}", code, None, True)
            for n in range(of_a_cell)
        ]
        posts.append(_secretary(code, PersonCode(f"{code}-0")))
    posts.append(_secretary(UnitCode("T"), people[2].code))
    return Organisation.of(units, people, posts)


def _secretary(unit: UnitCode, person: PersonCode) -> Post:
    return Post(unit, person, "Bí thư", PostKind.PARTY, True, True, Scope.SUBTREE)


@dataclass(frozen=True)
class Vote:
    """What lies in the folder of one vote, read when it is asked for."""

    folder: Path

    @cached_property
    def stores(self) -> Stores:
        """The stores of the instance."""
        keyring = Keyring.load_or_create(self.folder / "keyring.json")
        return Stores(Engines(self.folder / "stores"), keyring)

    @property
    def engines(self) -> Engines:
        """Their engines."""
        return self.stores.engines

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest."""
        return decode_manifest((self.folder / "manifest.json").read_bytes())

    @property
    def round_id(self) -> RoundId:
        """The round."""
        return RoundId(SURVEY.hex())

    @property
    def box_key(self) -> receipts.BoxKey:
        """The key of the box."""
        return receipts.load_box_key(self.stores.box(self.round_id))

    def board(self) -> Board:
        """The board of the sealed box."""
        return read_board(self.engines.box(self.round_id), self.manifest, self.box_key)

    def ballots(self) -> Iterator[Ballot]:
        """The board's ballots, decoded one after the other."""
        for i, raw in enumerate(self.board().ballots):
            yield decode_ballot(raw, self.manifest, f"board[{i}]")

    def trustees(self) -> list[Trustee]:
        """The committee."""
        sheets = json.loads((self.folder / "sheets.json").read_bytes())
        return [Trustee(bytes.fromhex(sheet), i) for i, sheet in enumerate(sheets, 1)]

    def count(self) -> Count:
        """What is to be opened, as `propose` has left it."""
        kept = json.loads((self.folder / "count.json").read_bytes())
        sums = tuple(
            (Point.computed(bytes.fromhex(a)), Point.computed(bytes.fromhex(b))) for a, b in kept["sums"]
        )
        plan = decode_plan((self.folder / "plan.json").read_bytes())
        body = bytes.fromhex(kept["checkpoint"])
        record = ceremony.finished(self.engines.app, self.manifest, ATTEMPT)
        return Count(self.manifest, record, plan, body, sums, tuple(kept["ballots"]))

    def examined(self, count: Count) -> Examined:
        """A count that `check` has found sound."""
        sizes = [sum(count.ballots[p] for p in panels) for _, panels in count.plan.atoms()]
        checkpoint = self.board().checkpoint.checkpoint
        case = Case(None, Workforce(1, lambda *_: None))
        return Examined(
            self.manifest, count.ceremony, checkpoint, count.plan, count.sums, sum(count.ballots),
            min(sizes), case,
        )  # fmt: skip

    def papers(self) -> Papers:
        """The papers, drawn up again, with the typeset minutes where there are such."""
        draft, pdf = _draft(self), self.folder / "bundle.pdf"
        return draft.papers(pdf.read_bytes() if pdf.exists() else None)

    def draws(self, name: str, size: int) -> Iterator[bytes]:
        """The records of one size in a file."""
        with (self.folder / name).open("rb") as file:
            while raw := file.read(size):
                yield raw


def make(vote: Vote, voters: int, of_a_cell: int) -> None:
    """The workbook of the organisation: what an office brings, not a step."""
    write_workbook(vote.folder / "organisation.xlsx", an_organisation(voters, of_a_cell))


def import_(vote: Vote) -> None:
    """The organisation out of its workbook into the store."""
    vote.engines.migrate_app()
    import_organisation(
        vote.stores.app, read_organisation(vote.folder / "organisation.xlsx"), confirmed=False
    )


def keys(vote: Vote) -> None:
    """A token key for each panel."""
    electorate = _electorate(load_organisation(vote.stores.app))
    made = make_token_keys(vote.stores.keyring, len(electorate.panels))
    kept = [[each.public.hex(), each.private.hex()] for _, each in made]
    (vote.folder / "keys.json").write_text(json.dumps(kept), "ascii")


def _electorate(organisation: Organisation) -> Electorate:
    return plan_electorate(organisation, YEAR, Preset.load(DEFAULT).level_ids)


def freeze(vote: Vote) -> None:
    """Slips, the frozen roll, the ceremony, open polls."""
    organisation = load_organisation(vote.stores.app)
    electorate = _electorate(organisation)
    kept = json.loads((vote.folder / "keys.json").read_bytes())
    token_keys = {p: SealedTokenKey(*map(bytes.fromhex, pair)) for p, pair in enumerate(kept)}
    terms = some_terms(SURVEY)
    voters = [Voter(p, code) for p, codes in enumerate(electorate.panels.values()) for code in codes]
    slips = make_slips(SURVEY, voters)
    definition = freezing.freeze(
        vote.stores, terms, organisation, electorate, (slip.entry for slip in slips), token_keys
    )
    sheets = [secrets.token_bytes(32) for _ in range(TRUSTEES)]
    trustees = [Trustee(sheet, i) for i, sheet in enumerate(sheets, 1)]
    manifest = _ceremony(vote.stores, definition, trustees, Silent())
    present = [len(codes) for codes in electorate.panels.values()]
    opening.open_polls(vote.engines, manifest, present, instant(datetime.now(UTC)))
    (vote.folder / "sheets.json").write_text(json.dumps([sheet.hex() for sheet in sheets]), "ascii")
    (vote.folder / "manifest.json").write_bytes(manifest.encode())
    with (vote.folder / "slips.bin").open("wb") as file:
        for slip in slips:
            file.write(slip.voter.panel.to_bytes(4, "big") + slip.code)


def issue(vote: Vote) -> None:
    """A paper for everybody: asked for with the slip, signed blindly, unblinded."""
    manifest, roll = vote.manifest, vote.engines.roll(vote.round_id)
    token_keys = TokenKeys(vote.stores.roll(vote.round_id))
    with (vote.folder / "papers.bin").open("wb") as file:
        for record in vote.draws("slips.bin", 14):
            panel, seed = int.from_bytes(record[:4], "big"), secrets.token_bytes(32)
            key = decode_key(manifest.definition.panels[panel].token_key)
            message = token_message(manifest.hash, panel, ballot_public_key(seed))
            blinded = blind(key, message)
            request = slip_key(record[4:], SURVEY).request(manifest.hash, panel, blinded.message)
            answer = issue_token(roll, token_keys, manifest.hash, request)
            file.write(record[:4] + seed + finalize(key, message, answer, blinded))


def encrypt(vote: Vote) -> None:
    """The voters' ballots: work of their phones, in Python here."""
    with (vote.folder / "ballots.bin").open("wb") as file:
        for record in vote.draws("papers.bin", PAPER):
            panel = int.from_bytes(record[:4], "big")
            contests = vote.manifest.definition.panels[panel].contests
            marks = tuple(1 + record[-1 - c] % 3 for c in range(len(contests)))
            raw = encrypt_ballot(vote.manifest, panel, marks, record[4:36], 1, record[36:])
            file.write(len(raw).to_bytes(4, "big") + raw)


def cast(vote: Vote) -> None:
    """All ballots into the box through its slot, so many at a time."""

    def waiting() -> Iterator[bytes]:
        with (vote.folder / "ballots.bin").open("rb") as file:
            while head := file.read(4):
                yield file.read(int.from_bytes(head, "big"))

    intake = Intake(vote.engines.box(vote.round_id), vote.manifest, vote.box_key)
    ballots = waiting()
    with ThreadPoolExecutor(TOGETHER) as pool:
        while batch := list(islice(ballots, 8 * TOGETHER)):
            list(pool.map(intake.receive, batch))
    intake.close()


def seal(vote: Vote) -> None:
    """Polls close, the box is sealed."""
    closing.close_polls(vote.engines, vote.manifest, instant(datetime.now(UTC)))
    closing.seal_box(vote.stores, vote.manifest)


def propose(vote: Vote) -> None:
    """Plan and sums of the board, and the count begun."""
    count = tallying.propose(vote.engines, vote.manifest, ATTEMPT, vote.board())
    sums = [[a.encode().hex(), b.encode().hex()] for a, b in count.sums]
    kept = {"sums": sums, "checkpoint": count.checkpoint.hex(), "ballots": count.ballots}
    (vote.folder / "count.json").write_text(json.dumps(kept), "ascii")
    (vote.folder / "plan.json").write_bytes(count.plan.encode())


def plan(vote: Vote) -> None:
    """The plan alone, from the numbers of ballots."""
    count = vote.count()
    assert plan_for(vote.manifest, count.plan.board, count.ballots) == count.plan


def sums(vote: Vote) -> None:
    """The sums alone: ballots decoded and added up."""
    count = vote.count()
    assert sums_of(vote.manifest, vote.ballots(), count.plan) == count.sums


def tokens(vote: Vote) -> None:
    """Every ballot's token."""
    for ballot in vote.ballots():
        check_token(ballot, vote.manifest)


def check(vote: Vote) -> None:
    """A member's whole check before it cosigns."""
    examine(tallying.board_members(vote.engines, vote.count(), vote.board()))


def shares(vote: Vote) -> None:
    """All cosign; a threshold of members open the sums, and the server checks their shares."""
    count, trustees = vote.count(), vote.trustees()
    examined, at = vote.examined(count), instant(datetime.now(UTC))
    for trustee in trustees:
        given = trustee.cosign(examined, at)
        counting.accept_cosignature(vote.engines.app, count, given.cosignature, given.checkpoint)
    agreement = counting.agreement_in(vote.engines.app, count)
    for trustee in trustees[: vote.manifest.definition.threshold]:
        share = trustee.open(examined, agreement, now=at, since=at)
        counting.accept_share(vote.engines.app, count, share)


def solve(vote: Vote) -> None:
    """The shares combined, every sum's counts found."""
    tallying.tally(vote.engines, vote.count())


def _draft(vote: Vote) -> publishing.Draft:
    count, at = vote.count(), instant(datetime.now(UTC).replace(year=YEAR, month=12, day=31, hour=0))
    log = polls_log(vote.manifest.definition, PollsAct(at, Polls.OPENED), (), PollsAct(at, Polls.CLOSED))
    return publishing.draw_up(vote.engines, count, tallying.tally(vote.engines, count), Conference(log))


def papers(vote: Vote) -> None:
    """Results, attendance and minutes, and the proof that they single nobody out; with it the tally, which
    they need.
    """
    _draft(vote).papers(None)


def typeset(vote: Vote) -> None:
    """The typeset minutes; with them the papers, which they need."""
    (vote.folder / "bundle.pdf").write_bytes(_draft(vote).typeset())


def bundle(vote: Vote) -> None:
    """The certificate and the bundle; with them the papers, which it holds."""
    count, drawn = vote.count(), vote.papers()
    certified = drawn.certified(count)
    named = None if drawn.pdf is None else fingerprint(drawn.pdf)
    examined = ExaminedPapers(vote.manifest, count.ceremony, count.agreed, certified, named)
    signed = {
        trustee.trustee: trustee.certify(examined, drawn.pdf)
        for trustee in vote.trustees()[: vote.manifest.definition.threshold]
    }
    tally = tallying.tally(vote.engines, count)
    members = publishing.members(
        vote.engines, count, vote.board(), tally, drawn, certificate_of(certified, signed)
    )
    write_bundle(vote.folder / "bundle.zip", members)


def verify_(vote: Vote) -> None:
    """The bundle, every check, one process."""
    report = verify(vote.folder / "bundle.zip", jobs=1)
    assert report.good, report.failed


Step = Callable[[Vote], None]
STEPS: dict[str, Step] = {
    "import": import_,
    "keys": keys,
    "freeze": freeze,
    "issue": issue,
    "encrypt": encrypt,
    "cast": cast,
    "seal": seal,
    "propose": propose,
    "plan": plan,
    "sums": sums,
    "tokens": tokens,
    "check": check,
    "shares": shares,
    "solve": solve,
    "papers": papers,
    "typeset": typeset,
    "bundle": bundle,
    "verify": verify_,
}
