"""A member's personal link goes by e-mail: asked for on the desk, sent in the background to one address, in
the letter alone; the earlier link ends when the letter leaves.
"""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from surveys.accounts.errors import NoSuchLink
from surveys.accounts.links import Purpose, holder_of
from surveys.accounts.roles import Role
from surveys.accounts.staff_log import Actor
from surveys.committee.errors import ForeignTrustee
from surveys.instance.kinds import MEMBERS
from surveys.instance.member_mail_job import member_mailing
from surveys.jobs.queue import Job, Standing, Tell
from surveys.letters import letter as letters
from surveys.letters.member_letters import (
    MemberLetter,
    letters_to_members,
    members_waiting,
    send_to_members,
    write_to_member,
)
from surveys.mail.errors import BadMessage
from surveys.mail.smtp import Mailer
from surveys.names import RoundId, UnitCode
from surveys.protocol.group import BASE
from surveys.protocol.manifest import Manifest
from surveys.rounds import ledger
from surveys.rounds.errors import IllegalMove
from surveys.rounds.states import ORDER, State
from surveys.stages import publishing
from surveys.stages.errors import NoMailServer
from tests.desk import a_desk
from tests.jobs.test_queue import awaited
from tests.mail.server import DROP
from tests.post import ADDRESS, Post, a_post, came_back, read
from tests.staff import said


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    with a_post(tmp_path_factory.mktemp("member_letters")) as made:
        yield made


@pytest.fixture
def post(made: Post) -> Post:
    made.office.answers.clear()
    made.office.taken.clear()
    return made


numbers = itertools.count(1)


def a_round(post: Post, **decided: object) -> RoundId:
    """A frozen round of its own for each test."""
    return post.round(next(numbers), slips="printed", **decided)


def holder(post: Post, round_id: RoundId, token: str) -> int:
    return holder_of(post.desk.site.stores.engines.app, round_id, Purpose.TRUSTEE, token, post.desk.watch.at)


def organizer(post: Post) -> Actor:
    return Actor.of(post.desk.account(Role.ORGANIZER, UnitCode("A")))


def ask(post: Post, round_id: RoundId, member: int, address: str) -> Job:
    """Ask for a letter, and wait until the workers have done with it."""
    post.desk.desks.member_mail.send_link(organizer(post), round_id, member, address)
    return ended(post, round_id)


def ended(post: Post, round_id: RoundId) -> Job:
    awaited(lambda: (job := post.desk.jobs.look(MEMBERS, round_id)) is not None and not job.under_way)
    job = post.desk.jobs.look(MEMBERS, round_id)
    assert job is not None
    return job


def letter(post: Post, round_id: RoundId, member: int) -> MemberLetter:
    return letters_to_members(post.desk.site.stores.app, round_id)[member]


def links_in(post: Post, round_id: RoundId) -> list[str]:
    """The tokens in the messages that the mail server took."""
    found = []
    for taken in post.office.taken:
        first, second = re.findall(rf"{re.escape(ADDRESS)}/k/{round_id}/#(\S+)", read(taken)[1])
        assert first == second, "the same in both languages"
        found.append(first)
    return found


def test_the_link_in_the_letter_is_the_members(post: Post) -> None:
    desk, round_id = post.desk, a_round(post)
    _, earlier = desk.desks.committees.link(organizer(post), round_id, 2)
    assert desk.desks.member_mail.send_link(organizer(post), round_id, 2, "hai@example.vn") == "Hai"
    assert ended(post, round_id).standing is Standing.DONE
    (taken,) = post.office.taken
    assert taken.recipient == "hai@example.vn"
    subject, text = read(taken)
    assert "Ban kiểm phiếu" in subject
    assert "Kính gửi Hai," in text
    (token,) = links_in(post, round_id)
    assert holder(post, round_id, token) == 2
    with pytest.raises(NoSuchLink):
        holder(post, round_id, earlier)
    assert letter(post, round_id, 2).state is letters.State.SENT
    assert not [entry for entry in desk.desks.log.entries() if token in str(entry)]


@pytest.mark.files
def test_neither_the_link_nor_the_address_lies_in_the_open(post: Post) -> None:
    round_id = a_round(post)
    ask(post, round_id, 3, "ba@example.vn")
    post.office.answers["hai@example.vn"] = "450 4.2.0 <hai@example.vn>: greylisted"
    assert ask(post, round_id, 2, "hai@example.vn").standing is Standing.FAILED
    root = post.desk.site.stores.engines.root
    held = [root / "app.sqlite", root.parent / "jobs.sqlite"]
    for token in links_in(post, round_id):
        assert not [path for path in held if token.encode() in path.read_bytes()]
    assert not [path for path in held if b"@example.vn" in path.read_bytes()]
    assert b"greylisted" in held[1].read_bytes(), "it is this file that would hold it"


