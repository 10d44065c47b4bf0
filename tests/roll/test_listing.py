"""Slips are made and the roll is frozen."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from surveys.names import PersonCode, RoundId
from surveys.protocol.roll_list import Roll
from surveys.protocol.secret.slip_key import slip_key
from surveys.roll import listing, models
from surveys.roll.errors import (
    EmptyPanel,
    ReferenceTooLong,
    RollError,
    RollFrozen,
    RollNotFrozen,
    SlipTwice,
    UnknownPanel,
    UnknownSlip,
    VoterTwice,
)
from surveys.roll.listing import Entry, Voter, freeze_roll, read_roll, reseal_roll, voter_of
from surveys.roll.registrar import TokenKeys, destroy_token_keys
from surveys.roll.slips import make_slips
from surveys.stores.columns import OVERHEAD, Unreadable
from surveys.stores.engines import Engines
from surveys.stores.store import Store
from tests.box.build import SURVEY, Vote, keyring, token_keys
from tests.stores.held import held
from tests.votes import randomness

PEOPLE = tuple(Voter(p, PersonCode(f"Nguyễn-{p}-{'x' * i}")) for p in range(2) for i in range(4))


def entries() -> list[Entry]:
    return [slip.entry for slip in make_slips(SURVEY, PEOPLE, randomness("slips"))]


def freeze(folder: Path, lines: list[Entry]) -> tuple[Engines, Roll]:
    engines = Engines(folder)
    return engines, freeze_roll(
        Store(engines.create_roll(RoundId(SURVEY.hex())), keyring()), lines, token_keys(2)
    )


def test_a_slip_keeps_its_code_out_of_sight(tmp_path: Path) -> None:
    slip = make_slips(SURVEY, PEOPLE[:1])[0]
    assert slip_key(slip.code, SURVEY).public == slip.key
    assert repr(slip.code) not in repr(slip)
    assert slip.entry == Entry(PEOPLE[0], slip.key)


def test_each_voter_gets_another_slip() -> None:
    assert len({slip.code for slip in make_slips(SURVEY, PEOPLE)}) == len(PEOPLE)


def test_a_frozen_roll_is_the_sorted_keys_of_each_panel(tmp_path: Path) -> None:
    engines, roll = freeze(tmp_path, entries())
    assert roll.panels == tuple(
        tuple(sorted(line.key for line in entries() if line.voter.panel == panel)) for panel in range(2)
    )
    assert read_roll(engines.roll(RoundId(SURVEY.hex()))) == roll


def test_the_order_of_the_import_is_not_in_the_published_roll(tmp_path: Path) -> None:
    assert (
        freeze(tmp_path / "a", entries())[1].encode() == freeze(tmp_path / "b", entries()[::-1])[1].encode()
    )


@pytest.mark.files
def test_the_file_holds_no_voter_in_the_clear_and_every_reference_is_as_long(tmp_path: Path) -> None:
    engines, _ = freeze(tmp_path, entries())
    raw = engines.roll_path(RoundId(SURVEY.hex())).read_bytes()
    assert not any(voter.code.encode() in raw for voter in PEOPLE)
    connection = sqlite3.connect(engines.roll_path(RoundId(SURVEY.hex())))
    assert connection.execute("SELECT DISTINCT length(voter) FROM slips").fetchall() == [
        (2 + listing.REFERENCE_BYTES + OVERHEAD,)
    ]
    connection.close()


def test_a_slip_leads_back_to_its_voter_with_the_key_ring_only(tmp_path: Path) -> None:
    engines, _ = freeze(tmp_path, entries())
    roll = engines.roll(RoundId(SURVEY.hex()))
    for line in entries():
        assert voter_of(Store(roll, keyring()), line.voter.panel, line.key) == line.voter
    with pytest.raises(Unreadable):
        voter_of(Store(roll, type(keyring()).fresh()), entries()[0].voter.panel, entries()[0].key)
    with pytest.raises(UnknownSlip):
        voter_of(Store(roll, keyring()), 1, entries()[0].key)


def test_a_roll_is_frozen_once(tmp_path: Path) -> None:
    engines, roll = freeze(tmp_path, entries())
    with pytest.raises(RollFrozen):
        freeze(tmp_path, entries())
    assert read_roll(engines.roll(RoundId(SURVEY.hex()))) == roll


def _long() -> Entry:
    return Entry(Voter(0, PersonCode("x" * 303)), bytes(32))


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (lambda: [*entries(), Entry(Voter(0, PersonCode("another")), entries()[0].key)], SlipTwice),
        (lambda: [*entries(), Entry(Voter(1, PersonCode("another")), entries()[0].key)], SlipTwice),
        (lambda: [*entries(), Entry(entries()[0].voter, bytes(32))], VoterTwice),
        (lambda: [*entries(), Entry(Voter(1, PEOPLE[0].code), bytes(32))], VoterTwice),
        (lambda: [*entries(), Entry(Voter(2, PersonCode("another")), bytes(32))], UnknownPanel),
        (lambda: [*entries(), Entry(Voter(-1, PersonCode("another")), bytes(32))], UnknownPanel),
        (lambda: [line for line in entries() if line.voter.panel == 0], EmptyPanel),
        (lambda: [*entries(), _long()], ReferenceTooLong),
    ],
)
def test_a_roll_that_cannot_be_is_refused_and_nothing_is_stored(
    tmp_path: Path, lines: Callable[[], list[Entry]], kind: type[RollError]
) -> None:
    with pytest.raises(kind):
        freeze(tmp_path, lines())
    with pytest.raises(RollNotFrozen):
        read_roll(Engines(tmp_path).create_roll(RoundId(SURVEY.hex())))


def test_the_longest_code_fits(tmp_path: Path) -> None:
    longest = Entry(Voter(0, PersonCode("ữ" * 100)), bytes(32))
    engines, _ = freeze(tmp_path, [*entries(), longest])
    assert voter_of(Store(engines.roll(RoundId(SURVEY.hex())), keyring()), 0, longest.key) == longest.voter


@pytest.mark.files
def test_everything_sealed_is_sealed_again_by_a_new_key(vote: Vote) -> None:
    newer = keyring().with_new_key()
    before = voter_of(Store(vote.roll, keyring()), 0, vote.voters[0].request.slip)
    reseal_roll(Store(vote.roll, newer))
    settled = held(vote.roll)
    only = newer.without(1)
    assert voter_of(Store(vote.roll, only), 0, vote.voters[0].request.slip) == before
    TokenKeys(Store(vote.roll, only)).key(2)
    with vote.roll.connect() as connection:
        rows = connection.execute(models.slips.select()).all()
    reseal_roll(Store(vote.roll, newer))
    with vote.roll.connect() as connection:
        assert connection.execute(models.slips.select()).all() == rows
    assert len(settled) == vote.roll_file.stat().st_size


def test_destroyed_keys_stay_destroyed_when_the_ring_turns(vote: Vote) -> None:
    destroy_token_keys(vote.roll)
    reseal_roll(Store(vote.roll, keyring().with_new_key()))
    with vote.roll.connect() as connection:
        assert not any(any(row.private_key) for row in connection.execute(models.panels.select()))
