"""The door of reading links: the results of a unit for whoever belongs to it, and the organizers' page where
links are made.

The reader's pages are an application of their own, without a cookie or a secret key; their address holds the
token, so they lead nowhere with a Referer, and may be neither indexed nor kept. Danger: whoever has the
address reads; it opens the unit's page and those of the units above it, as `visibility` lets somebody who
belongs to the unit see them, and nothing of any other round.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response, flash, request
from wtforms import IntegerField

from surveys.accounts.pages.door import AccessScope, Reach, StaffDoor, StaffPages, to
from surveys.accounts.roles import Staff
from surveys.names import NO_UNIT, RoundId, UnitCode
from surveys.protocol.manifest import Unit
from surveys.results.leaders import RoundFacts, facts
from surveys.results.pages.unit_view import UnitView, Ways, page_asked, question_asked, unit_view
from surveys.results.reading import MOST_DAYS, ORGANIZERS, ReadingLinks
from surveys.results.shelf import find
from surveys.web.doors import Audience, Door, Pages, render
from surveys.web.forms import Form, line, needed, whole
from surveys.web.languages import current, say, voice


class LinkForm(Form):
    """A link for a unit."""

    unit = line(needed, most=100)
    days = IntegerField(default=30, validators=whole(1, MOST_DAYS))


class LinkEndedForm(Form):
    """A link that ends."""

    unit = line(needed, most=100)


@dataclass(frozen=True, slots=True)
class LinkedLine:
    """A unit with a link."""

    unit: Unit
    until: datetime
    over: bool


@dataclass(frozen=True, slots=True)
class LinksPage:
    """The units of an organizer; those with a link, and the form for another."""

    round: RoundFacts
    linked: tuple[LinkedLine, ...]
    units: tuple[Unit, ...]
    form: LinkForm


@dataclass(frozen=True, slots=True)
class LinkPage:
    """A new link: shown once."""

    round_id: RoundId
    unit: Unit
    link: str
    days: int


@dataclass(frozen=True, slots=True)
class ReadingPage:
    """A unit's page for the holder of a link: `own` the unit that the link is for, `others` what else it
    opens.
    """

    view: UnitView
    token: str
    own: Unit
    others: tuple[Unit, ...]


LINKS_PAGES = StaffPages()


@LINKS_PAGES.get("/results/<round_id>/reading", roles=ORGANIZERS, reach=Reach.TOUCHES)
def listed(links: ReadingLinks, staff: Staff, round_id: RoundId) -> Response:
    return _links_page(links, staff, round_id, LinkForm(formdata=None), 200)


@LINKS_PAGES.post("/results/<round_id>/reading", roles=ORGANIZERS, reach=Reach.TOUCHES)
def make(links: ReadingLinks, staff: Staff, round_id: RoundId) -> Response:
    form = LinkForm()
    if not form.validate():
        return _links_page(links, staff, round_id, form, 422)
    unit, token = links.make(staff, round_id, form.unit.data, form.days.data)
    page = LinkPage(round_id, unit, f"{request.host_url}read/{current()}/{token}", form.days.data)
    return render("results/reading_link.html", page)


@LINKS_PAGES.post("/results/<round_id>/reading/end", roles=ORGANIZERS, reach=Reach.TOUCHES)
def end(links: ReadingLinks, staff: Staff, round_id: RoundId) -> Response:
    form = LinkEndedForm()
    if not form.validate():
        return _links_page(links, staff, round_id, LinkForm(formdata=None), 422)
    unit = links.end(staff, round_id, form.unit.data)
    flash(say("The link for %(unit)s has ended.", unit=unit.name), "success")
    return to("reading_links.listed", round_id=round_id)


def links_door(links: ReadingLinks, scope: AccessScope) -> StaffDoor:
    """Where organizers make and end links."""
    entrance = StaffDoor("reading_links", scope)
    entrance.open_to(LINKS_PAGES, links)
    return entrance


READING_PAGES = Pages()


@READING_PAGES.get("/<token>")
def own(links: ReadingLinks, token: str) -> Response:
    return _read(links, token, NO_UNIT)


@READING_PAGES.get("/<token>/<code:unit>")
def unit(links: ReadingLinks, token: str, unit: UnitCode) -> Response:
    return _read(links, token, unit)


def door(links: ReadingLinks) -> Door:
    """The reader's pages."""
    entrance = Door("reading", Audience.LINK)
    entrance.open_to(READING_PAGES, links)
    return entrance


def _read(links: ReadingLinks, token: str, code: UnitCode) -> Response:
    found = links.read(token, code, question_asked())
    here = found.page.unit.code
    others = tuple(unit for unit in found.opens if unit.code != here)
    view = unit_view(found.page, page_asked(), voice(), Ways())
    return render("results/reading.html", ReadingPage(view, token, found.own, others))


def _links_page(
    links: ReadingLinks, staff: Staff, round_id: RoundId, form: LinkForm, status: int
) -> Response:
    held, now = links.of(staff, round_id), links.now()
    dated = [(each.unit, each.until) for each in held if each.until is not None]
    page = LinksPage(
        facts(find(links.shelf, round_id)),
        tuple(LinkedLine(unit, until, until < now) for unit, until in dated),
        tuple(each.unit for each in held),
        form,
    )
    return render("results/reading_links.html", page, status)
