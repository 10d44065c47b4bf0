"""A backup of an instance: the app store always, roll and box of a round only while its polls are closed
(docs/operations.md, “Backups”).

What lies in the instance is copied, store by store and each at one moment, as files also where the stores are
in a database; it is judged as a server judges it, and sealed into one file. Danger: two copies of an open
roll or box show who voted in between; and a box that is not sealed yet still has the places in which ballots
came. So neither is copied, and it is said.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import file_digest, sha256
from pathlib import Path

from surveys.instance.sealed_archive import write_sealed
from surveys.instants import instant_text
from surveys.names import RoundId
from surveys.rounds import ledger
from surveys.rounds.states import State
from surveys.settings import Settings
from surveys.stages import binding
from surveys.stores.columns import Keyring
from surveys.stores.copies import copies
from surveys.stores.engines import APP, Engines
from surveys.stores.store import Stores

FORMAT = "tin-nhiem/backup/1"
CONTENTS = "backup.json"
KEYRING = "keyring.json"
FOLDERS = ("bundles", "exhibits")


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

    Raises WeakPassphrase and OSError.
    """
    with _work_folder(settings.instance / "backup.part") as work:
        folder = work / "contents"
        (folder / "stores").mkdir(parents=True)
        # While the witness is held nobody enters another generation: the copies are of one.
        with stores.engines.witness.alone(), copies(stores.engines) as copy:
            copy(settings.stores / APP, folder / "stores" / APP)
            copied = Engines(folder / "stores")
            try:
                rounds = tuple(
                    RoundCopied(each.round_id, each.state.value, _copy_round(stores, copied, each, copy))
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


def _copy_round(
    stores: Stores, copied: Engines, heading: ledger.Heading, copy: Callable[[Path, Path], None]
) -> Kept:
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
    for source in (engines.roll_path(round_id), engines.box_path(round_id)):
        copy(source, copied.root / source.name)
    if binding.are_polls_open(copied, round_id):
        copied.discard(round_id)
        return Kept.OPEN
    return Kept.COPIED


@contextmanager
def _work_folder(work: Path) -> Iterator[Path]:
    """An empty folder beside the stores, gone afterwards; what a killed run left is gone before."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    try:
        yield work
    finally:
        shutil.rmtree(work)
