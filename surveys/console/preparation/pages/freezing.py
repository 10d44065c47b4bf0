"""A round is looked through and frozen on the desk, and its slips are made in the organizer's browser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response, request

from surveys.accounts.pages.door import StaffDoor, StaffPages, to
from surveys.accounts.roles import Staff
from surveys.console.preparation.drafting import (
    ORGANIZERS,
    ChangedSince,
    Draft,
    Drafting,
    PanelToFreeze,
    as_local,
)
from surveys.console.preparation.pages.rules import summaries_for
from surveys.names import RoundId
from surveys.rules.preset import Words
from surveys.rules.summary import RuleSummary
from surveys.web.doors import render


@dataclass(frozen=True, slots=True)
class LeaderToFreeze:
    """Somebody voted on, and the names of the units that vote on them, with how many voters they have."""

    name: str
    titles: tuple[str, ...]
    unit: str
    electorate: tuple[str, ...]
    voters: int


@dataclass(frozen=True, slots=True)
class FreezePage:
    """Everything in one page, to confirm."""

    draft: Draft
    title: Words
    panels: tuple[PanelToFreeze, ...]
    voters: int
    rule: tuple[RuleSummary, ...]
    opens: datetime
    closes: datetime
    since: ChangedSince | None
    leaders: tuple[LeaderToFreeze, ...]


@dataclass(frozen=True, slots=True)
class ConfirmFreezePage:
    """The last question before freezing; `proposed` are the points that nobody has decided."""

    draft: Draft
    title: Words
    voters: int
    contests: int
    proposed: tuple[str, ...]


FREEZING_PAGES = StaffPages()


@FREEZING_PAGES.post("/rounds/<round_id>/slips-link", roles=ORGANIZERS)
def slips_link(desk: Drafting, staff: Staff, round_id: RoundId) -> Response:
    token = desk.slips_link(staff, round_id)
    answer = to("rounds.prepare", round_id=round_id)
    # The token stands in the fragment, which browsers keep to themselves.
    answer.headers["Location"] = f"/o/{round_id}/#{token}"
    return answer


@FREEZING_PAGES.get("/rounds/<round_id>/freeze", roles=ORGANIZERS)
def look_through(desk: Drafting, staff: Staff, round_id: RoundId) -> Response:
    return render("desk/freeze.html", _freeze_page(desk, round_id))


@FREEZING_PAGES.get("/rounds/<round_id>/freeze/sure", roles=ORGANIZERS)
def confirm_freeze(desk: Drafting, staff: Staff, round_id: RoundId) -> Response:
    draft = desk.look(round_id)
    if draft.problem is not None:
        raise draft.problem
    assert draft.prepared is not None
    electorate = draft.prepared.electorate
    page = ConfirmFreezePage(
        draft,
        draft.terms.title,
        sum(map(len, electorate.panels.values())),
        len(electorate.contests),
        tuple(task.name for task in draft.tasks if task.standing == "proposed"),
    )
    return render("desk/confirm_freeze.html", page)


@FREEZING_PAGES.post("/rounds/<round_id>/freeze", roles=ORGANIZERS)
def freeze(desk: Drafting, staff: Staff, round_id: RoundId) -> Response:
    desk.freeze(staff, round_id)
    return to("rounds.prepare", round_id=round_id)


def add_freezing(door: StaffDoor, desk: Drafting) -> None:
    """Put the pages behind the door."""
    door.open_to(FREEZING_PAGES, desk)


def _freeze_page(desk: Drafting, round_id: RoundId) -> FreezePage:
    draft = desk.look(round_id)
    if draft.problem is not None:
        raise draft.problem
    panels = desk.panels(draft)
    zone = draft.terms.time_zone
    earlier = request.args.get("since")
    return FreezePage(
        draft=draft,
        title=draft.terms.title,
        panels=panels,
        voters=sum(panel.voters for panel in panels),
        rule=summaries_for(draft.terms.preset, sum(panel.voters for panel in panels)),
        opens=as_local(draft.terms.opens, zone),
        closes=as_local(draft.terms.closes, zone),
        since=desk.changed_since(draft, RoundId(earlier)) if earlier else None,
        leaders=_leaders(draft),
    )


def _leaders(draft: Draft) -> tuple[LeaderToFreeze, ...]:
    assert draft.prepared is not None
    names = {unit.code: unit.name for unit in draft.prepared.organisation.units}
    panels = draft.prepared.electorate.panels
    return tuple(
        LeaderToFreeze(
            each.name,
            each.titles,
            names[each.unit],
            tuple(names[unit] for unit in each.electorate),
            sum(len(panels[unit]) for unit in each.electorate),
        )
        for each in draft.prepared.electorate.contests
    )
