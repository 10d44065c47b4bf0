"""The gate goes one way, serialises casting and closing, and bears the box's generation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from surveys.box import gate
from surveys.box.errors import (
    BoxExists,
    BoxNotPrepared,
    ForeignBox,
    NotOpenYet,
    PollsClosed,
)
from surveys.box.gate import State
from surveys.box.receiving import receive_ballot
from surveys.names import RoundId
from surveys.stores.engines import Engines
from surveys.stores.generations import FIRST, Generation
from tests.box.build import SURVEY, Vote, a_vote
from tests.stores.held import held


def a_waiting_box(folder: Path, vote: Vote) -> Engines:
    engines = Engines(folder)
    gate.prepare(engines.create_box(RoundId(SURVEY.hex())), vote.manifest)
    return engines


def test_a_box_that_is_not_prepared_has_no_gate(tmp_path: Path) -> None:
    box = Engines(tmp_path).create_box(RoundId(SURVEY.hex()))
    with pytest.raises(BoxNotPrepared):
        gate.look(box)


def test_a_prepared_box_waits_with_a_slot_for_each_voter(vote: Vote, tmp_path: Path) -> None:
    box = a_waiting_box(tmp_path / "new", vote).box(RoundId(SURVEY.hex()))
    assert gate.look(box) == gate.Gate(State.WAITING, FIRST, vote.manifest.hash)
    with box.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT panel, count(*), min(length(ballot)), max(length(ballot)) FROM head JOIN paper USING "
            "(slot) GROUP BY 1 ORDER BY 1"
        ).all()
    assert [tuple(row) for row in rows] == [
        (p, 12, len(vote.voters[0].first), len(vote.voters[0].first)) for p in range(3)
    ]


def test_a_box_is_prepared_once(vote: Vote) -> None:
    with pytest.raises(BoxExists):
        gate.prepare(vote.box, vote.manifest)


def test_a_waiting_gate_takes_no_ballot_and_an_open_one_does(vote: Vote, tmp_path: Path) -> None:
    box = a_waiting_box(tmp_path / "new", vote).box(RoundId(SURVEY.hex()))
    with pytest.raises(NotOpenYet):
        receive_ballot(box, vote.manifest, vote.voters[0].first, vote.box_key)
    gate.open_polls(box)
    gate.open_polls(box)
    receive_ballot(box, vote.manifest, vote.voters[0].first, vote.box_key)


def test_a_shut_gate_takes_no_ballot_not_even_one_that_lies_in_the_box(vote: Vote) -> None:
    receive_ballot(vote.box, vote.manifest, vote.voters[0].first, vote.box_key)
    gate.shut(vote.box)
    for voter in vote.voters[:2]:
        with pytest.raises(PollsClosed):
            receive_ballot(vote.box, vote.manifest, voter.first, vote.box_key)


def test_polls_are_closed_twice_without_harm(vote: Vote) -> None:
    gate.shut(vote.box)
    before = held(vote.box)
    gate.shut(vote.box)
    assert gate.look(vote.box).state is State.SHUT
    assert len(held(vote.box)) == len(before)


def test_a_shut_gate_is_not_opened_again(vote: Vote) -> None:
    gate.shut(vote.box)
    with pytest.raises(PollsClosed):
        gate.open_polls(vote.box)


def test_a_gate_that_never_opened_is_not_shut(vote: Vote, tmp_path: Path) -> None:
    box = a_waiting_box(tmp_path / "new", vote).box(RoundId(SURVEY.hex()))
    with pytest.raises(NotOpenYet):
        gate.shut(box)


def test_a_box_of_another_manifest_takes_no_ballot(vote: Vote) -> None:
    other = replace(vote.manifest, ceremony=bytes(31) + b"\x01")
    with pytest.raises(ForeignBox):
        receive_ballot(vote.box, other, vote.voters[0].first, vote.box_key)


@pytest.mark.files
def test_the_box_enters_a_generation_in_place(vote: Vote) -> None:
    length = vote.box_file.stat().st_size
    gate.enter(vote.box, Generation(7, 2**32 - 1))
    assert gate.look(vote.box).generation == Generation(7, 2**32 - 1)
    assert vote.box_file.stat().st_size == length


def test_large_panels_get_all_their_slots(tmp_path: Path) -> None:
    vote = a_vote(tmp_path, (3,), 1)
    panel = replace(vote.manifest.definition.panels[0], voters=1203)
    manifest = replace(vote.manifest, definition=replace(vote.manifest.definition, panels=(panel,)))
    box = Engines(tmp_path / "large").create_box(RoundId(SURVEY.hex()))
    gate.prepare(box, manifest)
    with box.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*), max(slot) FROM paper").one() == (1203, 1203)
