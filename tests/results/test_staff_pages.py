"""The readers' pages, for every role, over three published years: who is let in, what they see, and
why not.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from surveys.accounts.roles import EVERYWHERE, Grant, Role
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.protocol.definition import Visibility
from surveys.rounds.states import State
from tests.staff import Browser, StaffSite, over, said
from tests.three_years import NEWEST, SIZES, a_year, an_organisation, by_standing, publish_year, three_years
from tests.web.markup import faults

ROOT = Path(__file__).resolve().parents[2]
LEADER, AUTHORITY, AUDITOR = Role.LEADER, Role.AUTHORITY, Role.AUDITOR
ACCOUNTS: dict[str, tuple[tuple[Grant, ...], PersonCode | None]] = {
    "leader": ((Grant(LEADER, UnitCode("B")),), PersonCode("B1-01")),
    "other leader": ((Grant(LEADER, UnitCode("B")),), PersonCode("B1-02")),
    "head of B": ((Grant(AUTHORITY, UnitCode("B")),), None),
    "head of D": ((Grant(AUTHORITY, UnitCode("D")),), None),
    "head of all": ((Grant(AUTHORITY, EVERYWHERE),), None),
    "auditor": ((Grant(AUDITOR, UnitCode("K")),), None),
    "auditor of D": ((Grant(AUDITOR, UnitCode("D")),), None),
    "organizer": ((Grant(Role.ORGANIZER, EVERYWHERE),), None),
    "committee head": ((Grant(Role.COMMITTEE_HEAD, EVERYWHERE),), None),
    "administrator": ((Grant(Role.ADMINISTRATOR, EVERYWHERE),), None),
}
UNIT_PAGES = ("", "/focus", "/years", "/posts", "/grades", "/turnout")
LET_IN_B = {"head of B", "head of all", "auditor"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffSite]:
    stores = three_years(tmp_path_factory.mktemp("instance"))
    running = a_year(
        an_organisation(2026),
        2027,
        RoundId("27" * 16),
        by_standing(lambda *_: (1, 1, 1, 0), 1),
        dict(SIZES),
    )
    publish_year(stores, running, upto=State.COUNTING)
    yield over(stores)
    stores.close()


@pytest.fixture(scope="module")
def browsers(site: StaffSite) -> dict[str, Browser]:
    found = {}
    for name, (grants, person) in ACCOUNTS.items():
        account = site.account(name.replace(" ", "."), *grants, person=person)
        found[name] = site.browser(account)
    return found


def unit(code: str, page: str = "", round_id: RoundId = NEWEST, language: str = "en") -> str:
    return f"/{language}/results/{round_id}/units/{code}{page}"


def leader(person: str, round_id: RoundId = NEWEST, language: str = "en") -> str:
    return f"/{language}/results/{round_id}/leaders/{person}"


@pytest.mark.parametrize("name", ACCOUNTS)
@pytest.mark.parametrize("page", UNIT_PAGES)
def test_the_pages_of_a_unit_open_for_its_head_those_above_and_auditors(
    browsers: dict[str, Browser], name: str, page: str
) -> None:
    assert browsers[name].get(unit("B", page)).status_code == (200 if name in LET_IN_B else 403)


@pytest.mark.parametrize("name", ACCOUNTS)
def test_a_leaders_page_opens_for_the_leader_the_heads_above_and_auditors(
    browsers: dict[str, Browser], name: str
) -> None:
    let_in = LET_IN_B | {"leader"}
    answer = browsers[name].get(leader("B1-01"))
    # B1-01 leads K as well: a head of B sees only what they hold in B.
    assert answer.status_code == (200 if name in let_in else 403)
    if name == "head of B":
        assert "Bí thư Đảng ủy Khối" not in said(answer).split("Over the years")[0]
    if name in ("leader", "head of all", "auditor"):
        assert "Bí thư Đảng ủy Khối" in said(answer)


def test_a_leader_does_not_see_the_leader_beside_them_and_is_told_why(browsers: dict[str, Browser]) -> None:
    answer = browsers["leader"].get(leader("B1-02"))
    assert answer.status_code == 403
    assert "for the person voted on, the head of the unit and the heads above" in said(answer)
    vietnamese = browsers["leader"].get(leader("B1-02", language="vi"))
    assert "Bạn không đứng đầu đơn vị nào trong số đó" in said(vietnamese)


def test_nobody_sees_anything_before_the_round_is_published(browsers: dict[str, Browser]) -> None:
    for name in ("head of all", "auditor"):
        for address in (unit("K", round_id=RoundId("27" * 16)), leader("B1-01", RoundId("27" * 16))):
            answer = browsers[name].get(address)
            assert answer.status_code == 404
            assert "not published yet" in said(answer)
        assert "2027" not in said(browsers[name].get("/en/results/"))


def test_a_round_of_which_a_result_is_for_its_leader_alone_shows_heads_their_number_only(
    tmp_path: Path,
) -> None:
    stores = three_years(tmp_path, visibility=Visibility.SUBJECT)
    site = over(stores)
    head = site.browser(site.account("head", Grant(AUTHORITY, UnitCode("B"))))
    page = said(head.get(unit("B")))
    assert "4 results are not shown and not counted here" in page
    assert "Nguyễn Thị Hương B12" not in page
    refused = head.get(leader("B1-02"))
    assert refused.status_code == 403
    assert "for the person voted on alone" in said(refused)
    own = site.browser(site.account("own", Grant(LEADER, UnitCode("B")), person=PersonCode("B1-02")))
    assert own.get(leader("B1-02")).status_code == 200
    stores.close()


def test_members_see_their_unit_where_the_definition_says_so(tmp_path: Path) -> None:
    stores = three_years(tmp_path, visibility=Visibility.UNIT)
    site = over(stores)
    member = site.browser(site.account("member", Grant(LEADER, UnitCode("B")), person=PersonCode("B1-02")))
    assert member.get(unit("B")).status_code == 200
    assert member.get(leader("B1-01")).status_code == 200
    refused = member.get(leader("A1-01"))
    assert refused.status_code == 403
    assert "You do not belong to that unit" in said(refused)
    stores.close()


def test_the_desk_of_a_reader_leads_to_their_own_result_and_units(browsers: dict[str, Browser]) -> None:
    own = browsers["leader"].get("/en/results/").get_data(as_text=True)
    assert own.count("/leaders/B1-01") == 3
    assert "/units/" not in own
    head = browsers["head of all"].get("/en/results/").get_data(as_text=True)
    assert f"/results/{NEWEST}/units/K" in head
    for name in ("organizer", "committee head", "administrator"):
        assert browsers[name].get("/en/results/").status_code == 403


def test_without_an_account_nothing_opens(site: StaffSite) -> None:
    for address in (unit("B"), leader("B1-01"), "/en/results/"):
        assert site.browser().get(address).status_code == 303


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    "address",
    [
        "/results/",
        *(f"/results/{NEWEST}/units/K{page}" for page in UNIT_PAGES),
        f"/results/{NEWEST}/units/B1",
        f"/results/{NEWEST}/units/K?order=name&only=unified&kind=cell&q=<script>",
        f"/results/{NEWEST}/units/K?q=nobody",
        *(f"/results/{NEWEST}/leaders/{person}" for person in ("A1-01", "B1-01", "C1-01", "E1-01", "B1-02")),
        f"/results/{'24' * 16}/units/K/grades",
    ],
)
def test_every_page_is_sound(browsers: dict[str, Browser], address: str, language: str) -> None:
    answer = browsers["head of all"].get(f"/{language}{address}")
    assert answer.status_code == 200
    text = answer.get_data(as_text=True)
    assert faults(text) == []
    assert "<script>" not in text.replace("&lt;script&gt;", "")


def test_reading_changes_no_byte_of_the_store(site: StaffSite, browsers: dict[str, Browser]) -> None:
    database = site.stores.engines.root / "app.sqlite"
    before = hashlib.sha256(database.read_bytes()).digest()
    for page in UNIT_PAGES:
        browsers["head of all"].get(unit("K", page))
    browsers["leader"].get(leader("B1-01"))
    assert hashlib.sha256(database.read_bytes()).digest() == before


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ("order=low", 200),
        ("order=drop", 400),
        ("only=all", 400),
        ("page=0", 400),
        ("page=99", 200),
        ("kind=nothing", 200),
    ],
)
def test_a_question_that_is_none_is_refused(browsers: dict[str, Browser], question: str, status: int) -> None:
    assert browsers["head of all"].get(unit("K", f"?{question}")).status_code == status


def test_a_unit_s_results_are_taken_along_as_they_are_shown(browsers: dict[str, Browser]) -> None:
    for form in ("xlsx", "csv", "json"):
        answer = browsers["head of B"].get(unit("B", f"/results.{form}"))
        assert (answer.status_code, answer.headers["Content-Disposition"]) == (
            200,
            f'attachment; filename="results.{form}"',
        )
    names = [
        each["name"]
        for each in json.loads(browsers["head of B"].get(unit("B", "/results.json")).data)["contests"]
    ]
    assert len(names) == 4
    everybody = json.loads(browsers["head of all"].get(unit("K", "/results.json")).data)["contests"]
    agreeing = [each for each in everybody if each["result"] and each["result"]["marks"]["shown"] == "range"]
    assert len(agreeing) >= 3
    assert all(
        isinstance(value, str) for each in agreeing for value in each["result"]["marks"]["values"].values()
    )
    assert browsers["head of B"].get(unit("D", "/results.csv")).status_code == 403
    assert browsers["head of all"].get(unit("B", "/results.pdf")).status_code == 404


def test_the_way_up_leads_as_far_as_the_reader_may_go(browsers: dict[str, Browser]) -> None:
    up = f'href="/s/en/results/{NEWEST}/units/'
    above = browsers["head of all"].get(unit("B1")).get_data(as_text=True)
    assert above.index(f'{up}K"') < above.index(f'{up}B"') < above.index("<h1>")
    local = browsers["head of B"].get(unit("B1")).get_data(as_text=True)
    assert f'{up}B"' in local
    assert f'{up}K"' not in local


def test_what_does_not_exist_is_not_found(browsers: dict[str, Browser]) -> None:
    head = browsers["head of all"]
    assert head.get(leader("nobody")).status_code == 404
    assert head.get(unit("nowhere")).status_code == 404
    assert head.get(unit("K", round_id=RoundId("ab" * 16))).status_code == 404


def test_a_leader_reads_outcome_thresholds_and_earlier_years(browsers: dict[str, Browser]) -> None:
    page = said(browsers["other leader"].get(leader("B1-02")))
    assert "Out of planning for higher posts; resign, or a formal confidence vote." in page
    assert "Low confidence: more than 1/2 and less than 2/3" in page
    assert "Denominator: ballots returned (25)." in page
    assert "from 2025 to 2026: high confidence +4.00 points, low confidence −12.00 points" in page


def test_a_group_that_agrees_stays_a_range_on_every_page(browsers: dict[str, Browser]) -> None:
    """E1-03 was marked high by all of E1 in 2025: eight of eight must stand nowhere."""
    head = browsers["head of all"]
    page = head.get(leader("E1-03", RoundId("25" * 16))).get_data(as_text=True)
    text = " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())
    assert "≥ 80 %" in text.replace("\xa0", " ")
    assert not re.search(r"\b8 (· )?100", text)
    years = said(head.get(unit("E", "/years")))
    assert "87.50–100.00" in years


def test_the_focus_list_gives_reasons(browsers: dict[str, Browser]) -> None:
    page = said(browsers["head of all"].get(unit("K", "/focus")))
    assert (
        page.index("Nguyễn Thị Hương B12")
        < page.index("Huỳnh Khánh Quỳnh E11")
        < page.index("Huỳnh Khánh Quỳnh D13")
    )
    assert "Only 50.00\xa0% of the persons summoned" in page or "Only 50.00 % of the persons summoned" in page


def test_the_comparison_says_what_it_does_not_show(browsers: dict[str, Browser]) -> None:
    page = said(browsers["head of all"].get(unit("K", "/posts")))
    assert "fewer than 10 on a side are too few to compare" in page
    assert "A difference is not an effect of the post" in page
    assert "Only the organisation of today is stored" in page


def test_a_year_without_grades_says_so(browsers: dict[str, Browser]) -> None:
    page = said(browsers["head of all"].get(unit("K", "/grades", RoundId("24" * 16))))
    assert "No unit here has a quality grading of 2024." in page


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_leaders_page_has_the_criteria_that_the_booth_shows(
    browsers: dict[str, Browser], language: str
) -> None:
    page = browsers["leader"].get(leader("B1-01", language=language)).get_data(as_text=True)
    title = {"vi": "Tiêu chí xem xét", "en": "What leaders are judged on"}[language]
    (shown,) = re.findall(rf"<summary>{title}</summary>\s*<ul>(.*?)</ul>", page, re.DOTALL)
    booth = (ROOT / f"client/src/pages/booth/words.{language}.ts").read_text("utf-8")
    said = re.findall(r'^  criterion\d: "(.*)",$', booth, re.MULTILINE)
    assert len(said) == 8
    assert re.findall("<li>(.*?)</li>", shown) == said
