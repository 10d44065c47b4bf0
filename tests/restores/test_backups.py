"""The drill: an instance is backed up and put back; what must not be copied is not; killed half-way it goes
on.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pyrage
import pytest
from click.testing import CliRunner, Result
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from sqlalchemy import text

import surveys.instance.sealed_archive as sealed
from surveys.box.board import read_board
from surveys.box.receipts import load_box_key
from surveys.cli import main
from surveys.instance import restoring
from surveys.instance.held import open_stores
from surveys.instance.restoring import RestoreUnfinished
from surveys.names import RoundId
from surveys.rehearsal.voters import Place, vote
from surveys.rounds import ledger
from surveys.rounds.states import State
from surveys.settings import Settings
from surveys.stages import binding, opening
from surveys.stores.columns import Keyring
from surveys.stores.stops import Stop, Trouble, Where
from tests.faults.dying import ends, kill_before_step, until_it_ends
from tests.restores.history import AT, OTHER, ROUND, VOTERS, History, settings_of

PASSPHRASE = "một cụm mật khẩu dài"


class Quick:
    """age's passphrases without the second of work that each costs: for all tests but the first drill."""

    @staticmethod
    def encrypt(plain: bytes, words: str) -> bytes:
        return b"age-encryption.org/v1" + ChaCha20Poly1305(sha256(words.encode()).digest()).encrypt(
            bytes(12), plain, b""
        )

    @staticmethod
    def decrypt(given: bytes, words: str) -> bytes:
        try:
            key = sha256(words.encode()).digest()
            return ChaCha20Poly1305(key).decrypt(bytes(12), given[21:], b"")
        except InvalidTag:
            raise pyrage.DecryptError("Decryption failed") from None


@pytest.fixture(autouse=True)
def quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "drill_everything" not in request.node.name:
        monkeypatch.setattr(pyrage, "passphrase", Quick)


def surveys(settings: Settings, *arguments: object, given: str | None = None) -> Result:
    """A command, by somebody who sits at the server."""
    settings.instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    (settings.instance / "settings.env").write_text(
        f"TIN_NHIEM_KEYRING={settings.keyring}\nTIN_NHIEM_WITNESS={settings.witness_file}\n"
    )
    words = [*map(str, arguments), "--instance", str(settings.instance)]
    return CliRunner().invoke(main, words, input=given)


def passphrase(folder: Path, words: str = PASSPHRASE) -> Path:
    file = folder / "passphrase"
    file.write_text(f"{words}\n", "utf-8")
    return file


def backed_up(settings: Settings, folder: Path, *more: str) -> Path:
    out = folder / "a.backup"
    done = surveys(settings, "backup", out, "--passphrase-file", passphrase(folder), *more)
    assert done.exit_code == 0, done.output
    return out


def put_back(settings: Settings, file: Path, *more: str) -> Result:
    return surveys(settings, "restore", file, "--passphrase-file", passphrase(file.parent), *more)


def stops(settings: Settings) -> dict[RoundId, Stop | None]:
    stores = open_stores(settings)
    binding.take_over(stores)
    found = {each: stores.engines.stops.of(each) for each in (ROUND, OTHER)}
    stores.close()
    return found


def board(settings: Settings, history: History) -> tuple[bytes, ...]:
    stores = open_stores(settings)
    manifest = ledger.find(stores.app, ROUND).manifest
    assert manifest is not None
    found = tuple(read_board(stores.engines.box(ROUND), manifest, load_box_key(stores.box(ROUND))).ballots)
    stores.close()
    return found


def test_a_drill_everything_is_lost_but_keyring_witness_and_backup(history: History, tmp_path: Path) -> None:
    settings = history.at("counting", tmp_path)
    (settings.instance / "exhibits" / ROUND).mkdir(parents=True)
    (settings.instance / "exhibits" / ROUND / "0.webp").write_bytes(b"a photo")
    ballots = board(settings, history)
    file = backed_up(settings, tmp_path)
    shutil.rmtree(settings.instance)
    done = put_back(settings, file)
    assert done.exit_code == 0, done.output
    assert board(settings, history) == ballots
    assert stops(settings) == {ROUND: None, OTHER: Stop(Trouble.MISSING, Where.ROLL)}
    assert (settings.instance / "exhibits" / ROUND / "0.webp").read_bytes() == b"a photo"
    assert not list(settings.instance.glob("re*"))
    assert f"the round {OTHER} is stopped" in done.output


