"""A zip that anybody may have made: its directory checked, its members unpacked block by block and counted.

Danger: Python's own reader would load a directory of a million members, unpack a member whole, and let one
compressed kernel serve a thousand members. Nothing here is unpacked that is not asked for, and nothing
without being counted.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from xml.parsers.expat import ExpatError

from surveys.spreadsheets.errors import UnusableFile
from surveys.spreadsheets.rows import CHUNK, Budget, too_large, with_password

MAX_DIRECTORY = 512 * 1024
MAX_COMMENT = 65_535
_END, _END_SIZE = b"PK\5\6", 22
_LOCATOR, _LOCATOR_SIZE = b"PK\6\7", 20
_END_64, _END_64_SIZE = b"PK\6\6", 56
# What the library raises for a zip that is none. `Damaged` is ours, for what it would let pass.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    LookupError,
    ValueError,
    struct.error,
)


class Damaged(Exception):
    """Not what it says it is."""


@contextmanager
def refused(name: str, kind: str) -> Iterator[None]:
    """Whatever a damaged file of this kind makes the reader raise is one refusal."""
    try:
        yield
    except (Damaged, ExpatError, *BROKEN):
        vi, en = (
            f"không phải tệp .{kind}, hoặc tệp bị hỏng",
            f"not a{'' if kind == 'zip' else 'n'} .{kind} file, or a damaged one",
        )
        raise UnusableFile(name, vi, en) from None


class Package:
    """The members of a zip, by name in small letters. Raises Damaged, UnusableFile or one of BROKEN."""

    def __init__(self, name: str, raw: bytes, budget: Budget) -> None:
        self._name, self._budget = name, budget
        _check_end(name, raw)
        self._archive = zipfile.ZipFile(io.BytesIO(raw))
        self._members: dict[str, zipfile.ZipInfo] = {}
        for member in self._archive.infolist():
            key = member.filename.casefold()
            if key in self._members:
                raise Damaged
            self._members[key] = member

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self._members

    def names(self) -> tuple[str, ...]:
        """The members' names as they are written, folders left out."""
        return tuple(member.filename for member in self._members.values() if not member.is_dir())

    def claimed(self, name: str) -> int:
        """How large the zip says that this member is: for a progress bar, never to be relied on."""
        member = self._members.get(name.casefold())
        return 0 if member is None else member.file_size

    def blocks(self, name: str) -> Iterator[bytes]:
        """The member's content, block by block, each counted before it is handed on. KeyError if there is
        none.
        """
        member = self._members[name.casefold()]
        if member.flag_bits & 1:
            raise with_password(self._name)
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Damaged
        with self._archive.open(member) as stream:
            while block := stream.read(CHUNK):
                self._budget.take_bytes(len(block))
                yield block


def _check_end(name: str, raw: bytes) -> None:
    """The zip's directory is small and ends the file: Python's reader would load one of a million members
    whole.

    A comment may follow (`end` is the last thing that begins like an end, as Python's reader has it), and a
    record of 64 bits may stand before, which some writers put into every file.
    """
    at = raw.rfind(_END, max(0, len(raw) - _END_SIZE - MAX_COMMENT))
    end = raw[at : at + _END_SIZE] if at >= 0 else b""
    if len(end) != _END_SIZE or at + _END_SIZE + int.from_bytes(end[20:22], "little") != len(raw):
        raise Damaged
    size = int.from_bytes(end[12:16], "little")
    if raw[max(0, at - _LOCATOR_SIZE) : at].startswith(_LOCATOR):
        record = raw[max(0, at - _LOCATOR_SIZE - _END_64_SIZE) : at - _LOCATOR_SIZE]
        if len(record) != _END_64_SIZE or not record.startswith(_END_64):
            raise Damaged
        size = int.from_bytes(record[40:48], "little")
    if size > MAX_DIRECTORY:
        raise too_large(name)
