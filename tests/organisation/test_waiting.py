"""An import that waits: what was shown is what is imported, or nothing; sealed, one an account, gone after a
day.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from surveys.jobs.progress import Silent
from surveys.names import PersonCode, UnitCode
from surveys.organisation import models, waiting
from surveys.organisation.difference import difference
from surveys.organisation.errors import NoWaitingImport, OrganisationChanged
from surveys.organisation.export import workbook
from surveys.organisation.imports import State, Waiting
from surveys.organisation.parts import subtree
from surveys.organisation.pieces import RECORDS_A_PIECE
from surveys.organisation.preview import KINDS, Change
from surveys.organisation.register import import_organisation, load_held, load_organisation, revision
from surveys.organisation.sheets import read_organisation
from surveys.organisation.values import Organisation, Person
from surveys.rehearsal.demo_organisation import demo_organisation
from surveys.spreadsheets.errors import UnusableFile
from surveys.spreadsheets.files import Sent
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Store
from tests.faults.dying import ends, kill_before_step, rows
from tests.organisation.build import as_csv, as_xlsx, good

RING = Keyring.fresh()
NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)
BY = ("1" * 32, "Nguyễn Văn An")


class Desk:
    """An app store, and one account at it."""

    def __init__(self, root: Path, holder: str = "an") -> None:
        self.engine, self.file, self.holder = Engines(root).app, root / "app.sqlite", holder

    def send(self, *sent: Sent, unit: UnitCode | None = None, now: datetime = NOW) -> Waiting:
        return waiting.receive(Store(self.engine, RING), self.holder, sent, unit, now)

    def read(self, found: Waiting) -> Waiting:
        return waiting.read_waiting(Store(self.engine, RING), found.id, Silent())

    def look(self, now: datetime = NOW) -> Waiting | None:
        return waiting.look(Store(self.engine, RING), self.holder, now)

    def confirm(self, found: Waiting, now: datetime = NOW) -> Waiting:
        return waiting.confirm(Store(self.engine, RING), self.holder, found.id, BY, "Số 12", now)

    def take(self, found: Waiting) -> Waiting:
        return waiting.import_waiting(Store(self.engine, RING), found.id, Silent())

    def pieces(self) -> int:
        with self.engine.connect() as connection:
            return len(connection.execute(models.waiting_pieces.select()).all())


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("filled")
    engines = Engines(root / "stores")
    engines.migrate_app()
    small = read_organisation(as_csv(root / "csv", good()))
    import_organisation(Store(engines.app, RING), small, confirmed=False)
    return root / "stores"


@pytest.fixture
def desk(filled: Path, tmp_path: Path) -> Desk:
    return Desk(Path(shutil.copytree(filled, tmp_path / "stores")))


@pytest.fixture
def small(filled: Path) -> Organisation:
    return load_organisation(Store(Engines(filled).app, RING))


def changed(small: Organisation) -> Organisation:
    """One person new, one renamed, one gone."""
    people = [small.people[0], replace(small.people[1], name="Trần Bình"), small.people[2]]
    return replace(
        small, people=(*people, Person(PersonCode("zzz"), "Người mới", UnitCode("A3"), None, True))
    )


def book(organisation: Organisation) -> Sent:
    return Sent.of("a.xlsx", workbook(organisation))


def test_sent_read_shown_confirmed_imported(desk: Desk, small: Organisation) -> None:
    after = changed(small)
    sent = desk.send(book(after))
    assert (sent.state, sent.head.files[0][0], sent.revision) == (State.RECEIVED, "a.xlsx", None)
    read = desk.read(sent)
    assert (read.state, read.revision, read.head.number) == (State.WAITING, 1, 3)
    assert desk.look() == read
    shown = {
        kind: waiting.changes_of(Store(desk.engine, RING), read, "people", kind, 0, 100) for kind in KINDS
    }
    assert [each.record.key for kind in KINDS for each in shown[kind]] == [("zzz",), ("002",), ("004",)]
    assert shown["changed"][0].fields == (("name", "Trần Văn Bình", "Trần Bình"),)
    assert load_organisation(Store(desk.engine, RING)) == small
    confirmed = desk.confirm(read)
    assert (confirmed.state, confirmed.head.by, confirmed.head.reason) == (State.CONFIRMED, BY, "Số 12")
    imported = desk.take(confirmed)
    assert (imported.state, imported.revision, desk.pieces()) == (State.IMPORTED, 2, 0)
    assert load_organisation(Store(desk.engine, RING)) == after


def test_every_step_run_again_changes_nothing(desk: Desk, small: Organisation) -> None:
    sent = desk.send(book(changed(small)))
    for step in (desk.read, desk.confirm, desk.take):
        first = step(sent)
        raw = desk.file.read_bytes()
        assert step(sent) == first
        assert desk.file.read_bytes() == raw


def test_steps_out_of_order_are_refused(desk: Desk, small: Organisation) -> None:
    sent = desk.send(book(changed(small)))
    for step in (desk.confirm, desk.take):
        with pytest.raises(NoWaitingImport):
            step(sent)
    desk.read(sent)
    with pytest.raises(NoWaitingImport):
        desk.take(sent)
    assert load_organisation(Store(desk.engine, RING)) == small


def test_what_was_compared_with_an_older_organisation_is_refused(desk: Desk, small: Organisation) -> None:
    other = replace(small, gradings=())
    for confirm_first in (False, True):
        sent = desk.read(desk.send(book(changed(small))))
        if confirm_first:
            desk.confirm(sent)
        import_organisation(Store(desk.engine, RING), other, confirmed=True)
        with pytest.raises(OrganisationChanged):
            (desk.take if confirm_first else desk.confirm)(sent)
        assert load_organisation(Store(desk.engine, RING)) == other
        import_organisation(Store(desk.engine, RING), small, confirmed=True)


def test_without_the_look_at_the_revision_it_would_write_over_it(
    desk: Desk, small: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: somebody else's change of the same person is undone by a difference that knows
    nothing of it.
    """
    sent = desk.read(desk.send(book(changed(small))))
    desk.confirm(sent)
    theirs = replace(small.people[1], name="Trần Văn Bình An")
    import_organisation(
        Store(desk.engine, RING),
        replace(small, people=(small.people[0], theirs, *small.people[2:])),
        confirmed=True,
    )
    monkeypatch.setattr(waiting, "revision_in", lambda _: sent.revision)
    desk.take(sent)
    assert load_organisation(Store(desk.engine, RING)).people[1].name == "Trần Bình"


