"""An instance of each release is brought to this one: a round with open polls goes on to its count, one that
was closed is sealed, and what was published stays as it is.
"""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from surveys.audit.verifier import verify
from surveys.box.board import returned
from surveys.instance.board_service import InstanceBoards
from surveys.instance.held import open_stores
from surveys.names import RoundId
from surveys.rehearsal.voters import Act, Place, vote
from surveys.results import publications
from surveys.roll.errors import SecondBlindedMessage
from surveys.rounds import ledger
from surveys.rounds.states import State
from surveys.settings import Settings
from surveys.stages import binding, closing
from surveys.stores.stops import Stop, Trouble, Where
from tests.releases.__main__ import CLOSED, CLOSED_AT, COUNTED, OPEN, VOTED

HERE = Path(__file__).parent
RELEASES = sorted(path.name.removesuffix(".tar.xz") for path in HERE.glob("*.tar.xz"))
ROUNDS = [RoundId(each.hex()) for each in (OPEN, CLOSED, COUNTED)]


@pytest.fixture(params=RELEASES)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """The instance as that release left it."""
    with tarfile.open(HERE / f"{request.param}.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    folder = tmp_path / "instance"
    return Settings(instance=folder, keyring=folder / "keyring.json", witness=tmp_path / "witness")


def test_the_first_release_is_there() -> None:
    assert "0.2.0" in RELEASES


def test_rounds_of_a_release_go_on_where_they_were(settings: Settings) -> None:
    stores = open_stores(settings)
    binding.take_over(stores)
    assert [stores.engines.stops.of(each) for each in ROUNDS] == [None] * 3
    open_, closed, counted = ROUNDS

    polls = ledger.find(stores.app, open_).manifest
    assert polls is not None
    panels = len(polls.definition.panels)
    assert sum(returned(stores.engines.box(open_), panels)) > 0
    slips = json.loads((settings.instance / "secrets.json").read_text("ascii"))[open_]["slips"]
    place = Place(settings.stores, stores.keyring, polls)
    again = 0
    for panel, _, code in slips:
        contests = len(polls.definition.panels[panel].contests)
        try:
            vote(place, Act(panel, bytes.fromhex(code), (0,) * contests))
        except SecondBlindedMessage:
            again += 1
    assert again == VOTED
    closing.close_polls(stores.engines, polls, CLOSED_AT)
    ballots = closing.seal_box(stores, polls).ballots
    assert len(slips) - VOTED <= len(ballots) <= len(slips)

    manifest = ledger.find(stores.app, closed).manifest
    assert manifest is not None
    assert 0 < len(closing.seal_box(stores, manifest).ballots) <= VOTED
    assert ledger.heading(stores.engines.app, closed).state is State.SEALED

    bundle = settings.bundles / f"{counted}.zip"
    assert verify(bundle, jobs=1).good
    assert publications.find(stores.app, counted).bundle == bundle.name
    assert InstanceBoards(stores, settings.bundles).open(counted).leaves
    stores.close()


@pytest.mark.parametrize("where", [Where.ROLL, Where.BOX, Where.APP])
def test_a_copy_of_before_the_upgrade_is_an_older_one(where: Where, settings: Settings) -> None:
    name = "app" if where is Where.APP else f"{where}-{OPEN.hex()}"
    file = settings.stores / f"{name}.sqlite"
    before = file.read_bytes()
    stores = open_stores(settings)
    binding.take_over(stores)
    stores.close()
    file.write_bytes(before)
    stores = open_stores(settings)
    binding.take_over(stores)
    assert stores.engines.stops.of(ROUNDS[0]) == Stop(Trouble.OLDER, where)
    stores.close()
