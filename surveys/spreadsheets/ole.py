"""A compound file of Microsoft ([MS-CFB]): streams in a file as files on a disk. Wraps every .xls, and an
.xlsx with a password.

Danger: chains of sectors come from anybody. Each is followed for no more sectors than the file has, so a
circle ends.
"""

from __future__ import annotations

import struct

from surveys.spreadsheets.packed import Damaged

SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
_END = 0xFFFFFFFA  # from here on numbers of sectors are no numbers
_STREAM, _ROOT = 2, 5
_SMALL = 4096


class Compound:
    """The streams of a compound file, by name. Raises Damaged or struct.error."""

    def __init__(self, raw: bytes) -> None:
        if len(raw) < 512 or not raw.startswith(SIGNATURE):
            raise Damaged
        self._raw = raw
        shift, small_shift = struct.unpack_from("<HH", raw, 30)
        if shift not in (9, 12) or small_shift != 6:
            raise Damaged
        self._size = 1 << shift
        self._most = len(raw) // self._size + 1
        directory, small = struct.unpack_from("<I", raw, 48)[0], struct.unpack_from("<I", raw, 60)[0]
        self._table = self._numbers(self._places_of_table())
        self._small_table = self._numbers(self._chain(small, self._table)) if small < _END else []
        self._entries: dict[str, tuple[int, int]] = {}
        self._small = b""
        listed = self._read(self._chain(directory, self._table))
        for at in range(0, len(listed) - 127, 128):
            length, kind = struct.unpack_from("<HB", listed, at + 64)
            if kind in (_STREAM, _ROOT) and 2 <= length <= 64:
                name = listed[at : at + length - 2].decode("utf-16-le", errors="replace")
                start, size = struct.unpack_from("<II", listed, at + 116)
                self._entries.setdefault(name.casefold(), (start, size))
                if kind == _ROOT and start < _END:
                    self._small = self._read(self._chain(start, self._table))[:size]

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self._entries

    def stream(self, name: str) -> bytes:
        """What a stream holds. KeyError if there is none."""
        start, size = self._entries[name.casefold()]
        if size > len(self._raw):
            raise Damaged
        if size >= _SMALL:
            found = self._read(self._chain(start, self._table))
        elif size == 0:
            return b""
        else:
            found = b"".join(self._small[n * 64 : n * 64 + 64] for n in self._chain(start, self._small_table))
        if len(found) < size:
            raise Damaged
        return found[:size]

    def _places_of_table(self) -> list[int]:
        """The sectors that hold the table of sectors: 109 in the header, more in a chain of their own."""
        places = [n for n in struct.unpack_from("<109I", self._raw, 76) if n < _END]
        more = struct.unpack_from("<I", self._raw, 68)[0]
        for _ in range(self._most):
            if more >= _END:
                break
            numbers = self._numbers([more])
            places += [n for n in numbers[:-1] if n < _END]
            more = numbers[-1]
        return places[: self._most]

    def _chain(self, first: int, table: list[int]) -> list[int]:
        chain = []
        while first < _END:
            chain.append(first)
            if len(chain) > len(table) or first >= len(table):
                raise Damaged
            first = table[first]
        return chain

    def _numbers(self, sectors: list[int]) -> list[int]:
        raw = self._read(sectors)
        return list(struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4]))

    def _read(self, sectors: list[int]) -> bytes:
        size = self._size
        return b"".join(self._raw[(n + 1) * size : (n + 2) * size].ljust(size, b"\0") for n in sectors)