def test_a_file_with_errors_is_refused_and_the_errors_are_kept_by_pages(desk: Desk, tmp_path: Path) -> None:
    sheets = good()
    sheets["people"] += [[f"p{i}", "x", f"Z{i}", "", ""] for i in range(RECORDS_A_PIECE + 7)]
    read = desk.read(desk.send(Sent.of("a.xlsx", as_xlsx(tmp_path / "a.xlsx", sheets).read_bytes())))
    assert read.state is State.REFUSED
    assert read.head.refused is not None
    assert (read.head.refused.error, read.head.refused.errors) == ("BadSheets", RECORDS_A_PIECE + 7)
    pages = [waiting.errors_of(Store(desk.engine, RING), read, page) for page in range(3)]
    assert [len(page) for page in pages] == [RECORDS_A_PIECE, 7, 0]
    assert pages[0][0].cell == "C6"
    with pytest.raises(NoWaitingImport):
        desk.confirm(read)


def test_a_file_that_is_none_is_refused_in_its_own_words(desk: Desk) -> None:
    read = desk.read(desk.send(Sent.of("a.xlsx", b"PK nothing")))
    assert read.state is State.REFUSED
    assert read.head.refused is not None
    assert read.head.refused.en == "not an .xlsx file, or a damaged one"
    assert desk.pieces() == 0
    with pytest.raises(UnusableFile, match="no file was chosen"):
        desk.send()


