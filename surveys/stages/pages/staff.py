"""The desk: what an account finds when it signs in."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response

from surveys.accounts.pages.door import EVERYBODY, Land, StaffDoor
from surveys.accounts.roles import Staff
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
