"""The sheets of an .xlsx workbook (ECMA-376): a zip of XML, read in one pass by one parser.

There is no second reader behind this one that could see another file than the one that was checked. Only the parts that
are needed are unpacked. Danger: the file comes from anybody. A document type (entity bombs) is refused, what is unpacked is
counted while it is unpacked, and a place far away costs nothing, because only cells that are there are kept. A formula is
noted and never evaluated; its last value, which the file also holds, is not looked at.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

from surveys.organisation.errors import UnusableFile
from surveys.organisation.raw_sheets import MAX_TOKEN, Budget, RawSheet, Spoiled, too_large

CHUNK = 64 * 1024
MAX_DIRECTORY = 512 * 1024
MAX_RANGES = 100
_NUMBER = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?")
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Literal text, escaped and padding characters, colours and conditions of a number format; [h] [m] [s] are times.
_LITERAL = re.compile(r'"[^"]*"|[\\_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_EXACT = 10**15  # beyond, a spreadsheet keeps no more than 15 digits

Start = Callable[[str, dict[str, str]], None]


class _Damaged(Exception):
    """Not a workbook."""


def read_xlsx(path: Path, raw: bytes, names: tuple[str, ...]) -> dict[str, RawSheet]:
    """The sheets of these names. Raises UnusableFile."""
    try:
        return _Book(path, raw).sheets(names)
    except (
        _Damaged,
        zipfile.BadZipFile,
        zlib.error,
        expat.ExpatError,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        LookupError,
        ValueError,
        struct.error,
    ):
        vi, en = "không phải tệp .xlsx, hoặc tệp bị hỏng", "not an .xlsx file, or a damaged one"
        raise UnusableFile(path.name, vi, en) from None


class _Book:
    def __init__(self, path: Path, raw: bytes) -> None:
        self._path, self._budget = path, Budget(path)
        _check_end(path, raw)
        self._archive = zipfile.ZipFile(io.BytesIO(raw))
        self._parts: dict[str, zipfile.ZipInfo] = {}
        for member in self._archive.infolist():
            name = member.filename.casefold()
            if name in self._parts:
                raise _Damaged
            self._parts[name] = member

    def sheets(self, names: tuple[str, ...]) -> dict[str, RawSheet]:
        """Follow the relations from the package to the workbook to its sheets."""
        book = self._related("", "officeDocument")
        if book is None:
            raise _Damaged
        places: list[tuple[str, str]] = []
        self._walk(book, lambda name, at: places.append(_place(at)) if name == "sheet" else None)
        targets = self._relations(book)
        strings, styles = self._related(book, "sharedStrings"), self._related(book, "styles")
        shared = [] if strings is None else self._strings(strings)
        dates = frozenset[int]() if styles is None else self._date_styles(styles)
        found: dict[str, RawSheet] = {}
        for name, relation in places:
            if name in names:
                kind, part = targets[relation]
                if name in found or kind != "worksheet":
                    raise _Damaged
                reader = _Sheet(self._budget, shared, dates)
                self._walk(part, reader.start, reader.text, reader.end)
                found[name] = reader.finish()
        return found

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Relation id → (kind, part)."""
        folder, base = posixpath.split(part)
        relations: dict[str, tuple[str, str]] = {}

        def start(name: str, at: dict[str, str]) -> None:
            if name == "Relationship" and at.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, at["Target"])).lstrip("/")
                relations[at["Id"]] = (at["Type"].rpartition("/")[2], target)

        self._walk(posixpath.join(folder, "_rels", f"{base}.rels"), start)
        return relations

    def _related(self, part: str, kind: str) -> str | None:
        return next((target for found, target in self._relations(part).values() if found == kind), None)

    def _strings(self, part: str) -> list[str]:
        reader = _Strings()
        self._walk(part, reader.start, reader.text, reader.end)
        return reader.found

    def _date_styles(self, part: str) -> frozenset[int]:
        reader = _Styles()
        self._walk(part, reader.start, None, reader.end)
        return frozenset(i for i, number in enumerate(reader.cells) if number in reader.dates)

    def _walk(
        self,
        part: str,
        start: Start,
        text: Callable[[str], None] | None = None,
        end: Callable[[str], None] | None = None,
    ) -> None:
        """Parse one part; names come without their namespace."""
        member = self._parts[part.casefold()]
        if member.flag_bits & 1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _Damaged
        budget = self._budget

        def opened(name: str, attributes: dict[str, str]) -> None:
            budget.take_element()
            start(name.rpartition(" ")[2], attributes)

        def doctype(*_: object) -> None:
            vi = "tệp chứa khai báo DOCTYPE, không được nhận"
            raise UnusableFile(self._path.name, vi, "the file declares a document type, which is refused")

        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = opened
        parser.StartDoctypeDeclHandler = doctype
        if text is not None:
            parser.CharacterDataHandler = text
        if end is not None:
            parser.EndElementHandler = lambda name: end(name.rpartition(" ")[2])
        read = 0
        with self._archive.open(member) as stream:
            while block := stream.read(CHUNK):
                read += len(block)
                budget.take_bytes(len(block))
                parser.Parse(block, False)
                # The parser goes over an unfinished tag again with every block: a long one would cost its square.
                if read - parser.CurrentByteIndex > MAX_TOKEN:
                    raise too_large(self._path)
        parser.Parse(b"", True)


