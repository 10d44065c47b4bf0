"""Encrypted columns: AES-256-GCM with a ring of keys; table, column and row are bound, so that no value can
be moved.

A sealed value is: key number (4 bytes), nonce (12), ciphertext with tag. Danger: who has the keyring file has
the names. It lives beside the stores' folder with mode 0600 and belongs in another backup than they do.
"""

from __future__ import annotations

import glob
import hmac
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from surveys.disk import synchronise
from surveys.errors import SurveysError

NONCE_BYTES = 12
OVERHEAD = 4 + NONCE_BYTES + 16
_FORMAT = "tin-nhiem/keyring/1"


class BadKeyring(SurveysError):
    """The keyring file is not there or not one."""

    def __init__(self, path: Path, why: str) -> None:
        self.path, self.why = path, why
        super().__init__(f"keyring {path}: {why}")


class KeyringMissing(SurveysError):
    """There is data, and the keyring it was sealed with is not where it should be."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"keyring {path} is missing, and there is data that was sealed with it. Put it back from its "
            f"backup; "
            "no new one was made, for it would open none of this data"
        )


class Unreadable(SurveysError):
    """A sealed value does not open: another keyring, or a value that was moved or changed."""

    def __init__(self, table: str, column: str) -> None:
        self.table, self.column = table, column
        super().__init__(f"a value of {table}.{column} does not open with this keyring")


class KeyInUse(SurveysError):
    """The newest key seals new values and cannot be dropped."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"key {number} is in use")


@dataclass(frozen=True)
class Keyring:
    """Keys by number; the highest seals, all open. `index` is the key of blind look-ups and never changes."""

    keys: dict[int, bytes]
    index: bytes

    def __repr__(self) -> str:
        return f"Keyring({sorted(self.keys)})"

    @property
    def current(self) -> int:
        """The number of the key that seals."""
        return max(self.keys)

    @classmethod
    def load(cls, path: Path) -> Keyring:
        """Read a keyring file. Raises BadKeyring."""
        try:
            document = json.loads(path.read_text("ascii"))
            if document["format"] != _FORMAT:
                raise ValueError
            keys = {int(number): bytes.fromhex(key) for number, key in document["keys"].items()}
            ring = cls(keys, bytes.fromhex(document["index"]))
        except FileNotFoundError:
            raise BadKeyring(path, "there is no such file") from None
        except OSError:
            raise BadKeyring(path, "the file cannot be opened") from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise BadKeyring(path, "not a keyring file") from None
        if not keys or any(len(key) != 32 for key in [*keys.values(), ring.index]):
            raise BadKeyring(path, "a key is missing or not 32 bytes long")
        if not all(0 < number < 2**32 for number in keys):
            raise BadKeyring(path, "a key's number is out of range")
        return ring

    @classmethod
    def fresh(cls) -> Keyring:
        """A ring with one new key."""
        return cls({1: secrets.token_bytes(32)}, secrets.token_bytes(32))

    @classmethod
    def load_or_create(cls, path: Path) -> Keyring:
        """The ring of this file, which is made if it is not there. Two who make it at once get the same.
        Raises BadKeyring.
        """
        if not path.exists():
            cls.fresh()._place(path, replace=False)
        return cls.load(path)

    def save(self, path: Path) -> None:
        """Write the file with mode 0600, all or nothing, and for good: it is on the disk when this returns.
        Raises BadKeyring.
        """
        self._place(path, replace=True)

    def _place(self, path: Path, *, replace: bool) -> None:
        """Written beside and put in place by name; without `replace` a file that is there already stays."""
        keys = {str(number): key.hex() for number, key in sorted(self.keys.items())}
        text = json.dumps({"format": _FORMAT, "keys": keys, "index": self.index.hex()}, indent=1)
        beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                _write_private(beside, text + "\n")
                if replace:
                    beside.replace(path)
                else:
                    with suppress(FileExistsError):
                        os.link(beside, path)
            finally:
                beside.unlink(missing_ok=True)
            if replace:
                _remove_leftovers(path)
            synchronise(path.parent)  # else a power cut after a rotation would bring the old ring back
        except OSError:
            raise BadKeyring(path, "the file cannot be written") from None

    def witness_key(self) -> bytes:
        """The key that seals the witness file (`surveys/stores/witness.py`): the same after a rotation."""
        return hmac.digest(self.index, b"tin-nhiem/witness", "sha256")

    def with_new_key(self) -> Keyring:
        """The ring with one more key, which seals from now on."""
        return Keyring({**self.keys, self.current + 1: secrets.token_bytes(32)}, self.index)

    def without(self, number: int) -> Keyring:
        """The ring without an old key. Raises KeyInUse for the newest."""
        if number == self.current:
            raise KeyInUse(number)
        return Keyring({n: key for n, key in self.keys.items() if n != number}, self.index)

    def seal(self, table: str, column: str, row: str, value: bytes) -> bytes:
        """The value, sealed for this place; `OVERHEAD` bytes longer."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        number = self.current
        sealed = AESGCM(self.keys[number]).encrypt(nonce, value, _bound(table, column, row))
        return number.to_bytes(4, "big") + nonce + sealed

    def open(self, table: str, column: str, row: str, sealed: bytes) -> bytes:
        """The value sealed for this place. Raises Unreadable."""
        key = self.keys.get(key_number(sealed))
        if key is None or len(sealed) < OVERHEAD:
            raise Unreadable(table, column)
        try:
            return AESGCM(key).decrypt(
                sealed[4 : 4 + NONCE_BYTES], sealed[4 + NONCE_BYTES :], _bound(table, column, row)
            )
        except InvalidTag:
            raise Unreadable(table, column) from None

    def seal_text(self, table: str, column: str, row: str, text: str | None) -> bytes | None:
        """A text, or None for None."""
        return None if text is None else self.seal(table, column, row, text.encode())

    def open_text(self, table: str, column: str, row: str, sealed: bytes | None) -> str | None:
        """The text, or None for None."""
        return None if sealed is None else self.open(table, column, row, sealed).decode()

    def blind_index(self, table: str, column: str, value: str) -> bytes:
        """32 bytes by which an encrypted value can be looked up for equality."""
        return hmac.digest(self.index, _bound(table, column, value), "sha256")


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _remove_leftovers(path: Path) -> None:
    """What a killed `save` left beside the file holds keys that should be gone when they are dropped."""
    for leftover in path.parent.glob(f"{glob.escape(path.name)}.*.part"):
        leftover.unlink(missing_ok=True)


def key_number(sealed: bytes) -> int:
    """The number of the key a value was sealed with."""
    return int.from_bytes(sealed[:4], "big")


def _bound(table: str, column: str, row: str) -> bytes:
    return _place(table, column) + _part(row)


@cache
def _place(table: str, column: str) -> bytes:
    return _part(table) + _part(column)


def _part(text: str) -> bytes:
    part = text.encode()
    return len(part).to_bytes(4, "big") + part
