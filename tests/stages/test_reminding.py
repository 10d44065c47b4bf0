"""A reminder reaches everybody in a unit who has an address, whoever has a ballot paper and whoever has not,
and holds no code.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import update

from surveys.accounts.errors import NotYours
from surveys.accounts.roles import Role
from surveys.console.letters import reminding
from surveys.instants import read_instant
from surveys.jobs.queue import Standing
from surveys.letters import mailings as letters
from surveys.letters.errors import LettersOver, ReminderWritten
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.organisation.errors import NoSuchUnit
from surveys.organisation.register import import_organisation, load_organisation
from surveys.organisation.values import Organisation
from surveys.protocol.codes import write_code
from surveys.protocol.manifest import Definition
from surveys.roll import models
from surveys.roll.listing import voter_of
from surveys.rounds import ledger
from surveys.rounds.errors import IllegalMove
from surveys.rounds.states import State
from surveys.stages.errors import NobodyToRemind, SlipsFirst
from surveys.stores.engines import Engines
from tests.organisations import a_bloc
from tests.post import ADDRESS, CODE, Post, a_post, read, with_addresses

TEXT = "Xin nhắc mọi người bỏ phiếu.\n\nPlease vote."


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    with a_post(tmp_path_factory.mktemp("reminding")) as made:
        yield made


@pytest.fixture(scope="module")
def mailed(post: Post) -> RoundId:
    round_id = post.round(1)
    post.sent(round_id)
    return round_id


@pytest.fixture(scope="module")
def printed(post: Post) -> RoundId:
    return post.round(2, "printed")


def definition_of(post: Post, round_id: RoundId) -> Definition:
    return ledger.find(post.desk.site.stores.app, round_id).definition


def organisation_of(post: Post) -> Organisation:
    return load_organisation(post.desk.site.stores.app)


def reached(organisation: Organisation, definition: Definition, unit: UnitCode) -> list[str]:
    groups = reminding.everybody(organisation, definition, unit)
    return [person.code for _, people in groups for person in people]


def remind(
    post: Post, round_id: RoundId, unit: UnitCode, role_over: UnitCode = UnitCode("A"), text: str = TEXT
) -> list[str]:
    """Write a reminder as an organizer does and wait for it; who got it."""
    by, before = post.desk.account(Role.ORGANIZER, role_over), len(post.office.taken)
    seen = post.desk.desks.letters.preview(by, round_id, unit)
    post.desk.desks.letters.remind(by, round_id, unit, seen.number, text)
    assert post.done(round_id).standing is Standing.DONE
    got = [taken.recipient.partition("@")[0].upper() for taken in post.office.taken[before:]]
    assert len(got) == seen.letters
    return sorted(got)


def take_papers(engines: Engines, round_id: RoundId, slips: Collection[bytes]) -> None:
    """These slips have had their ballot papers: what `registrar.issue_token` leaves in their rows."""
    with engines.roll(round_id).begin() as connection:
        connection.execute(update(models.slips).values(blinded=bytes(256), signature=bytes(64)))
        for slip in slips:
            connection.execute(
                update(models.slips)
                .where(models.slips.c.slip == slip)
                .values(blinded=b"\x07" * 256, signature=b"\x09" * 64)
            )


def without_papers(post: Post, round_id: RoundId, codes: Collection[str]) -> list[str]:
    """The broken twin: a reminder that looked into the roll and left out whoever has a paper."""
    stores = post.desk.site.stores
    with stores.engines.roll(round_id).connect() as connection:
        rows = connection.execute(models.slips.select()).all()
    with_paper = {
        voter_of(stores.roll(round_id), row.panel, row.slip).code for row in rows if any(row.blinded)
    }
    return [code for code in codes if code not in with_paper]


@pytest.mark.parametrize("which", ["mailed", "printed"])
def test_who_is_reminded_does_not_depend_on_who_has_a_paper(
    post: Post, which: str, request: pytest.FixtureRequest
) -> None:
    round_id, stores, draw = request.getfixturevalue(which), post.desk.site.stores.engines, random.Random(7)
    with stores.roll(round_id).connect() as connection:
        slips = [row.slip for row in connection.execute(models.slips.select())]
    everybody = sorted(
        f"A{cell}-{n:02}" for cell, size in ((1, 6), (2, 2), (3, 7)) for n in range(1, size + 1)
    )
    tempted = set()
    for some in ([], slips, draw.sample(slips, 5)):
        take_papers(stores, round_id, some)
        got = remind(post, round_id, UnitCode("A"))
        assert got == everybody
        tempted.add(len(without_papers(post, round_id, got)))
    assert tempted == {15, 0, 10}


def test_what_is_written_and_previewed_is_the_same_to_the_byte_whoever_has_a_paper(
    post: Post, printed: RoundId
) -> None:
    """Not only the addresses: nothing of a page or of a reminder moves when papers are issued."""
    stores, by = post.desk.site.stores.engines, post.desk.account(Role.ORGANIZER, UnitCode("A"))
    with stores.roll(printed).connect() as connection:
        slips = [row.slip for row in connection.execute(models.slips.select())]
    seen = []
    for some in ([], slips[:9]):
        take_papers(stores, printed, some)
        browser = post.desk.browser(Role.ORGANIZER, UnitCode("A"))
        page = browser.get(f"/en/rounds/{printed}/letters").get_data(as_text=True)
        seen.append((post.desk.desks.letters.preview(by, printed, UnitCode("A")), page.partition("<main")[2]))
    assert seen[0][0] == seen[1][0]
    bare = {re.sub(r'name="csrf_token" value="[^"]+"', "", page) for _, page in seen}
    assert len(bare) == 1


def test_a_reminder_holds_no_code_and_says_to_whom_it_goes(post: Post, mailed: RoundId) -> None:
    held = {letter.code for letter in post.letters(mailed) if letter.code}
    slips = [read(taken)[1] for taken in post.office.taken if "nằm trong" not in read(taken)[1]]
    assert any(
        CODE.search(text) for text in slips
    )  # a slip's letter holds one: the search finds what there is
    before = len(post.office.taken)
    remind(post, mailed, UnitCode("A"))
    for taken in post.office.taken[before:]:
        subject, text = read(taken)
        assert not CODE.search(subject + text)
        assert not [code for code in held if code in text or code.replace("-", "") in text]
        assert "whether they have voted or not" in text
        assert f"{ADDRESS}/b/{mailed}/\r\n" in text
        assert "#" not in text


def test_a_reminder_works_where_slips_are_on_paper(post: Post, printed: RoundId) -> None:
    before = len(post.office.taken)
    assert remind(post, printed, UnitCode("A1")) == [f"A1-{n:02}" for n in range(1, 7)]
    assert "Your code is printed on your slip." in read(post.office.taken[before])[1]


def test_a_reminder_reaches_the_unit_and_everything_below_it_and_nothing_else(
    post: Post, printed: RoundId
) -> None:
    definition, organisation = definition_of(post, printed), organisation_of(post)
    cells = {
        unit: {code[:2] for code in reached(organisation, definition, unit)}
        for unit in (UnitCode("A"), UnitCode("A2"))
    }
    assert cells == {"A": {"A1", "A2", "A3"}, "A2": {"A2"}}
    for unit in (UnitCode("K"), UnitCode("B1"), UnitCode("nowhere")):  # not of this round
        with pytest.raises(NoSuchUnit):
            reminding.everybody(organisation, definition, unit)


def test_whoever_votes_nowhere_or_left_the_roll_as_a_leader_gets_none(post: Post, printed: RoundId) -> None:
    definition, organisation = definition_of(post, printed), organisation_of(post)
    quiet = tuple(replace(p, votes=p.code != "A1-05") for p in organisation.people)
    assert "A1-05" not in reached(replace(organisation, people=quiet), definition, UnitCode("A1"))
    # A1-03 is voted on in A1: where leaders do not vote on themselves, they have no slip there.
    assert "A1-03" in reached(organisation, definition, UnitCode("A1"))
    assert "A1-03" not in reached(organisation, replace(definition, subjects_vote=False), UnitCode("A1"))


def test_addresses_come_from_the_organisation_as_it_stands(post: Post, printed: RoundId) -> None:
    stores, before = post.desk.site.stores, organisation_of(post)
    moved = {"A1-01": "moi@example.vn", "A1-02": None}
    people = tuple(replace(p, email=moved.get(p.code, p.email)) for p in before.people)
    import_organisation(stores.app, replace(before, people=people), confirmed=True)
    try:
        assert remind(post, printed, UnitCode("A1")) == ["A1-03", "A1-04", "A1-05", "A1-06", "MOI"]
        by = post.desk.account(Role.ORGANIZER, UnitCode("A"))
        (row,) = post.desk.desks.letters.preview(by, printed, UnitCode("A1")).units
        assert (row.voters, row.addresses) == (6, 5)
    finally:
        import_organisation(stores.app, before, confirmed=True)


def test_a_correction_in_a_letter_holds_until_the_organisation_has_another_address(
    post: Post, mailed: RoundId
) -> None:
    stores, before = post.desk.site.stores, organisation_of(post)
    wrong = letters.of_voter(stores.app, mailed, PersonCode("A2-01"))
    assert letters.bounced(stores.app, mailed, {wrong.message: "no mailbox"}) == 1
    letters.send_to(stores.app, mailed, wrong.message, "dung@example.vn")
    post.sent(mailed)
    assert remind(post, mailed, UnitCode("A2")) == ["A2-02", "DUNG"]
    people = tuple(
        replace(p, email="nua@example.vn" if p.code == "A2-01" else p.email) for p in before.people
    )
    import_organisation(stores.app, replace(before, people=people), confirmed=True)
    try:
        assert remind(post, mailed, UnitCode("A2")) == ["A2-02", "NUA"]
    finally:
        import_organisation(stores.app, before, confirmed=True)


def test_a_unit_is_reminded_by_whoever_organizes_it_and_by_nobody_else(post: Post, printed: RoundId) -> None:
    desk = post.desk.desks.letters
    assert remind(post, printed, UnitCode("A2"), role_over=UnitCode("A2")) == ["A2-01", "A2-02"]
    number = desk.preview(post.desk.account(Role.ORGANIZER, UnitCode("A")), printed, UnitCode("A")).number
    for role, over, unit in (
        (Role.ORGANIZER, UnitCode("A2"), UnitCode("A")),
        (Role.ORGANIZER, UnitCode("A2"), UnitCode("A1")),
        (Role.ORGANIZER, UnitCode("B"), UnitCode("A")),
        (Role.AUTHORITY, UnitCode("A"), UnitCode("A")),
        (Role.COMMITTEE_HEAD, UnitCode("A"), UnitCode("A")),
    ):
        with pytest.raises(NotYours):
            desk.remind(post.desk.account(role, over), printed, unit, number, TEXT)
    assert (
        desk.preview(post.desk.account(Role.ORGANIZER, UnitCode("A")), printed, UnitCode("A")).number
        == number
    )


def test_the_same_reminder_is_not_written_twice(post: Post, printed: RoundId) -> None:
    by = post.desk.account(Role.ORGANIZER, UnitCode("A"))
    number = post.desk.desks.letters.preview(by, printed, UnitCode("A2")).number
    post.desk.desks.letters.remind(by, printed, UnitCode("A2"), number, TEXT)
    with pytest.raises(ReminderWritten):
        post.desk.desks.letters.remind(by, printed, UnitCode("A2"), number, TEXT)
    post.done(printed)


def test_slips_come_before_reminders(post: Post) -> None:
    round_id, by = post.round(3), post.desk.account(Role.ORGANIZER, UnitCode("A"))
    with pytest.raises(SlipsFirst):
        post.desk.desks.letters.remind(by, round_id, UnitCode("A"), 1, TEXT)
    assert post.states(round_id) == ["waiting"] * 15


def test_where_nobody_has_an_address_nothing_is_written(post: Post, printed: RoundId) -> None:
    stores, before = post.desk.site.stores, organisation_of(post)
    people = tuple(replace(p, email=None) for p in before.people)
    by = post.desk.account(Role.ORGANIZER, UnitCode("A"))
    import_organisation(stores.app, replace(before, people=people), confirmed=True)
    try:
        seen = post.desk.desks.letters.preview(by, printed, UnitCode("A"))
        assert (seen.voters, seen.letters) == (15, 0)
        with pytest.raises(NobodyToRemind):
            post.desk.desks.letters.remind(by, printed, UnitCode("A"), seen.number, TEXT)
    finally:
        import_organisation(stores.app, before, confirmed=True)


def test_after_the_close_nobody_is_reminded_even_by_a_request_that_came_before_it(post: Post) -> None:
    round_id, by = post.round(4, "printed"), post.desk.account(Role.ORGANIZER, UnitCode("A"))
    stores = post.desk.site.stores
    definition = definition_of(post, round_id)
    letters.forget(
        stores.engines.app, round_id
    )  # the close has come this far, and the state is not moved yet
    with pytest.raises(LettersOver):
        post.desk.desks.letters.remind(by, round_id, UnitCode("A"), 1, TEXT)
    with pytest.raises(LettersOver):
        reminding.write(stores.app, definition, UnitCode("A"), 1, read_instant("2026-11-02T01:00:00Z"), TEXT)
    for state in (State.CONFIRMED, State.OPEN, State.CLOSING):
        ledger.move(stores.engines.app, round_id, state, at=read_instant("2026-11-02T01:00:00Z"))
    for verb in (
        lambda: post.desk.desks.letters.remind(by, round_id, UnitCode("A"), 1, TEXT),
        lambda: post.desk.desks.letters.send(by, round_id),
        lambda: post.desk.desks.letters.send_all_again(by, round_id),
        lambda: post.desk.desks.letters.take_back(by, round_id, []),
    ):
        with pytest.raises(IllegalMove):
            verb()


CODES: list[Callable[[str], str]] = [
    lambda code: code,
    lambda code: f"Mã của tôi: {code}.",
    lambda code: code.replace("-", ""),
    lambda code: code.lower().replace("-", " "),
    lambda code: f"https://vote.example/b/{'01' * 16}/#{code}",
    lambda code: code.replace("-", "–"),
]


@pytest.mark.parametrize("written", CODES)
def test_a_code_in_the_text_is_noticed_however_it_is_written(written: Callable[[str], str]) -> None:
    for seed in range(50):
        code = write_code(random.Random(seed).randbytes(10))
        assert reminding.holds_a_code(written(code)), code


def test_other_texts_are_no_codes(post: Post, mailed: RoundId) -> None:
    definition = definition_of(post, mailed)
    texts = [
        reminding.default_text(definition, definition.closes),
        "Please vote: that will have great weight. Số 1234-5678-9012-34567.",
        f"https://vote.example/b/{mailed}/",
        write_code(bytes(10))[:-1] + "1",  # a wrong check character
        "",
    ]
    assert [text for text in texts if reminding.holds_a_code(text)] == []


def test_people_without_an_address_are_left_out_and_counted(post: Post, printed: RoundId) -> None:
    organisation = with_addresses(a_bloc())
    people = tuple(replace(p, email=None if p.unit == "A3" else p.email) for p in organisation.people)
    definition = definition_of(post, printed)
    groups = dict(reminding.everybody(replace(organisation, people=people), definition, UnitCode("A")))
    assert sum(person.email is None for person in groups[UnitCode("A3")]) == 7
