"""A round is prepared on the desk: the task list tells the truth, freezing waits for it, a copy carries over
and shows what changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from surveys.accounts.errors import NotYours
from surveys.accounts.roles import Role
from surveys.console.preparation.drafting import Drafting
from surveys.instance.kinds import FREEZE
from surveys.instance.slip_service import freezing
from surveys.instants import read_instant
from surveys.jobs.queue import Standing, Tell
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.organisation.register import import_organisation, load_organisation
from surveys.organisation.values import Person
from surveys.protocol.roll_list import roll_root
from surveys.rounds import conduct, drafts, ledger
from surveys.rounds.definition import Excluded
from surveys.rounds.errors import NoSuchDraft
from surveys.rounds.states import State
from surveys.stages import preparing
from surveys.stages.errors import NoSlips, NotReady, ProgramChanged, SlipsDoNotFit, StillFreezing
from surveys.stores.columns import Keyring
from surveys.web.clients import Clients
from tests.desk import Desk, a_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = a_desk(tmp_path)
    yield made
    made.site.stores.close()


def standing(desk: Desk, round_id: RoundId) -> dict[str, str]:
    return {task.name: task.standing for task in desk.desks.drafts.look(round_id).tasks}


def freeze(desk: Desk, round_id: RoundId) -> None:
    """What the worker does with the job."""
    organizer = desk.account(Role.ORGANIZER, UnitCode("A"))
    desk.jobs.teach({FREEZE: freezing(desk.site.stores, 1)})
    desk.desks.drafts.freeze(organizer, round_id)
    freezing(desk.site.stores, 1)(round_id, Tell(desk.jobs, FREEZE, round_id))


def test_the_task_list_says_what_is_missing_until_it_is_done(desk: Desk) -> None:
    organizer, drafting = desk.account(Role.ORGANIZER, UnitCode("A")), desk.desks.drafts
    round_id = drafting.create(organizer, UnitCode("A"), 2026, "local-annual")
    held = standing(desk, round_id)
    assert (held["committee"], held["slips"]) == ("missing", "missing")
    # What nobody has looked at is proposed, and no tick; the first thing that is missing is what is next.
    assert {name for name, how in held.items() if how == "proposed"} == {
        "basics",
        "rule",
        "subjects",
        "calendar",
        "settings",
        "papers",
    }
    assert drafting.look(round_id).next_task == "committee"
    drafting.decide(organizer, round_id, "subjects")
    # A leader of A is voted on by fewer than k in A2 and may vote twice: something to look at, nothing that
    # forbids.
    assert standing(desk, round_id)["subjects"] == "look"
    with pytest.raises(NotReady) as caught:
        drafting.freeze(organizer, round_id)
    assert set(caught.value.tasks) == {"committee", "slips"}
    drafting.decide(organizer, round_id, "committee", trustees=("Một", "Hai", "Ba"), threshold=3)
    assert standing(desk, round_id)["committee"] == "missing"
    drafting.decide(organizer, round_id, "committee", threshold=2)
    assert standing(desk, round_id)["committee"] == "done"
    drafting.decide(organizer, round_id, "committee", trustees=("Một", "Người A1 2", "Ba"))
    assert standing(desk, round_id)["committee"] == "look"
    drafting.decide(organizer, round_id, "calendar", closes=read_instant("2026-11-01T10:00:00Z"))
    assert standing(desk, round_id)["calendar"] == "missing"
    drafting.decide(organizer, round_id, "calendar", closes=read_instant("2027-11-01T10:00:00Z"))
    desk.slips(round_id)
    assert drafting.look(round_id).ready
    assert drafting.look(round_id).next_task == "basics"
    for point in ("basics", "rule", "settings", "papers"):
        drafting.decide(organizer, round_id, point)
    assert set(standing(desk, round_id).values()) <= {"done", "look"}
    assert drafting.look(round_id).next_task == "freeze"


def test_slips_that_no_longer_fit_the_voters_are_missing_again(desk: Desk) -> None:
    round_id = desk.draft(1)
    desk.slips(round_id)
    assert standing(desk, round_id)["slips"] == "done"
    held = load_organisation(desk.site.stores.app)
    late = replace(
        held, people=(*held.people, Person(PersonCode("A1-99"), "Người đến sau", UnitCode("A1"), None, True))
    )
    import_organisation(desk.site.stores.app, late, confirmed=True)
    assert standing(desk, round_id)["slips"] == "missing"
    with pytest.raises(SlipsDoNotFit):
        desk.desks.drafts.panels(desk.desks.drafts.look(round_id))
    with pytest.raises(NotReady):
        desk.desks.drafts.freeze(desk.account(Role.ORGANIZER, UnitCode("A")), round_id)


def test_the_page_to_confirm_shows_the_root_that_is_frozen(desk: Desk) -> None:
    round_id = desk.draft(2)
    with pytest.raises(NoSlips):
        desk.desks.drafts.panels(desk.desks.drafts.look(round_id))
    slips = desk.slips(round_id)
    shown = desk.desks.drafts.panels(desk.desks.drafts.look(round_id))
    for p, panel in enumerate(shown):
        keys = sorted(slip.key for slip in slips if slip.voter.panel == p)
        assert (panel.voters, panel.root) == (len(keys), roll_root(keys))
    freeze(desk, round_id)
    found = ledger.find(desk.site.stores.app, round_id)
    assert found.state is State.FROZEN
    assert [panel.root for panel in shown] == [panel.roll for panel in found.definition.panels]
    assert round_id not in drafts.roots(desk.site.stores.engines.app)


def test_what_is_decided_about_the_conduct_goes_with_the_round(desk: Desk) -> None:
    round_id = desk.draft(3, presence="recorded", by_clock=True, four_eyes=True)
    desk.slips(round_id)
    freeze(desk, round_id)
    held = conduct.find(desk.site.stores.app, round_id).settings
    assert (held.presence, held.by_clock, held.four_eyes) == ("recorded", True, True)


def test_while_it_is_being_frozen_nothing_is_decided_and_a_second_freezing_is_refused(desk: Desk) -> None:
    round_id, organizer, drafting = (
        desk.draft(4),
        desk.account(Role.ORGANIZER, UnitCode("A")),
        desk.desks.drafts,
    )
    desk.slips(round_id)
    desk.jobs.teach({FREEZE: freezing(desk.site.stores, 1)})
    assert drafting.freeze(organizer, round_id).standing is Standing.WAITING
    for act in (
        lambda: drafting.freeze(organizer, round_id),
        lambda: drafting.decide(organizer, round_id, "basics", place="Khác"),
        lambda: drafting.discard(organizer, round_id, "x"),
    ):
        with pytest.raises(StillFreezing):
            act()
    assert desk.terms(round_id).place == ""


def test_slips_of_another_program_are_not_frozen(desk: Desk) -> None:
    """Between printing and freezing the software was changed: voters would load what their slips do
    not name.
    """
    round_id, organizer = desk.draft(5), desk.account(Role.ORGANIZER, UnitCode("A"))
    desk.slips(round_id)
    now = desk.desks.drafts
    other = Clients(dict.fromkeys(now.clients.hashes, "00" * 32))
    later = Drafting(now.stores, now.log, now.jobs, other, now.kept, now.now)
    with pytest.raises(ProgramChanged):
        later.freeze(organizer, round_id)
    # Making slips again names the present program; the twin without the look would have frozen the old one.
    later.slips_link(organizer, round_id)
    assert dict(desk.terms(round_id).clients) == dict(other.named)


def test_an_organizer_prepares_rounds_over_their_own_units_only(desk: Desk) -> None:
    organizer, drafting = desk.account(Role.ORGANIZER, UnitCode("A")), desk.desks.drafts
    for unit in (UnitCode("K"), UnitCode("B"), UnitCode("B1")):
        with pytest.raises(NotYours):
            drafting.create(organizer, unit, 2026, "local-annual")
    round_id = drafting.create(organizer, UnitCode("A1"), 2026, "local-annual")
    with pytest.raises(NotYours):
        drafting.decide(organizer, round_id, "subjects", unit="B")
    assert desk.terms(round_id).unit == "A1"
    assert set(drafting.look(round_id).prepared.electorate.panels) == {"A1"}  # type: ignore[union-attr]


def test_leaders_left_out_are_on_no_ballot_and_the_reason_is_kept(desk: Desk) -> None:
    organizer, drafting = desk.account(Role.ORGANIZER, UnitCode("A")), desk.desks.drafts
    round_id = desk.draft(6)

    def subjects() -> set[tuple[str, str]]:
        prepared = drafting.look(round_id).prepared
        assert prepared is not None
        return {(each.unit, each.person) for each in prepared.electorate.contests}

    assert subjects() == {("A", "A1-02"), ("A1", "A1-03")}
    left_out = Excluded(PersonCode("A1-03"), UnitCode("A1"), "retirement", "Nghỉ hưu trong sáu tháng")
    drafting.decide(organizer, round_id, "subjects", excluded=(left_out,))
    assert subjects() == {("A", "A1-02")}
    assert desk.terms(round_id).excluded == (left_out,)


def test_a_copy_carries_over_and_shows_what_changed(desk: Desk) -> None:
    organizer, drafting = desk.account(Role.ORGANIZER, UnitCode("A")), desk.desks.drafts
    before = desk.confirmed(7, k=6, revoting=True, visibility="heads", place="Hội trường A")
    held = load_organisation(desk.site.stores.app)
    posts = tuple(
        replace(post, person=PersonCode("A1-04")) if post.unit == "A1" and post.person == "A1-03" else post
        for post in held.posts
    )
    people = tuple(
        replace(person, unit=UnitCode("A3")) if person.code == "A2-01" else person for person in held.people
    )
    import_organisation(desk.site.stores.app, replace(held, posts=posts, people=people), confirmed=True)
    round_id = drafting.clone(organizer, before, 2027)
    terms = desk.terms(round_id)
    assert (terms.k, terms.revoting, terms.visibility, terms.place) == (6, True, "heads", "Hội trường A")
    assert (terms.year, terms.title_vi, terms.trustees) == (
        2027,
        "Lấy phiếu tín nhiệm năm 2027",
        ("Một", "Hai", "Ba"),
    )
    changed = drafting.changed_since(drafting.look(round_id), before)
    assert changed.added == ("Người A1 4 (A1)",)
    assert changed.gone == ("Người A1 3 (A1)",)
    assert changed.panels == (("A2", 2, 1), ("A3", 7, 8))


def test_a_round_that_is_given_up_is_gone_with_its_slips_and_stands_in_the_log(desk: Desk) -> None:
    round_id, organizer = desk.draft(8), desk.account(Role.ORGANIZER, UnitCode("A"))
    desk.slips(round_id)
    desk.desks.drafts.discard(organizer, round_id, "Hoãn sang năm")
    with pytest.raises(NoSuchDraft):
        desk.desks.drafts.look(round_id)
    assert drafts.proposed_roll(desk.site.stores.app, round_id) is None
    newest = desk.desks.log.entries(most=1)[0]
    assert (newest.act, newest.reason, newest.round_id) == ("round.discarded", "Hoãn sang năm", round_id)


def test_an_organisation_that_allows_no_round_is_named_on_the_task_list(desk: Desk) -> None:
    round_id = desk.draft(9, unit="A2")
    draft = desk.desks.drafts.look(round_id)
    assert (draft.prepared, type(draft.problem).__name__) == (None, "NoSubjects")
    assert standing(desk, round_id)["subjects"] == "missing"


def test_a_second_look_opens_nothing_but_the_draft_however_many_people_there_are(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_id, opened = desk.draft(71), list[str]()
    desk.desks.drafts.look(round_id)
    plain = Keyring.open

    def counted(ring: Keyring, table: str, column: str, row: str, sealed: bytes) -> bytes:
        opened.append(table)
        return plain(ring, table, column, row, sealed)

    monkeypatch.setattr(Keyring, "open", counted)
    assert desk.desks.drafts.look(round_id).prepared is not None
    assert len(opened) <= 1
    preparing.prepared(desk.site.stores, round_id)
    assert len(opened) > 15
