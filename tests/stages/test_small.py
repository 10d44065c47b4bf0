"""A small vote: from an empty desk a list of names becomes a round that waits for its slips alone, with the
protection of any other; what is wrong is said, and nothing is stored then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from surveys.accounts.roles import EVERYWHERE, Grant, Role
from surveys.console.small.names import Named, read_names
from surveys.names import RoundId, UnitCode
from surveys.organisation.register import import_organisation, load_held, load_organisation
from surveys.organisation.values import Organisation, Unit
from surveys.rounds import drafts
from surveys.rounds.contests import DangerKind
from surveys.settings import Settings
from tests.desk import Desk, desk_over
from tests.staff import Browser, staff_site

PEOPLE = ["Nguyễn Văn An", "Trần Thị Bình", "Lê Văn Cường", "Phạm Thị Dung", "Hoàng Văn Em"]
COMMITTEE = {"head": "Trần Thị Bình", "second": "Lê Văn Cường", "third": "Phạm Thị Dung"}
REST = {"unit": "Chi bộ 5", "preset": "local-annual", "visibility": "subject", "hours": "4"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    site = staff_site(tmp_path)
    yield desk_over(site, tmp_path, Settings())
    site.stores.close()


def organizer(desk: Desk) -> Browser:
    return desk.site.browser(desk.site.account("small", Grant(Role.ORGANIZER, EVERYWHERE)))


def form(names: list[str], subjects: dict[int, str]) -> dict[str, str]:
    """The second half of the page as a browser sends it."""
    sent = {**REST, **COMMITTEE}
    for at, name in enumerate(names):
        sent |= {f"people-{at}-name": name, f"people-{at}-post": subjects.get(at, "")}
        if at in subjects:
            sent[f"people-{at}-subject"] = "y"
    return sent


def test_a_list_is_read_as_it_is_pasted() -> None:
    text = "1. Nguyễn Văn An; Bí thư\n\n2\tTrần Thị Bình\tPhó bí thư\n  Lê Văn Cường  \n"
    assert read_names(text) == (
        Named("Nguyễn Văn An", "Bí thư"),
        Named("Trần Thị Bình", "Phó bí thư"),
        Named("Lê Văn Cường"),
    )


def test_a_list_of_names_becomes_a_round_that_waits_for_its_slips_alone(desk: Desk) -> None:
    browser = organizer(desk)
    assert "/rounds/small" in browser.get("/en/").get_data(as_text=True)
    text = "\n".join([f"{PEOPLE[0]}; Bí thư", *PEOPLE[1:]])
    second = browser.post("/en/rounds/small", {"unit": "Chi bộ 5", "names": text})
    assert second.status_code == 200
    assert "checked" in second.get_data(as_text=True).split('name="people-0-subject"')[1][:20]
    done = browser.post("/en/rounds/small/call", form(PEOPLE, {0: "Bí thư"}))
    assert done.status_code == 303
    (round_id,) = drafts.roots(desk.site.stores.engines.app)
    # The next page makes the slips; then nothing but freezing is left.
    assert done.headers["Location"].startswith(f"/o/{round_id}/#")
    draft = desk.desks.drafts.look(round_id)
    assert draft.prepared is not None
    assert (draft.next_task, draft.dangers) == ("slips", ())
    assert [len(voters) for voters in draft.prepared.electorate.panels.values()] == [5]
    assert [(each.name, each.titles) for each in draft.prepared.electorate.contests] == [
        (PEOPLE[0], ("Bí thư",))
    ]
    desk.slips(round_id)
    assert desk.desks.drafts.look(round_id).next_task == "freeze"
    assert "begins with an empty desk" in browser.get("/en/rounds/small").get_data(as_text=True)


def test_fewer_than_k_are_warned_of_on_the_page_and_before_freezing(desk: Desk) -> None:
    browser = organizer(desk)
    few = [*PEOPLE[:3], "Vũ Thị Giang"]
    second = browser.post("/en/rounds/small", {"unit": "Chi bộ 5", "names": "\n".join(few)})
    assert "Only 4 voters, fewer than 5" in second.get_data(as_text=True)
    browser.post("/en/rounds/small/call", form(few, {0: "Bí thư"}))
    (round_id,) = drafts.roots(desk.site.stores.engines.app)
    kinds = {danger.kind for danger in desk.desks.drafts.look(round_id).dangers}
    assert {DangerKind.SMALL_PANEL, DangerKind.SMALL_ELECTORATE} <= kinds


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"people-0-subject": ""}, "Tick at least one person who is voted on."),
        ({"people-0-post": ""}, "Write the post of Nguyễn Văn An."),
        ({"people-1-name": "Nguyễn Văn An"}, "Nguyễn Văn An stands twice"),
        ({"head": "Nguyễn Văn An"}, "Nguyễn Văn An is voted on and cannot count the votes."),
        ({"third": "Lê Văn Cường"}, "Two members have the same name"),
        ({"hours": "0"}, "A whole number from 1 to 72."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(desk: Desk, changes: dict[str, str], said: str) -> None:
    sent = {**form(PEOPLE, {0: "Bí thư"}), **changes}
    sent = {name: value for name, value in sent.items() if value or not name.endswith("subject")}
    answer = organizer(desk).post("/en/rounds/small/call", sent)
    assert answer.status_code == 422
    assert said in unescape(answer.get_data(as_text=True))
    assert load_held(desk.site.stores.app).organisation.units == ()
    assert drafts.roots(desk.site.stores.engines.app) == {}


def test_run_again_with_the_same_list_it_goes_on_and_with_another_it_is_refused(desk: Desk) -> None:
    browser, sent = organizer(desk), form(PEOPLE, {0: "Bí thư"})
    browser.post("/en/rounds/small/call", sent)
    (round_id,) = drafts.roots(desk.site.stores.engines.app)
    drafts.drop_draft(desk.site.stores.engines.app, round_id)  # killed before the round
    assert browser.post("/en/rounds/small/call", sent).status_code == 303
    assert len(drafts.roots(desk.site.stores.engines.app)) == 1
    before = load_organisation(desk.site.stores.app)
    other = browser.post("/en/rounds/small/call", form([*PEOPLE, "Vũ Thị Giang"], {0: "Bí thư"}))
    assert other.status_code == 409
    assert load_organisation(desk.site.stores.app) == before


def test_it_can_grow_into_the_whole_organisation(desk: Desk) -> None:
    browser = organizer(desk)
    browser.post("/en/rounds/small/call", form(PEOPLE, {0: "Bí thư"}))
    held = load_organisation(desk.site.stores.app)
    top = Unit(UnitCode("DU"), None, "Đảng ủy", None, "committee")
    below = tuple(replace(unit, parent=top.code) for unit in held.units)
    larger = Organisation.of([top, *below], held.people, held.posts)
    import_organisation(desk.site.stores.app, larger, confirmed=True)
    (round_id,) = drafts.roots(desk.site.stores.engines.app)
    prepared = desk.desks.drafts.look(RoundId(round_id)).prepared
    assert prepared is not None
    assert [len(voters) for voters in prepared.electorate.panels.values()] == [5]