def test_a_drill_on_a_new_machine_with_nothing_but_the_backup(history: History, tmp_path: Path) -> None:
    settings = history.at("counting", tmp_path / "old")
    file = backed_up(settings, tmp_path, "--with-keyring")
    new = settings_of(tmp_path / "new")
    assert put_back(new, file).exit_code == 0
    assert new.keyring.stat().st_mode & 0o777 == 0o600
    assert stops(new)[ROUND] == Stop(Trouble.MISSING, Where.WITNESS)
    assert surveys(new, "round", "accept", ROUND, "--because", "Cháy phòng máy").exit_code == 0
    assert stops(new)[ROUND] is None
    assert board(new, history) == board(settings, history)


def test_roll_and_box_of_open_polls_are_not_copied_and_why_is_said(history: History, tmp_path: Path) -> None:
    for moment, why in (("started", "polls are open"), ("closed", "the box is not sealed yet")):
        folder = tmp_path / moment
        settings = history.at(moment, folder)
        out = folder / "a.backup"
        done = surveys(settings, "backup", out, "--passphrase-file", passphrase(folder))
        assert f"Without roll and box of {ROUND}: {why}" in done.output
        assert names_in(out, folder) & {f"stores/{kind}-{ROUND}.sqlite" for kind in ("roll", "box")} == set()
        assert "stores/app.sqlite" in names_in(out, folder)


def names_in(file: Path, folder: Path) -> set[str]:
    work = folder / "apart"
    (work / "contents").mkdir(parents=True, exist_ok=True)
    sealed.read_sealed(file, work, work / "contents", PASSPHRASE)
    found = {str(path.relative_to(work / "contents")) for path in (work / "contents").rglob("*")}
    shutil.rmtree(work)
    return found


