"""The sheets of an .xlsx workbook (ECMA-376): a zip of XML, read in one pass by one parser, a row at a time.

There is no second reader behind this one that could see another file than the one that was checked. Only the
parts that are needed are unpacked. Danger: the file comes from anybody. A document type (entity bombs) is
refused, what is unpacked is counted while it is unpacked, and a place far away costs nothing, because only
cells that are there are kept. A formula is noted and never evaluated; its last value, which the file also
holds, is only shown to people, never taken.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

from surveys.jobs.progress import Progress
from surveys.spreadsheets.packed import Damaged, Package, refused
from surveys.spreadsheets.rows import Budget, Range, Takers
from surveys.spreadsheets.skimmed import skimmed
from surveys.spreadsheets.tags import Tags, parsed
from surveys.spreadsheets.xlsx_parts import RawRow, Sheet, Strings, Style, Styles, Texts


def read_xlsx(name: str, package: Package, takers: Takers, budget: Budget, progress: Progress) -> None:
    """Hand on the rows of the sheets that have a taker. Raises UnusableFile."""
    with refused(name, "xlsx"):
        book = _Book(name, package, budget)
    takers.expect([sheet.name for sheet in book.sheets])
    chosen = {sheet.name: taker for sheet in book.sheets if (taker := takers.taker(sheet.name, sheet.hidden))}
    with refused(name, "xlsx"):
        blocks = book.blocks(chosen, lambda sheet: not chosen[sheet].enough)
        progress.begin("read", book.claimed(chosen))
    # What the takers and the bar raise is no fault of the file: it passes outside of `refused`.
    while True:
        with refused(name, "xlsx"):
            block = next(blocks, None)
        if block is None:
            return
        progress.step(block.size)
        taker = chosen.get(block.sheet)
        if taker is not None:
            for columns in block.hides:
                taker.hides(*columns)
            for row in block.rows:
                taker.row(*row)
            for merged in block.merged:
                taker.merged(merged)


class _Block(NamedTuple):
    """So many bytes were read, and this is what ended in them."""

    size: int
    sheet: str = ""
    rows: Sequence[RawRow] = ()
    hides: Sequence[tuple[int, int]] = ()
    merged: Sequence[Range] = ()


class _Place(NamedTuple):
    """A sheet's name, the part that holds it, whether it is hidden."""

    name: str
    part: str
    hidden: bool


class _Book:
    """A workbook whose sheets are found by following the relations from the package to the workbook to its
    sheets.
    """

    def __init__(self, name: str, package: Package, budget: Budget) -> None:
        self._name, self._budget, self._package = name, budget, package
        book = self._related("", "officeDocument")
        if book is None:
            raise Damaged
        places: list[tuple[str, str, bool]] = []

        def start(name: str, at: dict[str, str]) -> None:
            if name == "sheet":
                places.append(_place(at))

        self._walk(book, Tags(budget, start))
        targets = self._relations(book)
        self.sheets: list[_Place] = []
        for sheet, relation, hidden in places:
            kind, part = targets.get(relation, ("", ""))
            if kind == "worksheet":  # another kind is a chart or a macro
                self.sheets.append(_Place(sheet, part, hidden))
        if len({sheet.name for sheet in self.sheets}) != len(self.sheets):
            raise Damaged
        self._strings, styles = self._related(book, "sharedStrings"), self._related(book, "styles")
        self._styles = [] if styles is None else self._styles_of(styles)

    def claimed(self, names: Collection[str]) -> int:
        """How much there is to read, as far as the file is to be believed."""
        needed = [self._strings, *(sheet.part for sheet in self.sheets if sheet.name in names)]
        return sum(self._package.claimed(part) for part in needed if part is not None)

    def blocks(self, names: Collection[str], wanted: Callable[[str], bool]) -> Iterator[_Block]:
        """What these sheets hold, as it is read, as long as it is wanted."""
        shared = Texts([], {})
        if self._strings is not None and names:
            texts = Strings(self._budget, shared.found, shared.fonts)
            for size in self._blocks(self._strings, texts):
                yield _Block(size)
        for place in self.sheets:
            if place.name in names:
                sheet = Sheet(self._budget, shared, self._styles)
                for size in self._blocks(place.part, sheet, skim=True):
                    yield _Block(size, place.name, sheet.ended(), sheet.hidden_columns())
                    if not wanted(place.name):
                        break
                sheet.end_row()
                yield _Block(0, place.name, sheet.ended(), sheet.hidden_columns(), sheet.merged())

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

    def _styles_of(self, part: str) -> list[Style]:
        reader = Styles(self._budget)
        self._walk(part, reader)
        return reader.all()

    def _walk(self, part: str, reader: Tags) -> None:
        """Parse one part as a whole."""
        for _ in self._blocks(part, reader):
            pass

    def _blocks(self, part: str, reader: Tags, *, skim: bool = False) -> Iterator[int]:
        """Parse one part. Yields the size of each block when it is parsed."""
        packed: Iterator[bytes] = self._package.blocks(part)
        blocks = skimmed(packed, self._budget.give_back) if skim else ((len(each), each) for each in packed)
        return parsed(self._name, blocks, reader)


def _place(at: dict[str, str]) -> tuple[str, str, bool]:
    """A sheet's name, its relation (`r:id`, whose namespace has two spellings), and whether it is hidden."""
    relation = next((value for key, value in at.items() if key.endswith("/relationships id")), None)
    if relation is None:
        raise Damaged
    return at["name"], relation, at.get("state", "visible") != "visible"
