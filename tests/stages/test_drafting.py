"""A round is prepared on the desk: the task list tells the truth, freezing waits for it, a copy carries over and shows what changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from surveys.accounts.errors import NotYours
from surveys.accounts.roles import Role
from surveys.jobs.queue import Standing, Tell
from surveys.organisation.register import import_organisation, load_organisation
from surveys.organisation.values import Person
from surveys.protocol.roll_list import roll_root
from surveys.rounds import conduct, drafts, ledger
from surveys.rounds.definition import Excluded
from surveys.rounds.errors import NoSuchDraft
from surveys.rounds.states import State
from surveys.stages.drafting import DraftDesk
from surveys.stages.errors import NoSlips, NotReady, ProgramChanged, StillFreezing
from surveys.stages.office import FREEZE, freezing
from surveys.stages.preparing import SlipsDoNotFit
from surveys.web.clients import Clients
from tests.desk import Desk, a_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = a_desk(tmp_path)
    yield made
    made.site.stores.close()


def standing(desk: Desk, survey: str) -> dict[str, str]:
    return {task.name: task.standing for task in desk.desks.drafts.look(survey).tasks}


def freeze(desk: Desk, survey: str) -> None:
    """What the worker does with the job."""
    organizer = desk.account(Role.ORGANIZER, "A")
    desk.jobs.teach({FREEZE: freezing(desk.site.stores, desk.site.keyring, 1)})
    desk.desks.drafts.freeze(organizer, survey)
    freezing(desk.site.stores, desk.site.keyring, 1)(survey, Tell(desk.jobs, FREEZE, survey))


def test_the_task_list_says_what_is_missing_until_it_is_done(desk: Desk) -> None:
    organizer, drafting = desk.account(Role.ORGANIZER, "A"), desk.desks.drafts
    survey = drafting.create(organizer, "A", 2026, "local-annual")
    held = standing(desk, survey)
    assert (held["committee"], held["slips"]) == ("missing", "missing")
    # A leader of A is voted on by fewer than k in A2 and may vote twice: something to look at, nothing that forbids.
    assert held["subjects"] == "look"
    with pytest.raises(NotReady) as caught:
        drafting.freeze(organizer, survey)
    assert set(caught.value.tasks) == {"committee", "slips"}
    drafting.decide(organizer, survey, "committee", trustees=("Một", "Hai", "Ba"), threshold=3)
    assert standing(desk, survey)["committee"] == "missing"
    drafting.decide(organizer, survey, "committee", threshold=2)
    assert standing(desk, survey)["committee"] == "done"
    drafting.decide(organizer, survey, "committee", trustees=("Một", "Người A1 2", "Ba"))
    assert standing(desk, survey)["committee"] == "look"
    drafting.decide(organizer, survey, "calendar", closes="2026-11-01T10:00:00Z")
    assert standing(desk, survey)["calendar"] == "missing"
    drafting.decide(organizer, survey, "calendar", closes="2027-11-01T10:00:00Z")
    desk.slips(survey)
    assert set(standing(desk, survey).values()) <= {"done", "look"}
    assert drafting.look(survey).ready


def test_slips_that_no_longer_fit_the_voters_are_missing_again(desk: Desk) -> None:
    survey = desk.draft(1)
    desk.slips(survey)
    assert standing(desk, survey)["slips"] == "done"
    held = load_organisation(desk.site.stores.app, desk.site.keyring)
    late = replace(held, people=(*held.people, Person("A1-99", "Người đến sau", "A1", None, True)))
    import_organisation(desk.site.stores.app, desk.site.keyring, late, confirmed=True)
    assert standing(desk, survey)["slips"] == "missing"
    with pytest.raises(SlipsDoNotFit):
        desk.desks.drafts.panels(desk.desks.drafts.look(survey))
    with pytest.raises(NotReady):
        desk.desks.drafts.freeze(desk.account(Role.ORGANIZER, "A"), survey)


def test_the_page_to_confirm_shows_the_root_that_is_frozen(desk: Desk) -> None:
    survey = desk.draft(2)
    with pytest.raises(NoSlips):
        desk.desks.drafts.panels(desk.desks.drafts.look(survey))
    slips = desk.slips(survey)
    shown = desk.desks.drafts.panels(desk.desks.drafts.look(survey))
    for p, panel in enumerate(shown):
        keys = sorted(slip.key for slip in slips if slip.voter.panel == p)
        assert (panel.voters, panel.root) == (len(keys), roll_root(keys))
    freeze(desk, survey)
    found = ledger.find(desk.site.stores.app, desk.site.keyring, survey)
    assert found.state is State.FROZEN
    assert [panel.root for panel in shown] == [panel.roll for panel in found.definition.panels]
    assert survey not in drafts.roots(desk.site.stores.app)


def test_what_is_decided_about_the_conduct_goes_with_the_round(desk: Desk) -> None:
    survey = desk.draft(3, presence="recorded", by_clock=True, four_eyes=True)
    desk.slips(survey)
    freeze(desk, survey)
    held = conduct.find(desk.site.stores.app, desk.site.keyring, survey).settings
    assert (held.presence, held.by_clock, held.four_eyes) == ("recorded", True, True)


def test_while_it_is_being_frozen_nothing_is_decided_and_a_second_freezing_is_refused(desk: Desk) -> None:
    survey, organizer, drafting = desk.draft(4), desk.account(Role.ORGANIZER, "A"), desk.desks.drafts
    desk.slips(survey)
    desk.jobs.teach({FREEZE: freezing(desk.site.stores, desk.site.keyring, 1)})
    assert drafting.freeze(organizer, survey).standing is Standing.WAITING
    for act in (
        lambda: drafting.freeze(organizer, survey),
        lambda: drafting.decide(organizer, survey, "basics", place="Khác"),
        lambda: drafting.discard(organizer, survey, "x"),
    ):
        with pytest.raises(StillFreezing):
            act()
    assert desk.terms(survey).place == ""


def test_slips_of_another_program_are_not_frozen(desk: Desk) -> None:
    """Between printing and freezing the software was changed: voters would load what their slips do not name."""
    survey, organizer = desk.draft(5), desk.account(Role.ORGANIZER, "A")
    desk.slips(survey)
    now = desk.desks.drafts
    other = Clients(dict.fromkeys(now.clients.hashes, "00" * 32))
    later = DraftDesk(now.stores, now.keyring, now.log, now.jobs, other, now.now)
    with pytest.raises(ProgramChanged):
        later.freeze(organizer, survey)
    # Making slips again names the present program; the twin without the look would have frozen the old one.
    later.slips_link(organizer, survey)
    assert dict(desk.terms(survey).clients) == dict(other.named)


def test_an_organizer_prepares_rounds_over_their_own_units_only(desk: Desk) -> None:
    organizer, drafting = desk.account(Role.ORGANIZER, "A"), desk.desks.drafts
    for unit in ("K", "B", "B1"):
        with pytest.raises(NotYours):
            drafting.create(organizer, unit, 2026, "local-annual")
    survey = drafting.create(organizer, "A1", 2026, "local-annual")
    with pytest.raises(NotYours):
        drafting.decide(organizer, survey, "subjects", unit="B")
    assert desk.terms(survey).unit == "A1"
    assert set(drafting.look(survey).prepared.electorate.panels) == {"A1"}  # type: ignore[union-attr]


def test_leaders_left_out_are_on_no_ballot_and_the_reason_is_kept(desk: Desk) -> None:
    organizer, drafting = desk.account(Role.ORGANIZER, "A"), desk.desks.drafts
    survey = desk.draft(6)

    def subjects() -> set[tuple[str, str]]:
        prepared = drafting.look(survey).prepared
        assert prepared is not None
        return {(each.unit, each.person) for each in prepared.electorate.contests}

    assert subjects() == {("A", "A1-02"), ("A1", "A1-03")}
    left_out = Excluded("A1-03", "A1", "retirement", "Nghỉ hưu trong sáu tháng")
    drafting.decide(organizer, survey, "subjects", excluded=(left_out,))
    assert subjects() == {("A", "A1-02")}
    assert desk.terms(survey).excluded == (left_out,)


def test_a_copy_carries_over_and_shows_what_changed(desk: Desk) -> None:
    organizer, drafting = desk.account(Role.ORGANIZER, "A"), desk.desks.drafts
    before = desk.confirmed(7, k=6, revoting=True, visibility="heads", place="Hội trường A")
    held = load_organisation(desk.site.stores.app, desk.site.keyring)
    posts = tuple(
        replace(post, person="A1-04") if post.unit == "A1" and post.person == "A1-03" else post
        for post in held.posts
    )
    people = tuple(replace(person, unit="A3") if person.code == "A2-01" else person for person in held.people)
    import_organisation(
        desk.site.stores.app, desk.site.keyring, replace(held, posts=posts, people=people), confirmed=True
    )
    survey = drafting.clone(organizer, before, 2027)
    terms = desk.terms(survey)
    assert (terms.k, terms.revoting, terms.visibility, terms.place) == (6, True, "heads", "Hội trường A")
    assert (terms.year, terms.title_vi, terms.trustees) == (
        2027,
        "Lấy phiếu tín nhiệm năm 2027",
        ("Một", "Hai", "Ba"),
    )
    changed = drafting.changed_since(drafting.look(survey), before)
    assert changed.added == ("Người A1 4 (A1)",)
    assert changed.gone == ("Người A1 3 (A1)",)
    assert changed.panels == (("A2", 2, 1), ("A3", 7, 8))


def test_a_round_that_is_given_up_is_gone_with_its_slips_and_stands_in_the_log(desk: Desk) -> None:
    survey, organizer = desk.draft(8), desk.account(Role.ORGANIZER, "A")
    desk.slips(survey)
    desk.desks.drafts.discard(organizer, survey, "Hoãn sang năm")
    with pytest.raises(NoSuchDraft):
        desk.desks.drafts.look(survey)
    assert drafts.proposed_roll(desk.site.stores.app, desk.site.keyring, survey) is None
    newest = desk.desks.log.entries(most=1)[0]
    assert (newest.act, newest.reason, newest.survey) == ("round.discarded", "Hoãn sang năm", survey)


def test_an_organisation_that_allows_no_round_is_named_on_the_task_list(desk: Desk) -> None:
    survey = desk.draft(9, unit="A2")
    draft = desk.desks.drafts.look(survey)
    assert (draft.prepared, type(draft.problem).__name__) == (None, "NoSubjects")
    assert standing(desk, survey)["subjects"] == "missing"
