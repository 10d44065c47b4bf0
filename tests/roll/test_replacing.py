"""A lost slip is replaced before its paper is issued: the frozen roll stays, the bundle tells, nobody gets
two papers.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace as altered
from pathlib import Path
from threading import Barrier, Event

import pytest

from surveys.names import PersonCode
from surveys.protocol.ballot import token_message
from surveys.protocol.issuance import IssueRequest, panel_message
from surveys.protocol.roll_list import Replaced, decode_roll
from surveys.protocol.secret.blind import blind
from surveys.protocol.secret.slip_key import SlipKey, slip_key
from surveys.protocol.token import decode_key
from surveys.roll import attendance, slips
from surveys.roll.errors import (
    IssuingClosed,
    PaperIssued,
    RollError,
    SlipReplaced,
    SlipTwice,
    UnknownSlip,
    UnknownVoter,
)
from surveys.roll.listing import Entry, Voter, panel_of, read_roll, voter_of
from surveys.roll.registrar import issuance_records, issue_token
from surveys.roll.replacing import replace_slip
from surveys.stores.engines import Engines
from surveys.stores.store import Store
from tests.box.build import SURVEY, TestVoter, Vote, a_vote, keyring
from tests.box.orders import files_left
from tests.votes import randomness

SIZES = (6, 5)
LOST = slip_key(b"0123456789", SURVEY)
NEWER = slip_key(b"9876543210", SURVEY)


@pytest.fixture
def vote(tmp_path: Path) -> Iterator[Vote]:
    made = a_vote(tmp_path / "stores", SIZES)
    yield made
    made.engines.close()


def old_slips() -> list[slips.Slip]:
    people = [Voter(p, PersonCode(f"{p}-{i}")) for p, size in enumerate(SIZES) for i in range(size)]
    return list(slips.make_slips(SURVEY, people, randomness("slips")))


def asked(vote: Vote, key: SlipKey, panel: int = 0) -> IssueRequest:
    public = decode_key(vote.manifest.definition.panels[panel].token_key)
    message = token_message(vote.manifest.hash, panel, bytes(32))
    return key.request(vote.manifest.hash, panel, blind(public, message, randomness("blind")).message)


def issue(vote: Vote, request: IssueRequest) -> bytes:
    return issue_token(vote.roll, vote.keys(), vote.manifest.hash, request)


def replace(vote: Vote, key: bytes, voter: PersonCode = PersonCode("0-0"), panel: int = 0) -> Replaced:
    return replace_slip(Store(vote.roll, keyring()), Entry(Voter(panel, voter), key))


def test_the_new_slip_gets_the_paper_and_the_old_one_is_told_why_not(vote: Vote) -> None:
    old = old_slips()[0]
    before = read_roll(vote.roll)
    done = replace(vote, LOST.public)
    assert done == Replaced(0, old.key, LOST.public)
    assert replace(vote, LOST.public) == done  # the same again changes nothing
    after = read_roll(vote.roll)
    assert (after.panels, after.replaced) == (before.panels, (done,))
    after.check(vote.manifest.definition)
    after.check_replaced()
    assert decode_roll(after.encode()) == after
    key = slip_key(old.code, SURVEY)
    with pytest.raises(SlipReplaced):
        panel_of(
            vote.roll, vote.manifest.hash, key.public, key.sign(panel_message(vote.manifest.hash, key.public))
        )
    with pytest.raises(SlipReplaced):
        issue(vote, asked(vote, key))
    assert len(issue(vote, asked(vote, LOST))) == 256
    assert voter_of(Store(vote.roll, keyring()), 0, LOST.public) == old.voter
    issuance_records(vote.roll).check_against(after)


def test_a_slip_that_is_lost_twice_has_one_entry(vote: Vote) -> None:
    replace(vote, LOST.public)
    done = replace(vote, NEWER.public)
    assert read_roll(vote.roll).replaced == (done,)
    assert done == Replaced(0, old_slips()[0].key, NEWER.public)
    with pytest.raises(UnknownSlip):
        issue(vote, asked(vote, LOST))


def test_whose_paper_is_issued_gets_no_new_slip(vote: Vote) -> None:
    issue(vote, vote.voters[0].request)
    with pytest.raises(PaperIssued):
        replace(vote, LOST.public)
    assert read_roll(vote.roll).replaced == ()
    with pytest.raises(UnknownSlip):
        issue(vote, asked(vote, LOST))


def test_the_twin_without_looking_at_the_paper_one_voter_would_have_two(vote: Vote) -> None:
    from sqlalchemy import update

    from surveys.roll import models

    issue(vote, vote.voters[0].request)
    old = old_slips()[0]
    with vote.roll.begin() as connection:
        connection.execute(
            update(models.slips)
            .where(models.slips.c.slip == old.key)
            .values(slip=LOST.public, blinded=bytes(256), signature=bytes(64))
        )
    assert len(issue(vote, asked(vote, LOST))) == 256


@pytest.mark.parametrize(
    ("key", "voter", "panel", "error"),
    [
        (LOST.public, "0-99", 0, UnknownVoter),
        (LOST.public, "0-0", 1, UnknownVoter),
        (LOST.public, "0-0", 9, RollError),
    ],
)
def test_only_voters_of_the_panel_are_given_one(
    vote: Vote, key: bytes, voter: PersonCode, panel: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        replace(vote, key, voter, panel)
    assert read_roll(vote.roll).replaced == ()


def test_a_key_that_is_or_was_somebodys_is_refused(vote: Vote) -> None:
    mine, neighbour, stranger = (old_slips()[i] for i in (0, 1, 6))
    for taken in (neighbour.key, stranger.key):
        with pytest.raises(SlipTwice):
            replace(vote, taken)
    replace(vote, LOST.public)
    for taken in (mine.key, LOST.public):
        with pytest.raises(SlipTwice):
            replace(vote, taken, PersonCode("0-1"))


def test_after_the_close_nothing_is_replaced(vote: Vote) -> None:
    attendance.close_issuing(vote.roll)
    with pytest.raises(IssuingClosed):
        replace(vote, LOST.public)


@pytest.mark.files
def test_a_roll_with_a_replaced_slip_tells_no_order_either(vote: Vote, tmp_path: Path) -> None:
    replace(vote, LOST.public)
    here = tmp_path / "replaced"
    shutil.copytree(vote.engines.root, here)
    first = altered(vote.voters[0], request=asked(vote, LOST))

    def do(folder: Path, order: list[TestVoter]) -> None:
        copy = Vote(Engines(folder), vote.manifest, vote.box_key, vote.voters)
        for voter in order:
            issue(copy, voter.request)
        copy.engines.close()

    assert len(files_left(here, [first, *vote.voters[1:8]], do, count=8)) == 1


def test_a_paper_and_a_new_slip_at_the_same_moment_one_of_them_wins(tmp_path: Path) -> None:
    """Else the holder of the lost slip and its voter would both have a paper."""
    ends = set()
    for i in range(12):
        vote = a_vote(tmp_path / f"stores-{i}", SIZES)
        start = Barrier(2)

        def ask(vote: Vote = vote, start: Barrier = start) -> str:
            start.wait()
            try:
                issue(vote, vote.voters[0].request)
            except (SlipReplaced, UnknownSlip) as error:
                return type(error).__name__
            return "issued"

        def change(vote: Vote = vote, start: Barrier = start, late: int = i) -> str:
            start.wait()
            Event().wait(0.002 * late)
            try:
                replace(vote, LOST.public)
            except PaperIssued:
                return "PaperIssued"
            return "replaced"

        with ThreadPoolExecutor(2) as pool:
            asked_, changed = pool.submit(ask), pool.submit(change)
            ends.add((asked_.result(), changed.result()))
        issuance_records(vote.roll).check_against(read_roll(vote.roll))
        vote.engines.close()
    assert ends <= {("issued", "PaperIssued"), ("SlipReplaced", "replaced")}
    assert ("issued", "PaperIssued") in ends
