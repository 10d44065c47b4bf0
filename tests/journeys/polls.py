"""Open polls behind a real server, with the slips in hand: what a voter's browser meets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app import make_site
from surveys.jobs.progress import Silent
from surveys.organisation.values import Organisation, Person, Post, Unit
from surveys.protocol.codes import write_code
from surveys.rounds.contests import plan_electorate
from surveys.rules.preset import DEFAULT, Preset
from surveys.settings import Settings
from surveys.stages import closing
from surveys.stages.rehearsal import OpenPolls, open_vote
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores
from surveys.stores.exhibits import Exhibits
from surveys.web.clients import built_clients
from tests.organisations import some_terms
from tests.served import served

SURVEY = bytes(range(16))


@dataclass
class Polls:
    """A served vote."""

    site: str
    stores: Stores
    keyring: Keyring
    open: OpenPolls
    exhibits: Exhibits
    _next: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self._next = iter([write_code(slip.code) for slip in self.open.slips])

    @property
    def booth(self) -> str:
        """The address of the booth."""
        return f"{self.site}/b/{SURVEY.hex()}/"

    def slip(self) -> str:
        """A slip that nobody has used."""
        return next(self._next)

    def shut(self) -> None:
        """Close the polls."""
        closing.close_polls(self.stores, self.open.manifest, "2026-11-23T10:00:00Z")

    def seal(self) -> None:
        """Seal the box."""
        closing.seal_box(self.stores, self.keyring, self.open.manifest)


def a_hall(voters: int, leaders: int) -> Organisation:
    """One hall H whose first people are its leaders, and a cell C."""
    people = [Person(f"v{n:03}", f"Đại biểu Nguyễn Văn {n}", "H", None, True) for n in range(1, voters + 1)]
    posts = [
        Post("H", f"v{n:03}", f"Ủy viên thường vụ {n}", "party", n == 1, True, "subtree")
        for n in range(1, leaders + 1)
    ]
    units = [Unit("H", None, "Đảng ủy Sở Nông nghiệp", "Party committee", "committee")]
    return Organisation.of(units, people, posts)


@contextmanager
def open_polls(folder: Path, *, voters: int = 20, leaders: int = 3, revoting: bool = True) -> Iterator[Polls]:
    """A vote in one hall, open, behind the real site."""
    settings = Settings(instance=folder)
    stores, keyring = Stores(settings.stores), Keyring.fresh()
    stores.migrate_app()
    organisation, preset = a_hall(voters, leaders), Preset.load(DEFAULT)
    electorate = plan_electorate(organisation, 2026, preset.level_ids)
    terms = some_terms(SURVEY, preset=preset, revoting=revoting, clients=built_clients().named)
    present = [len(panel) for panel in electorate.panels.values()]
    opened = open_vote(stores, keyring, terms, organisation, electorate, present, Silent(), 1)
    with served(make_site(settings, stores, keyring)) as port:
        site = f"http://127.0.0.1:{port}"
        yield Polls(site, stores, keyring, opened, Exhibits(settings.exhibits / SURVEY.hex()))
    stores.close()
