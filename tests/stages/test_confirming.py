"""What is done before its time, and freezing, is asked about on a page of its own; one of many units is found
by typing.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from surveys.accounts.roles import Role
from surveys.instants import read_instant
from surveys.names import RoundId, UnitCode
from surveys.rounds import drafts, ledger
from surveys.rounds.states import State
from tests.desk import Desk, a_desk
from tests.staff import Browser

LATER = {
    "opens": read_instant("2098-11-02T01:00:00Z"),
    "closes": read_instant("2099-11-02T01:00:00Z"),
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = a_desk(Path(tmp_path_factory.mktemp("confirming")))
    yield desk
    desk.site.stores.close()


def read(browser: Browser, address: str) -> str:
    answer = browser.get(f"/en/rounds/{address}")
    assert answer.status_code == 200, address
    return unescape(answer.get_data(as_text=True))


def state(desk: Desk, round_id: RoundId) -> State:
    return ledger.find(desk.site.stores.app, round_id).state


def test_opening_and_closing_before_the_time_are_asked_about(desk: Desk) -> None:
    browser, round_id = desk.browser(Role.ORGANIZER, UnitCode("A")), desk.confirmed(1, **LATER)
    polls = read(browser, f"{round_id}/polls")
    # The page itself cannot open them; the question says the time that was decided.
    assert f'action="/s/en/rounds/{round_id}/open"' not in polls
    assert f"/rounds/{round_id}/open" in polls
    assert "08:00 on 2 November 2098" in read(browser, f"{round_id}/open")
    assert browser.post(f"/en/rounds/{round_id}/open", {}).status_code == 303
    assert state(desk, round_id) is State.OPEN
    assert f'action="/s/en/rounds/{round_id}/close"' not in read(browser, f"{round_id}/polls")
    asked = read(browser, f"{round_id}/close")
    assert "Whoever has not voted by now cannot vote any more." in asked
    assert browser.post(f"/en/rounds/{round_id}/close", {"reason": ""}).status_code == 422
    assert state(desk, round_id) is State.OPEN
    assert browser.post(f"/en/rounds/{round_id}/close", {"reason": "All have voted"}).status_code == 303
    assert state(desk, round_id) is State.CLOSING


def test_in_its_time_the_polls_are_opened_without_a_question(desk: Desk) -> None:
    browser = desk.browser(Role.ORGANIZER, UnitCode("A"))
    round_id = desk.confirmed(2, opens=read_instant("2020-11-02T01:00:00Z"), closes=LATER["closes"])
    assert f'action="/s/en/rounds/{round_id}/open"' in read(browser, f"{round_id}/polls")


def test_freezing_is_asked_about_after_leaders_electorates_and_who_sees(desk: Desk) -> None:
    browser, round_id = desk.browser(Role.ORGANIZER, UnitCode("A")), desk.draft(3)
    desk.slips(round_id)
    everything = read(browser, f"{round_id}/freeze")
    for told in ("Người A1 3", "Chi bộ A1", "Each leader will see their own result, and nobody else"):
        assert told in everything
    for point in ("basics", "rule", "subjects", "calendar", "settings", "committee", "slips", "papers"):
        assert f"/rounds/{round_id}/points/{point}" in everything
    assert '<form method="post" action' not in everything.split("<main")[1]
    sure = read(browser, f"{round_id}/freeze/sure")
    assert f'action="/s/en/rounds/{round_id}/freeze"' in sure
    assert "points are as they were proposed" in sure


@pytest.mark.parametrize(("typed", "status"), [("A1", 303), ("Chi bộ A1 (A1)", 303), ("A9", 422), ("", 422)])
def test_a_unit_is_named_by_code_or_by_its_words(desk: Desk, typed: str, status: int) -> None:
    browser, before = desk.browser(Role.ORGANIZER, UnitCode("A")), drafts.roots(desk.site.stores.engines.app)
    given = {"year": "2027", "unit": typed, "preset": "local-annual", "like": ""}
    answer = browser.post("/en/rounds/new", given)
    assert answer.status_code == status
    made = {k: v for k, v in drafts.roots(desk.site.stores.engines.app).items() if k not in before}
    assert list(made.values()) == (["A1"] if status == 303 else [])
