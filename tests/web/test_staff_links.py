"""No page offers what its reader is refused: every link of every page is followed as many accounts, and every
form is one its reader may send.

Somebody with several roles is told apart by unit as well: what one role opens in one committee, another does
not open in the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from app import STAFF
from surveys.accounts.pages.door import lets_in
from surveys.accounts.roles import Grant, Role, Staff
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.protocol.definition import Visibility
from surveys.roll.listing import Entry, SealedTokenKey, Voter, freeze_roll
from surveys.rounds import ledger
from surveys.settings import Settings
from surveys.stores.store import Stores
from tests.desk import Desk, desk_over
from tests.staff import over
from tests.three_years import SURVEYS, three_years
from tests.web.links import followed, links_of
from tests.web.test_staff_routes import PLACES

SEVERAL = (
    (Grant(Role.ORGANIZER, UnitCode("B")), Grant(Role.AUDITOR, UnitCode("A"))),
    (Grant(Role.LEADER, UnitCode("A")), Grant(Role.ORGANIZER, UnitCode("B"))),
    (Grant(Role.AUTHORITY, UnitCode("A1")), Grant(Role.COMMITTEE_HEAD, UnitCode("A"))),
    (Grant(Role.ADMINISTRATOR, UnitCode("B")), Grant(Role.ORGANIZER, UnitCode("A1"))),
    (Grant(Role.COMMITTEE_HEAD, UnitCode("B")), Grant(Role.AUTHORITY, UnitCode("K"))),
)
ACCOUNTS = [(Grant(role, unit),) for role in Role for unit in PLACES] + list(SEVERAL)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Rounds in every state, over A: two need something of their organizers, and three years are published
    over everything.
    """
    folder = Path(tmp_path_factory.mktemp("links"))
    stores = three_years(folder, visibility=Visibility.UNIT)
    for round_id in SURVEYS.values():
        _a_roll(stores, round_id)
    settings = Settings(instance=stores.engines.root.parent)
    desk = desk_over(over(stores, settings), folder, settings)
    desk.draft(1)
    desk.frozen(2)
    desk.confirmed(3, presence="recorded", four_eyes=True)
    desk.desks.polls.open(desk.account(Role.ORGANIZER, UnitCode("A")), RoundId((b"\x03" * 16).hex()))
    yield desk
    stores.close()


def _a_roll(stores: Stores, round_id: RoundId) -> None:
    """A round that was published without a vote gets a roll: one voter in each panel, and no key that opens
    anything.
    """
    panels = ledger.find(stores.app, round_id).definition.panels
    entries = [Entry(Voter(p, PersonCode(f"v{p}")), bytes([p]) * 32) for p in range(len(panels))]
    sealed = SealedTokenKey(bytes(1), bytes(1))
    stores.engines.create_roll(round_id)
    freeze_roll(stores.roll(round_id), entries, dict.fromkeys(range(len(panels)), sealed))


def refused(desk: Desk, staff: Staff) -> list[str]:
    """What the pages of this account offer and it does not get."""
    browser, app = desk.site.browser(staff), desk.site.app
    adapter, wrong = app.url_map.bind("localhost"), list[str]()

    def kind(address: str) -> str:
        endpoint: str = adapter.match(urlsplit(address).path)[0]
        return endpoint

    def look(source: str, address: str) -> list[str]:
        with browser.get(address) as answer:
            status, onward = answer.status_code, answer.headers.get("Location", "")
            text = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        if status not in (200, 303) or "/account/login" in onward:
            wrong.append(f"{source} leads to {address}: {status}")
        for form in re.findall(r'<form[^>]* method="post"[^>]*>', text):
            action = re.search(r' action="([^"]*)"', form)
            sent = (
                urlsplit(unescape(action[1])).path.removeprefix(STAFF) if action else urlsplit(address).path
            )
            endpoint, values = adapter.match(sent, method="POST")
            view: Any = app.view_functions[endpoint]
            if not (endpoint.startswith("security.") or lets_in(desk.desks.scope, staff, view, values)):
                wrong.append(f"{address} has a form for {sent}")
        return [
            link.removeprefix(STAFF) for link in [*links_of(text), onward] if link.startswith(f"{STAFF}/en")
        ]

    assert followed(["/en/"], kind, look)["account.mine"] == 1
    return wrong


@pytest.mark.parametrize("grants", ACCOUNTS, ids=lambda held: "+".join(f"{g.role}-{g.unit}" for g in held))
def test_no_page_offers_what_is_refused(desk: Desk, grants: tuple[Grant, ...]) -> None:
    name = "links-" + "-".join(f"{g.role}-{g.unit}" for g in grants).replace("*", "all")
    staff = desk.site.account(name, *grants, person=PersonCode("A1-02"))
    assert refused(desk, staff) == []
