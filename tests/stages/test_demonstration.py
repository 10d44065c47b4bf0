"""The demo round of an instance is made once, and what a killed one left is cleared away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from surveys.audit.verifier import verify
from surveys.jobs.progress import Silent
from surveys.organisation.register import import_organisation
from surveys.protocol.codes import read_sheet
from surveys.rehearsal.demonstration import bundle_path, open_try_out, prepare
from surveys.results.publications import find, published_rounds
from surveys.rounds import ledger
from surveys.rounds.states import State
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.origin import claim_for_demonstration
from surveys.stores.store import Stores
from tests.organisations import a_bloc
from tests.published import SURVEY, a_definition


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    """An instance whose organisation is small: the demo votes over what is imported."""
    made = Stores(Engines(tmp_path / "stores"), Keyring.fresh())
    made.engines.migrate_app()
    claim_for_demonstration(made.engines.app)
    import_organisation(made.app, a_bloc(), confirmed=False, by_demonstration=True)
    yield made
    made.close()


def test_the_demo_is_published_once_with_a_bundle_that_verifies(stores: Stores, tmp_path: Path) -> None:
    bundles = tmp_path / "bundles"
    prepare(stores, tmp_path, bundles, Silent())
    (round_id,) = published_rounds(stores.engines.app)
    assert ledger.find(stores.app, round_id).state is State.PUBLISHED
    assert verify(bundle_path(bundles)).good
    assert bundles.stat().st_mode & 0o777 == 0o700
    published = find(stores.app, round_id)
    prepare(stores, tmp_path, bundles, Silent())
    assert published_rounds(stores.engines.app) == {round_id}
    assert find(stores.app, round_id) == published
    assert not (tmp_path / "demo.pending").exists()


def test_what_a_killed_demo_left_is_cleared_away(stores: Stores, tmp_path: Path) -> None:
    ledger.add(stores.app, a_definition())
    stores.engines.create_roll(SURVEY)
    stores.engines.create_box(SURVEY)
    (tmp_path / "demo.pending").write_text(SURVEY, "ascii")
    prepare(stores, tmp_path, tmp_path / "bundles", Silent())
    assert SURVEY not in ledger.round_ids(stores.engines.app)
    assert not stores.engines.roll_path(SURVEY).exists()
    assert not stores.engines.box_path(SURVEY).exists()
    assert len(published_rounds(stores.engines.app)) == 1


def test_a_demo_killed_right_before_its_last_step_is_finished(stores: Stores, tmp_path: Path) -> None:
    prepare(stores, tmp_path, tmp_path / "bundles", Silent())
    (round_id,) = published_rounds(stores.engines.app)
    (tmp_path / "demo.pending").write_text(round_id, "ascii")
    prepare(stores, tmp_path, tmp_path / "bundles", Silent())
    assert ledger.find(stores.app, round_id).state is State.PUBLISHED
    assert published_rounds(stores.engines.app) == {round_id}


def test_a_vote_to_try_out_is_open_with_slips_and_sheets_in_hand(stores: Stores, tmp_path: Path) -> None:
    tried = open_try_out(stores, tmp_path, "http://127.0.0.1:5000/", Silent())
    found = ledger.find(stores.app, tried.round_id)
    assert found.state is State.OPEN
    assert found.definition.units[0].parent is None
    assert {unit.code for unit in found.definition.units} == {"A", "A1", "A2", "A3"}
    slips = tried.slips.read_text("utf-8")
    assert slips.count('class="code"') == 15
    assert tried.code in slips
    assert [len(read_sheet(path.read_text("ascii"))) for path in tried.sheets] == [32, 32, 32]
    assert {path.stat().st_mode & 0o777 for path in tried.sheets} == {0o600}
    assert open_try_out(stores, tmp_path, "http://127.0.0.1:5000/", Silent()) == tried


def test_a_try_out_that_was_killed_is_cleared_away(stores: Stores, tmp_path: Path) -> None:
    (tmp_path / "try-out").mkdir()
    (tmp_path / "try-out" / "pending").write_text(SURVEY, "ascii")
    ledger.add(stores.app, a_definition())
    tried = open_try_out(stores, tmp_path, "http://127.0.0.1:5000/", Silent())
    assert ledger.round_ids(stores.engines.app) == (tried.round_id,)
