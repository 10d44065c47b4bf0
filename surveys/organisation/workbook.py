"""Raw sheets out of a file that anybody may have made: .xlsx through python-calamine, or a folder of .csv.

Danger: a spreadsheet is a zip of XML. Before the reader library sees it, the zip's sizes are checked and counted, and each
XML part is walked once: a document type (entity bombs) is refused, formulas are found (the library would show their last
value), and rows are counted, so that a file of a million rows is refused before it fills the memory.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook

from surveys.organisation.errors import UnusableFile

MAX_FILE = 64 * 1024 * 1024
MAX_UNPACKED = 400 * 1024 * 1024
MAX_MEMBERS = 2000
MAX_RATIO = 200
MAX_ROWS = 300_000
MAX_COLUMNS = 100
CHUNK = 256 * 1024
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
Cell = str | None


@dataclass(frozen=True)
class RawSheet:
    """Rows of cells as text (None: empty); `formulas` are (row, column) counted from 1; `undecodable` a row that is not UTF-8."""

    rows: tuple[tuple[Cell, ...], ...]
    formulas: tuple[tuple[int, int], ...] = ()
    undecodable: int | None = None
    broken: int | None = None


def read_file(path: Path, names: tuple[str, ...]) -> Mapping[str, RawSheet]:
    """The sheets of these names that the file has; other sheets are left alone. Raises UnusableFile."""
    if path.is_dir():
        return {name: _read_csv(path / f"{name}.csv") for name in names if (path / f"{name}.csv").is_file()}
    try:
        size = path.stat().st_size
    except OSError:
        raise UnusableFile(path.name, "không mở được tệp", "the file cannot be opened") from None
    if size == 0:
        raise UnusableFile(path.name, "tệp rỗng", "the file is empty")
    if size > MAX_FILE:
        raise _too_large(path)
    if path.suffix.lower() != ".xlsx":
        vi = "cần một tệp .xlsx hoặc một thư mục các tệp .csv"
        raise UnusableFile(path.name, vi, "an .xlsx file or a folder of .csv files is needed")
    return _read_xlsx(path, names)


def _too_large(path: Path) -> UnusableFile:
    en = f"the file is too large (at most {MAX_ROWS} rows a sheet, {MAX_FILE >> 20} MB packed, {MAX_UNPACKED >> 20} MB unpacked)"
    vi = f"tệp quá lớn (nhiều nhất {MAX_ROWS} dòng một trang tính, {MAX_FILE >> 20} MB nén, {MAX_UNPACKED >> 20} MB giải nén)"
    return UnusableFile(path.name, vi, en)


def _damaged(path: Path) -> UnusableFile:
    return UnusableFile(
        path.name, "không phải tệp .xlsx, hoặc tệp bị hỏng", "not an .xlsx file, or a damaged one"
    )


def _read_xlsx(path: Path, names: tuple[str, ...]) -> Mapping[str, RawSheet]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            total = sum(member.file_size for member in members)
            packed = sum(member.compress_size for member in members)
            if len(members) > MAX_MEMBERS or total > MAX_UNPACKED or total > MAX_RATIO * max(packed, 4096):
                raise _too_large(path)
            if len({member.filename for member in members}) != len(members):
                raise _damaged(path)
            scanned = _scan(path, archive)
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        expat.ExpatError,
        ValueError,
    ):
        raise _damaged(path) from None
    try:
        book = CalamineWorkbook.from_path(path)
        found = {}
        for name in book.sheet_names:
            if name in names:
                rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                found[name] = RawSheet(tuple(tuple(map(_text, row)) for row in rows), scanned.get(name, ()))
    except (CalamineError, ValueError, OSError):
        raise _damaged(path) from None
    return found


@dataclass
class _Scan:
    """One pass over an XML part."""

    path: Path
    rows: int = 0
    cell: str = ""
    formulas: list[tuple[int, int]] = field(default_factory=list)
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "row":
            self.rows += 1
            if self.rows > MAX_ROWS:
                raise _too_large(self.path)
        elif name == "c":
            self.cell = attributes.get("r", "")
        elif name == "f":
            if len(self.formulas) < 1000:
                self.formulas.append(_reference(self.cell))
        elif name in ("sheet", "Relationship"):
            self.elements.append((name, attributes))

    def doctype(self, *_: Any) -> None:
        vi, en = (
            "tệp chứa khai báo DOCTYPE, không được nhận",
            "the file declares a document type, which is refused",
        )
        raise UnusableFile(self.path.name, vi, en)


def _scan(path: Path, archive: zipfile.ZipFile) -> dict[str, tuple[tuple[int, int], ...]]:
    """Walk every XML part; the formulas of each sheet by its name."""
    left = [MAX_UNPACKED]
    scans = {}
    for member in archive.infolist():
        if member.filename.endswith((".xml", ".rels")):
            scans[member.filename] = _walk(path, archive, member, left)
        elif member.file_size:
            with archive.open(member) as stream:
                for _ in iter(lambda: _count(path, stream.read(CHUNK), left), b""):
                    pass
    targets = {}
    for _, attributes in _elements(scans, "xl/_rels/workbook.xml.rels", "Relationship"):
        target = attributes.get("Target", "")
        targets[attributes.get("Id", "")] = target[1:] if target.startswith("/") else f"xl/{target}"
    found = {}
    for _, attributes in _elements(scans, "xl/workbook.xml", "sheet"):
        relation = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
        scan = scans.get(targets.get(relation, ""))
        if scan is not None:
            found[attributes.get("name", "")] = tuple(scan.formulas)
    return found


def _elements(scans: Mapping[str, _Scan], part: str, name: str) -> list[tuple[str, dict[str, str]]]:
    scan = scans.get(part)
    return [] if scan is None else [element for element in scan.elements if element[0] == name]


def _walk(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: list[int]) -> _Scan:
    scan = _Scan(path)
    parser = expat.ParserCreate()
    parser.StartElementHandler = scan.start
    parser.StartDoctypeDeclHandler = scan.doctype
    with archive.open(member) as stream:
        for block in iter(lambda: _count(path, stream.read(CHUNK), left), b""):
            parser.Parse(block, False)
    parser.Parse(b"", True)
    return scan


def _count(path: Path, block: bytes, left: list[int]) -> bytes:
    left[0] -= len(block)
    if left[0] < 0:
        raise _too_large(path)
    return block


def _reference(cell: str) -> tuple[int, int]:
    column = 0
    letters = cell.rstrip("0123456789")
    for letter in letters:
        column = column * 26 + ord(letter.upper()) - 64
    digits = cell[len(letters) :]
    return (int(digits) if digits else 0, max(column, 0))


def _text(value: Any) -> Cell:
    """A cell as text: 7.0 is 7, a ticked box yes or no. What has no plain text form (a date) is shown as it is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return text or None


def _read_csv(path: Path) -> RawSheet:
    if path.stat().st_size > MAX_FILE:
        raise _too_large(path)
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return RawSheet((), undecodable=raw[: error.start].count(b"\n") + 1)
    rows: list[tuple[Cell, ...]] = []
    formulas: list[tuple[int, int]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            if len(rows) >= MAX_ROWS:
                raise _too_large(path)
            rows.append(tuple(cell.strip() or None for cell in cells))
            formulas += [(len(rows), i) for i, cell in enumerate(cells, 1) if cell.startswith(FORMULA_STARTS)]
    except csv.Error:
        return RawSheet(tuple(rows), tuple(formulas), broken=reader.line_num)
    return RawSheet(tuple(rows), tuple(formulas))
