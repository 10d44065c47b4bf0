"""The staff's pages of the organisation: what is seen, corrected, imported and taken along, and by whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from surveys.console.organisation.pages.records import name_of
from surveys.names import PersonCode, UnitCode
from surveys.organisation.register import import_organisation
from surveys.organisation.values import Grade, Grading, Person
from surveys.rehearsal.demo_organisation import demo_organisation
from surveys.web.addresses import spelled
from tests.organisation.console import MARKUP, Console, an_organisation, console
from tests.pace import within
from tests.staff import Browser, said
from tests.web.markup import faults


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Console]:
    made = console(tmp_path, an_organisation())
    yield made
    made.site.stores.close()


def pages_of(browser: Browser, start: str) -> dict[str, str]:
    """Every page of the organisation that can be reached by links from here."""
    seen: dict[str, str] = {}
    waiting = [start]
    while waiting:
        address = waiting.pop()
        if address in seen or not urlsplit(address).path.startswith("/s/en/organisation"):
            continue
        answer = browser.get(address)
        assert answer.status_code == 200, address
        seen[address] = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        waiting += [unescape(link).split("#")[0] for link in re.findall(r'href="([^"]+)"', seen[address])]
    return seen


def test_every_page_that_links_lead_to_is_sound_and_shows_markup_as_text(desk: Console) -> None:
    pages = pages_of(desk.browser(UnitCode("*")), "/s/en/organisation/")
    assert len(pages) > 60
    assert f"/s/en/organisation/{spelled(MARKUP)}/" in pages
    for address, text in pages.items():
        if text:
            assert faults(text) == [], address
            assert "<b>" not in text


def test_whoever_looks_after_a_part_finds_nothing_else_by_any_link(desk: Console) -> None:
    pages = pages_of(desk.browser(UnitCode("A")), "/s/en/organisation/")
    assert len(pages) > 20
    everything = " ".join(said_of(text) for text in pages.values())
    for stranger in ("Đảng bộ Khối", "Đảng ủy B", "Chi bộ B1", "Người B1 1", "Đ/1"):
        assert stranger not in everything
    # By name only, as the holder of a post in A: without a unit or an address.
    assert "Người B1 2" in everything
    assert "belongs to another unit" in everything
    assert {re.match(r"/s/en/organisation/([^/?]*)", address)[1] for address in pages} <= {  # type: ignore[index]
        "", "template.xlsx", "A", "A1", "A2", "A3"
    }  # fmt: skip


def said_of(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_the_twin_with_a_wider_role_finds_them(desk: Console) -> None:
    everything = " ".join(
        said_of(text) for text in pages_of(desk.browser(UnitCode("K")), "/s/en/organisation/").values()
    )
    assert all(name in everything for name in ("Đảng bộ Khối", "Đảng ủy B", "Chi bộ B1", "Người B1 1", "Đ/1"))


@pytest.mark.parametrize("unit", ["B", "B1", "K"])
def test_a_unit_outside_is_refused_and_one_inside_shows_nothing_of_it(unit: str, desk: Console) -> None:
    browser = desk.browser(UnitCode("A"))
    for way in ("", "tree", "tree?q=a", "upload", "new/people", "people/B1-01", "records/units/B"):
        assert browser.get(f"/en/organisation/{unit}/{way}").status_code == 403, way
    assert browser.get("/en/organisation/A/people/B1-01").status_code == 404
    assert (
        browser.get("/en/organisation/A/records/people/B1-02").status_code == 404
    )  # a guest is not A's to correct
    assert browser.get("/en/organisation/A/tree?q=B1-01").get_data(as_text=True).count("B1-01") == 2


def test_a_code_has_one_spelling_in_addresses(desk: Console) -> None:
    browser = desk.browser(UnitCode("*"))
    assert browser.get("/en/organisation/~41/").status_code == 404
    assert browser.get("/en/organisation/~C4~90~2F1/").status_code == 404  # no such unit
    assert browser.get("/en/organisation/~FF/").status_code == 404
    assert browser.get("/en/organisation/A.B/").status_code == 404
    assert browser.get(f"/en/organisation/{spelled(MARKUP)}/").status_code == 200


def test_the_unit_page_marks_unified_posts_and_pages_its_members(desk: Console) -> None:
    page = desk.browser(UnitCode("*")).get("/en/organisation/A/")
    assert page.get_data(as_text=True).count(">unified post<") == 2  # of one person who holds both posts
    assert "2025: Good" in said(page)
    many = [Person(PersonCode(f"x{i:03}"), f"Tên {i}", UnitCode("B1"), None, True) for i in range(120)]
    whole = desk.load()
    import_organisation(desk.site.stores.app, replace(whole, people=(*whole.people, *many)), confirmed=True)
    first, third = (said(desk.browser(UnitCode("*")).get(f"/en/organisation/B1/?page={n}")) for n in (1, 3))
    assert "Page 1 of 3" in first
    assert "x119" in third
    assert "x119" not in first


def test_search_needs_no_accents(desk: Console) -> None:
    page = said(desk.browser(UnitCode("*")).get("/vi/organisation/K/tree?q=nguoi+a1+3"))
    assert "1 người" in page
    assert "Người A1 3" in page


def test_a_correction_is_made_with_its_reason_in_the_log(desk: Console) -> None:
    browser, address = desk.browser(UnitCode("A")), "/en/organisation/A1/records/people/A1-03"
    page = browser.get(address).get_data(as_text=True)
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', page)
    assert seen
    form = {"name": "Tên Mới", "unit": "A1", "votes": "yes", "email": "moi@example.org", "seen": seen[1]}
    without = browser.post(address, form)
    assert without.status_code == 422
    assert "This field must be filled in." in said(without)
    assert desk.entries() == ()
    done = browser.post(address, {**form, "reason": "Quyết định 7"})
    assert (done.status_code, done.headers["Location"]) == (303, "/s/en/organisation/A1/people/A1-03")
    person = next(each for each in desk.load().people if each.code == "A1-03")
    assert person == Person(PersonCode("A1-03"), "Tên Mới", UnitCode("A1"), "moi@example.org", True)
    (entry,) = desk.entries()
    assert (entry.act, entry.unit, entry.reason) == ("organisation.corrected", "A1", "Quyết định 7")
    assert entry.facts == {
        "sheet": "people",
        "record": "A1-03",
        "changed": "name: Người A1 3 → Tên Mới; email: – → moi@example.org",
    }
    again = browser.post(address, {**form, "name": "Tên Khác", "reason": "x"})
    assert again.status_code == 409  # the form was opened before the first correction
    assert len(desk.entries()) == 1


def test_records_are_added_and_removed(desk: Console) -> None:
    browser = desk.browser(UnitCode("A"))
    added = browser.post(
        "/en/organisation/A1/new/grading",
        {"unit": "A1", "year": "2026", "grade": "good", "reason": "QĐ 8"},
    )
    assert added.headers["Location"] == "/s/en/organisation/A1/"
    grading = Grading(UnitCode("A1"), 2026, Grade.GOOD)
    assert grading in desk.load().gradings
    address = f"/en/organisation/A1/records/grading/{name_of(grading)}"
    assert browser.post(f"{address}/remove", {}, at=address).headers["Location"] == f"/s{address}"
    assert grading in desk.load().gradings
    browser.post(f"{address}/remove", {"reason": "nhầm"}, at=address)
    assert grading not in desk.load().gradings
    assert [(entry.act, entry.reason) for entry in desk.entries()] == [
        ("organisation.corrected", "nhầm"),
        ("organisation.corrected", "QĐ 8"),
    ]


def test_what_others_name_is_not_removed_and_it_is_said_what(desk: Console) -> None:
    browser, address = desk.browser(UnitCode("A")), "/en/organisation/A1/records/people/A1-02"
    answer = browser.post(f"{address}/remove", {"reason": "x"}, at=address)
    page = said(browser.get(answer.headers["Location"]))
    assert "there still are posts: 2, earlier results: 1" in page
    assert desk.entries() == ()


def test_wrong_fields_are_named_beside_the_field_in_the_readers_language(desk: Console) -> None:
    browser = desk.browser(UnitCode("A"))
    form = {"code": "A9", "parent": "Z", "name": "x", "kind": "cell", "reason": "x"}
    for language, words in (("en", "there is no unit 'Z'"), ("vi", "không có đơn vị 'Z'")):
        answer = browser.post(f"/{language}/organisation/A/new/units", form)
        assert answer.status_code == 422
        assert words in said(answer)
        assert 'aria-invalid="true"' in answer.get_data(as_text=True)


def test_a_correction_that_would_reach_outside_is_refused_with_the_place(desk: Console) -> None:
    browser, address = desk.browser(UnitCode("A")), "/en/organisation/A1/records/people/A1-03"
    form = {"name": "x", "unit": "B1", "votes": "yes", "reason": "x"}
    answer = browser.post(address, form)
    assert answer.status_code == 422
    assert "This would change Chi bộ B1, which you do not look after." in said(answer)
    # The twin: from above it may be done.
    assert desk.browser(UnitCode("K")).post(address, form).status_code == 303


def test_the_topmost_unit_keeps_its_place_whatever_is_sent(desk: Console) -> None:
    browser, address = desk.browser(UnitCode("A")), "/en/organisation/A/records/units/A"
    assert 'name="parent"' not in browser.get(address).get_data(as_text=True)
    browser.post(address, {"parent": "B", "code": "B", "name": "Tên", "kind": "committee", "reason": "x"})
    unit = next(each for each in desk.load().units if each.code == "A")
    assert (unit.parent, unit.name) == ("K", "Tên")


def test_a_correction_needs_no_loading_of_everything_anew(
    desk: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    from surveys.organisation import kept as shelf

    browser = desk.browser(UnitCode("A"))
    browser.get("/en/organisation/A/")
    monkeypatch.setattr(shelf, "load_held", lambda *_: pytest.fail("loaded"))
    form = {"unit": "A1", "year": "2026", "grade": "good", "reason": "x"}
    browser.post("/en/organisation/A1/new/grading", form)
    assert "2026: Good" in said(browser.get("/en/organisation/A1/"))


def test_pages_over_the_demo_answer_within_300_milliseconds(tmp_path: Path) -> None:
    """Of the processor, once the catalogue is loaded."""
    demo = console(tmp_path, demo_organisation())
    browser = demo.browser(UnitCode("*"))
    for way in (
        "", "KHOI/", "KHOI/tree", "KHOI/tree?q=nguyen", "DU01-C01/", "DU01-C01/people/DU01-C01-01", "KHOI/upload", "KHOI/new/posts",
        "DU01/records/units/DU01",
    ):  # fmt: skip
        browser.get(f"/en/organisation/{way}")  # templates are compiled at the first look
        with within(0.3):
            assert browser.get(f"/en/organisation/{way}").status_code == 200
    demo.site.stores.close()
