"""Open polls behind a real server, with the slips in hand: what a voter's browser meets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from app import make_site
from surveys.committee.trustee import Trustee
from surveys.instants import instant, read_instant
from surveys.jobs.progress import Silent
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.organisation.values import Organisation, Person, Post, PostKind, Scope, Unit
from surveys.protocol.codes import write_code
from surveys.protocol.manifest import Manifest
from surveys.rehearsal import OpenPolls, open_vote
from surveys.rehearsal.run import _ceremony
from surveys.roll.listing import Voter
from surveys.roll.slips import make_slips
from surveys.rounds import ledger
from surveys.rounds.contests import plan_electorate
from surveys.rules.preset import DEFAULT, Preset
from surveys.settings import Settings
from surveys.stages import attending, closing, opening, preparing
from surveys.stages.freezing import freeze
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.exhibits import Exhibits
from surveys.stores.store import Stores
from surveys.web.clients import built_clients
from tests.organisations import some_terms
from tests.served import served

SURVEY = bytes(range(16))


@dataclass
class Polls:
    """A served vote."""

    site: str
    stores: Stores
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
        closing.close_polls(self.stores.engines, self.open.manifest, read_instant("2026-11-23T10:00:00Z"))

    def seal(self) -> None:
        """Seal the box."""
        closing.seal_box(self.stores, self.open.manifest)


def a_hall(voters: int, leaders: int) -> Organisation:
    """One hall H whose first people are its leaders, and a cell C."""
    people = [
        Person(PersonCode(f"v{n:03}"), f"Đại biểu Nguyễn Văn {n}", UnitCode("H"), None, True)
        for n in range(1, voters + 1)
    ]
    posts = [
        Post(
            UnitCode("H"),
            PersonCode(f"v{n:03}"),
            f"Ủy viên thường vụ {n}",
            PostKind.PARTY,
            n == 1,
            True,
            Scope.SUBTREE,
        )
        for n in range(1, leaders + 1)
    ]
    units = [Unit(UnitCode("H"), None, "Đảng ủy Sở Nông nghiệp", "Party committee", "committee")]
    return Organisation.of(units, people, posts)


@dataclass
class Waiting:
    """A served vote whose polls are not open yet; everybody in the hall has a slip."""

    site: str
    stores: Stores
    manifest: Manifest
    slips: tuple[str, ...]

    @property
    def booth(self) -> str:
        """The address of the booth."""
        return f"{self.site}/b/{SURVEY.hex()}/"

    def open(self) -> None:
        """Open; papers are given as soon as the quorum is there, and so far nobody is."""
        opening.open_conducted(
            self.stores.engines, self.manifest, instant(datetime.now(UTC)), everybody=False
        )

    def comes(self, present: int) -> None:
        """So many are present now."""
        attending.record_present(
            self.stores.engines, ledger.find(self.stores.app, RoundId(SURVEY.hex())), 0, present
        )


@contextmanager
def waiting_polls(folder: Path, voters: int) -> Iterator[Waiting]:
    """A vote in one hall whose ceremony is finished, behind the real site."""
    settings = Settings(instance=folder)
    stores = Stores(Engines(settings.stores), Keyring.fresh())
    stores.engines.migrate_app()
    organisation, preset = a_hall(voters, 2), Preset.load(DEFAULT)
    terms = some_terms(SURVEY, preset=preset, clients=built_clients().named)
    electorate = plan_electorate(organisation, 2026, preset.level_ids)
    slips = make_slips(SURVEY, [Voter(0, code) for codes in electorate.panels.values() for code in codes])
    keys = preparing.make_panel_keys(stores.keyring, 1, 1, lambda: None)
    definition = freeze(stores, terms, organisation, electorate, [slip.entry for slip in slips], keys)
    members = [Trustee(bytes([i]) * 32, i) for i in range(1, len(terms.trustees) + 1)]
    manifest = _ceremony(stores, definition, members, Silent())
    with served(make_site(settings, stores)) as port:
        codes = tuple(write_code(slip.code) for slip in slips)
        yield Waiting(f"http://127.0.0.1:{port}", stores, manifest, codes)
    stores.close()


@contextmanager
def open_polls(
    folder: Path,
    *,
    voters: int = 20,
    leaders: int = 3,
    revoting: bool = True,
    organisation: Organisation | None = None,
    usual: Settings = Settings(),  # noqa: B008  (frozen)
) -> Iterator[Polls]:
    """A vote in one hall, or in a whole organisation, open, behind the real site."""
    settings = replace(usual, instance=folder)
    stores = Stores(Engines(settings.stores), Keyring.fresh())
    stores.engines.migrate_app()
    organisation, preset = organisation or a_hall(voters, leaders), Preset.load(DEFAULT)
    electorate = plan_electorate(organisation, 2026, preset.level_ids)
    terms = some_terms(SURVEY, preset=preset, revoting=revoting, clients=built_clients().named)
    present = [len(panel) for panel in electorate.panels.values()]
    opened = open_vote(stores, terms, organisation, electorate, present, Silent(), 1)
    with served(make_site(settings, stores)) as port:
        site = f"http://127.0.0.1:{port}"
        yield Polls(site, stores, opened, Exhibits(settings.exhibits / RoundId(SURVEY.hex())))
    stores.close()