def test_polls_that_open_while_it_copies_are_noticed(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = history.at("confirmed", tmp_path)
    original = binding.are_polls_open
    manifest = history.manifest
    assert manifest is not None

    def copied_a_moment_later(engines: object, round_id: object) -> bool:
        shutil.copy(history.moments["opened"] / f"instance/stores/box-{ROUND}.sqlite", engines.root)  # type: ignore[attr-defined]
        return original(engines, round_id)  # type: ignore[arg-type]

    monkeypatch.setattr(binding, "are_polls_open", copied_a_moment_later)
    file = backed_up(settings, tmp_path)
    assert f"stores/roll-{ROUND}.sqlite" not in names_in(file, tmp_path)


def test_the_keyring_is_in_it_only_where_that_is_wanted(history: History, tmp_path: Path) -> None:
    settings = history.at("confirmed", tmp_path)
    file = backed_up(settings, tmp_path)
    assert "keyring.json" not in names_in(file, tmp_path)
    assert not any("witness" in name for name in names_in(file, tmp_path))
    file = backed_up(settings, tmp_path, "--with-keyring")
    assert "keyring.json" in names_in(file, tmp_path)


def test_nothing_of_an_instance_can_be_read_in_its_backup(history: History, tmp_path: Path) -> None:
    settings = history.at("sealed", tmp_path)
    raw = backed_up(settings, tmp_path).read_bytes()
    assert ROUND.encode() in (settings.stores / "app.sqlite").read_bytes()
    for secret in (ROUND.encode(), b"SQLite format 3", b"alembic", settings.keyring.read_bytes()[30:90]):
        assert secret not in raw
    assert raw.count(b"age-encryption.org/v1") == 2
    assert not list(settings.instance.glob("*.part"))


def changed(file: Path) -> None:
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: -file.stat().st_size // 3])


def no_backup(file: Path) -> None:
    file.write_bytes(b"PK\x03\x04 anything else" * 99)


@pytest.mark.parametrize("harm", [changed, cut, no_backup, None])
def test_what_is_no_sound_backup_changes_nothing(
    harm: Callable[[Path], None] | None, history: History, tmp_path: Path
) -> None:
    settings = history.at("sealed", tmp_path)
    file = backed_up(settings, tmp_path)
    if harm is not None:
        harm(file)
    passphrase(tmp_path, PASSPHRASE if harm else "một cụm mật khẩu khác")
    before = {path: path.read_bytes() for path in settings.stores.glob("*.sqlite")}
    done = surveys(settings, "restore", file, "--passphrase-file", tmp_path / "passphrase", "--yes")
    assert done.exit_code == 1
    assert "Refused: backup" in done.output
    assert {path: path.read_bytes() for path in settings.stores.glob("*.sqlite")} == before
    assert not list(settings.instance.glob("restore*"))


def test_a_short_passphrase_is_refused_before_anything_is_written(history: History, tmp_path: Path) -> None:
    settings = history.at("sealed", tmp_path)
    out = tmp_path / "a.backup"
    done = surveys(settings, "backup", out, "--passphrase-file", passphrase(tmp_path, "ngắn"))
    assert (done.exit_code, out.exists()) == (1, False)
    assert not list(settings.instance.glob("*.part"))


def test_it_is_asked_before_an_instance_is_replaced_and_what_was_there_is_kept(
    history: History, tmp_path: Path
) -> None:
    settings = history.at("sealed", tmp_path)
    file = backed_up(settings, tmp_path)
    with sqlite3.connect(settings.stores / "app.sqlite") as connection:
        connection.execute("UPDATE rounds SET title_en = 'Changed'")
    changed_ = (settings.stores / "app.sqlite").read_bytes()
    key = passphrase(tmp_path)
    done = surveys(settings, "restore", file, "--passphrase-file", key, given="n\n")
    assert done.exit_code == 1
    assert (settings.stores / "app.sqlite").read_bytes() == changed_
    done = surveys(settings, "restore", file, "--passphrase-file", key, given="y\n")
    assert done.exit_code == 0, done.output
    stores = open_stores(settings)
    assert ledger.heading(stores.engines.app, ROUND).title_en != "Changed"
    stores.close()
    (aside,) = settings.instance.glob("replaced-*/stores/app.sqlite")
    assert aside.read_bytes() == changed_


def test_a_newer_roll_and_box_are_not_replaced_by_older_ones(history: History, tmp_path: Path) -> None:
    """The app store is put back while polls are open: nobody's paper and nobody's ballot is lost."""
    settings = history.at("confirmed", tmp_path)
    file = backed_up(settings, tmp_path)
    stores = open_stores(settings)
    manifest = history.manifest
    assert manifest is not None
    opening.open_polls(stores.engines, manifest, [VOTERS], AT)
    stores.close()
    vote(Place(settings.stores, Keyring.load(settings.keyring), manifest), history.act(0))
    box = (settings.stores / f"box-{ROUND}.sqlite").read_bytes()
    done = put_back(settings, file, "--yes")
    assert done.exit_code == 0, done.output
    assert f"Stays as it is, because it is not older: box of {ROUND}" in done.output
    assert (settings.stores / f"box-{ROUND}.sqlite").read_bytes() == box
    assert stops(settings)[ROUND] == Stop(Trouble.OLDER, Where.APP)


def test_a_backup_of_another_keyring_is_refused(history: History, tmp_path: Path) -> None:
    settings = history.at("sealed", tmp_path)
    file = backed_up(settings, tmp_path)
    other = settings_of(tmp_path / "other")
    open_stores(other).close()
    done = put_back(other, file, "--yes")
    assert done.exit_code == 1
    assert "does not open this backup" in done.output


def test_killed_anywhere_a_restore_is_finished_by_the_next(history: History, tmp_path: Path) -> None:
    old = history.at("confirmed", tmp_path / "old")
    file = backed_up(old, tmp_path)
    with sqlite3.connect(old.stores / "app.sqlite") as connection:
        connection.execute("UPDATE rounds SET title_en = 'Changed'")
    prepared = history.at("confirmed", tmp_path / "prepared")
    shutil.copytree(old.stores, prepared.stores, dirs_exist_ok=True)
    restoring.prepare(prepared, file, PASSPHRASE)
    unfinished = 0

    def work(number: int) -> bool:
        nonlocal unfinished
        shutil.copytree(tmp_path / "prepared", tmp_path / str(number))
        settings = settings_of(tmp_path / str(number))
        ended = ends(lambda: restoring.put_back(settings), kill_before_step(number))
        if restoring.is_unfinished(settings):
            unfinished += 1
            with pytest.raises(RestoreUnfinished):
                open_stores(settings)
            done = surveys(settings, "restore")
            assert done.exit_code == 0, done.output
        stores = open_stores(settings)
        title = ledger.heading(stores.engines.app, ROUND).title_en
        assert (title == "Changed") == (not ended and not list(settings.instance.glob("replaced-*")))
        assert stores.app.engine.connect().execute(text("PRAGMA integrity_check")).scalar() == "ok"
        stores.close()
        return ended

    assert until_it_ends(work) > 5
    assert unfinished > 3


def test_a_backup_that_is_killed_leaves_no_half_file(history: History, tmp_path: Path) -> None:
    settings = history.at("sealed", tmp_path)

    def work(number: int) -> bool:
        ended = ends(lambda: backed_up(settings, tmp_path), kill_before_step(number))
        file = tmp_path / "a.backup"
        if file.exists():
            assert "stores/app.sqlite" in names_in(file, tmp_path)
            file.unlink()
        return ended

    for number in (3, 30, 60):
        work(number)
    assert work(10_000)
    assert not list(settings.instance.glob("*.part"))
    stores = open_stores(settings)
    assert ledger.heading(stores.engines.app, ROUND).state is State.SEALED
    stores.close()
