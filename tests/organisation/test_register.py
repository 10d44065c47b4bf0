"""Importing into the store: the same file changes no byte, another one only after confirmation, and then
exactly, at once.
"""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from sqlalchemy import event

from surveys.cli import main
from surveys.jobs.progress import Silent
from surveys.organisation.difference import EMPTY, difference
from surveys.organisation.errors import DifferenceNotConfirmed, NoOrganisation, OrganisationChanged
from surveys.organisation.register import compare, import_organisation, load_organisation, reseal_organisation
from surveys.organisation.sheets import read_organisation
from surveys.organisation.values import Organisation
from surveys.rehearsal.demo_organisation import demo_organisation
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Store
from tests.codes import tree
from tests.faults.dying import ends, kill_before_step, rows
from tests.organisation.build import as_csv, as_xlsx, good
from tests.organisation.strategies import organisations
from tests.pace import within

RING = Keyring.fresh()


class Kept:
    """An app store, and what a file of it says."""

    def __init__(self, root: Path) -> None:
        self.engine = Engines(root).app
        self.file = root / "app.sqlite"

    def dump(self) -> list[str]:
        return rows(self.file)

    def load(self) -> Organisation:
        return load_organisation(Store(self.engine, RING))

    def take(self, organisation: Organisation, *, confirmed: bool = False) -> int:
        return import_organisation(Store(self.engine, RING), organisation, confirmed=confirmed).number


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("migrated")
    Engines(root).migrate_app()
    return root


@pytest.fixture
def store(migrated: Path, tmp_path: Path) -> Kept:
    return Kept(Path(shutil.copytree(migrated, tmp_path / "stores")))


@pytest.fixture
def small(tmp_path: Path) -> Organisation:
    return read_organisation(as_csv(tmp_path / "csv", good()))


def test_nothing_imported_is_said_so(store: Kept) -> None:
    with pytest.raises(NoOrganisation, match="no organisation has been imported yet"):
        store.load()


def test_the_first_import_needs_no_confirmation(store: Kept, small: Organisation) -> None:
    compared = compare(Store(store.engine, RING), small)
    assert (compared.changes.number, compared.first) == (17, True)
    assert store.take(small) == 17
    assert store.load() == small


def test_the_same_again_changes_no_byte_confirmed_or_not(store: Kept, small: Organisation) -> None:
    store.take(small)
    dump, raw = store.dump(), store.file.read_bytes()
    for confirmed in (False, True):
        assert store.take(small, confirmed=confirmed) == 0
    assert (store.dump(), store.file.read_bytes()) == (dump, raw)


def test_a_changed_file_is_not_imported_without_confirmation(store: Kept, small: Organisation) -> None:
    store.take(small)
    before = store.file.read_bytes()
    changed = replace(small, people=(replace(small.people[0], name="Khác"), *small.people[1:]))
    with pytest.raises(DifferenceNotConfirmed, match="changes 1 records"):
        store.take(changed)
    assert store.file.read_bytes() == before
    assert store.take(changed, confirmed=True) == 1
    assert store.load() == changed


def test_one_changed_name_leaves_every_other_row_as_it_was(store: Kept, small: Organisation) -> None:
    store.take(small)
    before = store.dump()
    store.take(
        replace(small, people=(replace(small.people[0], name="Khác"), *small.people[1:])), confirmed=True
    )
    # The name, and the revision.
    assert len(set(before) - set(store.dump())) == 2


def test_names_codes_and_addresses_stand_nowhere_in_the_file(store: Kept, small: Organisation) -> None:
    store.take(small)
    raw = store.file.read_bytes()
    assert "Đảng ủy Khối".encode() in raw  # a unit's name is no secret, and shows that the search finds
    for person in small.people:
        assert person.name.encode() not in raw
    assert b"anh@example.org" not in raw


def test_a_person_with_posts_and_history_is_removed_with_them(store: Kept, small: Organisation) -> None:
    store.take(small)
    gone = replace(
        small,
        people=tuple(person for person in small.people if person.code != "001"),
        posts=tuple(post for post in small.posts if post.person != "001"),
        history=tuple(row for row in small.history if row.person != "001"),
    )
    store.take(gone, confirmed=True)
    assert store.load() == gone


def test_a_person_whose_history_stays_cannot_be_half_removed(store: Kept, small: Organisation) -> None:
    """No file that was read says this; should a caller make it, the store refuses and keeps what it had."""
    store.take(small)
    before = store.dump()
    broken = replace(small, people=tuple(person for person in small.people if person.code != "001"))
    with pytest.raises(Exception, match="FOREIGN KEY"):
        store.take(broken, confirmed=True)
    assert store.dump() == before


def test_the_tree_may_be_turned_upside_down(store: Kept, small: Organisation) -> None:
    store.take(small)
    parents = tree({"A1": None, "A": "A1", "K": "A", "A2": "K", "A3": "A2"})
    turned = replace(small, units=tuple(replace(unit, parent=parents[unit.code]) for unit in small.units))
    store.take(turned, confirmed=True)
    assert store.load() == turned


