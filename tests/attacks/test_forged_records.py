"""Forged rolls, issuance, boards, plans, counts and minutes: what a server, a box, trustees or a head could try.

Where a forger holds every key but the one that matters, a single check refuses, and a verifier without it does not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from surveys.protocol import canonical
from surveys.protocol.ballot import decode_ballot
from surveys.protocol.checkpoint import sign_off
from surveys.protocol.dleq import DleqProof
from surveys.protocol.errors import BadSignature
from surveys.protocol.group import BASE, Scalar, base_multiply, multiply
from surveys.protocol.issuance import IssueRequest
from surveys.protocol.plan import Plan
from surveys.protocol.receipt import check_receipt
from surveys.protocol.secret import receipt_key
from surveys.protocol.secret.decrypt import decrypt_sums
from surveys.protocol.shares import Share, ShareContext, share_message, statement
from surveys.protocol.tally import Tally
from tests.attacks.forger import (
    SPARE,
    an_invented_slip,
    ballots_of,
    cast,
    issued_to,
    recounted,
    resealed,
    with_paper,
)
from tests.audit.build import (
    NUMBERS,
    Vote,
    a_plan,
    a_tally,
    a_vote,
    ballots_by_panel,
    board_bytes,
    certified,
    closing_papers,
    counted,
)
from tests.audit.verdicts import failed, without

Members = Mapping[str, bytes]


def _stuffed(vote: Vote, panel: int, paper: Any) -> Vote:
    """One paper more on record, its ballot on the board, one more said to be present."""
    more = with_paper(vote, panel, paper)
    sealed = resealed(more, [*more.ballots, cast(more, paper, panel)])
    present = [each for *_, each in NUMBERS]
    present[panel] += 1
    return counted(sealed, present=present)


def a_paper_for_an_invented_slip(vote: Vote) -> Members:
    return _stuffed(vote, 0, issued_to(vote, 0, an_invented_slip(vote))).members


def a_paper_for_an_absent_voters_slip(vote: Vote) -> Members:
    # Registrar and box know the roll but not the slip's code: they cannot sign for it.
    absent = vote.slips[0][-1].public
    paper = issued_to(vote, 0, an_invented_slip(vote))
    request = IssueRequest(0, absent, paper.request.blinded, paper.request.signature)
    return _stuffed(vote, 0, replace(paper, request=request)).members


def a_second_paper_for_one_slip(vote: Vote) -> Members:
    return _stuffed(vote, 0, issued_to(vote, 0, vote.slips[0][0])).members


def a_roll_changed_after_freezing(vote: Vote) -> Members:
    slip = an_invented_slip(vote)
    kept = vote.slips[0][:-1]
    slips = (tuple(sorted([*kept, slip], key=lambda each: each.public)), *vote.slips[1:])
    return _stuffed(replace(vote, slips=slips), 0, issued_to(vote, 0, slip)).members


def a_ballot_dropped_by_the_box(vote: Vote) -> Members:
    # It signs again and the count is done again; the trustees who cosigned the true board do not sign this one.
    return recounted(vote, vote.ballots[1:], cosigners=()).members


def a_ballot_dropped_with_one_trustee(vote: Vote) -> Members:
    return recounted(vote, vote.ballots[1:], cosigners=vote.sheets[:1]).members


def one_cosigner_twice(vote: Vote) -> Members:
    note = vote.checkpoint
    return {
        **vote.members,
        "checkpoint.txt": sign_off(note.checkpoint, (*note.signatures[:2], note.signatures[1])).encode(),
    }


def a_checkpoint_that_the_box_did_not_sign(vote: Vote) -> Members:
    note = vote.checkpoint
    return {**vote.members, "checkpoint.txt": sign_off(note.checkpoint, note.signatures[1:]).encode()}


def a_second_plan(vote: Vote) -> Members:
    # One atom over all panels: large enough, but not the plan.
    return counted(vote, plan=_plan(vote, 0, (tuple(range(6)),))).members


def counts_moved_from_one_level_to_another(vote: Vote) -> Members:
    counts = [list(row) for row in vote.tally.counts]
    row = next(row for row in counts if row[2])
    row[2], row[0] = row[2] - 1, row[0] + 1
    return counted(vote, tally=replace(vote.tally, counts=tuple(map(tuple, counts)))).members


def another_outcome(vote: Vote) -> Members:
    return _closed(vote, "results.json", lambda results: results["contests"][0].update(outcome="removed"))


def a_watch_flag_that_nothing_raised(vote: Vote) -> Members:
    return _closed(vote, "results.json", lambda results: results["contests"][1].update(watch=["two_years"]))


def more_present_in_the_minutes(vote: Vote) -> Members:
    return _closed(vote, "minutes.json", lambda minutes: minutes.update(present=minutes["present"] + 1))


def other_numbers_in_the_text(vote: Vote) -> Members:
    text = vote.members["minutes.txt"].replace(b"returned 17;", b"returned 18;")
    assert text != vote.members["minutes.txt"]
    return _certified(vote, {**vote.members, "minutes.txt": text})


def a_line_more_in_the_text(vote: Vote) -> Members:
    return _certified(
        vote, {**vote.members, "minutes.txt": vote.members["minutes.txt"] + b"#6 A; B; withheld\n"}
    )


def a_certificate_for_another_vote(vote: Vote) -> Members:
    return {**vote.members, "certificate.json": a_vote("second").members["certificate.json"]}


def a_certificate_by_somebody_else(vote: Vote) -> Members:
    document = json.loads(vote.members["certificate.json"])
    return {**vote.members, "certificate.json": canonical.encode({**document, "trustee": 2})}


def fewer_present_than_papers_issued(vote: Vote) -> Members:
    return counted(vote, present=[1, *(each for *_, each in NUMBERS[1:])]).members


def _plan(vote: Vote, contest: int, atoms: tuple[tuple[int, ...], ...] | None) -> Plan:
    plan = a_plan(
        vote.manifest,
        vote.checkpoint.checkpoint.root,
        ballots_by_panel(vote.manifest, vote.ballots),
        len(vote.ballots),
    )
    contests = [*plan.contests]
    contests[contest] = atoms
    return replace(plan, contests=tuple(contests))


def _closed(vote: Vote, member: str, change: Callable[[Any], None]) -> Members:
    """A file changed, its hash brought into the minutes, all of it certified by the head."""
    document = json.loads(vote.members[member])
    change(document)
    members = {**vote.members, member: canonical.encode(document)}
    minutes = json.loads(members["minutes.json"])
    minutes["results"] = sha256(members["results.json"]).hexdigest()
    return _certified(vote, {**members, "minutes.json": canonical.encode(minutes)})


def _certified(vote: Vote, members: Members) -> Members:
    return {**members, "certificate.json": certified(vote.manifest, vote.plan, members, vote.sheets[0])}


@pytest.mark.parametrize(
    ("forgery", "check"),
    [
        (a_roll_changed_after_freezing, "6.3"),
        (a_paper_for_an_invented_slip, "7.5"),
        (a_second_paper_for_one_slip, "7.5"),
        (a_paper_for_an_absent_voters_slip, "7.2"),
        (a_checkpoint_that_the_box_did_not_sign, "10.3"),
        (a_ballot_dropped_by_the_box, "10.4"),
        (a_ballot_dropped_with_one_trustee, "10.4"),
        (one_cosigner_twice, "10.4"),
        (a_second_plan, "11.1"),
        (counts_moved_from_one_level_to_another, "12.5"),
        (fewer_present_than_papers_issued, "13.1"),
        (another_outcome, "13.3"),
        (a_watch_flag_that_nothing_raised, "13.3"),
        (more_present_in_the_minutes, "13.4"),
        (other_numbers_in_the_text, "13.5"),
        (a_line_more_in_the_text, "13.5"),
        (a_certificate_for_another_vote, "13.6"),
        (a_certificate_by_somebody_else, "13.6"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_only_the_right_check_refuses_and_without_it_the_forgery_passes(
    forgery: Callable[[Vote], Members], check: str, tmp_path: Path
) -> None:
    members = forgery(a_vote())
    assert failed(members, tmp_path) == (check,)
    assert failed(members, tmp_path, without(check)) == ()


def test_stuffing_without_any_record_is_found_by_counting(tmp_path: Path) -> None:
    """The registrar's key makes a token; nobody asked for a paper; where all issued papers came back it is one too many."""
    vote = a_vote()
    paper = issued_to(vote, 3, an_invented_slip(vote))
    stuffed = recounted(vote, [*vote.ballots, cast(vote, paper, 3)])
    assert failed(stuffed.members, tmp_path) == ("10.5", "13.1")
    assert failed(stuffed.members, tmp_path, without("10.5", "13.1")) == ()


