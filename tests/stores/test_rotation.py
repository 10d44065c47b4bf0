"""`surveys keys rotate`: everything of every room is sealed anew, at whatever step it is killed, and the old
keys are gone.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import LargeBinary, MetaData, create_engine, select

from surveys.accounts.keeping import (
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
from surveys.instance import keyrings
from surveys.instants import read_instant
from surveys.letters import mailings as letters
from surveys.letters.letter import Letter
from surveys.letters.member_letters import letters_to_members, send_to_members, write_to_member
from surveys.letters.reminders import Addressee, reminder_text, write_reminder
from surveys.mail.message import Message
from surveys.mail.smtp import Refused, Session
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.organisation import waiting
from surveys.organisation.register import import_organisation, load_organisation
from surveys.organisation.sheets import read_organisation
from surveys.results.publications import find as find_results
from surveys.roll.listing import Entry, Voter, freeze_roll, public_token_keys, voter_of
from surveys.roll.registrar import make_token_keys
from surveys.roll.slips import make_slips
from surveys.rounds import approvals, conduct, drafts, ledger, questions
from surveys.rounds.drafts import Proposed
from surveys.rounds.ledger import find as find_round
from surveys.rounds.stated import Polls
from surveys.spreadsheets.files import Sent
from surveys.stores.columns import Keyring, Unreadable, key_number
from surveys.stores.engines import Engines
from surveys.stores.store import Store, Stores
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
        "member_letters": ("content", "said"),
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
    "binding.generation",
    "generations.generation",
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
LETTER = Letter("ab" * 32, PersonCode("001"), "Nguyễn Văn A", "Chi bộ 1", "a@example.vn", "0000-0000")
ASKED = approvals.Asked(Polls.OPENED, "1" * 32, "Nguyễn Văn An", read_instant("2026-11-02T01:00:00Z"))
PASSKEY = Passkey(
    "9" * 32, "", b"cred", b"key", "Máy", 1, (), False, "", None, read_instant("2026-11-02T01:00:00Z")
)
SLIPS = make_slips(bytes.fromhex(SURVEY), [Voter(0, PersonCode(f"00{i}")) for i in range(3)])


class Refusing(Session):
    """A mail session that takes nothing."""

    def __init__(self) -> None:
        pass

    def send(self, message: Message) -> Refused:
        return Refused(550, "no such user")


class Instance:
    """An instance with something sealed in every column, and a survey whose freezing was stopped half-way."""

    half_frozen = RoundId("cd" * 16)
    frozen = RoundId("ef" * 16)

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "keyring.json"
        self.engines = Engines(folder / "stores")

    def fill(self) -> None:
        stores = published_round(self.folder)
        store, ring = stores.app, stores.keyring
        import_organisation(
            store,
            read_organisation(as_csv(self.folder / "csv", good())),
            confirmed=False,
        )
        sent = [Sent.of("people.csv", b"code,name,unit")]
        waiting.receive(store, "an", sent, None, datetime(2026, 11, 2, tzinfo=UTC))
        drafts.save_draft(store, some_terms(bytes.fromhex(SURVEY)))
        letters.write_letters(store, SURVEY, [LETTER])
        letters.send(store, SURVEY, Refusing(), lambda _: ("Slip", "Code"))
        write_to_member(store, SURVEY, 1, "mot@example.vn")
        send_to_members(store, SURVEY, Refusing(), lambda _: ("Một", "Link", "Link"), lambda: None)
        to = [Addressee(PersonCode("001"), "Nguyễn Văn A", "Chi bộ 1", UnitCode("C1"), "a@example.vn")]
        write_reminder(store, SURVEY, 1, UnitCode("C1"), read_instant("2026-11-02T01:00:00Z"), "Xin nhắc", to)
        drafts.propose_roll(store, SURVEY, [Proposed(0, PersonCode("001"), bytes(32))])
        conduct.begin(store, SURVEY, conduct.Settings())
        approvals.ask(store, SURVEY, ASKED)
        self.ask(store)
        grant = Grant(Role.AUDITOR, EVERYWHERE)
        made = add_account(store, name="Nguyễn Văn An", email="an@example.org", given=(grant,))
        keep_secrets(store, made.id, Secrets("hash", "totp", ("code",)))
        keep_passkey(store, replace(PASSKEY, staff=made.id))
        make_token(store, made.id, "Báo cáo", [grant], 30, datetime(2026, 11, 2, tzinfo=UTC))
        StaffLog(store, lambda: datetime(2026, 11, 2, tzinfo=UTC)).write(Actor.of(made), Act.ACCOUNT_INVITED)
        entries = [slip.entry for slip in SLIPS]
        freeze_roll(Store(self.engines.create_roll(SURVEY), ring), entries, dict(make_token_keys(ring, 1)))
        for round_id in (SURVEY, self.half_frozen):
            receipts.make_box_key(Store(self.engines.create_box(round_id), ring))

    def ask(self, store: Store) -> None:
        """A question that is answered, one that is not and one that was withdrawn, in a round that is not
        closed.
        """
        definition = a_definition(round_id=self.frozen)
        roll = Store(self.engines.create_roll(self.frozen), store.keyring)
        entries = [
            Entry(Voter(p, PersonCode(f"{p:03}")), bytes([p]) * 32) for p in range(len(definition.panels))
        ]
        freeze_roll(roll, entries, dict(make_token_keys(store.keyring, len(entries))))
        receipts.make_box_key(Store(self.engines.create_box(self.frozen), store.keyring))
        keys = public_token_keys(roll.engine)
        panels = [replace(each, token_key=key) for each, key in zip(definition.panels, keys, strict=True)]
        ledger.add(store, replace(definition, panels=tuple(panels)))
        for _ in range(3):
            questions.ask(store, self.frozen, 0, "Vì sao?", ASKED.at)
        questions.answer(store, self.frozen, 1, "Vì thế.", ASKED.at, 0)
        questions.withdraw(self.engines.app, self.frozen, 3)

    def copy(self, folder: Path) -> Instance:
        shutil.copytree(self.folder, folder)
        return Instance(folder)

    def rotate(self) -> int:
        return keyrings.rotate(self.path, self.engines)

    def everything(self) -> list[object]:
        """All that is sealed, opened with the ring on the disk."""
        stores = Stores(self.engines, Keyring.load(self.path))
        store = stores.app
        account = account_by(store, email="an@example.org")
        assert account is not None
        return [
            load_organisation(store),
            waiting.look(store, "an", datetime(2026, 11, 2, tzinfo=UTC)),
            find_round(store, SURVEY),
            find_results(store, SURVEY),
            drafts.load_draft(store, SURVEY),
            letters.everything(store, SURVEY),
            reminder_text(store, SURVEY, 1),
            letters_to_members(store, SURVEY),
            drafts.proposed_roll(store, SURVEY),
            conduct.find(store, SURVEY),
            approvals.waiting(store, SURVEY),
            questions.of_round(store, self.frozen),
            account,
            tokens_of(store, account.staff.id),
            StaffLog(store, lambda: datetime(2026, 11, 2, tzinfo=UTC)).entries(),
            [voter_of(stores.roll(SURVEY), 0, slip.entry.key) for slip in SLIPS],
            [receipts.load_box_key(stores.box(each)).public for each in (SURVEY, self.half_frozen)],
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
    instance.engines.create_roll(instance.half_frozen)
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
        load_organisation(Store(instance.engines.app, old))


def test_while_somebody_works_on_the_instance_nothing_is_rotated(instance: Instance) -> None:
    """A server that still sealed with the old ring would write what nobody can open afterwards."""
    server = Engines(instance.folder / "stores")
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

    # The first steps are those of the key ring file; of the statements that follow, some of each room are
    # enough.
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
    assert load_organisation(Store(instance.engines.app, Keyring.load(instance.path)))
