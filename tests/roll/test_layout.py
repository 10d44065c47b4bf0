"""No order of asking can be read from the roll."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from surveys.names import PersonCode
from surveys.protocol.secret.slip_key import slip_key
from surveys.roll.listing import Entry, Voter
from surveys.roll.registrar import TokenKeys, destroy_token_keys, issue_token
from surveys.roll.replacing import replace_slip
from surveys.stores.engines import Engines
from surveys.stores.store import Store
from tests.box.build import SURVEY, TestVoter, Vote, keyring
from tests.box.orders import files_left

pytestmark = pytest.mark.files


def do_in(vote: Vote, *, destroy: bool) -> Callable[[Path, list[TestVoter]], None]:
    def do(folder: Path, order: list[TestVoter]) -> None:
        here = Vote(Engines(folder), vote.manifest, vote.box_key, vote.voters)
        keys = TokenKeys(Store(here.roll, keyring()))
        for voter in order:
            issue_token(here.roll, keys, vote.manifest.hash, voter.request)
            if voter is vote.voters[5]:
                issue_token(here.roll, keys, vote.manifest.hash, voter.request)
        if destroy:
            destroy_token_keys(here.roll)

    return do


def test_twenty_orders_of_asking_leave_the_same_roll(vote: Vote) -> None:
    asking = [voter for i, voter in enumerate(vote.voters) if i % 12 != 3]
    left = files_left(vote.engines.root, asking, do_in(vote, destroy=False))
    assert len(left) == 1
    assert {name for name, _ in left.pop()} == {vote.box_file.name, vote.roll_file.name}


def test_a_closed_roll_of_several_pages_tells_no_order_either(vote: Vote) -> None:
    assert vote.roll_file.stat().st_size > 4 * 16384
    assert len(files_left(vote.engines.root, vote.voters[:15], do_in(vote, destroy=True), count=5)) == 1


def test_a_slip_replaced_between_the_papers_does_not_tell_which_came_before(vote: Vote) -> None:
    """The row moves to the place of its new key; did a paper move anything too, the two would have an
    order.
    """
    asking = [("paper", number) for number in range(1, len(vote.voters))]
    left = {
        after(vote, [*asking[:before], ("slip", 0), *asking[before:]])
        for before in (0, 1, 7, 20, len(asking))
    }
    assert len(left) == 1
    # The old key was overwritten where its row lay: it stands in the new row alone.
    assert left.pop().count(vote.voters[0].request.slip) == 1


def test_another_paper_or_another_replaced_slip_leaves_another_roll(vote: Vote) -> None:
    """The twin: the comparison sees which papers were issued and which slip was replaced."""
    paper, slip = ("paper", 1), ("slip", 0)
    assert len({after(vote, deeds) for deeds in ([slip], [slip, paper], [slip, ("paper", 2)], [paper])}) == 4


def after(vote: Vote, deeds: list[tuple[str, int]]) -> bytes:
    """The roll's file after papers and new slips for these voters, without the sealed codes of the
    new rows.
    """
    folder = vote.engines.root.with_name("after")
    shutil.copytree(vote.engines.root, folder)
    here = Vote(Engines(folder), vote.manifest, vote.box_key, vote.voters)
    keys = TokenKeys(Store(here.roll, keyring()))
    for deed, number in deeds:
        if deed == "paper":
            issue_token(here.roll, keys, vote.manifest.hash, vote.voters[number].request)
        else:
            replace_slip(
                Store(here.roll, keyring()), Entry(Voter(0, PersonCode(f"0-{number}")), new_slip(number))
            )
    here.engines.close()
    raw = here.roll_file.read_bytes()
    connection = sqlite3.connect(here.roll_file)
    for (sealed,) in connection.execute("SELECT voter FROM slips WHERE slip <> frozen").fetchall():
        # Sealed with a nonce of its own, whatever the order.
        assert raw.count(sealed) == 1
        raw = raw.replace(sealed, bytes(len(sealed)))
    connection.close()
    shutil.rmtree(folder)
    return raw


def new_slip(number: int) -> bytes:
    return slip_key(b"%010d" % number, SURVEY).public


def test_other_voters_leave_another_roll(vote: Vote) -> None:
    """The twin: the comparison sees what is in the file."""
    do = do_in(vote, destroy=False)
    few = files_left(vote.engines.root, vote.voters[:3], do, count=2)
    others = files_left(vote.engines.root, vote.voters[1:4], do, count=2)
    assert len(few | others) == 2


def test_the_width_of_every_changing_column_is_held_by_the_store(vote: Vote) -> None:
    connection = sqlite3.connect(vote.roll_file)
    for table, column, width in (
        ("slips", "blinded", 256),
        ("slips", "signature", 64),
        ("panels", "present", 4),
        ("panels", "state", 1),
    ):
        for wrong in (bytes(width + 1), bytes(width - 1), None):
            try:
                connection.execute(f"UPDATE {table} SET {column} = ?", (wrong,))
            except sqlite3.IntegrityError:
                continue
            raise AssertionError((table, column))
    connection.close()


def test_no_column_of_the_roll_can_hold_a_time_a_token_or_a_ballot_key(vote: Vote) -> None:
    connection = sqlite3.connect(vote.roll_file)
    columns = {
        (table, column)
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for _, column, *_ in connection.execute(f"PRAGMA table_info({table})")
    }
    indices = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    connection.close()
    assert columns == {
        ("alembic_version", "version_num"),
        *(("binding", c) for c in ("id", "generation")),
        *(("panels", c) for c in ("panel", "voters", "token_key", "private_key", "present", "state")),
        *(("slips", c) for c in ("panel", "slip", "frozen", "voter", "blinded", "signature")),
    }
    assert indices == []