def test_another_import_in_between_voids_the_difference_that_was_shown(
    store: Kept, small: Organisation
) -> None:
    store.take(small)
    other, changed = replace(small, gradings=()), replace(small, history=())

    @event.listens_for(store.engine, "checkin", once=True)
    def meanwhile(*_: object) -> None:
        Kept(store.file.parent).take(other, confirmed=True)

    with pytest.raises(OrganisationChanged):
        store.take(changed, confirmed=True)
    assert store.load() == other


@settings(max_examples=40, deadline=None)
@given(organisations(), organisations())
def test_any_organisation_becomes_any_other_exactly(one: Organisation, other: Organisation) -> None:
    with TemporaryDirectory() as folder:
        Engines(Path(folder)).migrate_app()
        store = Kept(Path(folder))
        assert store.take(one) == difference(EMPTY, one).number
        assert store.load() == one
        if one != other:
            with pytest.raises(DifferenceNotConfirmed):
                store.take(other)
        store.take(other, confirmed=True)
        assert store.load() == other
        assert store.take(other) == 0
        store.take(one, confirmed=True)
        assert store.load() == one


def test_killed_at_any_step_the_old_organisation_stands_or_the_new(
    store: Kept, small: Organisation, tmp_path: Path
) -> None:
    store.take(small)
    new = replace(small, people=small.people[1:], posts=(), history=(), gradings=())
    seen = []
    for number in range(1, 200):
        shutil.copytree(store.file.parent, tmp_path / "here")
        here = Kept(tmp_path / "here")
        ended = ends(lambda: here.take(new, confirmed=True), kill_before_step(number))
        rows(here.file)
        seen.append(here.load())
        assert seen[-1] in (small, new)
        here.take(new, confirmed=True)
        assert here.load() == new
        shutil.rmtree(tmp_path / "here")
        if ended:
            break
    assert len(seen) > 20
    assert seen[0] == small
    assert seen[-1] == new


def test_an_exception_in_the_middle_leaves_the_old_organisation(store: Kept, small: Organisation) -> None:
    store.take(small)
    before = store.dump()

    class Fails(Silent):
        def step(self, steps: int = 1) -> None:
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        import_organisation(Store(store.engine, RING), demo_organisation(), confirmed=True, progress=Fails())
    assert store.dump() == before


def test_without_one_transaction_the_exception_would_leave_half(store: Kept, small: Organisation) -> None:
    """The twin: the rows that were written when it came are there, to those who look within the
    transaction.
    """
    seen = []

    class Looks(Silent):
        def step(self, steps: int = 1) -> None:
            with sqlite3.connect(store.file) as other:
                seen.append(other.execute("SELECT count(*) FROM units").fetchone()[0])

    import_organisation(Store(store.engine, RING), small, confirmed=False, progress=Looks())
    assert set(seen) == {0}
    assert len(seen) == 5


def test_5000_people_are_imported_within_5_seconds(store: Kept) -> None:
    demo = demo_organisation()
    with within(5):
        store.take(demo)
    assert len(store.load().people) == 5000


def test_resealing_again_changes_nothing(store: Kept, small: Organisation) -> None:
    store.take(small)
    newer = RING.with_new_key()
    assert reseal_organisation(Store(store.engine, newer)) == len(small.people)
    dump = store.dump()
    assert reseal_organisation(Store(store.engine, newer)) == 0
    assert store.dump() == dump
    assert load_organisation(Store(store.engine, newer.without(1))) == small


def test_the_command_shows_the_difference_and_asks(tmp_path: Path) -> None:
    instance, file = tmp_path / "instance", as_xlsx(tmp_path / "a.xlsx", good())
    call = ["organisation", "import", str(file), "--instance", str(instance)]
    assert CliRunner().invoke(main, call).exit_code == 0
    assert "Nothing has changed." in CliRunner().invoke(main, call).output
    sheets = good()
    sheets["people"][1][1] = "[red]Tên mới[/red]"
    as_xlsx(file, sheets)
    stored = (instance / "stores/app.sqlite").read_bytes()
    refused = CliRunner().invoke(main, call, input="n\n")
    assert refused.exit_code == 1
    assert "people 001: name: Nguyễn Thị Ánh → [red]Tên mới[/red]" in refused.output
    assert (instance / "stores/app.sqlite").read_bytes() == stored
    assert CliRunner().invoke(main, call, input="y\n").exit_code == 0
    assert (instance / "stores/app.sqlite").read_bytes() != stored


def test_the_command_lists_the_errors_and_imports_nothing(tmp_path: Path) -> None:
    sheets = good()
    sheets["people"][1][2] = "[bold]Z[/x]"
    sheets["grading"][1][2] = "giỏi"
    call = [
        "organisation",
        "import",
        str(as_csv(tmp_path / "csv", sheets)),
        "--instance",
        str(tmp_path / "i"),
    ]
    result = CliRunner().invoke(main, call, terminal_width=200)
    assert result.exit_code == 1
    assert "[bold]Z[/x]" in result.stderr
    assert "csv has 2 errors; nothing was imported." in result.stderr
    assert not (tmp_path / "i").exists()