def test_two_boards_cannot_both_be_the_one_of_the_checkpoint(tmp_path: Path) -> None:
    vote = a_vote()
    second = recounted(vote, vote.ballots[1:])
    assert failed(second.members, tmp_path) == ()
    for board, files in ((vote, second), (second, vote)):
        mixed = {**files.members, "board.bin": board_bytes(board.ballots)}
        assert failed(mixed, tmp_path)[0] == "10.2"
        # The box's own signature holds over both: two checkpoints of one vote are the evidence.
        assert not {"10.3", "10.4"} & set(failed(mixed, tmp_path))


@pytest.mark.parametrize(
    ("contest", "atoms"),
    [
        (0, ((0,), (1,), (2,), (3,), (4, 5))),  # P-1 returned two
        (0, ((0, 1, 2), (2, 3, 4, 5))),  # overlapping
        (0, ((0, 1, 2), (3, 4))),  # P-6 left out
        (3, ((2, 3),)),  # a panel outside the electorate
        (4, ((5,),)),  # withheld, opened all the same
    ],
)
def test_a_plan_that_opens_too_little_too_much_or_twice_is_refused_twice(
    contest: int, atoms: tuple[tuple[int, ...], ...], tmp_path: Path
) -> None:
    vote = a_vote()
    plan = _plan(vote, contest, atoms)
    tally = a_tally(vote.manifest, vote.ceremony, vote.keys, vote.sheets[:2], vote.ballots, plan)
    members = {**vote.members, "plan.json": plan.encode(), "tally.json": tally.encode()}
    assert failed(members, tmp_path)[:2] == ("11.1", "11.2")
    # Without the first of the two the second still stands.
    assert failed(members, tmp_path, without("11.1"))[0] == "11.2"


