"""A small vote in the stores of an instance, with a copy of everything at each of its moments; beside it
another round, whose polls are open all the time.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from surveys.committee.trustee import Trustee
from surveys.instance.held import open_stores
from surveys.instants import read_instant
from surveys.jobs.progress import Silent
from surveys.names import RoundId
from surveys.organisation.register import import_organisation
from surveys.protocol.manifest import Manifest
from surveys.rehearsal.run import _ceremony, _freeze, _slips, open_vote
from surveys.rehearsal.voters import Act, Place, vote
from surveys.roll.slips import Slip
from surveys.rounds.contests import plan_electorate
from surveys.rules.preset import DEFAULT, Preset
from surveys.settings import Settings
from surveys.stages import binding, closing, opening, tallying
from surveys.stores.store import Stores
from tests.databases.server import Server
from tests.organisations import one_hall, some_terms

VOTERS = 8
ROUND, OTHER = RoundId("0a" * 16), RoundId("0b" * 16)
AT = read_instant("2026-11-02T01:00:00Z")
# At each of them the round is as it is said; a server starts at `started`, and at `beat` its clock has
# looked.
MOMENTS = ("frozen", "confirmed", "opened", "papers", "beat", "started", "closed", "sealed", "counting")


def settings_of(folder: Path) -> Settings:
    """An instance with keyring and witness in a folder of their own."""
    return Settings(
        instance=folder / "instance",
        keyring=folder / "keys" / "keyring.json",
        witness=folder / "keys" / "witness",
    )


@dataclass
class History:
    """Where the copies lie, by moment; slips and manifest of the round."""

    folder: Path
    manifest: Manifest | None = None
    slips: tuple[Slip, ...] = ()
    moments: dict[str, Path] = field(default_factory=dict)
    server: Server | None = None
    databases: dict[str, str] = field(default_factory=dict)

    def at(self, moment: str, folder: Path) -> Settings:
        """The instance as it was then, in a folder and a database of its own."""
        shutil.copytree(self.moments[moment], folder, dirs_exist_ok=True)
        database = self.server.copy(self.databases[moment]) if self.server else ""
        return replace(settings_of(folder), database=database)

    def act(self, number: int) -> Act:
        """A voter of the round who marks the first level."""
        slip = self.slips[number]
        return Act(slip.voter.panel, slip.code, (0,))


def a_history(folder: Path, server: Server | None = None) -> History:
    """Hold the vote up to its count, and copy everything at each moment; with a server the stores are in a
    database.
    """
    history, live = History(folder, server=server), folder / "live"
    settings = replace(settings_of(live), database=server.database() if server else "")
    stores = open_stores(settings)

    def moment(name: str) -> None:
        history.moments[name] = folder / name
        stores.close()
        shutil.copytree(live, folder / name)
        if server:
            history.databases[name] = server.copy(settings.database)

    organisation, preset = one_hall(VOTERS), Preset.load(DEFAULT)
    import_organisation(stores.app, organisation, confirmed=False)
    electorate = plan_electorate(organisation, 2026, preset.level_ids)
    open_vote(stores, some_terms(bytes.fromhex(OTHER), k=3), organisation, electorate, [VOTERS], Silent(), 1)
    terms = some_terms(bytes.fromhex(ROUND), k=3)
    history.slips = _slips(terms, electorate)
    definition = _freeze(stores, terms, organisation, electorate, history.slips, Silent(), 1)
    moment("frozen")
    trustees = [Trustee(bytes([i]) * 32, i) for i in range(1, 4)]
    manifest = history.manifest = _ceremony(stores, definition, trustees, Silent())
    moment("confirmed")
    opening.open_polls(stores.engines, manifest, [VOTERS], AT)
    moment("opened")
    place = Place(settings.stores, stores.keyring, manifest, settings.database)
    for number in range(4):
        vote(place, history.act(number))
    moment("papers")
    binding.beat(stores, numbers=True)
    moment("beat")
    for number in range(4, 6):
        vote(place, history.act(number))
    binding.take_over(stores)
    moment("started")
    closing.close_polls(stores.engines, manifest, AT)
    moment("closed")
    closing.seal_box(stores, manifest)
    moment("sealed")
    board = closing.seal_box(stores, manifest)  # the board of the stores that are open now
    tallying.propose(stores.engines, manifest, 1, board)
    moment("counting")
    stores.close()
    for engine in (place.roll, place.box):
        engine.dispose()
    return history


def in_stores(settings: Settings, work: Callable[[Stores], None]) -> None:
    """Do something in an instance as a process does."""
    stores = open_stores(settings)
    try:
        work(stores)
    finally:
        stores.close()