def test_the_page_does_not_wait_for_the_mail_server(post: Post) -> None:
    """It says nothing for as long as it likes: the letter waits, and so does nobody else."""
    round_id, go, before = a_round(post), threading.Event(), post.office.connections
    desk = post.desk.desks.member_mail
    mail = member_mailing(desk.store, desk.outgoing, desk.log.now)

    def patient(about: str, tell: Tell) -> None:
        assert go.wait(20)
        mail(about, tell)

    post.desk.jobs.teach({MEMBERS: patient})
    browser = post.desk.browser(Role.ORGANIZER, UnitCode("A"))
    at = f"/en/rounds/{round_id}/committee"
    sent = browser.post(f"{at}/3/letter", {"address": "ba@example.vn"}, at=at)
    assert sent.status_code in {302, 303}
    assert post.office.connections == before
    page = said(browser.get(at))
    assert "Letter: Waiting, ba@example.vn" in page
    assert "Letters are being sent" in page
    go.set()
    ended(post, round_id)
    post.desk.jobs.teach({MEMBERS: mail})
    page = said(browser.get(at))
    assert "Letter: Sent, ba@example.vn" in page
    assert "Letters are being sent" not in page


def test_a_server_that_is_away_ends_no_link_and_trying_again_goes_on(post: Post) -> None:
    desk, round_id = post.desk, a_round(post)
    _, earlier = desk.desks.committees.link(organizer(post), round_id, 1)
    post.office.answers["HELLO"] = "421 later"
    job = ask(post, round_id, 1, "mot@example.vn")
    assert (job.standing, job.failed) == (Standing.FAILED, "mail.errors.MailUnavailable")
    assert holder(post, round_id, earlier) == 1, "nothing has left: the earlier link stays good"
    browser = desk.browser(Role.ORGANIZER, UnitCode("A"))
    at = f"/en/rounds/{round_id}/committee"
    page = said(browser.get(at))
    assert "The mail server takes no mail at the moment" in page
    assert "Try again" in page
    post.office.answers.clear()
    assert browser.post(f"{at}/letters", {}, at=at).status_code in {302, 303}
    assert ended(post, round_id).standing is Standing.DONE
    (token,) = links_in(post, round_id)
    assert holder(post, round_id, token) == 1
    assert "Letter: Sent, mot@example.vn" in said(browser.get(at))


def test_one_that_is_put_off_keeps_nobody_else_waiting(post: Post) -> None:
    round_id = a_round(post)
    store = post.desk.site.stores.app
    for member in (1, 2, 3):
        write_to_member(store, round_id, member, f"m{member}@example.vn")
    post.office.answers["m2@example.vn"] = "450 greylisted"
    post.desk.desks.member_mail.send_what_waits(round_id)
    assert ended(post, round_id).standing is Standing.FAILED
    assert [taken.recipient for taken in post.office.taken] == ["m1@example.vn", "m3@example.vn"]
    assert members_waiting(store.engine, round_id) == (2,)


def test_a_connection_that_breaks_leaves_the_rest_waiting(post: Post) -> None:
    round_id = a_round(post)
    store = post.desk.site.stores.app
    for member in (1, 2, 3):
        write_to_member(store, round_id, member, f"m{member}@example.vn")
    post.office.answers["DATA"] = ["354 go", DROP, DROP]
    post.desk.desks.member_mail.send_what_waits(round_id)
    assert ended(post, round_id).failed == "mail.errors.MailUnavailable"
    assert members_waiting(store.engine, round_id) == (2, 3)


def test_what_cannot_leave_is_refused_before_anything_is_kept(
    post: Post, tmp_path_factory: pytest.TempPathFactory
) -> None:
    round_id = a_round(post)
    by, desk = organizer(post), post.desk.desks.member_mail
    with pytest.raises(BadMessage):
        desk.send_link(by, round_id, 1, "no address")
    with pytest.raises(ForeignTrustee):
        desk.send_link(by, round_id, 4, "bon@example.vn")
    assert letters_to_members(post.desk.site.stores.app, round_id) == {}
    silent = a_desk(tmp_path_factory.mktemp("silent"))
    with pytest.raises(NoMailServer):
        silent.desks.member_mail.send_link(by, silent.frozen(2), 1, "mot@example.vn")
    silent.site.stores.close()


