"""The desk: what an account finds when it signs in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, url_for

from surveys.accounts.pages import jobs as job_pages
from surveys.accounts.pages.door import EVERYBODY, StaffDoor
from surveys.accounts.pages.jobs import JobShown
from surveys.accounts.roles import Staff
from surveys.organisation.register import unit_names
from surveys.stages.desks import Desks
from surveys.stages.overview import UnderWay, overview
from surveys.stages.pages.conduct import add_conduct
from surveys.stages.pages.drafts import add_drafts
from surveys.stages.pages.exhibits import add_exhibits
from surveys.stages.pages.letters import add_letters
from surveys.stages.pages.readers import READERS
from surveys.stages.pages.rules import add_rules
from surveys.stages.pages.statements import add_statements
from surveys.web.doors import render


@dataclass(frozen=True, slots=True)
class NamedJob:
    """A job in the background with its heading."""

    name: str
    title: str
    job: JobShown | None


@dataclass(frozen=True, slots=True)
class RoundOnDesk:
    """A round under way, with the work in the background that is about it."""

    round: UnderWay
    jobs: tuple[NamedJob, ...]


@dataclass(frozen=True, slots=True)
class HomePage:
    """The desk; `rounds` is None for an account that has nothing to do with rounds. `units` are names by code."""

    staff: Staff
    units: Mapping[str, str]
    rounds: tuple[RoundOnDesk, ...] | None


def door(desks: Desks) -> StaffDoor:
    """The desk's pages."""
    desk = StaffDoor("desk", desks.land)

    @desk.get("/", roles=EVERYBODY)
    def home(staff: Staff) -> Response:
        return render("desk/home.html", _home(desks, staff))

    return desk


def _home(desks: Desks, staff: Staff) -> HomePage:
    rounds = None
    if staff.has(READERS):
        rounds = tuple(
            RoundOnDesk(
                each,
                tuple(
                    NamedJob(
                        f"{job.kind}-{each.survey[:8]}",
                        job_pages.title(job.kind),
                        job_pages.shown(job, url_for("rounds.job", survey=each.survey, kind=job.kind)),
                    )
                    for job in each.jobs
                ),
            )
            for each in overview(desks, staff)
        )
    return HomePage(staff, unit_names(desks.stores.app), rounds)


def rounds_door(desks: Desks) -> StaffDoor:
    """The rounds' pages."""
    entrance = StaffDoor("rounds", desks.land)
    add_drafts(entrance, desks.drafts, desks.land)
    add_rules(entrance, desks.drafts)
    add_conduct(entrance, desks)
    add_statements(entrance, desks)
    add_exhibits(entrance, desks)
    add_letters(entrance, desks)
    return entrance
