"""`surveys keys rotate`: everything of every room is sealed anew, at whatever step it is killed, and the old keys are gone."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import LargeBinary, MetaData, create_engine, select

from surveys.accounts.register import (
    Passkey,
    Secrets,
    account_by,
    add_account,
    keep_passkey,
    keep_secrets,
)
from surveys.accounts.roles import EVERYWHERE, Grant, Role
from surveys.accounts.staff_log import Act, Actor, StaffLog
from surveys.accounts.tokens import make_token, tokens_of
from surveys.box import receipts
from surveys.cli import main
from surveys.mail.smtp import Refused
from surveys.organisation import waiting
from surveys.organisation.register import import_organisation, load_organisation
from surveys.organisation.sheets import read_organisation
from surveys.organisation.workbook import Sent
from surveys.results.ledger import find as find_results
from surveys.roll import letters
from surveys.roll.letters.letter import Letter
from surveys.roll.letters.reminders import Addressee, reminder_text, write_reminder
from surveys.roll.listing import Voter, freeze_roll, voter_of
from surveys.roll.registrar import make_token_keys
from surveys.roll.slips import make_slips
from surveys.rounds import approvals, conduct, drafts, ledger, questions
from surveys.rounds.drafts import Proposed
from surveys.rounds.ledger import find as find_round
from surveys.stages import keyrings
from surveys.stores.columns import Keyring, Unreadable, key_number
from surveys.stores.engines import Stores
from tests.faults.dying import ends, kill_before_step
from tests.organisation.build import as_csv, good
from tests.organisations import some_terms
from tests.published import SURVEY, a_definition, published_round

# Every column that holds something sealed, of every room.
SEALED: dict[str, dict[str, tuple[str, ...]]] = {
    "app": {
        "people": ("code", "name", "email"),
        "rounds": ("definition", "manifest"),
        "published_results": ("results",),
        "drafts": ("terms",),
        "letters": ("content", "said"),
        "mailings": ("text",),
        "conduct": ("settings", "facts"),
        "approvals": ("asked",),
        "proposed_rolls": ("entries",),
        "questions": ("question", "answer"),
        "staff": ("profile", "secrets"),
        "passkeys": ("content",),
        "api_tokens": ("name",),
        "staff_log": ("entry",),
        "waiting_imports": ("head",),
        "waiting_pieces": ("content",),
    },
    "roll": {"panels": ("private_key",), "slips": ("voter",)},
    "box": {"box_key": ("seed",)},
}
# Columns of bytes that are public or belong to a protocol; a new one is added here on purpose.
PLAIN = {
    "links.digest",
    "staff.email_index",
    "passkeys.credential",
    "invitations.digest",
    "api_tokens.digest",
    "ended_sessions.digest",
    "staff_log.previous",
    "staff_log.hash",
    "people.code_index",
    "committee_messages.payload",
    "committee_plans.board",
    "committee_plans.payload",
    "panels.token_key",
    "panels.present",
    "panels.state",
    "slips.slip",
    "slips.blinded",
    "slips.signature",
    "gate.state",
    "gate.generation",
    "gate.manifest",
    "head.used",
    "head.ballot_key",
    "head.sequence",
    "head.digest",
    "head.fingerprints",
    "paper.ballot",
    "slips.frozen",
}
LETTER = Letter("ab" * 32, "001", "Nguyễn Văn A", "Chi bộ 1", "a@example.vn", "0000-0000")
ASKED = approvals.Asked("opened", "1" * 32, "Nguyễn Văn An", "2026-11-02T01:00:00Z")
PASSKEY = Passkey("9" * 32, "", b"cred", b"key", "Máy", 1, (), False, "", None, "2026-11-02T01:00:00Z")
SLIPS = make_slips(bytes.fromhex(SURVEY), [Voter(0, f"00{i}") for i in range(3)])


class Refusing:
    """A mail session that takes nothing."""

    def send(self, _: object) -> Refused:
        return Refused(550, "no such user")


class Instance:
    """An instance with something sealed in every column, and a survey whose freezing was stopped half-way."""

    half_frozen = "cd" * 16
    frozen = "ef" * 16

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "keyring.json"
        self.stores = Stores(folder / "stores")

    def fill(self) -> None:
        _, ring = published_round(self.folder)
        import_organisation(
            self.stores.app, ring, read_organisation(as_csv(self.folder / "csv", good())), confirmed=False
        )
        sent = [Sent.of("people.csv", b"code,name,unit")]
        waiting.receive(self.stores.app, ring, "an", sent, None, datetime(2026, 11, 2, tzinfo=UTC))
        drafts.save_draft(self.stores.app, ring, some_terms(bytes.fromhex(SURVEY)))
        letters.write_letters(self.stores.app, ring, SURVEY, [LETTER])
        letters.send(self.stores.app, ring, SURVEY, Refusing(), lambda _: ("Slip", "Code"))
        to = [Addressee("001", "Nguyễn Văn A", "Chi bộ 1", "C1", "a@example.vn")]
        write_reminder(self.stores.app, ring, SURVEY, 1, "C1", "2026-11-02T01:00:00Z", "Xin nhắc", to)
        drafts.propose_roll(self.stores.app, ring, SURVEY, [Proposed(0, "001", bytes(32))])
        conduct.begin(self.stores.app, ring, SURVEY, conduct.Settings())
        approvals.ask(self.stores.app, ring, SURVEY, ASKED)
        self.ask(ring)
        grant = Grant(Role.AUDITOR, EVERYWHERE)
        made = add_account(
            self.stores.app, ring, name="Nguyễn Văn An", email="an@example.org", given=(grant,)
        )
        keep_secrets(self.stores.app, ring, made.id, Secrets("hash", "totp", ("code",)))
        keep_passkey(self.stores.app, ring, replace(PASSKEY, staff=made.id))
        make_token(self.stores.app, ring, made.id, "Báo cáo", [grant], 30, datetime(2026, 11, 2, tzinfo=UTC))
        StaffLog(self.stores.app, ring, lambda: datetime(2026, 11, 2, tzinfo=UTC)).write(
            Actor.of(made), Act.ACCOUNT_INVITED
        )
        entries = [slip.entry for slip in SLIPS]
        freeze_roll(self.stores.create_roll(SURVEY), ring, entries, dict(make_token_keys(ring, 1)))
        for survey in (SURVEY, self.half_frozen):
            receipts.make_box_key(self.stores.create_box(survey), ring)

    def ask(self, ring: Keyring) -> None:
        """A question that is answered, one that is not and one that was withdrawn, in a round that is not closed."""
        ledger.add(self.stores.app, ring, a_definition(survey=self.frozen))
        for _ in range(3):
            questions.ask(self.stores.app, ring, self.frozen, 0, "Vì sao?", ASKED.at)
        questions.answer(self.stores.app, ring, self.frozen, 1, "Vì thế.", ASKED.at, 0)
        questions.withdraw(self.stores.app, self.frozen, 3)

    def copy(self, folder: Path) -> Instance:
        shutil.copytree(self.folder, folder)
        return Instance(folder)

    def rotate(self) -> int:
        return keyrings.rotate(self.path, self.stores)

    def everything(self) -> list[object]:
        """All that is sealed, opened with the ring on the disk."""
        ring = Keyring.load(self.path)
        account = account_by(self.stores.app, ring, email="an@example.org")
        assert account is not None
        return [
            load_organisation(self.stores.app, ring),
            waiting.look(self.stores.app, ring, "an", datetime(2026, 11, 2, tzinfo=UTC)),
            find_round(self.stores.app, ring, SURVEY),
            find_results(self.stores.app, ring, SURVEY),
            drafts.load_draft(self.stores.app, ring, SURVEY),
            letters.everything(self.stores.app, ring, SURVEY),
            reminder_text(self.stores.app, ring, SURVEY, 1),
            drafts.proposed_roll(self.stores.app, ring, SURVEY),
            conduct.find(self.stores.app, ring, SURVEY),
            approvals.waiting(self.stores.app, ring, SURVEY),
            questions.of_round(self.stores.app, ring, self.frozen),
            account,
            tokens_of(self.stores.app, ring, account.staff.id),
            StaffLog(self.stores.app, ring, lambda: datetime(2026, 11, 2, tzinfo=UTC)).entries(),
            [voter_of(self.stores.roll(SURVEY), ring, 0, slip.entry.key) for slip in SLIPS],
            [
                receipts.load_box_key(self.stores.box(each), ring).public
                for each in (SURVEY, self.half_frozen)
            ],
        ]

    def numbers(self) -> set[int]:
        """The keys that anything is sealed with; a store or column without anything fails the test."""
        found = set()
        for file in (self.folder / "stores").glob("*.sqlite"):
            engine, metadata = create_engine(f"sqlite:///{file}"), MetaData()
            metadata.reflect(engine)
            with engine.connect() as connection:
                if self.half_frozen in file.name and not metadata.tables:
                    continue
                for table, columns in SEALED[file.name.split(".")[0].split("-")[0]].items():
                    for column in columns:
                        values = connection.scalars(select(metadata.tables[table].c[column])).all()
                        assert values or self.half_frozen in file.name, (table, column)
                        found |= {key_number(value) for value in values if value is not None}
            engine.dispose()
        return found


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    instance = Instance(tmp_path_factory.mktemp("rotation") / "instance")
    instance.fill()
    return instance


@pytest.fixture
def instance(template: Instance, tmp_path: Path) -> Instance:
    return template.copy(tmp_path / "here")


def test_every_column_of_bytes_is_known_as_sealed_or_plain(instance: Instance) -> None:
    instance.stores.create_roll(instance.half_frozen)
    found = set()
    for file in (instance.folder / "stores").glob("*.sqlite"):
        metadata = MetaData()
        metadata.reflect(create_engine(f"sqlite:///{file}"))
        found |= {
            f"{table.name}.{column.name}"
            for table in metadata.sorted_tables
            for column in table.columns
            if isinstance(column.type, LargeBinary)
        }
    sealed = {
        f"{table}.{name}" for tables in SEALED.values() for table, names in tables.items() for name in names
    }
    assert found == PLAIN | sealed


def test_the_command_seals_everything_anew_and_drops_the_old_key(instance: Instance) -> None:
    before, old = instance.everything(), Keyring.load(instance.path)
    assert instance.numbers() == {1}
    result = CliRunner().invoke(main, ["keys", "rotate", "--instance", str(instance.folder)])
    assert (result.exit_code, "sealed with key 2" in result.output) == (0, True)
    assert instance.everything() == before
    assert instance.numbers() == {2}
    assert list(Keyring.load(instance.path).keys) == [2]
    with pytest.raises(Unreadable):
        load_organisation(instance.stores.app, old)


def test_while_somebody_works_on_the_instance_nothing_is_rotated(instance: Instance) -> None:
    """A server that still sealed with the old ring would write what nobody can open afterwards."""
    server = Stores(instance.folder / "stores")
    server.hold(alone=False)
    refused = CliRunner().invoke(main, ["keys", "rotate", "--instance", str(instance.folder)])
    assert (refused.exit_code, instance.numbers()) == (1, {1})
    assert "another process is working on" in refused.output
    server.close()
    done = CliRunner().invoke(main, ["keys", "rotate", "--instance", str(instance.folder)])
    assert (done.exit_code, instance.numbers()) == (0, {2})


def test_no_byte_of_an_old_key_or_of_what_it_sealed_is_left_in_the_folder(instance: Instance) -> None:
    (old,) = Keyring.load(instance.path).keys.values()
    with create_engine(f"sqlite:///{instance.folder}/stores/app.sqlite").connect() as connection:
        sealed = connection.exec_driver_sql("SELECT name FROM people").scalars().all()
    instance.path.with_name("keyring.json.0000.part").write_text(old.hex())  # of a save that was killed
    instance.rotate()
    for file in instance.folder.rglob("*"):
        if file.is_file():
            raw = file.read_bytes()
            assert old.hex().encode() not in raw
            assert not [value for value in sealed if value in raw]


def test_killed_at_any_step_everything_is_readable_and_the_next_run_finishes(
    template: Instance, tmp_path: Path
) -> None:
    before = template.everything()
    states = set()

    def once(number: int) -> bool:
        here = template.copy(tmp_path / "here")
        ended = ends(here.rotate, kill_before_step(number))
        assert here.everything() == before
        states.add((frozenset(here.numbers()), frozenset(Keyring.load(here.path).keys)))
        newest = here.rotate()
        assert here.numbers() == set(Keyring.load(here.path).keys) == {newest}
        assert here.everything() == before
        shutil.rmtree(tmp_path / "here")
        return ended

    # The first steps are those of the key ring file; of the statements that follow, some of each room are enough.
    kills = 0
    for number in [*range(1, 12), *range(12, 300, 17)]:
        if once(number):
            break
        kills += 1
    assert kills > 15
    mixed = {(frozenset({1, 2}), frozenset({1, 2})), (frozenset({1}), frozenset({1, 2}))}
    assert mixed <= states


def test_a_value_that_does_not_open_stops_the_rotation_with_every_key_kept(instance: Instance) -> None:
    with create_engine(f"sqlite:///{instance.folder}/stores/app.sqlite").begin() as connection:
        connection.exec_driver_sql("UPDATE published_results SET results = zeroblob(60)")
    result = CliRunner().invoke(main, ["keys", "rotate", "--instance", str(instance.folder)])
    assert result.exit_code == 1
    assert result.stderr == "Refused: a value of published_results.results does not open with this keyring\n"
    assert sorted(Keyring.load(instance.path).keys) == [1, 2]
    assert load_organisation(instance.stores.app, Keyring.load(instance.path))