def test_nothing_of_it_can_be_read_in_the_store(desk: Desk, small: Organisation) -> None:
    file = Sent.of("Bí mật.csv", "code,name,unit\nzzz,Người Bí Mật,A1\n".encode())
    sent = desk.send(Sent.of("people.csv", file.content()))
    for _ in ("received", "waiting"):
        raw = desk.file.read_bytes()
        assert "Người Bí Mật".encode() not in raw
        assert b"people.csv" not in raw
        desk.read(sent)


def test_an_account_has_one_and_sees_only_its_own(desk: Desk, small: Organisation) -> None:
    first = desk.read(desk.send(book(changed(small))))
    other = Desk(desk.file.parent, "binh")
    assert other.look() is None
    with pytest.raises(NoWaitingImport):
        other.confirm(first)
    theirs = other.send(book(small))
    second = desk.send(book(small))
    assert desk.look() == second
    assert other.look() == theirs
    with pytest.raises(NoWaitingImport):
        desk.confirm(first)
    waiting.discard(desk.engine, "an")
    assert (desk.look(), other.look()) == (None, theirs)


def test_after_a_day_it_is_gone(desk: Desk, small: Organisation) -> None:
    sent = desk.read(desk.send(book(changed(small))))
    soon, late = NOW + timedelta(hours=23), NOW + timedelta(hours=25)
    waiting.forget_old(desk.engine, soon)
    assert desk.look(soon) == sent
    assert desk.look(late) is None
    with pytest.raises(NoWaitingImport):
        desk.confirm(sent, late)
    waiting.forget_old(desk.engine, late)
    assert (desk.pieces(), desk.look(NOW)) == (0, None)


def test_discarded_while_it_is_read_nothing_is_left(desk: Desk, small: Organisation) -> None:
    sent = desk.send(book(changed(small)))

    class Discards(Silent):
        def begin(self, stage: str, total: int) -> None:
            if stage == "read":  # no transaction is open then
                waiting.discard(desk.engine, "an")

    with pytest.raises(NoWaitingImport):
        waiting.read_waiting(Store(desk.engine, RING), sent.id, Discards())
    assert (desk.look(), desk.pieces()) == (None, 0)


def test_a_part_is_compared_and_put_back_in_its_place(desk: Desk, small: Organisation) -> None:
    part = subtree(small, UnitCode("A2"))
    new = replace(
        part, people=(*part.people, Person(PersonCode("zzz"), "Người mới", UnitCode("A2"), None, True))
    )
    desk.take(desk.confirm(desk.read(desk.send(book(new), unit=UnitCode("A2")))))
    assert set(load_organisation(Store(desk.engine, RING)).people) - set(small.people) == {new.people[-1]}


@pytest.mark.parametrize(
    ("alter", "place"),
    [
        (lambda small: subtree(small, UnitCode("A1")), "A1"),
        (lambda small: replace(small, gradings=()), "A"),
        (
            lambda small: replace(
                subtree(small, UnitCode("A2")),
                people=(*subtree(small, UnitCode("A2")).people, replace(small.people[0], unit="A2")),
            ),
            "A1",
        ),
    ],
)
def test_a_difference_outside_is_refused_with_its_place(
    alter: Callable[[Organisation], Organisation], place: str, desk: Desk, small: Organisation
) -> None:
    read = desk.read(desk.send(book(alter(small)), unit=UnitCode("A2")))
    assert read.state is State.REFUSED
    assert read.head.refused is not None
    assert (read.head.refused.error, read.head.refused.place) == ("Outside", place)


def test_one_sheet_of_a_part_leaves_the_others(desk: Desk, small: Organisation) -> None:
    rows_of = "code,name,unit\n003,Lê Ước,A2\n004,Phạm Ý Nhi,A2\n"
    read = desk.read(desk.send(Sent.of("people.csv", rows_of.encode()), unit=UnitCode("A2")))
    assert [(each.sheet, each.number) for each in read.head.counts if each.number] == [("people", 2)]


