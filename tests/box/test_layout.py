"""No order of voting can be read from the box: not from the open file but for the drawn slots, not from the
sealed one at all.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from surveys.box import gate, receiving, sealing
from surveys.box.receiving import receive_ballot
from surveys.stores.engines import Engines
from tests.box.build import TestVoter, Vote
from tests.box.orders import files_left
from tests.votes import randomness

pytestmark = pytest.mark.files


def casts(vote: Vote) -> list[tuple[TestVoter, bool]]:
    """All but two voters of each panel; every fifth votes twice."""
    return [(voter, i % 5 == 0) for i, voter in enumerate(vote.voters) if i % 12 > 1]


def in_copy(vote: Vote, folder: Path) -> Vote:
    return Vote(Engines(folder), vote.manifest, vote.box_key, vote.voters)


def test_twenty_orders_of_voting_leave_the_same_sealed_box(vote: Vote) -> None:
    def do(folder: Path, order: list[tuple[TestVoter, bool]]) -> None:
        here = in_copy(vote, folder)
        drawn = randomness(f"slots of this order {id(order)}")
        for voter, again in order:
            receive_ballot(here.box, vote.manifest, voter.first, vote.box_key, drawn)
            if again:
                receive_ballot(here.box, vote.manifest, voter.later, vote.box_key, drawn)
        gate.shut(here.box)
        sealing.seal(here.box, vote.manifest)

    left = files_left(vote.engines.root, casts(vote), do)
    assert len(left) == 1
    assert {name for name, _ in left.pop()} == {vote.box_file.name, vote.roll_file.name}


def test_a_box_left_unsealed_tells_the_drawn_slots(vote: Vote) -> None:
    """The twin of the test above: without the rewriting the files differ."""

    def do(folder: Path, order: list[tuple[TestVoter, bool]]) -> None:
        here = in_copy(vote, folder)
        for voter, _ in order:
            receive_ballot(here.box, vote.manifest, voter.first, vote.box_key)
        gate.shut(here.box)

    assert len(files_left(vote.engines.root, casts(vote)[:8], do, count=3)) == 3


def test_with_given_slots_twenty_orders_leave_the_same_open_box(vote: Vote) -> None:
    """So the drawn slot is the only thing that could depend on the order."""
    panel = [voter for voter in vote.voters if voter.panel == 1]
    slot_of = {voter.first: 13 + i for i, voter in enumerate(reversed(panel))}

    def do(folder: Path, order: list[TestVoter]) -> None:
        here = in_copy(vote, folder)
        for voter in order:
            aim = aimed_at(here.box_file, 1, slot_of[voter.first])
            receive_ballot(here.box, vote.manifest, voter.first, vote.box_key, aim)

    assert len(files_left(vote.engines.root, panel[:9], do)) == 1


def test_a_first_free_slot_would_tell_the_order(vote: Vote) -> None:
    """The twin: slots taken in a row make the open file a list of arrivals."""
    panel = [voter for voter in vote.voters if voter.panel == 1]

    def do(folder: Path, order: list[TestVoter]) -> None:
        here = in_copy(vote, folder)
        for voter in order:
            receive_ballot(here.box, vote.manifest, voter.first, vote.box_key, lambda n: bytes(n))

    assert len(files_left(vote.engines.root, panel[:9], do, count=4)) == 4


def test_every_free_slot_is_as_likely_as_another(vote: Vote) -> None:
    drawn = randomness("uniform")
    with vote.box.connect() as connection:
        slots = Counter(receiving._free_slot(connection, 2, drawn) for _ in range(2400))
    assert set(slots) == set(range(25, 37))
    assert all(140 < count < 260 for count in slots.values())


def test_a_number_beyond_the_last_whole_round_is_drawn_again() -> None:
    top, inside = b"\xff" * 8, bytes(7) + b"\x05"
    answers = iter([top, inside])
    assert receiving.below(3, lambda n: next(answers)) == 5 % 3


def test_the_width_of_every_changing_column_is_held_by_the_store(vote: Vote) -> None:
    connection = sqlite3.connect(vote.box_file)
    for column, width in (("used", 1), ("ballot_key", 32), ("sequence", 4), ("digest", 32)):
        for wrong in (bytes(width + 1), bytes(width - 1), None):
            try:
                connection.execute(f"UPDATE head SET {column} = ?", (wrong,))
            except sqlite3.IntegrityError:
                continue
            raise AssertionError(column)
    connection.close()


def test_no_column_of_the_box_can_hold_a_time_or_an_address(vote: Vote) -> None:
    connection = sqlite3.connect(vote.box_file)
    columns = {
        (table, column)
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for _, column, *_ in connection.execute(f"PRAGMA table_info({table})")
    }
    connection.close()
    assert columns == {
        ("alembic_version", "version_num"),
        *(("gate", c) for c in ("id", "state", "generation", "manifest")),
        *(("box_key", c) for c in ("id", "seed")),
        *(("head", c) for c in ("slot", "panel", "used", "ballot_key", "sequence", "digest", "fingerprints")),
        *(("paper", c) for c in ("slot", "ballot")),
    }


def aimed_at(box_file: Path, panel: int, slot: int) -> Callable[[int], bytes]:
    """Randomness that draws a given free slot."""
    connection = sqlite3.connect(box_file)
    free = [
        row[0]
        for row in connection.execute(
            "SELECT slot FROM head WHERE panel = ? AND used = x'00' ORDER BY slot", (panel,)
        )
    ]
    connection.close()
    return lambda n: free.index(slot).to_bytes(n, "big")
