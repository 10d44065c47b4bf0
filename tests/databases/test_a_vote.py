"""A vote from the frozen roll to the sealed box, in files and in PostgreSQL: the same refusals, nothing
doubled, nothing lost.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, update

from surveys.box import board, gate, models, sealing
from surveys.box.board import Whereabouts, find_tracker, read_board, returned
from surveys.box.errors import BoxDamaged, GateStillOpen, OlderBallot, PanelFull, PollsClosed
from surveys.box.gate import State
from surveys.box.intake import Intake
from surveys.box.receiving import Receipt, receive_ballot
from surveys.errors import SurveysError
from surveys.protocol.ballot import decode_ballot
from surveys.protocol.board import board_root
from surveys.protocol.issuance import sorted_issuance
from surveys.roll import models as roll_models
from surveys.roll.attendance import attendance, close_issuing
from surveys.roll.errors import IssuingClosed, SecondBlindedMessage, TokenKeysDestroyed
from surveys.roll.registrar import destroy_token_keys, issuance_records, issue_token
from surveys.stores.engines import Engines, reading
from tests.box.build import Vote, a_vote
from tests.databases.server import Server

SIZES = (5, 5)


@pytest.fixture(scope="session")
def in_files(tmp_path_factory: pytest.TempPathFactory) -> Vote:
    return a_vote(tmp_path_factory.mktemp("files"), SIZES)


@pytest.fixture(scope="session")
def in_database(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Vote:
    made = a_vote(tmp_path_factory.mktemp("database"), SIZES, database=server.database())
    made.engines.close()
    return made


@pytest.fixture(params=["files", "postgresql"])
def vote(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Vote]:
    """A copy of one small vote whose polls are open."""
    if request.param == "files":
        made = request.getfixturevalue("in_files").copy(tmp_path / "vote")
    else:
        template: Vote = request.getfixturevalue("in_database")
        server: Server = request.getfixturevalue("server")
        made = replace(template, engines=Engines(tmp_path, server.copy(template.engines.database)))
    yield made
    made.engines.close()


def at_once(works: Sequence[Callable[[], object]]) -> list[object]:
    """What each answers or refuses, all begun at the same moment."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        start.wait()
        try:
            return work()
        except SurveysError as refusal:
            return type(refusal)

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def cast_all(vote: Vote) -> None:
    for voter in vote.voters:
        receive_ballot(vote.box, vote.manifest, voter.first, vote.box_key)


def test_papers_are_issued_once_for_each_slip(vote: Vote) -> None:
    keys = vote.keys()
    for voter in vote.voters:
        first = issue_token(vote.roll, keys, vote.manifest.hash, voter.request)
        assert issue_token(vote.roll, keys, vote.manifest.hash, voter.request) == first
        with pytest.raises(SecondBlindedMessage):
            issue_token(vote.roll, keys, vote.manifest.hash, voter.second_request)
    assert [panel.issued for panel in attendance(vote.roll)] == list(SIZES)
    assert issuance_records(vote.roll) == sorted_issuance(2, [voter.request for voter in vote.voters])


def test_a_slip_that_asks_twice_at_once_gets_one_paper(vote: Vote) -> None:
    keys = vote.keys()
    for voter in vote.voters[:4]:
        both = [voter.request, voter.second_request] * 3
        answers = at_once([partial(issue_token, vote.roll, keys, vote.manifest.hash, each) for each in both])
        signed = {answer for answer in answers if isinstance(answer, bytes)}
        assert len(signed) == 1
        assert answers.count(SecondBlindedMessage) == 3
    assert sum(panel.issued for panel in attendance(vote.roll)) == 4


def test_the_same_ballot_at_once_and_again_is_stored_once(vote: Vote) -> None:
    voter = vote.voters[0]
    cast = [lambda: receive_ballot(vote.box, vote.manifest, voter.first, vote.box_key)] * 6
    assert len(set(map(repr, at_once(cast)))) == 1
    assert returned(vote.box, 2) == (1, 0)


def test_many_who_cast_at_once_all_get_a_place(vote: Vote) -> None:
    intake = Intake(vote.box, vote.manifest, vote.box_key)
    answers = at_once([partial(intake.receive, voter.first) for voter in vote.voters])
    assert returned(vote.box, 2) == SIZES
    assert {answer.tracker for answer in answers if isinstance(answer, Receipt)} == {
        decode_ballot(voter.first, vote.manifest).tracker for voter in vote.voters
    }
    intake.close()


