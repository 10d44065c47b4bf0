"""The desk: what an account finds when it signs in."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response

from surveys.accounts.pages.door import EVERYBODY, Land, StaffDoor
from surveys.accounts.roles import Staff
from surveys.stages.desks import Desks
from surveys.stages.pages.conduct import add_conduct
from surveys.stages.pages.drafts import add_drafts
from surveys.stages.pages.statements import add_statements
from surveys.web.doors import render


@dataclass(frozen=True, slots=True)
class HomePage:
    """The desk."""

    staff: Staff


def door(land: Land) -> StaffDoor:
    """The desk's pages."""
    desk = StaffDoor("desk", land)

    @desk.get("/", roles=EVERYBODY)
    def home(staff: Staff) -> Response:
        return render("desk/home.html", HomePage(staff))

    return desk


def rounds_door(desks: Desks) -> StaffDoor:
    """The rounds' pages."""
    entrance = StaffDoor("rounds", desks.land)
    add_drafts(entrance, desks.drafts, desks.land)
    add_conduct(entrance, desks)
    add_statements(entrance, desks)
    return entrance
