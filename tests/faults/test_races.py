"""Eight processes at once: one paper a slip, one ballot a key, and no ballot between the shutting and the
sealing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest

from surveys.box import board, gate, sealing
from surveys.box.errors import OlderBallot, PollsClosed
from surveys.box.receiving import receive_ballot
from surveys.errors import SurveysError
from surveys.names import PersonCode
from surveys.protocol import token
from surveys.protocol.ballot import decode_ballot, signed_message
from surveys.protocol.issuance import IssueRequest
from surveys.protocol.secret.blind import blind
from surveys.protocol.secret.encrypt import seal_body
from surveys.protocol.secret.slip_key import slip_key
from surveys.roll import attendance, registrar
from surveys.roll.errors import SecondBlindedMessage
from surveys.roll.listing import Voter
from surveys.roll.registrar import issue_token
from surveys.roll.slips import make_slips
from tests.box.build import SURVEY, Vote, ballot_signer
from tests.faults.dying import CONTEXT
from tests.votes import randomness

RACERS = 8


def race(works: list[Callable[[], object]]) -> list[object]:
    """Run each in a process of its own, all at once; their answers, a refusal being its class."""
    start, answers = CONTEXT.Barrier(len(works)), CONTEXT.Queue()

    def run(number: int, work: Callable[[], object]) -> None:
        start.wait(30)
        try:
            answers.put((number, work()))
        except SurveysError as refusal:
            answers.put((number, type(refusal)))

    children = [CONTEXT.Process(target=run, args=(i, work)) for i, work in enumerate(works)]
    for child in children:
        child.start()
    found = dict(answers.get(timeout=60) for _ in works)
    for child in children:
        child.join()
        assert child.exitcode == 0
    return [found[i] for i in range(len(works))]


def eight_messages(vote: Vote) -> list[IssueRequest]:
    """The first voter's slip asks with eight different blinded messages."""
    slip = slip_key(make_slips(SURVEY, [Voter(0, PersonCode("0-0"))], randomness("slips"))[0].code, SURVEY)
    key = token.decode_key(vote.manifest.definition.panels[0].token_key)
    draw = randomness("race")
    return [
        slip.request(vote.manifest.hash, 0, blind(key, b"another ballot key", draw).message)
        for _ in range(RACERS)
    ]


def test_eight_processes_with_one_slip_get_one_paper(vote: Vote) -> None:
    ask = partial(issue_token, vote.roll, vote.keys(), vote.manifest.hash)
    answers = race([partial(ask, request) for request in eight_messages(vote)])
    assert answers.count(SecondBlindedMessage) == RACERS - 1
    assert attendance.attendance(vote.roll)[0].issued == 1


def test_without_the_second_look_each_of_them_would_get_one(
    vote: Vote, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: all eight have passed the first look before one of them writes."""
    passed = CONTEXT.Barrier(RACERS)
    looks = []

    def only_once(stored: bytes, request: IssueRequest) -> bool:
        looks.append(stored)
        if len(looks) == 1:
            passed.wait(30)
        return False

    monkeypatch.setattr(registrar, "compare", only_once)
    ask = partial(issue_token, vote.roll, vote.keys(), vote.manifest.hash)
    answers = race([partial(ask, request) for request in eight_messages(vote)])
    assert len({answer for answer in answers if isinstance(answer, bytes)}) == RACERS


def test_eight_processes_with_the_same_request_get_the_same_answer(vote: Vote) -> None:
    ask = partial(issue_token, vote.roll, vote.keys(), vote.manifest.hash, vote.voters[0].request)
    assert len(set(race([ask] * RACERS))) == 1


def test_eight_voters_at_once_get_no_more_papers_than_people_are_present(vote: Vote) -> None:
    attendance.record_present(vote.roll, 0, 5)
    ask = partial(issue_token, vote.roll, vote.keys(), vote.manifest.hash)
    answers = race([partial(ask, voter.request) for voter in vote.voters[:RACERS]])
    assert sum(isinstance(answer, bytes) for answer in answers) == 5
    assert attendance.attendance(vote.roll)[0].issued == 5


def test_eight_processes_with_one_ballot_store_one(vote: Vote) -> None:
    cast = partial(receive_ballot, vote.box, vote.manifest, vote.voters[0].first, vote.box_key)
    assert len(set(race([cast] * RACERS))) == 1
    assert board.returned(vote.box, 3) == (1, 0, 0)


def test_eight_different_ballots_of_one_key_store_one(vote: Vote) -> None:
    """All of one sequence number; signatures differ, so no two are the same bytes."""
    raws = different_ballots(vote)
    cast = partial(receive_ballot, vote.box, vote.manifest, key=vote.box_key)
    answers = race([partial(cast, raw=raw) for raw in raws])
    assert answers.count(OlderBallot) == RACERS - 1
    assert board.returned(vote.box, 3) == (1, 0, 0)


def different_ballots(vote: Vote) -> list[bytes]:
    ballot = decode_ballot(vote.voters[0].first, vote.manifest)
    sign = ballot_signer(vote, 0)
    bodies = [seal_body(vote.manifest, 0, [i % 4, 1], ballot.key, 1).body for i in range(RACERS)]
    return [body + ballot.token + sign(signed_message(body, ballot.token)) for body in bodies]


def test_eight_voters_at_once_are_all_kept(vote: Vote) -> None:
    cast = partial(receive_ballot, vote.box, vote.manifest, key=vote.box_key)
    race([partial(cast, raw=voter.first) for voter in vote.voters[:RACERS]])
    assert board.returned(vote.box, 3) == (RACERS, 0, 0)


def test_casting_while_polls_close_every_receipt_is_kept_and_every_refusal_is_not(vote: Vote) -> None:
    """Each caster keeps its last ballot until the gate is shut, so that some are certainly too late."""
    shut = CONTEXT.Event()

    def cast_some(number: int) -> list[bytes]:
        kept = []
        mine = vote.voters[number::RACERS]
        for voter in mine:
            if voter is mine[-1]:
                assert shut.wait(30)
            with suppress(PollsClosed):
                kept.append(receive_ballot(vote.box, vote.manifest, voter.first, vote.box_key).tracker)
        return kept

    def close() -> list[bytes]:
        while sum(board.returned(vote.box, 3)) < 6:
            pass
        gate.shut(vote.box)
        shut.set()
        return []

    told = race([close, *(partial(cast_some, number) for number in range(RACERS))])
    receipts = {tracker for each in told if isinstance(each, list) for tracker in each}
    ballots = sealing.seal(vote.box, vote.manifest)
    assert {decode_ballot(raw, vote.manifest).tracker for raw in ballots} == receipts
    assert 6 <= len(receipts) <= len(vote.voters) - RACERS


@pytest.mark.files
def test_two_sealers_at_once_seal_once(vote: Vote) -> None:
    for voter in vote.voters[:6]:
        receive_ballot(vote.box, vote.manifest, voter.first, vote.box_key)
    gate.shut(vote.box)

    def seal() -> tuple[bytes, ...]:
        return tuple(sealing.seal(vote.box, vote.manifest))

    answers = race([seal] * 4)
    assert len(set(answers)) == 1
    assert sorted(path.name for path in vote.engines.root.iterdir()) == [
        vote.box_file.name,
        vote.roll_file.name,
    ]


def test_shutting_from_eight_processes_shuts_once(vote: Vote) -> None:
    assert race([partial(gate.shut, vote.box)] * RACERS) == [None] * RACERS
    assert gate.look(vote.box).state is gate.State.SHUT
