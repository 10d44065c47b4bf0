"""The sheets of an .xlsx workbook (ECMA-376): a zip of XML, read in one pass by one parser, a row at a time.

There is no second reader behind this one that could see another file than the one that was checked. Only the parts that
are needed are unpacked. Danger: the file comes from anybody. A document type (entity bombs) is refused, what is unpacked is
counted while it is unpacked, and a place far away costs nothing, because only cells that are there are kept. A formula is
noted and never evaluated; its last value, which the file also holds, is not looked at.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import NamedTuple
from xml.parsers import expat

from surveys.jobs.progress import Progress
from surveys.organisation.errors import UnusableFile
from surveys.organisation.packed import BROKEN, Damaged, Package
from surveys.organisation.raw_sheets import MAX_TOKEN, Budget, Takers, too_large
from surveys.organisation.xlsx_parts import RawRow, Sheet, Strings, Styles, Tags


def read_xlsx(name: str, raw: bytes, takers: Takers, budget: Budget, progress: Progress) -> frozenset[str]:
    """Hand on the rows of the sheets that have a taker; which of them there are. Raises UnusableFile."""
    with _refused(name):
        book = _Book(name, raw, budget, takers)
    progress.begin("read", book.claimed)
    blocks = book.blocks()
    # What the takers and the bar raise is no fault of the file: it passes outside of `_refused`.
    while True:
        with _refused(name):
            block = next(blocks, None)
        if block is None:
            return frozenset(book.sheets)
        progress.step(block.size)
        for row in block.rows:
            takers[block.sheet].row(*row)


@contextmanager
def _refused(name: str) -> Iterator[None]:
    try:
        yield
    except (Damaged, expat.ExpatError, *BROKEN):
        vi, en = "không phải tệp .xlsx, hoặc tệp bị hỏng", "not an .xlsx file, or a damaged one"
        raise UnusableFile(name, vi, en) from None


class _Block(NamedTuple):
    """So many bytes were read, and these rows of the sheet ended in them."""

    size: int
    sheet: str
    rows: list[RawRow]


class _Book:
    """A workbook whose sheets are found by following the relations from the package to the workbook to its sheets."""

    def __init__(self, name: str, raw: bytes, budget: Budget, names: Collection[str]) -> None:
        self._name, self._budget = name, budget
        self._package = Package(name, raw, budget)
        book = self._related("", "officeDocument")
        if book is None:
            raise Damaged
        places: list[tuple[str, str]] = []

        def start(name: str, at: dict[str, str]) -> None:
            if name == "sheet":
                places.append(_place(at))

        self._walk(book, Tags(budget, start))
        targets = self._relations(book)
        self.sheets: dict[str, str] = {}
        for sheet, relation in places:
            if sheet in names:
                kind, part = targets[relation]
                if sheet in self.sheets or kind != "worksheet":
                    raise Damaged
                self.sheets[sheet] = part
        self._strings, styles = self._related(book, "sharedStrings"), self._related(book, "styles")
        self._dates = frozenset[int]() if styles is None else self._date_styles(styles)
        needed = [part for part in (self._strings, *self.sheets.values()) if part is not None]
        self.claimed = sum(self._package.claimed(part) for part in needed)

    def blocks(self) -> Iterator[_Block]:
        """The rows, as they are read."""
        shared: list[str] = []
        if self._strings is not None:
            texts = Strings(self._budget, shared)
            for size in self._blocks(self._strings, texts):
                yield _Block(size, "", [])
        for name, part in self.sheets.items():
            sheet = Sheet(self._budget, shared, self._dates)
            for size in self._blocks(part, sheet):
                yield _Block(size, name, sheet.ended())
            sheet.end_row()
            yield _Block(0, name, sheet.ended())

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Relation id → (kind, part)."""
        folder, base = posixpath.split(part)
        relations: dict[str, tuple[str, str]] = {}

        def start(name: str, at: dict[str, str]) -> None:
            if name == "Relationship" and at.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, at["Target"])).lstrip("/")
                relations[at["Id"]] = (at["Type"].rpartition("/")[2], target)

        self._walk(posixpath.join(folder, "_rels", f"{base}.rels"), Tags(self._budget, start))
        return relations

    def _related(self, part: str, kind: str) -> str | None:
        return next((target for found, target in self._relations(part).values() if found == kind), None)

    def _date_styles(self, part: str) -> frozenset[int]:
        reader = Styles(self._budget)
        self._walk(part, reader)
        return frozenset(i for i, number in enumerate(reader.cells) if number in reader.dates)

    def _walk(self, part: str, reader: Tags) -> None:
        """Parse one part as a whole."""
        for _ in self._blocks(part, reader):
            pass

    def _blocks(self, part: str, reader: Tags) -> Iterator[int]:
        """Parse one part. Yields the size of each block when it is parsed."""

        def doctype(*_: object) -> None:
            vi = "tệp chứa khai báo DOCTYPE, không được nhận"
            raise UnusableFile(self._name, vi, "the file declares a document type, which is refused")

        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = reader.start
        parser.EndElementHandler = reader.end
        parser.CharacterDataHandler = reader.text
        parser.StartDoctypeDeclHandler = doctype
        read = 0
        for block in self._package.blocks(part):
            read += len(block)
            parser.Parse(block, False)
            # The parser goes over an unfinished tag again with every block: a long one would cost its square.
            if read - parser.CurrentByteIndex > MAX_TOKEN:
                raise too_large(self._name)
            yield len(block)
        parser.Parse(b"", True)


def _place(at: dict[str, str]) -> tuple[str, str]:
    """A sheet's name and relation (`r:id`, whose namespace has two spellings)."""
    relation = next((value for key, value in at.items() if key.endswith("/relationships id")), None)
    if relation is None:
        raise Damaged
    return at["name"], relation
