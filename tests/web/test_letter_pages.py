"""The pages of letters as an organizer uses them: every step through the forms, in both languages, with names
that are markup.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from surveys.accounts.roles import Role
from surveys.console.letters.forms import MOST_BOUNCE_BYTES, MOST_FILES, MOST_TEXT
from surveys.instants import read_instant
from surveys.jobs.queue import Standing
from surveys.letters import mailings as letters
from surveys.names import RoundId, UnitCode
from surveys.rounds import ledger
from surveys.rounds.states import State
from surveys.settings import Settings
from tests.desk import Desk, a_desk
from tests.organisations import a_bloc
from tests.post import CODE, Post, a_post, came_back, read, with_addresses
from tests.staff import Browser, said
from tests.web.markup import faults

MARKUP = "Nguyễn <b>Thị</b> <script>alert(1)</script> “Ánh”"


def named() -> Any:
    bloc = with_addresses(a_bloc())
    people = tuple(replace(p, name=MARKUP if p.code == "A1-04" else p.name) for p in bloc.people)
    return replace(bloc, people=people)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    with a_post(tmp_path_factory.mktemp("letter_pages"), named()) as made:
        made.round(1)
        made.round(2, "printed")
        yield made


@pytest.fixture
def post(made: Post) -> Post:
    """Every test finds the slips of SURVEY sent, and nothing in the mail server."""
    made.office.answers.clear()
    made.sent(SURVEY)
    made.office.taken.clear()
    return made


SURVEY, PRINTED = RoundId("01" * 16), RoundId("02" * 16)
AT = f"/en/rounds/{SURVEY}/letters"


def keys(page: str) -> list[str]:
    """The letters that a page offers to send again."""
    return re.findall(r"/letters/again/([0-9a-f]{32})", page)


def upload(browser: Browser, files: list[tuple[bytes, str]]) -> Any:
    """Send files as a browser does."""
    form = {
        "csrf_token": browser.token(AT),
        "mailbox": [FileStorage(io.BytesIO(raw), name) for raw, name in files],
    }
    boundary, body = encode_multipart(form)
    return browser.client.post(
        f"{AT}/bounces",
        base_url="http://localhost/s",
        data=body,
        content_type=f'multipart/form-data; boundary="{boundary}"',
    )


def test_from_freezing_to_a_corrected_address(post: Post) -> None:
    browser, round_id = post.desk.browser(Role.ORGANIZER, UnitCode("A")), post.round(4)
    at = f"/en/rounds/{round_id}/letters"
    assert "15 letters wait to be sent." in said(browser.get(f"/en/rounds/{round_id}"))
    assert "15 slips are ready and wait to be sent." in said(browser.get(at))
    assert "Write a reminder" not in said(browser.get(at))
    post.office.answers["a1-04@example.vn"] = "550 5.1.1 <i>no such user</i>"
    answer = browser.post(f"{at}/send", at=at)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/s{at}")
    assert post.done(round_id).standing is Standing.DONE
    page = browser.get(at).get_data(as_text=True)
    assert faults(page) == []
    assert "<b>" not in page
    assert "<i>" not in page
    assert (
        unescape(re.sub(r"<[^>]+>", "", page)).count(MARKUP) == 4
    )  # the row, its link, its label, its button
    (key,) = keys(page)
    for wrong in ("", "not an address", "a@b.example\r\nBcc: x@example.org"):
        answer = browser.post(f"{at}/again/{key}", {"email": wrong}, at=at)
        assert answer.status_code == 303
        assert "Nothing was sent:" in said(browser.get(at))
    post.office.answers.clear()
    browser.post(f"{at}/again/{key}", {"email": " Dung@example.vn "}, at=at)
    post.done(round_id)
    assert post.states(round_id) == ["sent"] * 15
    assert post.office.taken[-1].recipient == "Dung@example.vn"
    assert browser.post(f"{at}/again/{key}", {"email": "b@example.vn"}, at=at).status_code == 404
    assert keys(browser.get(at).get_data(as_text=True)) == []
    # It may have arrived now: it can be sent again, and not to anybody else.
    (sent,) = [letter.message for letter in post.letters(round_id) if letter.voter == "A1-04"]
    answer = browser.post(f"{at}/again/{sent}", {"email": "mine@example.vn"}, at=at)
    assert (answer.status_code, "replace the slip" in said(answer)) == (409, True)
    page = browser.get(f"{at}?q=anh").get_data(as_text=True)
    assert (keys(page), page.count('type="email"')) == ([sent], 0)
    found = said(browser.get(f"{at}?q=anh"))
    assert "Dung@example.vn (instead of a1-04@example.vn)" in found
    assert "No letter to a voter of this name or code." in said(browser.get(f"{at}?q=nobody"))


def test_no_page_tells_which_slip_is_whose(post: Post) -> None:
    """The bundle says of each slip's key whether its paper was issued: a page with names and keys would tell
    who has voted.
    """
    letters_here = post.letters(SURVEY)
    browser = post.desk.browser(Role.ORGANIZER, UnitCode("A"))
    for path in (AT, f"{AT}?q=nguoi", f"/en/rounds/{SURVEY}"):
        page = browser.get(path).get_data(as_text=True)
        assert not [
            letter for letter in letters_here if letter.id in page or (letter.code and letter.code in page)
        ]
    # It is there to be leaked: what the page has in its hands holds both.
    there = post.desk.desks.letters.find(post.desk.account(Role.ORGANIZER, UnitCode("A")), SURVEY, "nguoi")
    assert all(len(letter.id) == 64 and CODE.fullmatch(letter.code) for letter in there)


def test_what_came_back_is_read_from_an_mbox_or_from_single_letters(post: Post) -> None:
    browser = post.desk.browser(Role.ORGANIZER, UnitCode("A"))
    letters.resend(post.desk.site.stores.engines.app, SURVEY, [letter.id for letter in post.letters(SURVEY)])
    post.sent(SURVEY)
    one, two, three = (came_back(taken) for taken in post.office.taken[:3])
    stranger = one.replace(b"From: MAILER-DAEMON", b"From: mailer-daemon")
    mbox = b"".join(b"From MAILER-DAEMON Mon Mar  2 08:30:11 2026\n" + raw + b"\n" for raw in (one, two))
    assert (
        upload(browser, [(mbox, "../../inbox.mbox"), (three, "3.EML"), (b"hello", "x.eml")]).status_code
        == 303
    )
    assert "Letters of this round that came back: 3. Other letters in the files: 1." in said(browser.get(AT))
    assert post.states(SURVEY).count("bounced") == 3
    assert upload(browser, [(stranger, "again.eml")]).status_code == 303
    again = said(browser.get(AT))
    assert "came back: 0. Returned letters that are not of this round, or were noted before: 1." in again
    assert len(keys(browser.get(AT).get_data(as_text=True))) == 3
    browser.post(f"{AT}/again", at=AT)
    post.done(SURVEY)
    assert post.states(SURVEY) == ["sent"] * 15


def test_too_much_or_nothing_is_refused_and_nothing_is_noted(post: Post) -> None:
    browser, before = post.desk.browser(Role.ORGANIZER, UnitCode("A")), post.desk.desks.log.head()
    nothing = upload(browser, [])
    assert (nothing.status_code, "Choose at least one file." in said(nothing)) == (422, True)
    assert faults(nothing.get_data(as_text=True)) == []
    many = upload(browser, [(b"x", f"{n}.eml") for n in range(MOST_FILES + 1)])
    assert (many.status_code, "At most 100 files at once" in said(many)) == (422, True)
    large = upload(browser, [(b"x" * (MOST_BOUNCE_BYTES + 1), "inbox.mbox")])
    assert large.status_code == 413
    assert post.desk.desks.log.head() == before
    nearly = upload(browser, [(b"From a\n\n" + b"x" * (MOST_BOUNCE_BYTES - 4096), "inbox.mbox")])
    assert nearly.status_code == 303
    assert "Letters that could not be read: 1." in said(browser.get(AT))


def test_a_reminder_is_written_looked_at_and_sent(post: Post) -> None:
    browser, at = post.desk.browser(Role.ORGANIZER, UnitCode("A")), f"/vi/rounds/{PRINTED}/reminders"
    form = browser.get(at)
    assert faults(form.get_data(as_text=True)) == []
    assert "Ai chưa bỏ phiếu, xin bỏ phiếu trước giờ đóng." in said(form)
    assert "please do so before they close" in said(form)
    text = "Dòng <một>\r\n\r\nDòng hai & “ba”"
    looked = browser.post(f"{at}/preview", {"unit": "A1", "text": text}, at=at)
    page = looked.get_data(as_text=True)
    assert (looked.status_code, faults(page)) == (200, [])
    assert "<một>" not in page
    assert "6 thư: Chi bộ A1" in said(looked)
    assert post.office.taken == []
    kept = {
        name: unescape(value)
        for name, value in re.findall(r'name="(unit|text|number)" value="([^"]*)"', page)
    }
    assert kept == {"unit": "A1", "text": text.replace("\r\n", "\n"), "number": "1"}
    kept["text"] = kept["text"].replace("\n", "\r\n")  # as a browser sends it
    assert browser.post(at, kept, at=at).status_code == 303
    assert post.done(PRINTED).standing is Standing.DONE
    assert len(post.office.taken) == 6
    whole = read(post.office.taken[0])[1].replace("\r\n", "\n")
    assert whole.startswith("Dòng <một>\n\nDòng hai & “ba”\n\n--\n")
    shown = re.search(r'<pre class="paper">(.*?)</pre>', page, re.DOTALL)
    assert shown is not None
    assert unescape(shown[1]).strip() == whole.strip()  # what was looked at is what was sent
    assert browser.post(at, kept, at=at).status_code == 409  # the same form again
    assert len(post.office.taken) == 6
    assert "Thư nhắc số 1" in said(browser.get(f"/vi/rounds/{PRINTED}/letters"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "This field must be filled in."),
        ("x" * (MOST_TEXT + 1), "At most 4000 characters."),
        ("ă" * 3 * MOST_TEXT, "At most 4000 characters."),
        ("Mã: 0000-0000-0000-00000", "A slip's code stands in this text."),
        ("a\u202eb", "a sign that cannot be seen"),
        ("a\x00b", "a sign that cannot be seen"),
    ],
)
def test_a_text_that_cannot_be_sent_is_refused_with_its_reason_and_kept(
    post: Post, text: str, words: str
) -> None:
    browser, at = post.desk.browser(Role.ORGANIZER, UnitCode("A")), f"/en/rounds/{PRINTED}/reminders"
    before = post.desk.desks.letters.preview(
        post.desk.account(Role.ORGANIZER, UnitCode("A")), PRINTED, UnitCode("A")
    ).number
    for address, more in ((f"{at}/preview", {}), (at, {"number": str(before)})):
        answer = browser.post(address, {"unit": "A", "text": text, **more}, at=at)
        assert (answer.status_code, words in said(answer)) == (422, True)
        assert unescape(answer.get_data(as_text=True)).count(text[:50]) >= 1
    assert browser.post(f"{at}/preview", {"unit": "B", "text": "x"}, at=at).status_code == 422
    assert post.office.taken == []


def test_an_organizer_of_a_part_finds_no_trace_of_the_others(post: Post) -> None:
    browser = post.desk.browser(Role.ORGANIZER, UnitCode("A2"))
    for path in (AT, f"{AT}?q=a", f"/en/rounds/{SURVEY}/reminders"):
        page = browser.get(path).get_data(as_text=True)
        assert faults(page) == []
        assert not re.findall(r"A[13]-\d\d|a[13]-\d\d@|Chi bộ A[13]", page), path
    assert "A2-01" in browser.get(f"{AT}?q=a").get_data(as_text=True)
    assert re.findall(
        r"A[13]-\d\d",
        post.desk.browser(Role.ORGANIZER, UnitCode("A")).get(f"{AT}?q=a").get_data(as_text=True),
    )
    (foreign,) = [letter for letter in post.letters(SURVEY) if letter.voter == "A1-01"]
    token = {"email": "x@example.vn", "csrf_token": browser.token(AT)}
    assert browser.post(f"{AT}/again/{foreign.message}", token, token=False).status_code == 404
    form = {"unit": "A", "text": "x", "number": "9", "csrf_token": browser.token(AT)}
    assert browser.post(f"/en/rounds/{SURVEY}/reminders", form, token=False).status_code == 422


def test_a_foreign_host_header_is_refused_and_never_stands_in_a_letter(post: Post) -> None:
    browser = post.desk.browser(Role.ORGANIZER, UnitCode("A"))
    letters.resend(post.desk.site.stores.engines.app, SURVEY, [letter.id for letter in post.letters(SURVEY)])
    for host in ("evil.example", "localhost.evil.example", "localhost:81"):
        form = {"csrf_token": browser.token(AT)}
        answer = browser.client.post(
            f"{AT}/send", base_url="http://localhost/s", data=form, headers={"Host": host}
        )
        assert answer.status_code in (303, 400)
        assert (answer.status_code == 400) is host.startswith(("evil", "localhost."))
    browser.post(f"{AT}/send", at=AT)
    post.done(SURVEY)
    assert len(post.office.taken) >= 15
    addresses = {
        link for taken in post.office.taken for link in re.findall(r"https?://[^/\s]+", read(taken)[1])
    }
    assert addresses == {"https://vote.example"}


def test_a_failed_job_is_told_with_its_sentence_and_a_button_to_go_on(post: Post) -> None:
    browser = post.desk.browser(Role.ORGANIZER, UnitCode("A"))
    first = post.letters(SURVEY)[0]
    letters.resend(post.desk.site.stores.engines.app, SURVEY, [first.id])
    post.office.answers["MAIL"] = "553 5.7.1 not your address"
    browser.post(f"{AT}/send", at=AT)
    post.done(SURVEY)
    page = browser.get(AT)
    assert "The mail server does not take mail from this system." in said(page)
    assert "Try again" in said(page)
    state = browser.get(f"/en/rounds/{SURVEY}/jobs/mail").get_json()
    assert (state["standing"], state["words"]) == ("failed", "Ended with an error.")
    post.office.answers.clear()
    browser.post(f"{AT}/send", at=AT)
    assert post.done(SURVEY).standing is Standing.DONE
    assert "Try again" not in said(browser.get(AT))


def test_after_the_close_only_numbers_are_left(post: Post) -> None:
    round_id, browser = post.round(3), post.desk.browser(Role.ORGANIZER, UnitCode("A"))
    post.sent(round_id)
    stores = post.desk.site.stores.engines
    letters.forget(stores.app, round_id)
    for state in (State.CONFIRMED, State.OPEN, State.CLOSING):
        ledger.move(stores.app, round_id, state, at=read_instant("2026-11-02T01:00:00Z"))
    page = browser.get(f"/en/rounds/{round_id}/letters")
    text = page.get_data(as_text=True)
    assert faults(text) == []
    assert "only the numbers are kept" in said(page)
    assert "Slips 15 0 0 0 15" in said(page)
    assert text.partition("<main")[2].count("<form") == 0
    assert browser.get(f"/en/rounds/{round_id}/reminders").status_code == 409


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = a_desk(tmp_path_factory.mktemp("without"), Settings(), named())
    desk.frozen(1)
    yield desk
    desk.site.stores.close()


def test_without_a_mail_server_the_page_says_so_and_offers_no_button(without: Desk) -> None:
    page = without.browser(Role.ORGANIZER, UnitCode("A")).get(AT)
    text = page.get_data(as_text=True)
    assert "No mail server is set for this system" in said(page)
    assert text.partition("<main")[2].count("<button") == 0
    assert "/reminders" not in text
    assert (
        without.browser(Role.ORGANIZER, UnitCode("A")).get(f"/en/rounds/{SURVEY}/reminders").status_code
        == 409
    )


def test_there_is_no_page_of_letters_for_a_round_that_is_not_frozen(without: Desk) -> None:
    round_id = without.draft(7)
    browser = without.browser(Role.ORGANIZER, UnitCode("A"))
    assert browser.get(f"/en/rounds/{round_id}/letters").status_code == 404