def test_a_recipient_that_the_server_refuses_is_told_on_the_page(post: Post) -> None:
    round_id = a_round(post)
    post.office.answers["stranger@example.vn"] = "550 no such mailbox"
    assert ask(post, round_id, 1, "stranger@example.vn").standing is Standing.DONE
    assert post.office.taken == []
    browser = post.desk.browser(Role.ORGANIZER, UnitCode("A"))
    page = said(browser.get(f"/en/rounds/{round_id}/committee"))
    assert "Letter: Refused by the mail server, stranger@example.vn" in page
    assert "no such mailbox" in page
    assert "The earlier link has ended all the same" in page
    ask(post, round_id, 1, "mot@example.vn")
    assert letter(post, round_id, 1).state is letters.State.SENT


def test_a_letter_that_comes_back_is_noted(post: Post, tmp_path: Path) -> None:
    round_id = a_round(post)
    ask(post, round_id, 1, "mot@example.vn")
    box = tmp_path / "1.eml"
    box.write_bytes(came_back(post.office.taken[0]))
    by = post.desk.account(Role.ORGANIZER, UnitCode("A"))
    browser = post.desk.browser(Role.ORGANIZER, UnitCode("A"))
    assert "What came back" in said(browser.get(f"/en/rounds/{round_id}/letters"))
    for ours in (1, 0):  # a second reading finds nothing new
        assert post.desk.desks.letters.take_back(by, round_id, [box]).ours == ours
    page = said(browser.get(f"/en/rounds/{round_id}/committee"))
    assert "Letter: Came back, mot@example.vn" in page
    assert "User unknown" in page


@pytest.mark.parametrize("meanwhile", ["another", "restart"])
def test_what_changes_while_a_letter_is_written_stops_it(post: Post, meanwhile: str) -> None:
    """A later address, or another committee, between the making of the link and the sending."""
    desk, round_id = post.desk, a_round(post)
    store = desk.site.stores.app
    write_to_member(store, round_id, 1, "old@example.vn")
    assert desk.desks.member_mail.outgoing.mail is not None

    def write(member: int) -> tuple[str, str, str]:
        if meanwhile == "another":
            write_to_member(store, round_id, 1, "new@example.vn")
        else:
            desk.desks.committees.restart(organizer(post), round_id, ("Bốn", "Năm", "Sáu"), 2)
        return "Một", "subject", "text"

    with Mailer(desk.desks.member_mail.outgoing.mail, now=lambda: datetime.now(UTC)).session() as session:
        send_to_members(store, round_id, session, write, lambda: None)
    assert post.office.taken == []
    left = [each.email for each in letters_to_members(store, round_id).values()]
    assert left == (["new@example.vn"] if meanwhile == "another" else [])


def test_once_results_are_published_no_address_is_left_and_none_is_taken(post: Post, tmp_path: Path) -> None:
    stores, round_id, by = post.desk.site.stores, a_round(post), organizer(post)
    definition = ledger.find(stores.app, round_id).definition
    ask(post, round_id, 1, "mot@example.vn")
    for state in ORDER[ORDER.index(State.FROZEN) + 1 : -1]:
        ledger.move(stores.engines.app, round_id, state)
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(b"what was certified")
    publishing.publish(stores, Manifest(definition, BASE, bytes(32)), b"{}", bundle)
    desk = post.desk.desks.member_mail
    assert desk.letters(round_id) == {}
    with pytest.raises(IllegalMove):
        desk.send_link(by, round_id, 1, "mot@example.vn")
    with pytest.raises(IllegalMove):
        desk.send_what_waits(round_id)
    at = f"/en/rounds/{round_id}/committee"
    assert "Send a link by e-mail" not in said(post.desk.browser(Role.ORGANIZER, UnitCode("A")).get(at))


def test_the_page_sends_it_and_the_script_says_who_does_what(post: Post) -> None:
    desk, round_id = post.desk, a_round(post, look_up=30)
    browser = desk.browser(Role.ORGANIZER, UnitCode("A"))
    at = f"/en/rounds/{round_id}/committee"
    page = browser.get(at)
    assert page.status_code == 200
    assert "Send a link by e-mail" in page.text
    sent = browser.post(f"{at}/3/letter", {"address": "ba@example.vn"}, at=at)
    assert sent.status_code in {302, 303}
    ended(post, round_id)
    assert [taken.recipient for taken in post.office.taken] == ["ba@example.vn"]
    browser.post(f"{at}/3/letter", {"address": "nobody"}, at=at)
    assert set(letters_to_members(desk.site.stores.app, round_id)) == {3}
    script = browser.get(f"{at}/script")
    assert script.status_code == 200
    script_text = said(script)
    for needed in ("Một", "2 of 3 key sheets", "3 of 3 must sign", "30 minutes"):
        assert needed in script_text
