"""A zip that anybody may have made: its directory checked, its members unpacked block by block and counted.

Danger: Python's own reader would load a directory of a million members, unpack a member whole, and let one compressed
kernel serve a thousand members. Nothing here is unpacked that is not asked for, and nothing without being counted.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from surveys.organisation.raw_sheets import CHUNK, Budget, too_large

MAX_DIRECTORY = 512 * 1024
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


class Package:
    """The members of a zip, by name in small letters. Raises Damaged, UnusableFile or one of BROKEN."""

    def __init__(self, name: str, raw: bytes, budget: Budget) -> None:
        self._budget = budget
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
        """The member's content, block by block, each counted before it is handed on. KeyError if there is none."""
        member = self._members[name.casefold()]
        if member.flag_bits & 1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Damaged
        with self._archive.open(member) as stream:
            while block := stream.read(CHUNK):
                self._budget.take_bytes(len(block))
                yield block


def _check_end(name: str, raw: bytes) -> None:
    """The zip's directory is small and ends the file: Python's reader would load one of a million members whole."""
    end = raw[-22:]
    if len(end) != 22 or not end.startswith(b"PK\5\6") or end[20:] != b"\0\0" or raw[-42:-38] == b"PK\6\7":
        raise Damaged
    if int.from_bytes(end[12:16], "little") > MAX_DIRECTORY:
        raise too_large(name)
