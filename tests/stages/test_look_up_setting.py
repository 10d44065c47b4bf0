"""The look-up time (docs/protocol.md 11.4) is decided on the desk, stands in what is frozen, and its absence
is warned of in both languages.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from surveys.accounts.roles import Role
from surveys.names import UnitCode
from surveys.rounds import ledger
from surveys.rounds.contests import without_look_up
from surveys.rounds.definition import LOOK_UP
from tests.desk import Desk, a_desk
from tests.staff import said

SETTINGS = {"k": "5", "presence": "everybody", "visibility": "subject", "revoting": "y", "subjects_vote": "y"}
WARNING = {
    "en": "There is no look-up time",
    "vi": "Không có thời gian tra cứu phiếu",
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = a_desk(tmp_path)
    yield made
    made.site.stores.close()


def test_a_new_round_has_half_an_hour_and_a_copy_that_of_its_model(desk: Desk) -> None:
    organizer, drafting = desk.account(Role.ORGANIZER, UnitCode("A")), desk.desks.drafts
    assert (
        desk.terms(drafting.create(organizer, UnitCode("A"), 2026, "local-annual")).look_up == LOOK_UP == 30
    )
    copy = drafting.clone(organizer, desk.frozen(1, look_up=45), 2027)
    assert desk.terms(copy).look_up == 45


def test_what_is_decided_on_the_page_is_what_is_frozen(desk: Desk) -> None:
    browser, round_id = desk.browser(Role.ORGANIZER, UnitCode("A")), desk.draft(2)
    address = f"/en/rounds/{round_id}/points/settings"
    for wrong in ("", "-1", "10081", "half"):
        assert browser.post(address, {**SETTINGS, "look_up": wrong}).status_code == 422
        assert desk.terms(round_id).look_up == 0
    for minutes in (0, 10_080, 20):
        assert browser.post(address, {**SETTINGS, "look_up": str(minutes)}).status_code == 303
        assert desk.terms(round_id).look_up == minutes
    assert 'name="look_up" type="text" value="20"' in browser.get(address).text
    frozen = ledger.find(desk.site.stores.app, desk.frozen(3, look_up=20))
    assert frozen.definition.look_up == 20


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_look_up_time_is_warned_of_on_the_task_list_and_before_freezing(desk: Desk, language: str) -> None:
    """The twin: a minute is enough for the warning to be gone."""
    browser = desk.browser(Role.ORGANIZER, UnitCode("A"))
    for number, look_up in ((4, 0), (5, 1)):
        round_id = desk.draft(number, look_up=look_up, decided=("settings",))
        desk.slips(round_id)
        draft = desk.desks.drafts.look(round_id)
        standing = {task.name: task.standing for task in draft.tasks}
        assert standing["settings"] == ("look" if look_up == 0 else "done")
        assert draft.ready
        for page in ("prepare", "freeze"):
            shown = said(browser.get(f"/{language}/rounds/{round_id}/{page}"))
            assert (WARNING[language] in shown) is (look_up == 0), (page, look_up)


def test_only_nothing_is_warned_of() -> None:
    assert [danger.kind for danger in without_look_up(0)] == ["look_up"]
    assert without_look_up(1) == ()