def test_opening_a_single_ballot_under_the_name_of_a_sum_is_refused(tmp_path: Path) -> None:
    vote = a_vote()
    raw = ballots_of(vote, SPARE)[0]
    row = decode_ballot(raw, vote.manifest).rows[0]
    sums = ((row.alpha, row.beta), *vote.tally.sums[1:])
    tally = replace(vote.tally, sums=sums, shares=tuple(_share(vote, m, sums) for m in (0, 1)))
    assert failed({**vote.members, "tally.json": tally.encode()}, tmp_path)[:2] == ("12.1", "12.3")


def _share(vote: Vote, m: int, sums: Any, context: ShareContext | None = None) -> Share:
    sheet = vote.sheets[m]
    return decrypt_sums(
        sheet,
        sheet.secret_share(vote.ceremony.commits, vote.ceremony.deals),
        vote.keys.verification_keys[m],
        context or ShareContext(vote.manifest.hash, vote.plan.board, vote.plan.digest),
        [alpha for alpha, _ in sums],
    )


def a_share_with_another_secret(vote: Vote) -> Share:
    """The trustee signs it; the proof is that of the wrong secret."""
    sheet, bases = vote.sheets[1], [alpha for alpha, _ in vote.tally.sums]
    context = ShareContext(vote.manifest.hash, vote.plan.board, vote.plan.digest)
    return decrypt_sums(sheet, Scalar(7), vote.keys.verification_keys[1], context, bases)


def a_share_shifted_in_one_sum_and_back_in_another(vote: Vote) -> Share:
    """Equal weights would not notice; the trustee signs the shifted share anew."""
    share, bases = vote.tally.shares[1], [alpha for alpha, _ in vote.tally.sums]
    points = (share.points[0] + BASE, share.points[1] - BASE, *share.points[2:])
    context = ShareContext(vote.manifest.hash, vote.plan.board, vote.plan.digest)
    h = statement(context, 2, vote.keys.verification_keys[1], bases, points)
    return Share(2, points, share.proof, vote.sheets[1].sign(share_message(h, share.proof)))


def a_share_of_another_vote(vote: Vote) -> Share:
    return a_vote("second").tally.shares[1]


def a_share_of_another_plan(vote: Vote) -> Share:
    plan = _plan(vote, 0, (tuple(range(6)),))
    # Even over the very same sums: the share names the plan.
    context = ShareContext(vote.manifest.hash, vote.plan.board, plan.digest)
    return _share(vote, 1, vote.tally.sums, context)


def a_share_of_another_board(vote: Vote) -> Share:
    return _share(vote, 1, vote.tally.sums, ShareContext(vote.manifest.hash, bytes(32), vote.plan.digest))


