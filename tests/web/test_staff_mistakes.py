"""Every form of staff, sent empty: what comes back is a sound page, and its summary leads to each field that
is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from surveys.accounts.roles import Grant, Role
from surveys.instants import read_instant
from surveys.names import NO_ROUND, PersonCode, RoundId, UnitCode
from tests.desk import a_desk
from tests.staff import Browser
from tests.web.markup import faults
from tests.web.test_staff_routes import PAGES, VALUES, filled

EACH = {
    "point": ("basics", "calendar", "settings", "committee", "slips", "papers"),
    "sheet": ("units", "people", "posts", "grading", "history"),
}
# What is done without a field to fill in.
ACTS = {"/rounds/<round_id>/discard", "/account/sign-out-everywhere"}


@dataclass(frozen=True)
class Office:
    """Somebody who may do everything, and rounds in preparation, frozen and open."""

    browser: Browser
    values: dict[str, str]
    rounds: tuple[RoundId, ...]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    desk = a_desk(Path(tmp_path_factory.mktemp("mistakes")))
    rounds = desk.draft(1), desk.frozen(2), desk.confirmed(3, closes=read_instant("2099-12-31T10:00:00Z"))
    desk.desks.polls.open(desk.account(Role.ORGANIZER, UnitCode("A")), rounds[2])
    staff = desk.site.account(
        "everything", *(Grant(role, UnitCode("*")) for role in Role), person=PersonCode("A1-02")
    )
    values = {**VALUES, "account": staff.id, "int:contest": "0", "int:number": "1"}
    yield Office(desk.site.browser(staff), values, rounds)
    desk.site.stores.close()


def _ways(rule: str) -> list[dict[str, str]]:
    """What a part of an address may be, where each is a page of its own."""
    name = next((name for name in EACH if f"<{name}>" in rule), None)
    return [{}] if name is None else [{name: each} for each in EACH[name]]


def test_a_form_that_is_sent_empty_comes_back_with_a_summary_that_leads_to_each_field(office: Office) -> None:
    token, wrong, refused = office.browser.token("/en/account/me"), [], 0
    for method, rule in PAGES:
        if method != "POST" or rule in ACTS:
            continue
        for round_id, also in product(office.rounds if "<round_id>" in rule else (NO_ROUND,), _ways(rule)):
            address = filled(rule, round_id, {**office.values, **also})
            answer = office.browser.post(address, {"csrf_token": token}, token=False)
            assert answer.status_code < 500, rule
            if answer.status_code == 422 and answer.mimetype == "text/html":
                refused += 1
                wrong += [(address, fault) for fault in faults(answer.text)]
    assert wrong == []
    assert refused > 15


def test_a_committees_form_asks_for_three_members_and_offers_two_more_lines(office: Office) -> None:
    for address in ("points/committee", "committee"):
        page = office.browser.get(f"/en/rounds/{office.rounds[address == 'committee']}/{address}").text
        lines = re.findall(r'<input[^>]* name="members-\d-name"[^>]*>', page)
        assert [line.endswith(" required>") for line in lines] == [True] * 3 + [False] * 2
        assert page.count("(optional)") == 2