def test_what_deserves_a_second_look_is_kept(desk: Desk, small: Organisation) -> None:
    people = (replace(small.people[1], name="Hoàng Cúc"), *small.people[2:])
    after = replace(
        small,
        units=tuple(
            replace(unit, parent=UnitCode("A1")) if unit.code == "A3" else unit for unit in small.units
        ),
        people=people,
        posts=tuple(post for post in small.posts if post.person != "001"),
        history=small.history[1:],
    )
    looks = {each.kind: each for each in desk.read(desk.send(book(after))).head.looks}
    assert set(looks) == {"people_go", "holders_go", "units_move", "names_change", "history_goes"}
    assert (looks["people_go"].number, looks["people_go"].total) == (1, 4)
    assert looks["holders_go"].examples == ("Nguyễn Thị Ánh (001)",)
    assert looks["units_move"].examples == ("Chi bộ 3: A → A1",)
    assert looks["names_change"].examples == ("002: Trần Văn Bình → Hoàng Cúc",)


def test_a_usual_change_deserves_none(desk: Desk, small: Organisation) -> None:
    after = replace(small, people=(replace(small.people[0], name="Nguyễn Ánh"), *small.people[1:]))
    assert desk.read(desk.send(book(after))).head.looks == ()


def test_long_differences_are_opened_page_by_page(tmp_path: Path) -> None:
    engines, demo = Engines(tmp_path), demo_organisation()
    engines.migrate_app()
    desk = Desk(tmp_path)
    read = desk.read(desk.send(Sent.of("demo.xlsx", workbook(demo))))
    assert read.head.looks == ()
    found: list[Change] = []
    for first in range(0, 5000, 70):
        found += waiting.changes_of(Store(desk.engine, RING), read, "people", "added", first, 70)
    assert [each.record for each in found] == list(demo.people)
    assert waiting.changes_of(Store(desk.engine, RING), read, "people", "added", 5000, 70) == ()
    desk.confirm(read)
    desk.take(read)
    assert load_organisation(Store(engines.app, RING)) == demo


@pytest.mark.parametrize("step", ["read", "take"])
def test_killed_at_any_step_the_next_run_goes_on(
    step: str, filled: Path, small: Organisation, tmp_path: Path
) -> None:
    begun = Desk(Path(shutil.copytree(filled, tmp_path / "begun")))
    after = changed(small)
    sent = begun.send(book(after))
    if step == "take":
        begun.confirm(begun.read(sent))
    states = []
    for number in range(1, 300, 3):
        here = Desk(Path(shutil.copytree(begun.file.parent, tmp_path / "here")))
        ended = ends(lambda: getattr(here, step)(sent), kill_before_step(number))
        rows(here.file)
        found = here.look()
        assert found is not None
        states.append((found.state, load_held(Store(here.engine, RING)).organisation == after))
        getattr(here, step)(sent)
        if step == "read":
            here.confirm(sent)
            here.take(sent)
        assert load_organisation(Store(here.engine, RING)) == after
        shutil.rmtree(tmp_path / "here")
        if ended:
            break
    wanted = {
        "read": {(State.RECEIVED, False), (State.WAITING, False)},
        "take": {(State.CONFIRMED, False), (State.IMPORTED, True)},
    }
    assert set(states) == wanted[step]


def test_the_difference_that_is_kept_is_the_one_that_a_direct_import_makes(
    desk: Desk, small: Organisation
) -> None:
    after = changed(small)
    read = desk.read(desk.send(book(after)))
    direct = difference(small, after)
    for sheet, each in direct.sheets():
        for kind in KINDS:
            kept = waiting.changes_of(Store(desk.engine, RING), read, sheet, kind, 0, 100)
            wanted = each.changed if kind == "changed" else getattr(each, kind)
            pairs = [(old, new) for old, new in wanted] if kind == "changed" else list(wanted)
            assert [(c.before, c.after) if kind == "changed" else c.record for c in kept] == pairs
    assert revision(desk.engine) == 1
