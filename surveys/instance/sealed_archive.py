"""A folder in one encrypted file: a tar with two members, both of age (https://age-encryption.org/v1), so
that it opens without this program too:

    tar xf FILE && age -d key.age > key && age -d -i key contents.tar.age | tar x

`key.age` holds an identity made for this file alone, under the passphrase (scrypt); `contents.tar.age` the
folder, in pieces that are each authenticated. Danger: whoever guesses the passphrase has all of it.
"""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pyrage

from surveys.disk import put_in_place
from surveys.errors import SurveysError

KEY, CONTENTS = "key.age", "contents.tar.age"
SHORTEST = 12
_MOST_KEY_BYTES = 4096


class WeakPassphrase(SurveysError):
    """Too short to keep a copy of every name and slip."""

    def __init__(self) -> None:
        super().__init__(f"the passphrase has at least {SHORTEST} characters")


class BadBackup(SurveysError):
    """The file is no backup, is damaged, or is another one's."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        super().__init__(f"backup {path}: {why}")


def write_sealed(folder: Path, work: Path, out: Path, passphrase: str) -> None:
    """Put what is in the folder into `out`, which appears whole and is on the disk when this returns. `work`
    is for what comes in between, unencrypted. Raises WeakPassphrase and OSError.
    """
    if len(passphrase) < SHORTEST:
        raise WeakPassphrase
    plain, sealed = work / "contents.tar", work / CONTENTS
    with tarfile.open(plain, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.add(path, str(path.relative_to(folder)))
    identity = pyrage.x25519.Identity.generate()
    with plain.open("rb") as source, sealed.open("wb") as target:
        pyrage.encrypt_io(source, target, [identity.to_public()])
    key = pyrage.passphrase.encrypt(str(identity).encode(), passphrase)
    part = out.with_name(f"{out.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w") as archive:
            named = tarfile.TarInfo(KEY)
            named.size = len(key)
            archive.addfile(named, io.BytesIO(key))
            archive.add(sealed, CONTENTS)
        file.flush()
        os.fsync(file.fileno())
    put_in_place(part, out)


def read_sealed(path: Path, work: Path, into: Path, passphrase: str) -> None:
    """Take a file of `write_sealed` apart, into a folder. Raises BadBackup; the folder holds nothing to be
    relied on then.
    """
    try:
        with tarfile.open(path, "r:") as archive:
            key = archive.getmember(KEY)
            if key.size > _MOST_KEY_BYTES:
                raise BadBackup(path, "not a backup of this program")
            sealed_key = _member(archive, KEY).read()
            _copy(_member(archive, CONTENTS), work / CONTENTS)
    except (tarfile.TarError, KeyError, OSError):
        raise BadBackup(path, "not a backup of this program") from None
    try:
        identity = pyrage.x25519.Identity.from_str(pyrage.passphrase.decrypt(sealed_key, passphrase).decode())
    except pyrage.DecryptError:
        raise BadBackup(path, "the passphrase is another one") from None
    plain = work / "contents.tar"
    try:
        with (work / CONTENTS).open("rb") as source, plain.open("wb") as target:
            pyrage.decrypt_io(source, target, [identity])
    except (pyrage.DecryptError, OSError):
        raise BadBackup(path, "it is damaged") from None
    with tarfile.open(plain, "r:") as archive:
        archive.extractall(into, filter="data")


def _member(archive: tarfile.TarFile, name: str) -> tarfile.ExFileObject:
    found = archive.extractfile(name)
    if not isinstance(found, tarfile.ExFileObject):
        raise KeyError(name)
    return found


def _copy(source: tarfile.ExFileObject, target: Path) -> None:
    with target.open("wb") as file:
        while block := source.read(1 << 20):
            file.write(block)
