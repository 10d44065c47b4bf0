"""Voters with a slip are limited by slip: behind one address a whole province may vote. What is refused
counts for the address, so that made-up slips let nobody through.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import app as site
from surveys.box.open_box import OpenBox
from surveys.names import RoundId
from surveys.roll.issuing import Issuer
from surveys.settings import Settings
from surveys.stores.exhibits import Exhibits
from surveys.web import wire
from tests.box.build import SURVEY, TestVoter, Vote, a_vote
from tests.web.test_voter_wire import register_wires as bytes_of

FEW = 5
ROUND = RoundId(SURVEY.hex())


@pytest.fixture
def vote(tmp_path: Path) -> Iterator[Vote]:
    made = a_vote(tmp_path / "stores", (6, 5))
    yield made
    made.engines.close()


@pytest.fixture
def client(vote: Vote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setattr(wire, "MOST_A_MINUTE", FEW)
    app = site.create_voter_app(
        Settings(),
        {ROUND: Issuer.of(vote.manifest, vote.roll, vote.keys())},
        {ROUND: OpenBox(vote.manifest, vote.box, vote.box_key)},
        {ROUND: Exhibits(tmp_path / "exhibits")},
    )
    return app.test_client()


def votes(client: FlaskClient, voter: TestVoter) -> list[int]:
    """Statuses of asking and returning, each twice as over a bad line."""
    ways = (("issue", bytes_of(voter.request)), ("cast", voter.first)) * 2
    return [client.post(f"/{ROUND}/{way}", data=raw).status_code for way, raw in ways]


def test_a_hall_votes_from_one_address(client: FlaskClient, vote: Vote) -> None:
    assert {status for voter in vote.voters for status in votes(client, voter)} == {200}
    seen = [client.get(f"/{ROUND}/polls").status_code for _ in range(FEW + 1)]
    assert seen == [200] * FEW + [429]


def test_the_twin_that_counts_everybody_by_address_lets_the_hall_wait(
    client: FlaskClient, vote: Vote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_bytes_of_whose", lambda: None)
    said = [status for voter in vote.voters for status in votes(client, voter)]
    assert said == [200] * FEW + [429] * (len(said) - FEW)


def test_one_slip_and_one_paper_are_slowed_down_and_others_are_not(client: FlaskClient, vote: Vote) -> None:
    first, second = vote.voters[:2]
    for way, raw in (("issue", bytes_of(first.request)), ("cast", first.first)):
        said = [client.post(f"/{ROUND}/{way}", data=raw).status_code for _ in range(wire.MOST_OF_ONE + 1)]
        assert said == [200] * wire.MOST_OF_ONE + [429]
    assert votes(client, second) == [200] * 4


def test_made_up_slips_count_for_the_address(client: FlaskClient, vote: Vote) -> None:
    raw = bytes_of(vote.voters[0].request)
    said = [
        client.post(f"/{ROUND}/issue", data=raw[:4] + bytes([n]) * 32 + raw[36:]).status_code
        for n in range(FEW + 1)
    ]
    assert said[-1] == 429
    assert 429 not in said[:-1]
    assert 200 not in said
