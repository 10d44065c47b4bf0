"""Hasty hands on the desk: a double click acts once, and what cannot be taken back is not pressed by the tap
that has opened its page (client pages/desk/hands).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, Route, expect
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from app import STAFF
from surveys.accounts.links import Purpose, holder_of
from surveys.accounts.roles import Role
from surveys.names import RoundId, UnitCode
from surveys.rounds import conduct, ledger
from surveys.rounds.stated import Polls
from surveys.rounds.states import State
from tests.desk import Desk, a_desk
from tests.journeys.staff_browser import signed_in
from tests.served import served


@dataclass
class Office:
    """An organizer's page whose answers are late, as in an office at noon."""

    page: Page
    desk: Desk
    site: str
    slow: bool = False
    posts: list[str] = field(default_factory=list)
    _late: list[Route] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._note)
        self.page.route("**/rounds/**", self._keep_waiting)

    def _note(self, request: Request) -> None:
        if request.method == "POST":
            self.posts.append(request.url.rpartition("/")[2])

    def _keep_waiting(self, route: Route) -> None:
        if self.slow and route.request.method == "POST":
            self._late.append(route)
        else:
            route.continue_()

    def go(self, round_id: RoundId, rest: str) -> None:
        self.page.goto(f"{self.site}/en/rounds/{round_id}/{rest}")

    def clicks(self, button: Locator, times: int) -> None:
        """So many clicks on one place, the answer to the first coming after the last."""
        self.slow = True
        button.evaluate("button => button.scrollIntoView({ block: 'center' })")
        box = button.bounding_box()
        assert box is not None
        at = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.click(*at, click_count=times, delay=30)
        self.slow = False
        while self._late:
            self._late.pop().continue_()

    def state(self, round_id: RoundId) -> State:
        return ledger.find(self.desk.site.stores.app, round_id).state


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = a_desk(tmp_path_factory.mktemp("desk"))
    yield made
    made.site.stores.close()


@pytest.fixture
def office(browser: Browser, desk: Desk) -> Iterator[Office]:
    site = DispatcherMiddleware(NotFound(), {STAFF: desk.site.app})
    with served(site) as port:
        address = f"http://127.0.0.1:{port}"
        context = signed_in(browser, desk.site, address, desk.account(Role.ORGANIZER, UnitCode("A")))
        yield Office(context.new_page(), desk, f"{address}{STAFF}")
        context.close()


@pytest.mark.parametrize("times", [2, 4])
def test_a_double_click_opens_the_polls_once(office: Office, times: int) -> None:
    round_id = office.desk.confirmed(times)
    office.go(round_id, "polls")
    office.clicks(office.page.get_by_role("button", name="Open the polls"), times)
    expect(office.page.get_by_text("The polls are open.")).to_be_visible()
    assert office.posts == ["open"]
    log = conduct.find(office.desk.site.stores.app, round_id).facts.log
    assert [act.act for act in log] == [Polls.OPENED]


def test_a_double_click_makes_one_link_and_an_earlier_one_is_not_ended_unseen(office: Office) -> None:
    round_id = office.desk.frozen(7)
    office.go(round_id, "committee")
    office.clicks(office.page.get_by_role("button", name="Make a link").first, 2)
    link = office.page.locator("code[data-copy]").inner_text()
    assert office.posts == ["link"]
    engine = office.desk.site.stores.engines.app
    token = link.partition("#")[2]
    assert holder_of(engine, round_id, Purpose.TRUSTEE, token, office.desk.watch.at) == 1


def test_the_twin_without_the_page_s_program_the_form_is_sent_twice(office: Office) -> None:
    office.page.route("**/build/desk.js*", lambda route: route.abort())
    round_id = office.desk.confirmed(3)
    office.go(round_id, "polls")
    office.clicks(office.page.get_by_role("button", name="Open the polls"), 2)
    expect(office.page.get_by_role("heading", level=1)).not_to_have_text("Open, extend and close the polls")
    assert office.posts == ["open", "open"]


def test_what_cannot_be_taken_back_is_not_pressed_by_the_tap_that_opened_its_page(office: Office) -> None:
    page, round_id = office.page, office.desk.confirmed(5)
    office.desk.desks.polls.open_at_the_server(round_id)
    page.remove_locator_handler(page.locator("main[data-quiet]"))  # this hand is not patient
    page.clock.install(time=office.desk.watch.at)
    page.clock.pause_at(office.desk.watch.at + timedelta(seconds=1))
    office.go(round_id, "polls")
    close = page.get_by_role("button", name="Close the polls")
    office.clicks(close, 2)
    assert (office.posts, office.state(round_id)) == ([], State.OPEN)
    page.clock.run_for(520)
    office.clicks(close, 2)
    expect(page.get_by_text("The polls are closed.")).to_be_visible()
    assert office.posts == ["close"]
    assert office.state(round_id) is State.CLOSING
