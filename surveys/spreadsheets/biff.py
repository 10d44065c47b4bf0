"""The records of an .xls workbook ([MS-XLS], BIFF8): texts, formats and fonts of the whole book, then each
sheet's cells.

Danger: lengths and counts come from anybody. Every read is bounded by its record; what is kept is counted
against the budget.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from surveys.spreadsheets.fonts import encoding_of
from surveys.spreadsheets.packed import Damaged
from surveys.spreadsheets.rows import Budget
from surveys.spreadsheets.shown import BUILT_IN, DATES, MAX_FORMAT

BOF, EOF, CONTINUE, FILEPASS = 0x809, 0x0A, 0x3C, 0x2F
BOUNDSHEET, SST, FORMAT, XF, FONT = 0x85, 0xFC, 0x41E, 0xE0, 0x31
BIFF8 = 0x600


class Record(NamedTuple):
    """A record: what kind, where it begins, what is in it."""

    kind: int
    at: int
    data: bytes


class Place(NamedTuple):
    """A sheet: its name, where its records begin, whether it is hidden."""

    name: str
    at: int
    hidden: bool


def records(raw: bytes, at: int) -> Iterator[Record]:
    """The records from a place on to the end of its part."""
    depth = 0
    while at + 4 <= len(raw):
        kind, size = struct.unpack_from("<HH", raw, at)
        data = raw[at + 4 : at + 4 + size]
        if len(data) != size:
            raise Damaged
        depth += (kind == BOF) - (kind == EOF)
        yield Record(kind, at, data)
        if depth <= 0:
            return
        at += 4 + size


class Book:
    """What the records of the whole book say. `locked`: the rest cannot be read without a password; `old`:
    before Excel 97.
    """

    def __init__(self, raw: bytes, budget: Budget) -> None:
        self.sheets: list[Place] = []
        self.texts: list[str] = []
        self.fonts_of_texts: dict[int, str] = {}
        self.locked = self.old = False
        self._fonts: list[str] = []
        self._codes = dict(BUILT_IN)
        self._codes.update(dict.fromkeys(DATES, "d/m/yyyy"))
        self._styles: list[tuple[int, int]] = []
        strings: list[bytes] = []
        for record in records(raw, 0):
            if record.kind == BOF and not record.at:
                self.old = struct.unpack_from("<H", record.data)[0] != BIFF8
            if record.kind == FILEPASS:
                self.locked = True
            if self.locked or self.old:
                return
            if record.kind == CONTINUE and strings:
                strings.append(record.data)
                continue
            if strings:
                self._take_strings(strings, budget)
                strings = []
            self._take(record, strings)

    def style(self, number: int) -> tuple[str, str]:
        """A style's format, and the encoding that its font stands for."""
        if not 0 <= number < len(self._styles):
            return "General", ""
        code, font = self._styles[number]
        return self._codes.get(code, "General"), self._font(font)

    def _font(self, number: int) -> str:
        # There is no font 4, for reasons of 1987.
        at = number - (number > 4)
        return self._fonts[at] if 0 <= at < len(self._fonts) else ""

    def _take(self, record: Record, strings: list[bytes]) -> None:
        kind, data = record.kind, record.data
        if kind == BOUNDSHEET:
            at, state, sort = struct.unpack_from("<IBB", data)
            if sort == 0:
                self.sheets.append(Place(_short(data, 6), at, state & 3 != 0))
        elif kind == FONT:
            self._fonts.append(encoding_of(_short(data, 14)))
        elif kind == FORMAT:
            number = struct.unpack_from("<H", data)[0]
            self._codes[number] = _long(data, 2)[:MAX_FORMAT]
        elif kind == XF:
            font, code = struct.unpack_from("<HH", data)
            self._styles.append((code, font))
        elif kind == SST:
            strings.append(data)

    def _take_strings(self, parts: list[bytes], budget: Budget) -> None:
        """The table of texts, which goes on over as many records as it takes."""
        reader = _Parts(parts)
        reader.skip(4)
        for number in range(struct.unpack("<I", reader.take(4))[0]):
            if reader.done():
                raise Damaged
            length, flags = struct.unpack("<HB", reader.take(3))
            runs = struct.unpack("<H", reader.take(2))[0] if flags & 8 else 0
            extra = struct.unpack("<I", reader.take(4))[0] if flags & 4 else 0
            text = reader.letters(length, wide=bool(flags & 1))
            budget.bound(length)
            budget.take_string(text)
            for _ in range(runs):
                _, font = struct.unpack("<HH", reader.take(4))
                if encoding := self._font(font):
                    self.fonts_of_texts[number] = encoding
            reader.skip(extra)
            self.texts.append(text.strip())


class _Parts:
    """Reads on over the ends of records."""

    def __init__(self, parts: list[bytes]) -> None:
        self._parts, self._part, self._at = parts, 0, 0

    def done(self) -> bool:
        return self._part >= len(self._parts) or (
            self._part == len(self._parts) - 1 and self._at >= len(self._parts[-1])
        )

    def take(self, number: int) -> bytes:
        out = b""
        while len(out) < number:
            if self._part >= len(self._parts):
                raise Damaged
            found = self._parts[self._part][self._at : self._at + number - len(out)]
            self._at += len(found)
            out += found
            if len(out) < number:
                self._part, self._at = self._part + 1, 0
        return out

    def skip(self, number: int) -> None:
        while number:
            if self._part >= len(self._parts):
                raise Damaged
            step = min(number, len(self._parts[self._part]) - self._at)
            self._at, number = self._at + step, number - step
            if number:
                self._part, self._at = self._part + 1, 0

    def letters(self, number: int, *, wide: bool) -> str:
        """So many letters; where a record ends, the next one says anew how wide they are."""
        out: list[str] = []
        while number:
            if self._part >= len(self._parts):
                raise Damaged
            here, size = self._parts[self._part], 2 if wide else 1
            step = min(number, (len(here) - self._at) // size)
            out.append(here[self._at : self._at + step * size].decode("utf-16-le" if wide else "latin-1"))
            self._at, number = self._at + step * size, number - step
            if number:
                self._part, self._at = self._part + 1, 1
                if self._part >= len(self._parts) or not self._parts[self._part]:
                    raise Damaged
                wide = bool(self._parts[self._part][0] & 1)
        return "".join(out)


def _short(data: bytes, at: int) -> str:
    """A text with one byte of length."""
    length, flags = struct.unpack_from("<BB", data, at)
    return _letters(data, at + 2, length, flags)


def _long(data: bytes, at: int) -> str:
    """A text with two bytes of length."""
    length, flags = struct.unpack_from("<HB", data, at)
    return _letters(data, at + 3, length, flags)


def _letters(data: bytes, at: int, length: int, flags: int) -> str:
    wide = bool(flags & 1)
    raw = data[at : at + length * (2 if wide else 1)]
    return raw.decode("utf-16-le" if wide else "latin-1")


def text_of(data: bytes, at: int) -> str:
    """A text that stands in a cell's own record."""
    return _long(data, at).strip()