def a_share_in_another_trustees_name(vote: Vote) -> Share:
    return replace(_share(vote, 2, vote.tally.sums), trustee=2)


def a_proof_of_another_statement(vote: Vote) -> Share:
    w = Scalar(5)
    return replace(vote.tally.shares[1], proof=DleqProof(base_multiply(w), multiply(BASE, w), w))


@pytest.mark.parametrize(
    "forgery",
    [
        a_share_with_another_secret,
        a_share_shifted_in_one_sum_and_back_in_another,
        a_share_of_another_vote,
        a_share_of_another_plan,
        a_share_of_another_board,
        a_share_in_another_trustees_name,
        a_proof_of_another_statement,
    ],
)
def test_a_share_that_is_not_this_trustees_share_of_these_sums_is_named(
    forgery: Callable[[Vote], Share], tmp_path: Path
) -> None:
    vote = a_vote()
    tally = replace(vote.tally, shares=(vote.tally.shares[0], forgery(vote)))
    members = {**vote.members, "tally.json": tally.encode()}
    assert failed(members, tmp_path) == ("12.3", "12.4")
    # A third trustee's good share makes up the number; the bad one is still named.
    tally = replace(tally, shares=(*tally.shares, _share(vote, 2, vote.tally.sums)))
    assert failed({**vote.members, "tally.json": tally.encode()}, tmp_path)[0] == "12.3"


def test_too_few_shares_a_double_one_and_a_wrong_order_are_refused_by_12_4(tmp_path: Path) -> None:
    vote = a_vote()
    one, two = vote.tally.shares
    for shares in ((), (one,), (two,), (one, one), (two, one), (one, two, two)):
        tally: Tally = replace(vote.tally, shares=shares)
        assert failed({**vote.members, "tally.json": tally.encode()}, tmp_path) == ("12.4",)


def test_any_two_trustees_count_the_same(tmp_path: Path) -> None:
    vote = a_vote()
    for pair in ((0, 1), (0, 2), (1, 2)):
        sheets = [vote.sheets[m] for m in pair]
        tally = a_tally(vote.manifest, vote.ceremony, vote.keys, sheets, vote.ballots, vote.plan)
        assert tally.counts == vote.tally.counts
        assert failed(counted(vote, tally=tally).members, tmp_path) == ()


def test_results_forged_with_the_heads_key_are_refused(tmp_path: Path) -> None:
    """Attendance, results, minutes and certificate fit each other, but not the counts."""
    vote = a_vote()
    counts = [list(row) for row in vote.tally.counts]
    row = next(row for row in counts if row[2])
    row[2], row[0] = row[2] - 1, row[0] + 1
    files = closing_papers(
        vote.manifest,
        vote.plan,
        replace(vote.tally, counts=tuple(map(tuple, counts))),
        vote.sheets[0],
        present=[each for *_, each in NUMBERS],
        issued=[issued for _, issued, *_ in NUMBERS],
        returned=ballots_by_panel(vote.manifest, vote.ballots),
    )
    assert failed({**vote.members, **files}, tmp_path) == ("13.2",)


def test_a_whole_other_vote_is_good_but_no_file_of_it_fits_this_one(tmp_path: Path) -> None:
    vote, other = a_vote(), a_vote("second")
    assert failed(other.members, tmp_path) == ()
    first = {
        "manifest.json": "5.2",
        "ceremony.json": "5.2",
        "roll.json": "6.3",
        "issuance.json": "7.5",
        "board.bin": "8.2",
        "checkpoint.txt": "10.2",
        "plan.json": "11.1",
        "tally.json": "12.1",
        "minutes.json": "13.4",
        "certificate.json": "13.6",
    }
    for member, check in first.items():
        assert failed({**vote.members, member: other.members[member]}, tmp_path)[0] == check


def test_a_receipt_of_another_ballot_or_vote_proves_nothing() -> None:
    vote, other = a_vote(), a_vote("second")
    box, m = vote.definition.box_key, vote.manifest.hash
    receipt = receipt_key.sign_receipt(vote.box_seed, m, bytes(32))
    check_receipt(box, m, bytes(32), receipt)
    for key, manifest, digest in ((box, m, b"1" * 32), (box, other.manifest.hash, bytes(32))):
        with pytest.raises(BadSignature) as refusal:
            check_receipt(key, manifest, digest, receipt)
        assert refusal.value.check == "9.3"
