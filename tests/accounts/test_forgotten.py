"""A forgotten password: a letter to the account's own address, good once and for an hour; who asks learns
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from surveys.accounts import forgotten, invitations
from surveys.accounts import keeping as register
from surveys.accounts.errors import NoSuchInvitation
from surveys.accounts.pages import guessing
from surveys.accounts.roles import Role, Staff
from surveys.accounts.staff_log import StaffLog
from surveys.console.background import background_work
from surveys.instance.mailing_job import Outgoing
from tests.accounts.entering import CODE, LOGIN, Entrance, acts, opens
from tests.jobs.test_queue import awaited
from tests.mail.build import settings_for
from tests.post import ADDRESS, Post, a_post, read
from tests.staff import everything, quick, said

ASKING = "/en/account/forgotten"
NEW = "bốn con vịt dưới ao"


@pytest.fixture(scope="module")
def _post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    with a_post(tmp_path_factory.mktemp("post")) as opened:
        site = opened.desk.site
        quick(site.app)
        site.account("boss", everything(Role.ADMINISTRATOR))
        log = StaffLog(site.stores.app, lambda: datetime.now(UTC))
        outgoing = Outgoing(settings_for(opened.office), ADDRESS)
        opened.desk.jobs.teach(background_work(site.stores, log, outgoing))
        yield opened


@pytest.fixture
def post(_post: Post) -> Post:
    for limiter in _post.desk.site.app.extensions["limiter"]:
        limiter.reset()
    _post.office.taken.clear()
    return _post


def asked(post: Post, email: str) -> str:
    """What whoever asks is answered, once the work in the background is done."""
    answer = post.desk.site.browser().post(ASKING, {"email": email})
    assert answer.status_code == 200
    awaited(lambda: not any(job.under_way for job in post.desk.jobs.all()))
    return said(answer)


def link_in(text: str) -> str:
    """The way to the page, as the letter gives it."""
    (found,) = re.findall(re.escape(ADDRESS) + r"/s(/en/invitation/\S+)", text)
    return str(found)


def somebody(post: Post, name: str, *, factor: bool = True) -> Staff:
    return post.desk.site.account(name, everything(Role.ORGANIZER), factor=factor)


def test_a_letter_lets_its_reader_choose_a_password_once_and_the_factor_is_asked_for_still(
    post: Post,
) -> None:
    site, staff = post.desk.site, somebody(post, "quen")
    asked(post, staff.email.upper())
    (taken,) = post.office.taken
    subject, text = read(taken)
    assert taken.recipient == staff.email
    assert subject == "Tín Nhiệm: đặt lại mật khẩu / a new password"
    way = link_in(text)
    page = said(site.browser().get(way))
    assert f"A new password for {staff.name}" in page
    browser, before = site.browser(), Entrance(site).inside(staff)
    assert browser.post(way, {"password": NEW, "again": NEW}).status_code == 303
    assert not opens(before), "sessions end"
    browser.post(LOGIN, {"email": staff.email, "password": NEW})
    assert not opens(browser), "a mailbox alone opens nothing"
    browser.post(CODE, {"code": site.code(staff, 1)})
    assert opens(browser)
    assert site.browser().get(way).status_code == 404
    told = [act for act, _ in acts(site, staff)]
    assert told.count("account.forgotten") == 1
    assert "account.password" in told


def test_nobody_learns_which_addresses_have_an_account(post: Post) -> None:
    """The same words, the same kind of work; and a letter only where a second factor stands beside the
    mailbox.
    """
    known, bare = somebody(post, "co"), somebody(post, "tran", factor=False)
    ended = somebody(post, "het")
    register.set_active(post.desk.site.stores.engines.app, ended.id, False)
    answers = {asked(post, email) for email in ("nobody@example.org", bare.email, ended.email, known.email)}
    assert len(answers) == 1
    assert [taken.recipient for taken in post.office.taken] == [known.email]
    assert all(job.failed is None for job in post.desk.jobs.all() if job.kind == forgotten.PASSWORD)


def test_the_link_is_good_for_an_hour(post: Post) -> None:
    site, staff = post.desk.site, somebody(post, "muon")
    asked(post, staff.email)
    token = link_in(read(post.office.taken[0])[1]).rpartition("/")[2]
    for minutes, good in ((forgotten.MINUTES - 1, True), (forgotten.MINUTES + 1, False)):
        at = datetime.now(UTC) + timedelta(minutes=minutes)
        if good:
            assert invitations.invited(site.stores.app, token, at).staff == staff
        else:
            with pytest.raises(NoSuchInvitation):
                invitations.invited(site.stores.app, token, at)


def test_letters_to_one_address_are_few(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    staff, browser = somebody(post, "nhieu"), post.desk.site.browser()
    answers = [browser.post(ASKING, {"email": staff.email}).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 429, 429]
    for limiter in post.desk.site.app.extensions["limiter"]:
        limiter.reset()
    monkeypatch.setattr(guessing, "_written", lambda _: datetime.now(UTC).isoformat())
    assert {browser.post(ASKING, {"email": staff.email}).status_code for _ in range(5)} == {200}


def test_where_no_mail_leaves_the_page_says_so(entrance: Entrance) -> None:
    page = said(entrance.site.browser().get(ASKING))
    assert "This site sends no e-mail" in page
    assert "E-mail address" not in page


def test_a_wrong_code_at_the_set_up_keeps_picture_and_key(entrance: Entrance) -> None:
    staff = entrance.somebody(factor=False)
    browser = entrance.site.browser(staff)
    first = browser.post("/en/account/tf-setup", {"setup": "authenticator"}).get_data(as_text=True)
    to = first.split('action="/s/en/account/tf-setup/')[1].split('"')[0]
    answer = browser.post(f"/en/account/tf-setup/{to}", {"code": "000000"}, at="/en/account/tf-setup")
    second = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for part, end in (
        ('<code class="hash">', "<"),
        ('fill="#ffffff">', "</svg>"),
        ('action="/s/en/account/tf-setup/', '"'),
    ):
        assert first.split(part)[1].split(end)[0] == second.split(part)[1].split(end)[0]
    assert "This code is wrong" in said(answer)
    assert "apps.apple.com" in second
    assert not entrance.held(staff).has_second_factor
