"""The interface for programs: it lets in whom the pages let in, says no as JSON, only reads, and shows what
the pages show.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import make_site
from surveys.accounts import keeping as register
from surveys.accounts.pages.token_door import Pace
from surveys.accounts.roles import EVERYWHERE, Grant, Role
from surveys.accounts.tokens import PREFIX
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.protocol.definition import Visibility
from surveys.rounds.states import State
from surveys.settings import Settings
from surveys.web.headers import FIXED
from tests.codes import units
from tests.programs import Program, api_over, program
from tests.staff import Browser, StaffSite, over
from tests.three_years import NEWEST, SIZES, a_year, an_organisation, by_standing, publish_year, three_years

LEADER, AUTHORITY, AUDITOR = Role.LEADER, Role.AUTHORITY, Role.AUDITOR
ROOT = Path(__file__).resolve().parents[2]
PLACES = (*units("B", "B1", "D", "K"), EVERYWHERE)
RUNNING = RoundId("27" * 16)
FEW = ("K", "A", "B", "B1", "D")
PEOPLE = ("A1-01", "B1-01", "B1-02", "B1-03", "C1-01", "D1-02", "E1-03")
# An account's place → what stands open to it by the pages' rules, written by hand (visibility `heads`).
ADDRESSES: dict[str, dict[Role, set[str]]] = {
    "/rounds": {LEADER: {*PLACES}, AUTHORITY: {*PLACES}, AUDITOR: {*PLACES}},
    f"/rounds/{NEWEST}": {LEADER: {*PLACES}, AUTHORITY: {*PLACES}, AUDITOR: {*PLACES}},
    f"/rounds/{NEWEST}/units/B": {LEADER: set(), AUTHORITY: {"B", "K", "*"}, AUDITOR: {"B", "K", "*"}},
    f"/rounds/{NEWEST}/units/B/focus": {LEADER: set(), AUTHORITY: {"B", "K", "*"}, AUDITOR: {"B", "K", "*"}},
    f"/rounds/{NEWEST}/leaders/B1-02": {
        LEADER: {*PLACES},  # their own
        AUTHORITY: {"B", "K", "*"},
        AUDITOR: {"B", "K", "*"},
    },
    f"/rounds/{NEWEST}/leaders/B1-03": {
        LEADER: set(),
        AUTHORITY: {"B1", "B", "K", "*"},
        AUDITOR: {"B1", "B", "K", "*"},
    },
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffSite]:
    stores = three_years(tmp_path_factory.mktemp("instance"))
    running = a_year(
        an_organisation(2026), 2027, RUNNING, by_standing(lambda *_: (1, 1, 1, 0), 1), dict(SIZES)
    )
    publish_year(stores, running, upto=State.COUNTING)
    yield over(stores)
    stores.close()


@pytest.fixture(scope="module")
def app(site: StaffSite) -> Flask:
    return api_over(site)


@pytest.fixture(scope="module")
def both(site: StaffSite, app: Flask) -> dict[tuple[Role, UnitCode], tuple[Program, Browser]]:
    """Role and place → a program and a browser of the same account. Leaders are B1-02."""
    found = {}
    for role, place in product(Role, PLACES):
        name = f"{role.value}.{PLACES.index(place)}"
        account = site.account(
            name, Grant(role, place), person=PersonCode("B1-02") if role is LEADER else None
        )
        found[role, place] = (program(site, app, account), site.browser(account))
    return found


@pytest.fixture(scope="module")
def auditor(both: dict[tuple[Role, UnitCode], tuple[Program, Browser]]) -> Program:
    return both[AUDITOR, EVERYWHERE][0]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("address", ADDRESSES)
def test_each_address_is_open_to_its_roles_over_their_units_and_to_nobody_else(
    both: dict[tuple[Role, UnitCode], tuple[Program, Browser]], role: Role, address: str
) -> None:
    statuses = {place: both[role, place][0].get(address).status_code for place in PLACES}
    open_to = ADDRESSES[address].get(role, set())
    assert statuses == {place: 200 if place in open_to else 403 for place in PLACES}


@pytest.mark.parametrize("role", list(Role))
def test_a_program_is_let_in_exactly_where_a_browser_of_the_same_account_is(
    both: dict[tuple[Role, UnitCode], tuple[Program, Browser]], role: Role
) -> None:
    compared, wrong = 0, []
    places = [
        *(f"/rounds/{NEWEST}/units/{unit}" for unit in FEW),
        f"/rounds/{NEWEST}/units/B/focus",
        *(f"/rounds/{NEWEST}/leaders/{person}" for person in PEOPLE),
        f"/rounds/{RUNNING}/units/K",
        f"/rounds/{NEWEST}/units/nowhere",
        f"/rounds/{'ab' * 16}/units/K",
        f"/rounds/{NEWEST}/leaders/nobody",
    ]
    for place, address in product(PLACES, places):
        mine, browser = both[role, place]
        page = browser.get(f"/en{address.replace('/rounds/', '/results/')}").status_code
        if mine.get(address).status_code != page:
            wrong.append((place, address, page))
        compared += 1
    assert (wrong, compared) == ([], len(PLACES) * len(places))


@pytest.mark.parametrize("visibility", ["subject", "unit", "public"])
def test_the_word_of_the_definition_holds_for_programs_as_well(
    tmp_path: Path, visibility: Visibility
) -> None:
    stores = three_years(tmp_path, visibility=visibility)
    site = over(stores)
    app = api_over(site)
    for number, (role, place) in enumerate(
        (
            (LEADER, UnitCode("B")),
            (AUTHORITY, UnitCode("B")),
            (AUDITOR, UnitCode("B")),
            (AUTHORITY, UnitCode("K")),
        )
    ):
        account = site.account(
            f"a{number}", Grant(role, place), person=PersonCode("B1-02") if role is LEADER else None
        )
        mine, browser = program(site, app, account), site.browser(account)
        for address in (
            *(f"{NEWEST}/units/{unit}" for unit in FEW),
            *(f"{NEWEST}/leaders/{each}" for each in PEOPLE[:4]),
        ):
            page = browser.get(f"/en/results/{address}").status_code
            assert mine.get(f"/rounds/{address}").status_code == page, (role, place, address)
        one = mine.get(f"/rounds/{NEWEST}").get_json()
        assert all(
            mine.get(f"/rounds/{NEWEST}/units/{unit['code']}").status_code == 200 for unit in one["units"][:4]
        )
        assert all(
            mine.get(f"/rounds/{NEWEST}/leaders/{each['person']}").status_code == 200
            for each in one["leaders"][:4]
        )
        taken = {unit: mine.get(f"/rounds/{NEWEST}/units/{unit}").status_code == 200 for unit in FEW}
        listed = {unit["code"] for unit in one["units"]}
        assert listed & set(FEW) == {unit for unit, opened in taken.items() if opened}
    stores.close()


def test_the_round_lists_what_is_open_and_nothing_else(
    both: dict[tuple[Role, UnitCode], tuple[Program, Browser]],
) -> None:
    head = both[AUTHORITY, UnitCode("B")][0].get(f"/rounds/{NEWEST}").get_json()
    assert [unit["code"] for unit in head["units"]] == ["B", "B1", "B2"]
    assert [unit["parent"] for unit in head["units"]] == [None, "B", "B"]
    assert {each["unit"]["code"] for each in head["leaders"]} == {"B", "B1", "B2"}
    own = both[LEADER, UnitCode("B")][0].get(f"/rounds/{NEWEST}").get_json()
    assert (own["units"], [each["person"] for each in own["leaders"]]) == ([], ["B1-02"])


def test_rounds_are_listed_newest_first_and_only_published_ones(auditor: Program) -> None:
    found = auditor.get("/rounds").get_json()["rounds"]
    assert [each["year"] for each in found] == [2026, 2025, 2024]


def test_a_round_in_which_nothing_is_open_is_not_listed(tmp_path: Path) -> None:
    stores = three_years(tmp_path, visibility=Visibility.SUBJECT)
    site = over(stores)
    stranger = site.account("stranger", Grant(LEADER, UnitCode("K")), person=PersonCode("nobody-here"))
    assert program(site, api_over(site), stranger).get("/rounds").get_json()["rounds"] == []
    stores.close()


def test_a_token_reads_with_what_it_holds_and_not_with_all_that_its_account_may(
    site: StaffSite, app: Flask
) -> None:
    owner = site.account("two.roles", Grant(AUTHORITY, UnitCode("B")), Grant(AUDITOR, UnitCode("D")))
    narrow = program(site, app, owner, [Grant(AUTHORITY, UnitCode("B"))])
    wide = program(site, app, owner)
    for unit, status in (("B", 200), ("D", 403)):
        assert narrow.get(f"/rounds/{NEWEST}/units/{unit}").status_code == status
        assert wide.get(f"/rounds/{NEWEST}/units/{unit}").status_code == 200


def test_a_role_that_is_taken_away_closes_at_once(site: StaffSite, app: Flask) -> None:
    owner = site.account("loses", Grant(AUTHORITY, UnitCode("B")))
    mine = program(site, app, owner)
    assert mine.get(f"/rounds/{NEWEST}/units/B").status_code == 200
    register.change_grants(site.stores.app, owner.id, [Grant(AUTHORITY, UnitCode("B1"))])
    assert mine.get(f"/rounds/{NEWEST}/units/B").status_code == 403
    assert mine.get(f"/rounds/{NEWEST}/units/B1").status_code == 200
    register.change_grants(site.stores.app, owner.id, [])
    for address in ("/rounds", f"/rounds/{NEWEST}", f"/rounds/{NEWEST}/units/B1"):
        answer = mine.get(address)
        assert (answer.status_code, answer.get_json()["error"]) == (403, "NotYours")


def test_a_token_of_an_ended_account_and_an_ended_token_let_nobody_in(site: StaffSite, app: Flask) -> None:
    owner = site.account("ends", Grant(AUDITOR, UnitCode("K")), Grant(Role.ADMINISTRATOR, EVERYWHERE))
    first, second = program(site, app, owner), program(site, app, owner)
    browser = site.browser(owner)
    page = browser.get("/en/account/me").get_data(as_text=True)
    token = page.split('name="token" value="')[1].split('"')[0]
    assert browser.post("/en/account/token/end", {"token": token}, at="/en/account/me").status_code == 303
    assert sorted(each.get("/rounds").status_code for each in (first, second)) == [200, 401]
    other = site.account("root", Grant(Role.ADMINISTRATOR, EVERYWHERE))
    site.browser(other).post(
        f"/en/people/{owner.id}/active", {"reason": "Nghỉ hưu"}, at=f"/en/people/{owner.id}"
    )
    for each in (first, second):
        answer = each.get("/rounds")
        assert (answer.status_code, answer.get_json()["error"]) == (401, "TokenRefused")
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="tin-nhiem", error="invalid_token"'


@pytest.mark.parametrize(
    ("header", "error"),
    [
        ("", "TokenNeeded"),
        ("Bearer", "TokenNeeded"),
        ("Bearer ", "TokenNeeded"),
        ("Basic YTpi", "TokenNeeded"),
        ("Bearer x", "TokenRefused"),
        (f"Bearer {PREFIX}{'A' * 43}", "TokenRefused"),
        (f"Bearer {PREFIX}é", "TokenRefused"),
    ],
)
def test_whoever_comes_without_a_good_token_is_told_so_at_every_address(
    app: Flask, header: str, error: str
) -> None:
    for address in ADDRESSES:
        answer = app.test_client().get(f"/v1{address}", headers={"Authorization": header} if header else {})
        assert (answer.status_code, answer.get_json()["error"]) == (401, error), address
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="tin-nhiem"')


def test_a_session_of_staff_opens_nothing_here(site: StaffSite, app: Flask) -> None:
    account = site.account("signed.in", Grant(AUDITOR, UnitCode("K")))
    browser = site.browser(account)
    cookie = browser.cookies()[0]
    client = app.test_client()
    client.set_cookie(cookie.key, cookie.value)
    assert client.get("/v1/rounds").status_code == 401


def test_a_token_in_the_address_is_refused_and_not_looked_at(app: Flask, auditor: Program) -> None:
    answer = app.test_client().get(f"/v1/rounds?access_token={auditor.secret}")
    assert (answer.status_code, answer.get_json()["error"]) == (400, "TakesNoQuestion")


def test_no_answer_sets_a_cookie_and_none_can(app: Flask, auditor: Program) -> None:
    assert app.secret_key is None
    for address in (*ADDRESSES, "/openapi.json", "/nothing", "/rounds?x=1"):
        for comer in (auditor, Program(app.test_client())):
            answer = comer.get(address)
            assert answer.headers.getlist("Set-Cookie") == []
            assert FIXED.items() <= dict(answer.headers).items()
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.mimetype == "application/json"


def test_programs_have_these_addresses_and_no_others(app: Flask) -> None:
    found = {}
    for rule in app.url_map.iter_rules():
        view: Any = app.view_functions[rule.endpoint]
        assert rule.methods == {"GET", "HEAD"}
        found[rule.rule] = (str(view.audience), view.roles)
    readers = frozenset({LEADER, AUTHORITY, AUDITOR})
    assert found == {
        "/v1/openapi.json": ("public", frozenset()),
        "/v1/rounds": ("token", readers),
        "/v1/rounds/<round_id>": ("token", readers),
        "/v1/rounds/<round_id>/units/<unit>": ("token", readers),
        "/v1/rounds/<round_id>/units/<unit>/focus": ("token", readers),
        "/v1/rounds/<round_id>/leaders/<path:person>": ("token", readers),
    }


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_it_only_reads(app: Flask, auditor: Program, method: str) -> None:
    for address in ("/v1/rounds", f"/v1/rounds/{NEWEST}/units/B"):
        answer = app.test_client().open(address, method=method, headers=auditor.authorization, data=b"{}")
        assert (answer.status_code, answer.get_json()["error"]) == (405, "NotThisWay")
        assert answer.headers["Allow"] == "GET, HEAD"


def test_reading_changes_no_byte_of_the_store(site: StaffSite, auditor: Program) -> None:
    database = site.stores.engines.root / "app.sqlite"
    before = hashlib.sha256(database.read_bytes()).digest()
    for address in ADDRESSES:
        auditor.get(address)
    assert hashlib.sha256(database.read_bytes()).digest() == before


def test_too_many_requests_with_one_token_wait_and_others_do_not(site: StaffSite) -> None:
    app = api_over(site, Pace(of_a_token=5, of_an_address=12))
    owner = site.account("hurried", Grant(AUDITOR, UnitCode("K")))
    first, second = program(site, app, owner), program(site, app, owner)
    statuses = [
        first.get(address).status_code for address in (*["/rounds"] * 3, f"/rounds/{NEWEST}", "/rounds")
    ]
    assert statuses == [200] * 5
    late = first.get("/rounds")
    assert (late.status_code, late.get_json()["error"]) == (429, "TooManyRequests")
    assert 1 <= int(late.headers["Retry-After"]) <= 60
    assert second.get("/rounds").status_code == 200
    # One address with ever new tokens is slowed down as well.
    guesses = [Program(app.test_client(), f"{PREFIX}{i:043}").get("/rounds").status_code for i in range(8)]
    assert (guesses[0], guesses[-1]) == (401, 429)


def test_the_site_serves_it_beside_the_pages_and_not_where_only_voters_are_served(
    site: StaffSite, tmp_path: Path
) -> None:
    for serve, status in (("all", 200), ("site", 200), ("voter", 404)):
        whole = make_site(Settings(serve=serve, instance=tmp_path), site.stores)
        told: list[str] = []
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": "/api/v1/openapi.json",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "HTTP_HOST": "localhost",
        }
        list(whole(environ, lambda line, *_: told.append(line)))  # type: ignore[arg-type]
        whole.close()
        assert int(told[0][:3]) == status, serve
