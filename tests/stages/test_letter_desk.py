"""Letters on the desk, through real workers and a real mail server: send, go on after a failure, correct,
resend, bounces, scope, log.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from surveys.accounts.errors import NotYours
from surveys.accounts.roles import Role
from surveys.accounts.staff_log import Entry
from surveys.console.background import background_work
from surveys.instance.kinds import MAIL
from surveys.instance.mailing_job import Outgoing, heading, mailing
from surveys.instants import read_instant
from surveys.jobs.queue import Jobs, Standing
from surveys.letters import mailings as letters
from surveys.letters.delivery import Delivery
from surveys.letters.errors import NoSuchLetter
from surveys.names import RoundId, UnitCode
from surveys.rounds import ledger
from surveys.rounds.states import State
from surveys.settings import Settings
from surveys.stages.errors import NoMailServer, NoSiteAddress
from tests.faults.dying import ends, kill_before_step
from tests.jobs.test_queue import awaited
from tests.mail.build import settings_for
from tests.mail.server import DROP
from tests.post import ADDRESS, CODE, Post, a_post, came_back, read


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    with a_post(tmp_path_factory.mktemp("letter_desk")) as made:
        yield made


@pytest.fixture
def post(made: Post) -> Post:
    made.office.answers.clear()
    made.office.taken.clear()
    return made


def acts(post: Post, round_id: RoundId) -> list[Entry]:
    """What the staff log says about letters of a round, the oldest first."""
    return [
        each
        for each in reversed(post.desk.desks.log.entries())
        if each.round_id == round_id and each.act == "round.mail"
    ]


def test_after_freezing_the_page_offers_to_send_and_sending_sends_everything_once(post: Post) -> None:
    round_id, by = post.round(1), post.desk.account(Role.ORGANIZER, UnitCode("A"))
    there = post.desk.desks.letters.look(by, round_id)
    assert (there.begun, there.whole, there.delivery) == (False, True, Delivery(waiting=15))
    post.sent(round_id)
    job = post.desk.jobs.look(MAIL, round_id)
    assert job is not None
    assert (job.stage, job.done, job.total) == ("letters", 15, 15)
    post.sent(round_id)  # nothing waits: nothing goes out
    assert len(post.office.taken) == 15
    codes = {CODE.search(read(taken)[1]) for taken in post.office.taken}
    assert len({code.group() for code in codes if code}) == 15
    assert all(f"{ADDRESS}/b/{round_id}/#" in read(taken)[1] for taken in post.office.taken)
    first, second = acts(post, round_id)
    assert (first.facts, second.facts) == ({"what": "send", "letters": 15}, {"what": "send", "letters": 0})


def test_a_server_that_goes_away_ends_the_job_and_trying_again_goes_on_where_it_stopped(post: Post) -> None:
    round_id, by = post.round(2), post.desk.account(Role.ORGANIZER, UnitCode("A"))
    post.office.answers["DATA"] = ["354 go"] * 6 + [DROP, DROP]
    post.desk.desks.letters.send(by, round_id)
    job = post.done(round_id)
    assert (job.standing, job.failed) == (Standing.FAILED, "mail.errors.MailUnavailable")
    assert post.states(round_id) == ["sent"] * 6 + ["waiting"] * 9
    post.office.answers.clear()
    post.sent(round_id)
    assert sorted(taken.recipient for taken in post.office.taken) == sorted(
        letter.email for letter in post.letters(round_id)
    )


def test_what_a_job_keeps_in_the_open_names_nobody(post: Post) -> None:
    """The queue's file is not encrypted, and a mail server likes to repeat the recipient's address."""
    round_id, by = post.round(3), post.desk.account(Role.ORGANIZER, UnitCode("A"))
    for letter in post.letters(round_id):
        post.office.answers[letter.email] = f"450 4.2.0 <{letter.email}>: greylisted"
    post.desk.desks.letters.send(by, round_id)
    job = post.done(round_id)
    assert (job.standing, "greylisted" in job.why) == (Standing.FAILED, True)
    raw = (post.desk.site.stores.engines.root.parent / "jobs.sqlite").read_bytes()
    assert b"example.vn" not in raw
    assert b"greylisted" in raw  # it is this file that would hold it


def test_a_corrected_letter_goes_again_alone_and_bounces_are_taken_in(post: Post, tmp_path: Path) -> None:
    round_id, by = post.round(4), post.desk.account(Role.ORGANIZER, UnitCode("A"))
    post.office.answers["a1-02@example.vn"] = "550 5.1.1 no such user"
    post.sent(round_id)
    back, box = post.office.taken[0], tmp_path / "1.eml"
    box.write_bytes(came_back(back))
    junk = tmp_path / "2.eml"
    junk.write_bytes(b"Subject: hello\r\n\r\nno report")
    for ours, foreign in ((1, 0), (0, 1)):  # a second reading finds nothing new
        found = post.desk.desks.letters.take_back(by, round_id, [box, junk])
        assert (found.ours, found.foreign, found.others, found.unreadable) == (ours, foreign, 1, 0)
    there = post.desk.desks.letters.look(by, round_id)
    assert there.delivery == Delivery(sent=13, refused=1, bounced=1)
    assert {letter.email for letter in there.undelivered} == {"a1-02@example.vn", back.recipient}
    (refused,) = [letter for letter in there.undelivered if letter.email == "a1-02@example.vn"]
    post.office.taken.clear()
    post.desk.desks.letters.send_again(by, round_id, refused.message, "dung@example.vn")
    post.done(round_id)
    assert [taken.recipient for taken in post.office.taken] == ["dung@example.vn"]
    assert refused.code in read(post.office.taken[0])[1]
    with pytest.raises(NoSuchLetter):
        post.desk.desks.letters.send_again(by, round_id, refused.message, "dung@example.vn")
    post.desk.desks.letters.send_all_again(by, round_id)
    post.done(round_id)
    assert post.states(round_id) == ["sent"] * 15
    assert [entry.facts["what"] for entry in acts(post, round_id)] == [
        "send",
        "bounces",
        "bounces",
        "again",
        "again",
    ]
    assert acts(post, round_id)[3].facts == {"what": "again", "letters": 1, "corrected": 1}


def test_the_log_holds_numbers_and_nobodys_name_or_address(post: Post) -> None:
    round_id = post.round(5)
    post.sent(round_id)
    by, desk = post.desk.account(Role.ORGANIZER, UnitCode("A")), post.desk.desks.letters
    desk.remind(
        by,
        round_id,
        UnitCode("A1"),
        desk.preview(by, round_id, UnitCode("A1")).number,
        "Xin nhắc Nguyễn Văn A",
    )
    post.done(round_id)
    said = json.dumps([dict(entry.facts) for entry in acts(post, round_id)])
    assert [set(entry.facts) for entry in acts(post, round_id)] == [
        {"what", "letters"},
        {"what", "number", "letters"},
    ]
    assert "Xin" not in said
    assert not [letter for letter in post.letters(round_id) if letter.email in said or letter.name in said]


def test_an_organizer_of_a_part_sees_and_does_what_concerns_that_part(post: Post) -> None:
    round_id = post.round(6)
    whole, part = (
        post.desk.account(Role.ORGANIZER, UnitCode("A")),
        post.desk.account(Role.ORGANIZER, UnitCode("A1")),
    )
    desk = post.desk.desks.letters
    with pytest.raises(NotYours):  # the first sending is for whoever organizes the whole
        desk.send(part, round_id)
    assert post.states(round_id) == ["waiting"] * 15
    for code in ("a1-02", "a1-03", "a3-01"):
        post.office.answers[f"{code}@example.vn"] = "550 no"
    post.sent(round_id)
    seen = {
        who: {letter.voter for letter in desk.look(by, round_id).undelivered}
        for who, by in (("whole", whole), ("part", part))
    }
    assert seen == {"whole": {"A1-02", "A1-03", "A3-01"}, "part": {"A1-02", "A1-03"}}
    assert desk.look(part, round_id).delivery == Delivery(sent=4, refused=2)
    assert [code for code, _ in desk.look(part, round_id).units] == ["A1"]
    assert [code for code, _ in desk.look(whole, round_id).units] == ["A", "A1", "A2", "A3"]
    assert {letter.voter[:2] for letter in desk.find(part, round_id, "nguoi")} == {"A1"}
    assert {letter.voter[:2] for letter in desk.find(whole, round_id, "NGƯỜI a3")} == {"A3"}
    (foreign,) = [letter for letter in post.letters(round_id) if letter.voter == "A3-01"]
    with pytest.raises(NoSuchLetter):
        desk.send_again(part, round_id, foreign.message, "x@example.vn")
    post.office.answers.clear()
    desk.send_all_again(part, round_id)
    post.done(round_id)
    assert {letter.voter for letter in desk.look(whole, round_id).undelivered} == {"A3-01"}
    desk.send(part, round_id)  # the slips are begun: whoever organizes a part may let what waits go on


@pytest.mark.files  # in which no code may stand
def test_closing_while_letters_go_out_ends_the_job_and_keeps_the_numbers(post: Post) -> None:
    round_id, by = post.round(7), post.desk.account(Role.ORGANIZER, UnitCode("A"))
    stores = post.desk.site.stores.engines
    post.office.answers["DATA"] = ["354 go"] * 4 + [DROP, DROP]
    post.desk.desks.letters.send(by, round_id)
    post.done(round_id)
    codes = [letter.code for letter in post.letters(round_id)]
    letters.forget(stores.app, round_id)
    for state in (State.CONFIRMED, State.OPEN, State.CLOSING):
        ledger.move(stores.app, round_id, state, at=read_instant("2026-11-02T01:00:00Z"))
    there = post.desk.desks.letters.look(by, round_id)
    assert (there.open, there.undelivered, there.delivery) == (False, (), Delivery(waiting=11, sent=4))
    post.office.answers.clear()
    before = len(post.office.taken)
    post.desk.jobs.begin(MAIL, round_id)  # a job that was cut off and is begun again by a restart
    assert post.done(round_id).standing is Standing.DONE
    assert len(post.office.taken) == before
    raw = (stores.root / "app.sqlite").read_bytes()
    assert not [code for code in codes if code.encode() in raw]


def test_a_server_that_is_killed_while_letters_go_out_goes_on_by_itself_when_it_starts(
    post: Post, tmp_path: Path
) -> None:
    round_id, site = post.round(8), post.desk.site
    outgoing = post.desk.desks.letters.outgoing

    def server() -> Jobs:
        jobs = Jobs(tmp_path / "jobs.sqlite")
        jobs.teach({MAIL: mailing(site.stores.app, outgoing)})
        return jobs

    def first() -> None:
        jobs = server()
        jobs.begin(MAIL, round_id)
        jobs.start()
        awaited(lambda: (job := jobs.look(MAIL, round_id)) is not None and not job.under_way)

    assert not ends(first, kill_before_step(60))
    sent = len(post.office.taken)
    assert 0 < sent < 15
    second = server()
    second.start()
    awaited(lambda: post.states(round_id) == ["sent"] * 15)
    second.close()
    got = Counter(taken.recipient for taken in post.office.taken)
    assert len(got) == 15
    assert sum(got.values()) in (15, 16)


@pytest.mark.parametrize(
    ("address", "mail", "error", "key"),
    [
        (ADDRESS, False, NoMailServer, "stages.errors.NoMailServer"),
        ("", True, NoSiteAddress, "stages.errors.NoSiteAddress"),
    ],
)
def test_without_a_mail_server_or_an_address_nothing_is_begun_and_the_reason_is_said(
    post: Post, tmp_path: Path, address: str, mail: bool, error: type[Exception], key: str
) -> None:
    round_id, by = RoundId("01" * 16), post.desk.account(Role.ORGANIZER, UnitCode("A"))
    if round_id not in ledger.round_ids(post.desk.site.stores.engines.app):
        post.round(1)
    letters.resend(post.desk.site.stores.engines.app, round_id, [post.letters(round_id)[0].id])
    settings = Settings(mail=settings_for(post.office) if mail else None, address=address)
    desk, before = replace(post.desk.desks.letters, outgoing=Outgoing.of(settings)), len(acts(post, round_id))
    message = post.letters(round_id)[0].message
    for verb in (
        lambda: desk.send(by, round_id),
        lambda: desk.send_again(by, round_id, message, "a@example.vn"),
        lambda: desk.send_all_again(by, round_id),
        lambda: desk.default_text(round_id),
        lambda: desk.remind(by, round_id, UnitCode("A"), 1, "Xin nhắc"),
    ):
        with pytest.raises(error):
            verb()
    assert len(acts(post, round_id)) == before
    # A job that waits for a server that is no longer set ends and says so: it never hangs.
    jobs = Jobs(tmp_path / "jobs.sqlite")
    jobs.teach({MAIL: mailing(post.desk.site.stores.app, Outgoing.of(settings))})
    jobs.begin(MAIL, round_id)
    jobs.start()
    awaited(lambda: (job := jobs.look(MAIL, round_id)) is not None and not job.under_way)
    job = jobs.look(MAIL, round_id)
    jobs.close()
    assert job is not None
    assert (job.standing, job.failed) == (Standing.FAILED, key)
    assert post.office.taken == []


def test_every_kind_of_work_that_the_desk_begins_is_taught(post: Post) -> None:
    site = post.desk.site
    assert MAIL in background_work(site.stores, post.desk.desks.log, Outgoing(None, ""))


def test_a_title_that_is_too_long_for_a_subject_is_cut_and_no_letter_refused_for_it(post: Post) -> None:
    round_id = post.round(9, title_vi="Đợt " * 70)
    post.sent(round_id)
    assert post.states(round_id) == ["sent"] * 15
    assert read(post.office.taken[0])[0].endswith("…")
    assert heading("ngắn") == "ngắn"
