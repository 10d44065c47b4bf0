"""Forged rolls, issuance, boards, plans, counts and minutes: what a server, a box, trustees or a head could
try.

Where a forger holds every key but the one that matters, a single check refuses, and a verifier without it
does not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from surveys.audit.minutes_text import text_of
from surveys.protocol import canonical
from surveys.protocol.agreement import Cosigners
from surveys.protocol.checkpoint import sign_off
from surveys.protocol.errors import BadSignature
from surveys.protocol.issuance import IssueRequest
from surveys.protocol.receipt import Promise
from surveys.protocol.secret import receipt_key
from surveys.protocol.secret.deal import Sheet
from tests.attacks.forger import (
    an_invented_slip,
    another_plan,
    cast,
    issued_to,
    recounted,
    resealed,
    with_paper,
)
from tests.audit.build import (
    NUMBERS,
    Vote,
    a_roll,
    a_tally,
    a_vote,
    an_agreement,
    ballots_by_panel,
    board_bytes,
    counted,
)
from tests.audit.closing import certified, closing_papers
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


def a_paper_for_a_slip_that_was_replaced(vote: Vote) -> Members:
    asked = vote.papers[0][0].request.slip.hex()
    return _closed(vote, "roll.json", lambda roll: roll["replaced"][0].update(old=asked))


def a_slip_replaced_by_one_of_another_panel(vote: Vote) -> Members:
    # Its holder could take a paper in both.
    other = vote.slips[1][0].public.hex()
    return _closed(vote, "roll.json", lambda roll: roll["replaced"][0].update(new=other))


def a_replaced_slip_kept_quiet(vote: Vote) -> Members:
    return _closed(vote, "roll.json", lambda roll: roll["replaced"].clear())


def a_ballot_dropped_by_the_box(vote: Vote) -> Members:
    # It signs again and the count is done again; the trustees who cosigned the true board do not sign this
    # one.
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
    return counted(vote, plan=another_plan(vote, 0, (tuple(range(6)),))).members


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
    document["signatures"][1]["trustee"] = 3
    return {**vote.members, "certificate.json": canonical.encode(document)}


def a_certificate_by_the_head_alone(vote: Vote) -> Members:
    return {
        **vote.members,
        "certificate.json": certified(vote.manifest, vote.plan, vote.members, vote.sheets[:1]),
    }


def _opened(
    vote: Vote, cosigned: tuple[int, ...], absent: tuple[int, ...], cosigners: Sequence[Sheet]
) -> Members:
    """Two trustees open by these cosignatures, and these are in the file."""
    tally = a_tally(
        vote.manifest,
        vote.ceremony,
        vote.keys,
        vote.sheets[:2],
        vote.ballots,
        vote.plan,
        Cosigners(cosigned, absent),
    )
    members = dict(counted(vote, tally=tally).members)
    members["agreement.json"] = an_agreement(vote.manifest, vote.plan, cosigners)
    return members


def opened_though_one_had_not_cosigned(vote: Vote) -> Members:
    return _opened(vote, (1, 2), (), vote.sheets[:2])


def opened_by_a_cosignature_that_is_not_there(vote: Vote) -> Members:
    return _opened(vote, (1, 2, 3), (), vote.sheets[:2])


def opened_with_somebody_named_absent_who_was_there(vote: Vote) -> Members:
    return _opened(vote, (1, 2, 3), (3,), vote.sheets)


def cosigned_another_board(vote: Vote) -> Members:
    other = recounted(vote, vote.ballots[1:])
    return {**vote.members, "agreement.json": other.members["agreement.json"]}


def cosigned_another_plan(vote: Vote) -> Members:
    other = another_plan(vote, 0, (tuple(range(6)),))
    return {**vote.members, "agreement.json": an_agreement(vote.manifest, other, vote.sheets)}


def fewer_present_than_papers_issued(vote: Vote) -> Members:
    return counted(vote, present=[1, *(each for *_, each in NUMBERS[1:])]).members


def _closed(vote: Vote, member: str, change: Callable[[Any], None]) -> Members:
    """A file changed, its hash brought into the minutes if it stands there, in the text too, all of it
    certified by t members.
    """
    document = json.loads(vote.members[member])
    change(document)
    members = {**vote.members, member: canonical.encode(document)}
    minutes = json.loads(members["minutes.json"])
    for name in ("results", "roll"):
        minutes[name] = sha256(members[f"{name}.json"]).hexdigest()
    true = json.loads(vote.members["minutes.json"])
    true |= {name: minutes[name] for name in ("results", "roll")}
    true["replaced"] = len(json.loads(members["roll.json"])["replaced"])
    contests = json.loads(vote.members["results.json"])["contests"]
    members["minutes.txt"] = text_of(vote.definition, contests, true)
    return _certified(vote, {**members, "minutes.json": canonical.encode(minutes)})


def _certified(vote: Vote, members: Members) -> Members:
    return {**members, "certificate.json": certified(vote.manifest, vote.plan, members, vote.sheets[:2])}


@pytest.mark.parametrize(
    ("forgery", "check"),
    [
        (a_roll_changed_after_freezing, "6.3"),
        (a_paper_for_an_invented_slip, "7.5"),
        (a_second_paper_for_one_slip, "7.5"),
        (a_slip_replaced_by_one_of_another_panel, "6.4"),
        (a_paper_for_a_slip_that_was_replaced, "7.5"),
        (a_paper_for_an_absent_voters_slip, "7.2"),
        (a_checkpoint_that_the_box_did_not_sign, "10.3"),
        (a_ballot_dropped_by_the_box, "10.4"),
        (a_ballot_dropped_with_one_trustee, "10.4"),
        (one_cosigner_twice, "10.4"),
        (a_second_plan, "11.1"),
        (opened_though_one_had_not_cosigned, "12.2"),
        (opened_by_a_cosignature_that_is_not_there, "12.2"),
        (opened_with_somebody_named_absent_who_was_there, "12.2"),
        (cosigned_another_board, "11.3"),
        (cosigned_another_plan, "11.3"),
        (counts_moved_from_one_level_to_another, "12.5"),
        (fewer_present_than_papers_issued, "13.1"),
        (another_outcome, "13.3"),
        (a_watch_flag_that_nothing_raised, "13.3"),
        (more_present_in_the_minutes, "13.4"),
        (a_replaced_slip_kept_quiet, "13.4"),
        (other_numbers_in_the_text, "13.5"),
        (a_line_more_in_the_text, "13.5"),
        (a_certificate_for_another_vote, "13.6"),
        (a_certificate_by_somebody_else, "13.6"),
        (a_certificate_by_the_head_alone, "13.6"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_only_the_right_check_refuses_and_without_it_the_forgery_passes(
    forgery: Callable[[Vote], Members], check: str, tmp_path: Path
) -> None:
    members = forgery(a_vote())
    assert failed(members, tmp_path) == (check,)
    assert failed(members, tmp_path, without(check)) == ()


def test_a_board_that_one_alone_has_cosigned_is_refused(tmp_path: Path) -> None:
    vote = a_vote()
    members = {**vote.members, "agreement.json": an_agreement(vote.manifest, vote.plan, vote.sheets[:1])}
    assert failed(members, tmp_path) == ("11.3", "12.2")


def test_an_opening_without_one_member_is_good_when_it_names_that_member_absent(tmp_path: Path) -> None:
    vote = a_vote()
    members = _opened(vote, (1, 2), (3,), vote.sheets[:2])
    assert failed(members, tmp_path) == ()
    named = f"Members absent from the opening: {vote.definition.trustees[2]}\n"
    assert named in members["minutes.txt"].decode()
    assert json.loads(members["minutes.json"])["absent"] == [vote.definition.trustees[2]]


def test_stuffing_without_any_record_is_found_by_counting(tmp_path: Path) -> None:
    """The registrar's key makes a token; nobody asked for a paper; where all issued papers came back it is
    one too many.
    """
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
        vote.sheets[:2],
        present=[each for *_, each in NUMBERS],
        issued=[issued for _, issued, *_ in NUMBERS],
        returned=ballots_by_panel(vote.manifest, vote.ballots),
        roll=a_roll(vote),
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
    receipt = receipt_key.sign_receipt(vote.box_seed, m, bytes(32), bytes(32), 1)
    good = Promise(m, bytes(32), bytes(32), 1, receipt)
    good.check(box)
    for change in (
        {"digest": b"1" * 32},
        {"manifest": other.manifest.hash},
        {"key": b"1" * 32},
        {"sequence": 2},
    ):
        with pytest.raises(BadSignature) as refusal:
            replace(good, **change).check(box)
        assert refusal.value.check == "9.3"
