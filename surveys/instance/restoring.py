"""A backup is put back: into an empty folder, or over an instance whose files are kept aside
(docs/operations.md, “Backups”).

All is taken apart and checked first; then one rename decides, and what follows is finished by the next run,
however often it is killed. Danger: an older roll or box over a newer one would lose votes; so one that is
there, sound and not older stays, and nothing that is replaced is thrown away.
"""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DBAPIError, NoResultFound

from surveys.disk import make_folder, synchronise
from surveys.errors import SurveysError
from surveys.instance.backups import CONTENTS, KEYRING, Contents, fingerprint, hashes_of
from surveys.instance.sealed_archive import BadBackup, read_sealed
from surveys.names import RoundId
from surveys.settings import Settings
from surveys.stages import binding
from surveys.stores.columns import Keyring
from surveys.stores.copies import put_in_database
from surveys.stores.engines import Engines
from surveys.stores.stops import Where

_WORK, _READY, _NUMBER = "restore.part", "restore.ready", "number"


class RestoreUnfinished(SurveysError):
    """A restore was killed in between: until it is finished, nothing may look at the stores."""

    def __init__(self, instance: Path) -> None:
        super().__init__(f"a restore of {instance} was interrupted: run surveys restore again, it goes on")


class OtherKeyring(SurveysError):
    """The keyring that is here does not open this backup."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"the keyring {path} does not open this backup: put back the keyring of that time, or restore a "
            f"backup that has it (--with-keyring) where there is none"
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """A backup that was taken apart and checked: what it holds, what it would replace, what stays as it is
    here because it is not older.
    """

    contents: Contents
    replaces: tuple[str, ...]
    stays: tuple[str, ...]


def prepare(settings: Settings, path: Path, passphrase: str) -> Plan:
    """Take the backup apart beside the stores, check every file, and say what putting it back would do.
    Nothing of the instance is changed. The caller holds the instance alone.

    Raises BadBackup and OtherKeyring, and StoreTooNew for a backup of a newer release.
    """
    work = settings.instance / _WORK
    discard(settings)
    folder = work / "contents"
    folder.mkdir(parents=True, mode=0o700)
    read_sealed(path, work, folder, passphrase)
    for name in ("contents.tar", "contents.tar.age"):
        (work / name).unlink()
    try:
        contents = Contents.read((folder / CONTENTS).read_bytes())
    except (OSError, ValueError, KeyError, TypeError):
        raise BadBackup(path, "not a backup of this program") from None
    (folder / CONTENTS).unlink()
    if hashes_of(folder) != contents.files:
        raise BadBackup(path, "its files are not those that it names")
    _choose_keyring(settings, folder, contents)
    stays = _leave_what_is_newer(settings, folder, contents)
    return Plan(contents, _replaced(settings, folder), stays)


def discard(settings: Settings) -> None:
    """Throw away what `prepare` has taken apart."""
    shutil.rmtree(settings.instance / _WORK, ignore_errors=True)


def put_back(settings: Settings) -> None:
    """Put everything of the prepared backup in its place; what was there lies in `replaced-…` afterwards, a
    store of a database in a schema of that name. From the first rename on, it is finished by `finish`,
    however often it is killed.
    """
    folder = settings.instance / _WORK / "contents"
    # Under this number everything is kept aside, whichever run does it.
    (folder / _NUMBER).write_text(str(folder.stat().st_mtime_ns // 1_000_000), "ascii")
    for path in [*folder.rglob("*"), folder]:
        _synchronise(path)
    folder.replace(settings.instance / _READY)
    synchronise(settings.instance)
    finish(settings)


def is_unfinished(settings: Settings) -> bool:
    """Whether a restore was killed after its first rename."""
    return (settings.instance / _READY).exists()


def finish(settings: Settings) -> None:
    """Go on with a restore that was begun; nothing happens where there is none."""
    ready = settings.instance / _READY
    if not ready.exists():
        return
    number = int((ready / _NUMBER).read_text("ascii"))
    aside = settings.instance / f"replaced-{number}"
    with closing(Engines(settings.stores, settings.database)) as engines:
        for source in sorted(set(ready.rglob("*")) - {ready / _NUMBER}):
            if source.is_dir():
                continue
            target = _target(settings, str(source.relative_to(ready)))
            if settings.database and target.parent == settings.stores:
                put_in_database(engines, source, f"replaced_{number}")
                source.unlink()
                synchronise(source.parent)
                continue
            # The journal of the old file must never stand beside the new one.
            for old in (target, target.with_name(f"{target.name}-journal")):
                if old.exists():
                    _move(old, aside / source.relative_to(ready).parent / old.name)
            _move(source, target)
    (settings.instance / _WORK).mkdir(mode=0o700, exist_ok=True)
    ready.replace(settings.instance / _WORK / "done")
    discard(settings)
    synchronise(settings.instance)


def _replaced(settings: Settings, folder: Path) -> tuple[str, ...]:
    """What is there under the names of the backup's files; in a database a schema instead of a file."""
    targets = [_target(settings, name) for name in hashes_of(folder)]
    with closing(Engines(settings.stores, settings.database)) as engines:
        return tuple(
            str(each)
            for each in targets
            if (engines.has(each) if each.parent == settings.stores else each.exists())
        )


def _target(settings: Settings, name: str) -> Path:
    return settings.keyring if name == KEYRING else settings.instance / name


def _move(source: Path, target: Path) -> None:
    make_folder(target.parent, 0o700)
    try:
        source.replace(target)
    except OSError:  # a keyring on another disk
        beside = target.with_name(f"{target.name}.part")
        shutil.copy(source, beside)
        _synchronise(beside)
        beside.replace(target)
        source.unlink()
    synchronise(target.parent)
    synchronise(source.parent)


def _synchronise(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _choose_keyring(settings: Settings, folder: Path, contents: Contents) -> None:
    """The keyring that is here stays; the one of the backup is for a place that has none."""
    here = folder / KEYRING
    if settings.keyring.exists():
        here.unlink(missing_ok=True)
        held = Keyring.load(settings.keyring)
    elif here.exists():
        held = Keyring.load(here)
    else:
        raise OtherKeyring(settings.keyring)
    if fingerprint(held) != contents.keys or not set(contents.numbers) <= set(held.keys):
        raise OtherKeyring(settings.keyring)


def _leave_what_is_newer(settings: Settings, folder: Path, contents: Contents) -> tuple[str, ...]:
    """Take those rolls and boxes out of what is put back that lie here, sound and not older."""
    here, there = Engines(settings.stores, settings.database), Engines(folder / "stores")
    stays = []
    try:
        for each in contents.rounds:
            for path, where in ((there.roll_path, Where.ROLL), (there.box_path, Where.BOX)):
                copy = path(each.round_id)
                if copy.exists() and _is_newer(here, there, each.round_id, where):
                    copy.unlink()
                    stays.append(f"{where} of {each.round_id}")
    finally:
        here.close()
        there.close()
    return tuple(stays)


def _is_newer(here: Engines, there: Engines, round_id: RoundId, where: Where) -> bool:
    """Whether what lies here can be read and is of the backup's generation or a later one."""
    try:
        return binding.generation_of(here, round_id, where) >= binding.generation_of(there, round_id, where)
    except (DBAPIError, NoResultFound):
        return False