def _check_end(path: Path, raw: bytes) -> None:
    """The zip's directory is small and ends the file: Python's reader would load one of a million members whole."""
    end = raw[-22:]
    if len(end) != 22 or not end.startswith(b"PK\5\6") or end[20:] != b"\0\0" or raw[-42:-38] == b"PK\6\7":
        raise _Damaged
    if int.from_bytes(end[12:16], "little") > MAX_DIRECTORY:
        raise too_large(path)


def _place(at: dict[str, str]) -> tuple[str, str]:
    """A sheet's name and relation (`r:id`, whose namespace has two spellings)."""
    relation = next((value for key, value in at.items() if key.endswith("/relationships id")), None)
    if relation is None:
        raise _Damaged
    return at["name"], relation


class _Strings:
    """The shared strings; phonetic readings (`rPh`) are no part of the text."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._pieces: list[str] = []
        self._open = False
        self._reading = False

    def start(self, name: str, _: dict[str, str]) -> None:
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._reading = True
        elif name == "t":
            self._open = not self._reading

    def text(self, data: str) -> None:
        if self._open:
            self._pieces.append(data)

    def end(self, name: str) -> None:
        if name == "t":
            self._open = False
        elif name == "rPh":
            self._reading = False
        elif name == "si":
            self.found.append(_plain("".join(self._pieces)))


class _Styles:
    """Which number format each cell style has, and which formats show a date."""

    def __init__(self) -> None:
        self.dates = set(_DATE_FORMATS)
        self.cells: list[int] = []
        self._inside = False

    def start(self, name: str, at: dict[str, str]) -> None:
        if name == "numFmt":
            number = int(at["numFmtId"])
            self.dates.discard(number)
            if re.search("[dmyhs]", _LITERAL.sub("", at["formatCode"]), re.IGNORECASE):
                self.dates.add(number)
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside:
            self.cells.append(int(at.get("numFmtId", "0")))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._inside = False


class _Sheet:
    """One worksheet's cells."""

    def __init__(self, budget: Budget, shared: list[str], dates: frozenset[int]) -> None:
        self._budget, self._shared, self._dates = budget, shared, dates
        self._sheet = RawSheet()
        self._row = self._column = 0
        self._type, self._style = "n", 0
        self._formula = self._open = self._reading = False
        self._value: list[str] = []
        self._ranges: list[tuple[int, int, int, int]] = []

    def start(self, name: str, at: dict[str, str]) -> None:
        if name == "row":
            row = int(at["r"]) if "r" in at else self._row + 1
            if row <= self._row:
                raise _Damaged
            self._row, self._column = row, 0
        elif name == "c":
            row, column = _reference(at["r"]) if "r" in at else (self._row, self._column + 1)
            if row != self._row or column <= self._column or row < 1:
                raise _Damaged
            self._column = column
            self._type, self._style = at.get("t", "n"), int(at.get("s", "0"))
            self._formula = False
            self._value = []
        elif name == "v":
            self._open = True
        elif name == "t":
            self._open = not self._reading
        elif name == "rPh":
            self._reading = True
        elif name == "f":
            self._formula = True
            # An array formula stands in its first cell only; the others of its range hold nothing but values.
            if at.get("t") in ("array", "dataTable") and "ref" in at and len(self._ranges) < MAX_RANGES:
                first, _, last = at["ref"].partition(":")
                self._ranges.append((*_reference(first), *_reference(last or first)))

    def text(self, data: str) -> None:
        if self._open:
            self._value.append(data)

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._open = False
        elif name == "rPh":
            self._reading = False
        elif name == "c":
            text, spoiled = self._cell()
            if spoiled is None and not text:
                return
            self._budget.take_cell(self._row, self._column)
            if spoiled is not None:
                self._sheet.spoiled[self._row, self._column] = spoiled
            else:
                self._sheet.rows.setdefault(self._row, {})[self._column] = text

    def finish(self) -> RawSheet:
        """The sheet; cells in the range of an array formula are formulas too."""
        for top, left, bottom, right in self._ranges:
            for row in [row for row in self._sheet.rows if top <= row <= bottom]:
                cells = self._sheet.rows[row]
                for column in [column for column in cells if left <= column <= right]:
                    del cells[column]
                    self._sheet.spoiled[row, column] = "formula"
        return self._sheet

    def _cell(self) -> tuple[str, Spoiled | None]:
        value = "".join(self._value)
        if self._formula:
            return "", "formula"
        if self._type == "s":
            return (self._shared[_index(value)] if value else ""), None
        if self._type in ("str", "inlineStr"):
            return _plain(value), None
        value = value.strip()
        if not value:
            return "", None
        if self._type == "b":
            return {"0": "no", "1": "yes", "false": "no", "true": "yes"}[value], None
        if self._type == "e":
            return "", "error"
        if self._type == "d":
            return "", "date"
        if self._type != "n" or not _NUMBER.fullmatch(value):
            raise _Damaged
        return ("", "date") if self._style in self._dates else _number(value)


def _number(text: str) -> tuple[str, Spoiled | None]:
    """7.0 is 7: a spreadsheet knows one kind of number only."""
    number = float(text)
    if abs(number) >= _EXACT:
        return "", "digits"
    return (str(int(number)) if number.is_integer() else repr(number)), None


def _index(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise _Damaged
    return int(text)


def _plain(text: str) -> str:
    """A text without blanks around it; `_x000D_` is how the format writes a character that XML cannot hold."""
    if "_x" in text:
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return text.strip()


def _reference(cell: str) -> tuple[int, int]:
    """C14 is row 14, column 3."""
    found = _REFERENCE.fullmatch(cell.replace("$", ""))
    if found is None:
        raise _Damaged
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column