def test_a_later_ballot_takes_the_place_of_the_earlier_one(vote: Vote) -> None:
    voter = vote.voters[3]
    first = receive_ballot(vote.box, vote.manifest, voter.first, vote.box_key)
    later = receive_ballot(vote.box, vote.manifest, voter.later, vote.box_key)
    with pytest.raises(OlderBallot):
        receive_ballot(vote.box, vote.manifest, voter.first, vote.box_key)
    assert find_tracker(vote.box, first.tracker) is Whereabouts.NOWHERE
    assert find_tracker(vote.box, later.tracker) is Whereabouts.IN_THE_BOX
    assert returned(vote.box, 2) == (1, 0)


def test_first_and_later_ballot_at_once_leave_one(vote: Vote) -> None:
    for voter in vote.voters[:4]:
        at_once(
            [
                partial(receive_ballot, vote.box, vote.manifest, raw, vote.box_key)
                for raw in (voter.first, voter.later) * 2
            ]
        )
        assert find_tracker(vote.box, decode_ballot(voter.later, vote.manifest).tracker) is (
            Whereabouts.IN_THE_BOX
        )
    assert returned(vote.box, 2) == (4, 0)


def test_no_more_ballots_than_voters(vote: Vote) -> None:
    head = models.head
    with vote.box.begin() as connection:
        connection.execute(update(head).where(head.c.panel == 0).values(used=b"\x01"))
    with pytest.raises(PanelFull):
        receive_ballot(vote.box, vote.manifest, vote.voters[0].first, vote.box_key)


def test_a_ballot_is_in_the_box_before_the_gate_shuts_or_refused(vote: Vote) -> None:
    cast = [
        partial(receive_ballot, vote.box, vote.manifest, voter.first, vote.box_key) for voter in vote.voters
    ]
    *answers, _ = at_once([*cast, partial(gate.shut, vote.box)])
    stored = sum(returned(vote.box, 2))
    assert stored == len(vote.voters) - answers.count(PollsClosed)
    assert len(sealing.seal(vote.box, vote.manifest)) == stored


def test_whoever_only_reads_waits_for_no_writer_and_sees_one_moment(vote: Vote) -> None:
    used = select(models.head.c.slot).where(models.head.c.used == b"\x01")
    with reading(vote.box) as reader:
        assert reader.execute(used).all() == []
        if vote.engines.database:  # a commit to a file waits for readers
            receive_ballot(vote.box, vote.manifest, vote.voters[0].first, vote.box_key)
            assert reader.execute(used).all() == []


def test_close_seal_and_board(vote: Vote) -> None:
    cast_all(vote)
    with pytest.raises(GateStillOpen):
        sealing.seal(vote.box, vote.manifest)
    close_issuing(vote.roll)
    gate.shut(vote.box)
    sealed = list(sealing.seal(vote.box, vote.manifest))
    assert sorted(sealed) == sorted(voter.first for voter in vote.voters)
    digests = [decode_ballot(raw, vote.manifest).digest for raw in sealed]
    assert digests == sorted(digests)
    assert gate.look(vote.box).state is State.SEALED
    assert list(sealing.seal(vote.box, vote.manifest)) == sealed
    shown = read_board(vote.box, vote.manifest, vote.box_key)
    assert (list(shown.ballots), shown.root) == (sealed, board_root(sealed))
    assert board.returned(vote.box, 2) == SIZES


def test_an_empty_box_is_sealed(vote: Vote) -> None:
    gate.shut(vote.box)
    assert list(sealing.seal(vote.box, vote.manifest)) == []
    assert gate.look(vote.box).state is State.SEALED


def test_a_damaged_ballot_stops_sealing_and_nothing_is_changed(vote: Vote) -> None:
    cast_all(vote)
    gate.shut(vote.box)
    paper = models.paper
    with vote.box.begin() as connection:
        slot = connection.execute(select(models.head.c.slot).limit(1)).scalar_one()
        raw = connection.execute(select(paper.c.ballot).where(paper.c.slot == slot)).scalar_one()
        connection.execute(update(paper).where(paper.c.slot == slot).values(ballot=bytes(len(raw))))
    with pytest.raises(BoxDamaged):
        sealing.seal(vote.box, vote.manifest)
    assert gate.look(vote.box).state is State.SHUT
    assert returned(vote.box, 2) == SIZES


def test_destroyed_token_keys_sign_nothing_and_the_roll_stays(vote: Vote) -> None:
    keys = vote.keys()
    for voter in vote.voters[:6]:
        issue_token(vote.roll, keys, vote.manifest.hash, voter.request)
    before = issuance_records(vote.roll)
    destroy_token_keys(vote.roll)
    destroy_token_keys(vote.roll)
    assert issuance_records(vote.roll) == before
    with vote.roll.connect() as connection:
        kept = connection.scalars(select(roll_models.panels.c.private_key)).all()
    assert not any(map(any, kept))
    with pytest.raises(TokenKeysDestroyed):
        vote.keys().key(0)
    with pytest.raises(IssuingClosed):
        issue_token(vote.roll, keys, vote.manifest.hash, vote.voters[7].request)
