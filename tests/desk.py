"""A staff's site over a small organisation, with one account for each role in each of several units, and
rounds in every state.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from surveys.accounts.roles import Grant, Role, Staff
from surveys.committee.trustee import Trustee
from surveys.console.services import ConsoleServices, console_services
from surveys.instance.clock import Standstill
from surveys.instance.mailing_job import Outgoing
from surveys.instants import read_instant
from surveys.jobs.progress import Silent
from surveys.jobs.queue import Jobs
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.organisation.register import import_organisation
from surveys.organisation.values import Organisation
from surveys.rehearsal.run import _ceremony
from surveys.roll.listing import Voter
from surveys.roll.slips import Slip, make_slips
from surveys.rounds import drafts, ledger
from surveys.rounds.definition import Terms
from surveys.rounds.drafts import Proposed
from surveys.settings import Settings
from surveys.stages import preparing
from surveys.web.clients import built_clients
from tests.organisations import a_bloc, some_terms
from tests.staff import Browser, StaffSite, staff_site

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
INSTANT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass
class Watch:
    """The time of day in a test."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        """Some time later."""
        self.at += timedelta(**by)


@dataclass
class Desk:
    """The site, its desks by a watch of the test's own, and the accounts by role and unit."""

    site: StaffSite
    desks: ConsoleServices
    watch: Watch
    jobs: Jobs
    held: dict[tuple[Role, str], Staff] = field(default_factory=dict)

    def account(self, role: Role, unit: UnitCode) -> Staff:
        """The account with this role over this unit; made at the first question."""
        if (role, unit) not in self.held:
            name = f"{role.value}-{unit}".replace("*", "all")
            person = PersonCode("A1-02") if role is Role.LEADER else None
            self.held[role, unit] = self.site.account(name, Grant(role, unit), person=person)
        return self.held[role, unit]

    def browser(self, role: Role, unit: UnitCode) -> Browser:
        """A browser of this account."""
        return self.site.browser(self.account(role, unit))

    def draft(self, number: int, **decided: object) -> RoundId:
        """A round in preparation over A, made as the desk makes them."""
        usual = {
            "unit": "A",
            "on_desk": True,
            "clients": built_clients().named,
            "closes": read_instant("2026-11-03T10:00:00Z"),
        }
        usual |= {"opens": read_instant("2026-11-02T02:00:00Z")}
        terms = some_terms(bytes([number]) * 16, **{**usual, **decided})
        drafts.save_draft(self.site.stores.app, terms)
        return terms.round_id

    def slips(self, round_id: RoundId) -> tuple[Slip, ...]:
        """Slips for everybody of a draft, made and proposed."""
        here = preparing.prepared(self.site.stores, round_id)
        voters = [Voter(p, code) for p, codes in enumerate(here.electorate.panels.values()) for code in codes]
        made = make_slips(bytes.fromhex(round_id), voters)
        proposed = [Proposed(slip.voter.panel, slip.voter.code, slip.key) for slip in made]
        drafts.propose_roll(self.site.stores.app, round_id, proposed)
        return made

    def frozen(self, number: int, **decided: object) -> RoundId:
        """A frozen round over A."""
        round_id = self.draft(number, **decided)
        entries = [slip.entry for slip in self.slips(round_id)]
        preparing.freeze_round(self.site.stores, round_id, entries, 1)
        return round_id

    def confirmed(self, number: int, **decided: object) -> RoundId:
        """A round whose ceremony is finished."""
        round_id = self.frozen(number, **decided)
        definition = ledger.find(self.site.stores.app, round_id).definition
        trustees = [Trustee(bytes([i]) * 32, i) for i in range(1, len(definition.trustees) + 1)]
        _ceremony(self.site.stores, definition, trustees, Silent())
        return round_id

    def terms(self, round_id: RoundId) -> Terms:
        """What is decided about a draft."""
        return drafts.load_draft(self.site.stores.app, round_id)


def a_desk(folder: Path, settings: Settings | None = None, organisation: Organisation | None = None) -> Desk:
    """A desk over a_bloc (tests/organisations.py): K, A with A1 A2 A3, B with B1."""
    settings = settings or Settings()
    site = staff_site(folder, settings)
    import_organisation(site.stores.app, organisation or a_bloc(), confirmed=False)
    return desk_over(site, folder, settings)


def desk_over(site: StaffSite, folder: Path, settings: Settings) -> Desk:
    """A desk over a site that is there."""
    watch, jobs = Watch(), Jobs(folder / "jobs.sqlite")
    clients, outgoing = built_clients(), Outgoing.of(settings)
    stands = Standstill(folder / "clock-jumped")
    desks = console_services(site.stores, jobs, clients, folder / "exhibits", watch, outgoing, stands)
    return Desk(site, desks, watch, jobs)
