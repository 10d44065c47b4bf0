"""A backup of an instance: the app store always, roll and box of a round only while its polls are closed
(docs/operations.md, “Backups”).

What lies in the instance is copied, store by store and each at one moment, judged as a server judges it, and
sealed into one file. Danger: two copies of an open roll or box show who voted in between; and a box that is
not sealed yet still has the places in which ballots came. So neither is copied, and it is said.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import file_digest, sha256
from pathlib import Path

from surveys.errors import SurveysError
from surveys.instance.sealed_archive import write_sealed
from surveys.instants import instant_text
from surveys.names import RoundId
from surveys.rounds import ledger
from surveys.rounds.states import State
from surveys.settings import Settings
from surveys.stages import binding
from surveys.stores.columns import Keyring
from surveys.stores.engines import APP, Engines
from surveys.stores.store import Stores

FORMAT = "tin-nhiem/backup/1"
CONTENTS = "backup.json"
KEYRING = "keyring.json"
FOLDERS = ("bundles", "exhibits")


class InDatabase(SurveysError):
    """The stores are in a database, which has programs of its own for copies."""

    def __init__(self) -> None:
        super().__init__(
            "the stores are in a database: back it up with pg_dump, only while no polls are open "
            "(docs/operations.md)"
        )


class Kept(StrEnum):
    """Whether roll and box of a round are in a backup, and why not."""

    COPIED = "copied"
    OPEN = "open"
    UNSEALED = "unsealed"
    STOPPED = "stopped"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class RoundCopied:
    """A round as a backup has it."""

    round_id: RoundId
    state: str
    kept: Kept


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup says of itself. `files` are the SHA-256 of every file by its name; `keys` says which
    keyring opens it.
    """

    made: str
    rounds: tuple[RoundCopied, ...]
    files: dict[str, str]
    keys: str
    numbers: tuple[int, ...]

    def encode(self) -> bytes:
        """As JSON."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1).encode()

    @classmethod
    def read(cls, raw: bytes) -> Contents:
        """Out of its JSON. Raises ValueError, KeyError or TypeError for anything else."""
        held = json.loads(raw)
        if held.pop("format") != FORMAT:
            raise ValueError(FORMAT)
        rounds = [RoundCopied(RoundId(r["round_id"]), r["state"], Kept(r["kept"])) for r in held["rounds"]]
        return cls(**{**held, "rounds": tuple(rounds), "numbers": tuple(held["numbers"])})


def back_up(
    settings: Settings, stores: Stores, out: Path, passphrase: str, now: datetime, *, with_keyring: bool
) -> Contents:
    """Write the backup; it appears whole. A server may be at work meanwhile. Killed half-way, it is run
    again.

    Raises InDatabase, WeakPassphrase and OSError.
    """
    if settings.database:
        raise InDatabase
    with _work_folder(settings.instance / "backup.part") as work:
        folder = work / "contents"
        (folder / "stores").mkdir(parents=True)
        # While the witness is held nobody enters another generation: the copies are of one.
        with stores.engines.witness.alone():
            _copy_store(settings.stores / APP, folder / "stores" / APP)
            copied = Engines(folder / "stores")
            try:
                rounds = tuple(
                    RoundCopied(each.round_id, each.state.value, _copy_round(settings, stores, copied, each))
                    for each in ledger.headings(copied.app)
                )
            finally:
                copied.close()
        for name in FOLDERS:
            if (settings.instance / name).is_dir():
                shutil.copytree(settings.instance / name, folder / name)
        if with_keyring:
            shutil.copy(settings.keyring, folder / KEYRING)
        keyring = stores.keyring
        contents = Contents(
            instant_text(now), rounds, hashes_of(folder), fingerprint(keyring), tuple(sorted(keyring.keys))
        )
        (folder / CONTENTS).write_bytes(contents.encode())
        write_sealed(folder, work, out, passphrase)
    return contents


def fingerprint(keyring: Keyring) -> str:
    """Which keyring it is: the same after a rotation, and nothing of its keys."""
    return sha256(b"tin-nhiem/backup" + keyring.witness_key()).hexdigest()


def hashes_of(folder: Path) -> dict[str, str]:
    """SHA-256 of every file, by its name in the folder."""
    found = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            found[str(path.relative_to(folder))] = file_digest(file, "sha256").hexdigest()
    return found


def _copy_round(settings: Settings, stores: Stores, copied: Engines, heading: ledger.Heading) -> Kept:
    """Roll and box, where no polls are open and nothing is wrong with them; what was copied is looked at once
    more, for polls may have opened meanwhile.
    """
    round_id, state, engines = heading.round_id, heading.state, stores.engines
    if state is State.OPEN:
        return Kept.OPEN
    if state is State.CLOSING:
        return Kept.UNSEALED
    if not (engines.has_roll(round_id) and engines.has_box(round_id)):
        return Kept.GONE
    if engines.stops.of(round_id) is not None:
        return Kept.STOPPED
    pairs = [
        (path(round_id), settings_path(round_id))
        for path, settings_path in (
            (engines.roll_path, copied.roll_path),
            (engines.box_path, copied.box_path),
        )
    ]
    for source, target in pairs:
        _copy_store(source, target)
    if binding.are_polls_open(copied, round_id):
        for _, target in pairs:
            target.unlink()
        return Kept.OPEN
    return Kept.COPIED


def _copy_store(source: Path, target: Path) -> None:
    """A copy of one moment, by SQLite's own means."""
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as from_,
        closing(sqlite3.connect(target)) as to,
    ):
        from_.backup(to)
    target.chmod(0o600)


@contextmanager
def _work_folder(work: Path) -> Iterator[Path]:
    """An empty folder beside the stores, gone afterwards; what a killed run left is gone before."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    try:
        yield work
    finally:
        shutil.rmtree(work)
