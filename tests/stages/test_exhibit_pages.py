"""The desk's pages of what voters are shown: for organizers and leaders, each their own; what is wrong is
said and nothing is lost.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from surveys.accounts.roles import Role
from surveys.names import PersonCode, UnitCode
from surveys.rounds.states import State
from surveys.stores.notices import Answer
from surveys.stores.reports import rewritten
from tests.desk import Desk, a_desk
from tests.shown import PDF, SECRETARY, a_picture, a_round, exhibits, files, leader, shut
from tests.staff import Browser, said
from tests.stores.pdfs import a_pdf


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = a_desk(tmp_path_factory.mktemp("pages"))
    yield made
    made.site.stores.close()


def sent(browser: Browser, address: str, at: str, **form: Any) -> Any:
    return browser.post(address, form, at=at)


def test_an_organizer_uploads_asks_and_a_leader_answers_on_the_pages(desk: Desk) -> None:
    round_id = a_round(desk)
    organizer, secretary = (
        desk.browser(Role.ORGANIZER, UnitCode("A")),
        desk.site.browser(leader(desk, PersonCode("p1"), UnitCode("A"))),
    )
    base = f"/en/rounds/{round_id}/exhibits"
    page = f"{base}/{SECRETARY}"
    listed = said(organizer.get(base))
    assert "Questions until 23 October 2026 over" in listed
    assert "Nguyễn Văn Đạt" in listed
    assert "alert(1)" in listed
    mine = said(secretary.get(base))
    assert "Nguyễn Văn Đạt" in mine
    assert "alert(1)" not in mine
    done = sent(organizer, f"{page}/photo", page, photo=(io.BytesIO(a_picture()), "me.png"))
    assert (done.status_code, done.headers["Location"]) == (303, f"/s{page}")
    assert sent(secretary, f"{page}/report", page, report=(io.BytesIO(PDF), "r.pdf")).status_code == 303
    shown = organizer.get(f"{page}/report")
    assert (shown.data, shown.mimetype, shown.headers["X-Content-Type-Options"]) == (
        rewritten(PDF),
        "application/pdf",
        "nosniff",
    )
    assert Image.open(io.BytesIO(secretary.get(f"{page}/photo").data)).format == "JPEG"
    assert sent(organizer, f"{page}/questions", page, question="Vì sao\r\nchậm?").status_code == 303
    assert "no answer yet: voters do not see it" in said(secretary.get(page))
    assert "Nguyễn Văn Đạt" in said(organizer.get(f"{base}?only=unanswered"))
    assert "alert(1)" not in said(organizer.get(f"{base}?only=unanswered"))
    assert "Nguyễn Văn Đạt" not in said(organizer.get(f"{base}?only=without-report"))
    way = f"/en/rounds/{round_id}/questions/1/answer"
    assert sent(secretary, way, page, answer="Một.\r\n\r\nHai.", version="0").status_code == 303
    assert "Vì sao chậm? asked late answered late: voters are told Một. Hai." in said(organizer.get(page))
    assert exhibits(desk, round_id).announcements().answers == (
        Answer(0, "Vì sao chậm?", ("Một.", "Hai."), True),
    )


def test_what_is_wrong_on_the_pages_is_said_where_it_is_and_what_was_typed_stays(desk: Desk) -> None:
    round_id, browser = a_round(desk), desk.browser(Role.ORGANIZER, UnitCode("A"))
    page = f"/en/rounds/{round_id}/exhibits/{SECRETARY}"
    for way, form, words in (
        ("report", {}, "This field must be filled in."),
        (
            "report",
            {"report": (io.BytesIO(b"<html>"), "r.pdf")},
            "This file is no PDF that can be read",
        ),
        ("photo", {"photo": (io.BytesIO(PDF), "p.jpg")}, "This file is no usable JPEG, PNG or WebP picture."),
        ("questions", {"question": " "}, "This field must be filled in."),
        ("questions", {"question": "a" * 501}, "At most 500 characters."),
    ):
        answer = browser.post(f"{page}/{way}", form, at=page)
        assert (answer.status_code, words in said(answer)) == (422, True), (way, words)
    browser.post(f"{page}/questions", {"question": "Vì sao?"}, at=page)
    way = f"/en/rounds/{round_id}/questions/1/answer"
    for text, words in (
        ("", "This field must be filled in."),
        ("a" * 2001, "At most 2000 characters."),
        ("\n".join("a" * 21), "At most 20 paragraphs."),
        ("a\u202eb", "Only letters, digits and signs that can be seen."),
    ):
        answer = browser.post(way, {"answer": text, "version": "0"}, at=page)
        assert (answer.status_code, words in said(answer)) == (422, True), words
        assert text in answer.get_data(as_text=True)
    assert files(desk, round_id) == {}
    browser.post(way, {"answer": "Của lãnh đạo.", "version": "0"}, at=page)
    answer = browser.post(way, {"answer": "Của bộ phận tổ chức.", "version": "0"}, at=page)
    text = answer.get_data(as_text=True)
    assert (answer.status_code, "Somebody else wrote an answer" in text) == (409, True)
    assert "Của lãnh đạo." in text
    assert "Của bộ phận tổ chức.</textarea>" in text
    assert 'name="version" value="1"' in text
    assert exhibits(desk, round_id).announcements().answers[0].answer == ("Của lãnh đạo.",)


@pytest.mark.parametrize(("size", "status"), [(15_000_000, 303), (15_000_001, 422), (15_100_000, 413)])
def test_a_file_that_is_too_large_is_refused(desk: Desk, size: int, status: int) -> None:
    round_id, browser = a_round(desk), desk.browser(Role.ORGANIZER, UnitCode("A"))
    page = f"/en/rounds/{round_id}/exhibits/{SECRETARY}"
    report = io.BytesIO(a_pdf().ljust(size, b"\n"))
    answer = browser.post(f"{page}/report", {"report": (report, "r.pdf")}, at=page)
    answer.request.environ["wsgi.input"].close()  # the test client's own file
    assert answer.status_code == status
    assert list(files(desk, round_id)) == (["0.pdf"] if status == 303 else [])


def test_a_leader_and_a_strangers_organizer_find_no_page_of_others(desk: Desk) -> None:
    round_id = a_round(desk)
    desk.desks.exhibits.keep(desk.account(Role.ORGANIZER, UnitCode("A")), round_id, SECRETARY, "report", PDF)
    for browser in (
        desk.browser(Role.ORGANIZER, UnitCode("A1")),
        desk.site.browser(leader(desk, PersonCode("p2"), UnitCode("A"))),
    ):
        for way in ("", "/report", "/photo"):
            answer = browser.get(f"/en/rounds/{round_id}/exhibits/{SECRETARY}{way}")
            assert answer.status_code == 403
            assert "Nguyễn Văn Đạt" not in said(answer)
    assert (
        desk.browser(Role.COMMITTEE_HEAD, UnitCode("*")).get(f"/en/rounds/{round_id}/exhibits").status_code
        == 403
    )
    nobody = said(
        desk.site.browser(leader(desk, PersonCode("p9"), UnitCode("A"))).get(
            f"/en/rounds/{round_id}/exhibits"
        )
    )
    assert "In this round nobody is voted on whom your account looks after." in nobody


def test_a_name_that_is_markup_is_shown_as_it_is_written(desk: Desk) -> None:
    round_id, browser = a_round(desk), desk.browser(Role.ORGANIZER, UnitCode("*"))
    for way in ("", "/1"):
        text = browser.get(f"/vi/rounds/{round_id}/exhibits{way}").get_data(as_text=True)
        assert "&lt;script&gt;alert(1)" in text
        assert "<script>alert" not in text


def test_after_the_polls_close_the_pages_show_and_take_nothing(desk: Desk) -> None:
    round_id, browser = a_round(desk, State.OPEN), desk.browser(Role.ORGANIZER, UnitCode("A"))
    page = f"/en/rounds/{round_id}/exhibits/{SECRETARY}"
    browser.post(f"{page}/questions", {"question": "Vì sao?"}, at=page)
    token = browser.token(page)
    shut(desk, round_id)
    text = said(browser.get(page))
    assert "The polls are closed: what voters were shown stays as it is." in text
    assert "Upload" not in text
    for way, form in (
        (f"{page}/report", {"report": (io.BytesIO(PDF), "r.pdf")}),
        (f"{page}/photo", {"photo": (io.BytesIO(a_picture()), "p.png")}),
        (f"{page}/questions", {"question": "Nữa?"}),
        (f"/en/rounds/{round_id}/questions/1/answer", {"answer": "a", "version": "0"}),
        (f"/en/rounds/{round_id}/questions/1/withdraw", {}),
    ):
        answer = browser.post(way, {**form, "csrf_token": token}, token=False)
        assert answer.status_code == 409, way
        assert "from freezing until the polls close" in said(answer)
    assert files(desk, round_id) == {}


def test_a_wrong_filter_is_refused_by_name(desk: Desk) -> None:
    browser = desk.browser(Role.ORGANIZER, UnitCode("A"))
    assert browser.get(f"/en/rounds/{a_round(desk)}/exhibits?only=all").status_code == 400
