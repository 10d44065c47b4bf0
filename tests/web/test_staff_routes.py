"""Every page of staff with the roles that may come in and how far they must reach; each is visited as each
role, over each unit.

A new page is added here on purpose, or this test fails. The table is written by hand: what the code says is
held against it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pytest

from surveys.accounts.roles import Role
from surveys.names import RoundId, UnitCode
from tests.desk import Desk, a_desk
from tests.staff import Browser

O, C, L, A, U, D = (  # noqa: E741  (one letter a role keeps the table readable)
    Role.ORGANIZER,
    Role.COMMITTEE_HEAD,
    Role.LEADER,
    Role.AUTHORITY,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)
EVERYBODY = {O, C, L, A, U, D}
OWN, COVERS, TOUCHES = "own", "covers", "touches"
# (method, address after the language) → roles, how far they must reach. <survey> is a round over A.
PAGES: dict[tuple[str, str], tuple[set[Role], str]] = {
    ("GET", "/"): (EVERYBODY, OWN),
    ("GET", "/account/me"): (EVERYBODY, OWN),
    ("GET", "/account/second-factor"): (EVERYBODY, OWN),
    ("POST", "/account/sign-out-everywhere"): (EVERYBODY, OWN),
    ("GET", "/account/token"): ({L, A, U}, OWN),
    ("POST", "/account/token"): ({L, A, U}, OWN),
    ("POST", "/account/token/end"): (EVERYBODY, OWN),
    ("GET", "/people/"): ({D}, OWN),
    ("GET", "/people/invite"): ({D}, OWN),
    ("POST", "/people/invite"): ({D}, OWN),
    ("GET", "/people/<account>"): ({D}, OWN),
    ("POST", "/people/<account>/grant"): ({D}, OWN),
    ("POST", "/people/<account>/end-grant"): ({D}, OWN),
    ("POST", "/people/<account>/link"): ({D}, OWN),
    ("POST", "/people/<account>/factors"): ({D}, OWN),
    ("POST", "/people/<account>/active"): ({D}, OWN),
    ("GET", "/log/"): ({U, D}, OWN),
    ("GET", "/log/staff-log.jsonl"): ({U, D}, OWN),
    ("GET", "/results/"): ({L, A, U}, OWN),
    ("GET", "/results/<round_id>/leaders/<path:person>"): ({L, A, U}, TOUCHES),
    **{
        ("GET", f"/results/<round_id>/units/<unit>{page}"): ({L, A, U}, COVERS)
        for page in (
            "",
            "/focus",
            "/years",
            "/posts",
            "/grades",
            "/turnout",
            "/results.<any(xlsx, csv, json):form>",
        )
    },
    ("GET", "/results/<round_id>/papers"): ({O, C, A, U}, TOUCHES),
    ("POST", "/results/<round_id>/papers/bundle.zip"): ({U}, COVERS),
    (
        "POST",
        "/results/<round_id>/papers/<any(minutes.pdf, minutes_signed.pdf, minutes.docx, minutes.xlsx, results.csv, results.json):paper>",
    ): ({O, C, A, U}, COVERS),
    ("POST", "/results/<round_id>/papers/signed"): ({O, C}, COVERS),
    ("POST", "/results/<round_id>/units/<unit>/minutes.<any(pdf, docx):form>"): ({O, C, A, U}, COVERS),
    ("POST", "/results/<round_id>/units/<unit>/<any(report, list):kind>.<any(pdf, docx):form>"): (
        {A, U},
        COVERS,
    ),
    ("POST", "/results/<round_id>/units/<unit>/notices/<int:number>.<any(pdf, docx):form>"): (
        {O, C, A, U},
        COVERS,
    ),
    ("GET", "/results/<round_id>/reading"): ({O}, TOUCHES),
    ("POST", "/results/<round_id>/reading"): ({O}, TOUCHES),
    ("POST", "/results/<round_id>/reading/end"): ({O}, TOUCHES),
    ("GET", "/rounds/"): (EVERYBODY - {D}, OWN),
    ("GET", "/rounds/new"): ({O}, OWN),
    ("GET", "/rounds/small"): ({O}, OWN),
    ("POST", "/rounds/small"): ({O}, OWN),
    ("POST", "/rounds/small/call"): ({O}, OWN),
    ("POST", "/rounds/new"): ({O}, OWN),
    ("GET", "/rounds/<round_id>"): (EVERYBODY - {D}, TOUCHES),
    ("GET", "/rounds/<round_id>/jobs/<kind>"): (EVERYBODY - {D}, TOUCHES),
    ("GET", "/rounds/<round_id>/prepare"): ({O}, COVERS),
    ("POST", "/rounds/<round_id>/discard"): ({O}, COVERS),
    ("GET", "/rounds/<round_id>/points/<point>"): ({O}, COVERS),
    ("POST", "/rounds/<round_id>/points/<point>"): ({O}, COVERS),
    ("GET", "/rounds/<round_id>/points/rule"): ({O}, COVERS),
    ("POST", "/rounds/<round_id>/points/rule"): ({O}, COVERS),
    ("GET", "/rounds/<round_id>/rule"): ({O}, COVERS),
    ("POST", "/rounds/<round_id>/rule"): ({O}, COVERS),
    ("GET", "/rounds/<round_id>/rule.toml"): ({O}, COVERS),
    ("POST", "/rounds/<round_id>/rule.toml"): ({O}, COVERS),
    ("POST", "/rounds/<round_id>/exclude"): ({O}, COVERS),
    ("POST", "/rounds/<round_id>/include"): ({O}, COVERS),
    ("POST", "/rounds/<round_id>/agree"): ({O}, COVERS),
    ("POST", "/rounds/<round_id>/slips-link"): ({O}, COVERS),
    ("GET", "/rounds/<round_id>/freeze"): ({O}, COVERS),
    ("POST", "/rounds/<round_id>/freeze"): ({O}, COVERS),
    ("GET", "/rounds/<round_id>/freeze/sure"): ({O}, COVERS),
    ("GET", "/rounds/<round_id>/polls"): ({O}, COVERS),
    ("GET", "/rounds/<round_id>/open"): ({O}, COVERS),
    ("GET", "/rounds/<round_id>/close"): ({O}, COVERS),
    ("POST", "/rounds/<round_id>/open"): ({O}, COVERS),
    ("POST", "/rounds/<round_id>/extend"): ({O}, COVERS),
    ("POST", "/rounds/<round_id>/close"): ({O}, COVERS),
    ("POST", "/rounds/<round_id>/approve/<act>"): ({O}, COVERS),
    ("POST", "/rounds/<round_id>/withdraw/<act>"): ({O}, COVERS),
    ("GET", "/rounds/<round_id>/attendance"): ({O}, TOUCHES),
    ("POST", "/rounds/<round_id>/attendance/<int:panel>"): ({O}, TOUCHES),
    ("GET", "/rounds/<round_id>/committee"): ({O, C}, COVERS),
    ("POST", "/rounds/<round_id>/committee"): ({O}, COVERS),
    ("POST", "/rounds/<round_id>/committee/<int:member>/link"): ({O}, COVERS),
    ("POST", "/rounds/<round_id>/committee/<int:member>/letter"): ({O}, COVERS),
    ("POST", "/rounds/<round_id>/committee/letters"): ({O}, COVERS),
    ("GET", "/rounds/<round_id>/committee/script"): ({O, C}, COVERS),
    ("GET", "/rounds/<round_id>/letters"): ({O}, TOUCHES),
    ("POST", "/rounds/<round_id>/letters/send"): ({O}, TOUCHES),
    ("POST", "/rounds/<round_id>/letters/bounces"): ({O}, COVERS),
    ("POST", "/rounds/<round_id>/letters/again"): ({O}, TOUCHES),
    ("POST", "/rounds/<round_id>/letters/again/<message>"): ({O}, TOUCHES),
    ("GET", "/rounds/<round_id>/reminders"): ({O}, TOUCHES),
    ("POST", "/rounds/<round_id>/reminders/preview"): ({O}, TOUCHES),
    ("POST", "/rounds/<round_id>/reminders"): ({O}, TOUCHES),
    ("GET", "/rounds/<round_id>/incidents"): ({O, C}, COVERS),
    ("POST", "/rounds/<round_id>/incidents"): ({O, C}, COVERS),
    ("POST", "/rounds/<round_id>/freeze-contest"): ({O}, COVERS),
    ("GET", "/rounds/<round_id>/statement"): ({O, C}, COVERS),
    ("POST", "/rounds/<round_id>/statement"): ({O, C}, COVERS),
    ("POST", "/rounds/<round_id>/complaints"): ({O, C}, COVERS),
    ("POST", "/rounds/<round_id>/rulings"): ({O, C}, COVERS),
    ("GET", "/rounds/<round_id>/exhibits"): ({O, L}, TOUCHES),
    ("GET", "/rounds/<round_id>/exhibits/<int:contest>"): ({O, L}, TOUCHES),
    ("GET", "/rounds/<round_id>/exhibits/<int:contest>/photo"): ({O, L}, TOUCHES),
    ("POST", "/rounds/<round_id>/exhibits/<int:contest>/photo"): ({O, L}, TOUCHES),
    ("GET", "/rounds/<round_id>/exhibits/<int:contest>/report"): ({O, L}, TOUCHES),
    ("POST", "/rounds/<round_id>/exhibits/<int:contest>/report"): ({O, L}, TOUCHES),
    ("POST", "/rounds/<round_id>/exhibits/<int:contest>/questions"): ({O}, TOUCHES),
    ("POST", "/rounds/<round_id>/questions/<int:number>/answer"): ({O, L}, TOUCHES),
    ("POST", "/rounds/<round_id>/questions/<int:number>/withdraw"): ({O}, TOUCHES),
    ("GET", "/organisation/"): ({O, D}, OWN),
    ("GET", "/organisation/template.xlsx"): ({O, D}, OWN),
    ("GET", "/organisation/<code:unit>/"): ({O, D}, COVERS),
    ("GET", "/organisation/<code:unit>/tree"): ({O, D}, COVERS),
    ("GET", "/organisation/<code:unit>/people/<code:person>"): ({O, D}, COVERS),
    ("POST", "/organisation/<code:unit>/export"): ({O, D}, COVERS),
    ("GET", "/organisation/<code:unit>/upload"): ({O, D}, COVERS),
    ("POST", "/organisation/<code:unit>/upload"): ({O, D}, COVERS),
    ("GET", "/organisation/<code:unit>/upload/state"): ({O, D}, COVERS),
    ("POST", "/organisation/<code:unit>/upload/import"): ({O, D}, COVERS),
    ("POST", "/organisation/<code:unit>/upload/again"): ({O, D}, COVERS),
    ("POST", "/organisation/<code:unit>/upload/discard"): ({O, D}, COVERS),
    ("POST", "/organisation/<code:unit>/upload/letters"): ({O, D}, COVERS),
    ("GET", "/organisation/<code:unit>/new/<sheet>"): ({O, D}, COVERS),
    ("POST", "/organisation/<code:unit>/new/<sheet>"): ({O, D}, COVERS),
    ("GET", "/organisation/<code:unit>/records/<sheet>/<code:record>"): ({O, D}, COVERS),
    ("POST", "/organisation/<code:unit>/records/<sheet>/<code:record>"): ({O, D}, COVERS),
    ("POST", "/organisation/<code:unit>/records/<sheet>/<code:record>/remove"): ({O, D}, COVERS),
}
# Without an account: the invitation, whose token is the key to it, and the way to the language of the
# browser.
OPEN = {
    (method, page) for page in ("/invitation/<token>", "/account/forgotten") for method in ("GET", "POST")
}
# Units of the roles: of a round over A.
PLACES = (UnitCode("A"), UnitCode("A1"), UnitCode("B"), UnitCode("K"), UnitCode("*"))
REACHES: dict[str, set[str]] = {COVERS: {"A", "K", "*"}, TOUCHES: {"A", "A1", "K", "*"}, OWN: {*PLACES}}
VALUES = {
    "account": "f" * 32,
    "kind": "freeze",
    "message": "f" * 32,
    "point": "basics",
    "act": "opened",
    "int:panel": "0",
    "int:member": "1",
    # There are none with these numbers: whose they are is asked after the door has let somebody in
    # (tests/stages/test_exhibiting.py).
    "int:contest": "99",
    "int:number": "99",
    "path:unit": "A",
    "path:person": "A1-01",
    "any(xlsx, csv, json):form": "csv",
    "any(pdf, docx):form": "pdf",
    "any(report, list):kind": "list",
    "any(minutes.pdf, minutes_signed.pdf, minutes.docx, minutes.xlsx, results.csv, results.json):paper": "results.csv",
    "unit": "A",
    "code:unit": "A",
    "code:person": "A1-02",
    "code:record": "A",
    "sheet": "units",
}
PREFIX = "/<any(vi, en):language>"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = a_desk(tmp_path_factory.mktemp("routes"))
    made.confirmed(1)
    yield made
    made.site.stores.close()


def filled(rule: str, round_id: RoundId, values: Mapping[str, str] = VALUES) -> str:
    return "/en" + re.sub(r"<([^>]+)>", lambda m: round_id if m[1] == "round_id" else values[m[1]], rule)


def found(desk: Desk) -> dict[tuple[str, str], tuple[frozenset[Role], str]]:
    """The pages of the application, with what they say of themselves."""
    app = desk.site.app
    pages = {}
    for rule in app.url_map.iter_rules():
        view: Any = app.view_functions[rule.endpoint]
        if rule.endpoint == "static" or rule.endpoint.startswith("security.") or rule.rule == "/":
            continue
        (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        pages[method, rule.rule.removeprefix(PREFIX)] = (view.roles, str(view.audience))
    return pages


def test_staff_have_these_pages_and_no_others(desk: Desk) -> None:
    pages = found(desk)
    assert {page: set(roles) for page, (roles, audience) in pages.items() if audience == "staff"} == {
        page: roles for page, (roles, _) in PAGES.items()
    }
    assert {page for page, (_, audience) in pages.items() if audience != "staff"} == OPEN


def test_flask_security_serves_what_signing_in_needs_and_nothing_else(desk: Desk) -> None:
    served = {
        rule.endpoint.removeprefix("security.")
        for rule in desk.site.app.url_map.iter_rules()
        if rule.endpoint.startswith("security.")
    }
    assert served == {
        "login",
        "logout",
        "verify",
        "change_password",
        "two_factor_setup",
        "two_factor_setup_validate",
        "two_factor_token_validation",
        "two_factor_rescue",
        "tf_select",
        "mf_recovery_codes",
        "mf_recovery",
        "wan_register",
        "wan_register_response",
        "wan_signin",
        "wan_signin_response",
        "wan_verify",
        "wan_verify_response",
        "wan_delete",
    }


@pytest.mark.parametrize("role", list(Role))
def test_each_page_is_open_to_its_roles_over_their_units_and_to_nobody_else(desk: Desk, role: Role) -> None:
    round_id = RoundId((b"\x01" * 16).hex())
    wrong = []
    browsers = {place: desk.browser(role, place) for place in PLACES}
    for place, ((method, rule), (roles, reach)) in product(PLACES, PAGES.items()):
        if method != "GET":
            continue
        status = browsers[place].get(filled(rule, round_id)).status_code
        lets_in = role in roles and place in REACHES[reach]
        if (status == 403) is lets_in or status >= 500:
            wrong.append((rule, place, status))
    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
def test_a_form_with_its_token_is_refused_to_other_roles_and_units_before_anything_is_done(
    desk: Desk, role: Role
) -> None:
    round_id = RoundId((b"\x01" * 16).hex())
    before, wrong = desk.desks.log.head(), []
    for place in PLACES:
        browser = desk.browser(role, place)
        token = browser.token("/en/account/me")
        for (method, rule), (roles, reach) in PAGES.items():
            if method == "POST" and not (role in roles and place in REACHES[reach]):
                answer = browser.post(filled(rule, round_id), {"csrf_token": token}, token=False)
                if answer.status_code != 403:
                    wrong.append((rule, place, answer.status_code))
    assert wrong == []
    assert desk.desks.log.head() == before


def test_every_form_refuses_a_request_without_its_token(desk: Desk) -> None:
    round_id = RoundId((b"\x01" * 16).hex())
    browser: Browser = desk.browser(Role.ORGANIZER, UnitCode("*"))
    before, wrong = desk.desks.log.head(), []
    posts = [
        filled(rule, round_id)
        for method, rule in [*PAGES, *OPEN]
        if method == "POST" and "<token>" not in rule
    ]
    for address in posts:
        for token in ({}, {"csrf_token": "x" * 80}):
            answer = browser.post(address, token, token=False)
            if answer.status_code != 400 or "Open the page again" not in answer.get_data(as_text=True):
                wrong.append((address, answer.status_code))
    assert wrong == []
    assert desk.desks.log.head() == before


def test_flask_securitys_forms_refuse_a_request_without_their_token(desk: Desk) -> None:
    browser = desk.browser(Role.ORGANIZER, UnitCode("A"))
    for rule in desk.site.app.url_map.iter_rules():
        if rule.endpoint.startswith("security.") and "POST" in (rule.methods or ()):
            address = "/en" + rule.rule.removeprefix(PREFIX).replace("<token>", "x")
            assert browser.post(address, {"password": "x"}, token=False).status_code == 400, address


def test_whoever_is_not_signed_in_is_sent_to_the_sign_in(desk: Desk) -> None:
    round_id = RoundId((b"\x01" * 16).hex())
    stranger = desk.site.browser()
    for method, rule in PAGES:
        if method == "GET":
            answer = stranger.get(filled(rule, round_id))
            assert (answer.status_code, "/account/login" in answer.headers["Location"]) == (303, True), rule


def test_without_a_second_factor_nothing_opens_but_its_set_up(desk: Desk) -> None:
    round_id = RoundId((b"\x01" * 16).hex())
    bare = desk.site.account("bare", *desk.account(Role.ORGANIZER, UnitCode("*")).grants, factor=False)
    browser = desk.site.browser(bare)
    for (method, rule), (roles, _) in PAGES.items():
        if method == "GET" and Role.ORGANIZER in roles and rule != "/account/second-factor":
            answer = browser.get(filled(rule, round_id))
            assert answer.headers.get("Location") == "/s/en/account/second-factor", rule
    assert browser.get("/en/account/second-factor").status_code == 200


def test_a_get_changes_no_byte_of_the_store(desk: Desk) -> None:
    round_id = RoundId((b"\x01" * 16).hex())
    file = desk.site.stores.engines.root / "app.sqlite"
    browsers = [desk.browser(role, UnitCode("*")) for role in Role]
    before = file.read_bytes()
    for (method, rule), browser in product(PAGES, browsers):
        if method == "GET":
            browser.get(filled(rule, round_id))
    assert file.read_bytes() == before
