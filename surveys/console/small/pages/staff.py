"""The page of a small vote: a list of names, then leaders, committee and rule, then the slips."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response

from surveys.accounts.pages.door import StaffDoor, StaffPages, to
from surveys.accounts.roles import EVERYWHERE, Staff
from surveys.console.preparation.drafting import ORGANIZERS
from surveys.console.small.calling import Called, Member, SmallVotes
from surveys.console.small.forms import NamesForm, SmallForm
from surveys.protocol.definition import Visibility
from surveys.rules.atoms import DEFAULT_K
from surveys.rules.preset import Preset, names
from surveys.web.doors import render
from surveys.web.languages import both

SMALL_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class NamesPage:
    """The first half: who votes. `possible` where nothing is there yet and the account may begin."""

    form: NamesForm
    possible: bool


@dataclass(frozen=True, slots=True)
class SmallPage:
    """The second half: everything else. `voters` fewer than `k` are counted with nobody: nothing is shown."""

    form: SmallForm
    presets: tuple[tuple[str, str], ...]
    voters: int
    k: int


SMALL_PAGES = StaffPages()


@SMALL_PAGES.get("/rounds/small", roles=ORGANIZERS)
def small(votes: SmallVotes, staff: Staff) -> Response:
    return _names_page(votes, staff, NamesForm(formdata=None), 200)


@SMALL_PAGES.post("/rounds/small", roles=ORGANIZERS, most_bytes=SMALL_BYTES)
def small_names(votes: SmallVotes, staff: Staff) -> Response:
    form = NamesForm()
    if not form.validate():
        return _names_page(votes, staff, form, 422)
    people = [{"name": each.name, "subject": bool(each.post), "post": each.post} for each in form.people]
    return _small_page(SmallForm(formdata=None, unit=form.unit.data, people=people), 200)


@SMALL_PAGES.post("/rounds/small/call", roles=ORGANIZERS, most_bytes=SMALL_BYTES)
def call_small(votes: SmallVotes, staff: Staff) -> Response:
    form = SmallForm()
    if not form.validate():
        return _small_page(form, 422)
    round_id = votes.call(staff, _called(form))
    token = votes.drafting.slips_link(staff, round_id)
    answer = to("rounds.prepare", round_id=round_id)
    # The token stands in the fragment, which browsers keep to themselves.
    answer.headers["Location"] = f"/o/{round_id}/#{token}"
    return answer


def add_small(door: StaffDoor, votes: SmallVotes) -> None:
    """Put the pages behind the door."""
    door.open_to(SMALL_PAGES, votes)


def _called(form: SmallForm) -> Called:
    people = [each for each in form.people.data if each["name"]]
    return Called(
        unit=form.unit.data,
        members=[Member(each["name"], each["post"] if each["subject"] else "") for each in people],
        trustees=form.trustees,
        preset=form.preset.data,
        visibility=Visibility(form.visibility.data),
        hours=form.hours.data,
    )


def _names_page(votes: SmallVotes, staff: Staff, form: NamesForm, status: int) -> Response:
    possible = votes.empty() and EVERYWHERE in staff.units(ORGANIZERS)
    return render("desk/small_names.html", NamesPage(form, possible), status)


def _small_page(form: SmallForm, status: int) -> Response:
    presets = tuple((name, both(Preset.load(name).title)) for name in names())
    voters = sum(bool(each["name"]) for each in form.people.data)
    return render("desk/small.html", SmallPage(form, presets, voters, DEFAULT_K), status)
