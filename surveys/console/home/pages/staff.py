"""The desk: what an account finds when it signs in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, url_for

from surveys.accounts.pages import jobs as job_pages
from surveys.accounts.pages.door import EVERYBODY, StaffDoor, StaffPages
from surveys.accounts.pages.jobs import JobShown
from surveys.accounts.roles import Staff
from surveys.console.exhibits.pages.staff import add_exhibits
from surveys.console.home.overview import UnderWay, overview
from surveys.console.letters.pages.staff import add_letters
from surveys.console.polls.pages.polls import add_polls
from surveys.console.polls.pages.staff import RoundAtPolls, add_conduct
from surveys.console.preparation.pages.drafts import add_drafts
from surveys.console.preparation.pages.freezing import add_freezing
from surveys.console.preparation.pages.rules import add_rules
from surveys.console.readers import READERS
from surveys.console.services import ConsoleServices
from surveys.console.small.pages.staff import add_small
from surveys.console.statements.pages.staff import add_statements
from surveys.names import UnitCode
from surveys.organisation.register import unit_names
from surveys.web.doors import render


@dataclass(frozen=True, slots=True)
class NamedJob:
    """A job in the background with its heading."""

    name: str
    title: str
    job: JobShown | None


@dataclass(frozen=True, slots=True)
class RoundWithWork:
    """A round under way, with the work in the background that is about it."""

    round: UnderWay
    jobs: tuple[NamedJob, ...]


@dataclass(frozen=True, slots=True)
class HomePage:
    """The desk; `rounds` is None for an account that has nothing to do with rounds. `units` are names by
    code.
    `jumped` is by how many seconds the machine's clock has jumped while the clock's acts stand still.
    """

    staff: Staff
    units: Mapping[UnitCode, str]
    rounds: tuple[RoundWithWork, ...] | None
    jumped: int | None


HOME_PAGES = StaffPages()


@HOME_PAGES.get("/", roles=EVERYBODY)
def home(desks: ConsoleServices, staff: Staff) -> Response:
    return render("desk/home.html", _home(desks, staff))


def door(desks: ConsoleServices) -> StaffDoor:
    """The desk's pages."""
    desk = StaffDoor("desk", desks.scope)
    desk.open_to(HOME_PAGES, desks)
    return desk


def _home(desks: ConsoleServices, staff: Staff) -> HomePage:
    rounds, jumped = None, None
    if staff.has(READERS):
        jumped = desks.standstill.seconds()
        rounds = tuple(
            RoundWithWork(
                each,
                tuple(
                    NamedJob(
                        f"{job.kind}-{each.round_id[:8]}",
                        job_pages.title(job.kind),
                        job_pages.shown(job, url_for("rounds.job", round_id=each.round_id, kind=job.kind)),
                    )
                    for job in each.jobs
                ),
            )
            for each in overview(desks, staff)
        )
    return HomePage(staff, unit_names(desks.stores.engines.app), rounds, jumped)


def rounds_door(desks: ConsoleServices) -> StaffDoor:
    """The rounds' pages."""
    entrance = StaffDoor("rounds", desks.scope)
    add_drafts(entrance, desks.drafts, desks.scope)
    add_freezing(entrance, desks.drafts)
    add_small(entrance, desks.small)
    add_rules(entrance, desks.drafts)
    at_polls = RoundAtPolls(
        desks.polls, desks.committees, desks.member_mail, desks.letters, desks.jobs, desks.scope
    )
    add_conduct(entrance, at_polls)
    add_polls(entrance, at_polls)
    add_statements(entrance, desks.stating, desks.polls)
    add_exhibits(entrance, desks.exhibits)
    add_letters(entrance, desks.letters)
    return entrance
