"""One sheet of a file, gathered until all of it is there: header found, columns known, rows of texts, and
what is peculiar.

Offices put titles above a header, number the columns below it, draw it over two rows and repeat it on every
page. Danger: rows are kept here as they come from a file that anybody may have made; only cells in known
columns are, and the readers count each.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from surveys.organisation.columns import COLUMNS, NUMBERS, names_of
from surveys.organisation.headings import column_named
from surveys.organisation.notes import MOST_EXAMPLES, Example, letters_of
from surveys.organisation.words import bare
from surveys.spreadsheets.encodings import as_name, written_in
from surveys.spreadsheets.rows import Cells, Marks, Range, Unreadable
from surveys.spreadsheets.shown import Mark

MOST_ABOVE = 40  # rows above a header
MOST_KNOWN = 50_000
# Columns whose texts many rows share.
_SHARED = frozenset({"unit", "parent", "kind", "votes", "head", "subject", "electorate", "grade", "year"})


@dataclass(slots=True)
class Seen:
    """Cells of one column with one peculiarity: their rows, and some of them before and after."""

    rows: array[int] = field(default_factory=lambda: array("L"))
    examples: list[Example] = field(default_factory=list)

    def add(self, at: int, cell: str, before: str, after: str) -> None:
        """One more."""
        self.rows.append(at)
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.append(Example(cell, before, after))


class Gathered:
    """Takes the rows of a sheet (`rows.RowTaker`). `kinds` are the sheets that it may be; `kind` the one that
    it is, by name or columns.

    `texts` are rows of texts in the order of `names`, in the rows `places`; `spoiled` are cells without a
    text that can be taken.
    """

    def __init__(self, name: str, kinds: Iterable[str], *, hidden: bool, keep_letters: bool = False) -> None:
        self.name, self.hidden, self._kinds, self._keep = name, hidden, tuple(kinds), keep_letters
        self.kind = self._kinds[0] if len(self._kinds) == 1 else ""
        self.header_at = self.header_ends = 0
        self.header: dict[int, str] = {}
        self.titles: dict[str, str] = {}
        self.letters: dict[str, str] = {}
        self.unknown: dict[int, str] = {}
        self.nameless: set[int] = set()
        self.twice: list[str] = []
        self.bad_header: dict[int, Mark] = {}
        self.texts: list[list[str | None]] = []
        self.places = array("L")
        self.spoiled: dict[int, dict[str, Mark]] = {}
        self.hidden_rows = array("L")
        self.hidden_columns: list[tuple[int, int]] = []
        self.ranges: list[Range] = []
        self.skipped = array("L")
        self.padded: dict[str, Seen] = {}
        self.long: dict[str, Seen] = {}
        self.by_font: dict[tuple[str, str], Seen] = {}
        self.broken: tuple[int, Unreadable] | None = None
        self.one_byte_at = 0
        self.dropped = False
        self._above = 0
        self._first: tuple[int, Cells, Marks] | None = None
        self._shared: dict[str, str] = {}
        self._columns: list[int] = []

    @property
    def enough(self) -> bool:
        """So many rows without a header that there is none."""
        return not self.header_at and self._above > MOST_ABOVE

    @property
    def names(self) -> list[str]:
        """The known columns, in the order of the file."""
        return [self.header[column] for column in self._columns]

    def hides(self, first: int, last: int) -> None:
        """Some columns are hidden."""
        self.hidden_columns.append((first, last))

    def merged(self, cells: Range) -> None:
        """Some cells are one."""
        self.ranges.append(cells)

    def unreadable(self, at: int, why: Unreadable) -> None:
        """Nothing could be read from here on."""
        self.broken = at, why

    def one_byte(self, at: int) -> None:
        """No Unicode, seen first in this row."""
        self.one_byte_at = at

    def row(self, at: int, cells: Cells, marks: Marks, hidden: bool) -> None:
        """Take a row."""
        if not self.header_at:
            self._seek(at, cells, marks)
            return
        if at == self.header_ends + 1 and self._goes_on(at, cells):
            return
        if self._repeats(cells) or (at <= self.header_ends + 2 and _counts(cells)):
            self.skipped.append(at)
            return
        for column in cells:
            if column not in self.header and column not in self.unknown:
                self.nameless.add(column)
        texts: list[str | None] = [None] * len(self._columns)
        found = False
        for i, column in enumerate(self._columns):
            text = cells.get(column)
            mark = marks.get(column) if marks else None
            if mark is not None:
                text = self._marked(at, column, text, mark)
            if text is not None:
                name = self.header[column]
                if name in _SHARED:
                    text = self._shared.setdefault(text, text) if len(self._shared) < MOST_KNOWN else text
                texts[i], found = text, True
        if found or len(self.texts) in self.spoiled:
            self.texts.append(texts)
            self.places.append(at)
            if hidden:
                self.hidden_rows.append(at)

    def finish(self) -> None:
        """All rows are in. A sheet of a known name in which no header was found: its first row is meant to be
        one.
        """
        if not self.header_at and self.kind and self._first is not None:
            at, cells, marks = self._first
            if at == 1 or any(column_named(self.kind, text) for text in cells.values()):
                self._take_header(at, cells, marks)

    def cell(self, column: str, at: int) -> str:
        """Where a cell of a column lies: C14."""
        letters = column if column.isupper() else self.letters.get(column)
        return f"{letters}{at}" if letters and at else ""

    def columns_in(self, first: int, last: int) -> list[str]:
        """The known columns from one to another."""
        return [self.header[column] for column in self._columns if first <= column <= last]

    def _marked(self, at: int, column: int, text: str | None, mark: Mark) -> str | None:
        """What a peculiar cell says, if anything."""
        name = self.header[column]
        where = f"{letters_of(column)}{at}"
        if name in NUMBERS and mark.why in ("padded", "shown", "long"):
            return mark.held  # a number is a number, however it is written
        if mark.why == "padded":
            self.padded.setdefault(name, Seen()).add(at, where, mark.held, mark.shown)
        elif mark.why == "long":
            self.long.setdefault(name, Seen()).add(at, where, mark.shown, mark.held)
        elif mark.why == "font" and text is not None:
            meaning = None if self._keep else written_in(text, mark.shown)
            if meaning is not None:
                if mark.shown == "tcvn3" and (self.kind, name) == ("people", "name"):
                    meaning = as_name(meaning)
                self.by_font.setdefault((name, mark.shown), Seen()).add(at, where, text, meaning)
                return meaning
        elif text is None or mark.why == "formula":
            self.spoiled.setdefault(len(self.texts), {})[name] = mark
            return None
        return text

    def _seek(self, at: int, cells: Cells, marks: Marks) -> None:
        self._above += 1
        if self._above > MOST_ABOVE:
            return
        if self._first is None:
            self._first = at, cells, marks
        best = max(self._kinds, key=lambda kind: len(_named(kind, cells)))
        named = _named(best, cells)
        if self.kind:
            # A title names one column at most by chance; a header of which half is wrong still names two.
            if len(named) >= 2:
                self._take_header(at, cells, marks)
        elif len(named) >= 2 and _needed(best) <= set(named.values()):
            self.kind = best
            self._take_header(at, cells, marks)

    def _take_header(self, at: int, cells: Cells, marks: Marks) -> None:
        self.header_at = self.header_ends = at
        self.bad_header = {
            column: mark for column, mark in marks.items() if mark.why not in ("padded", "font")
        }
        for column, text in cells.items():
            if column not in self.bad_header:
                self._take_title(column, text)
        self._columns = sorted(self.header)

    def _take_title(self, column: int, text: str) -> None:
        name = column_named(self.kind, text)
        if name is None:
            self.unknown[column] = text[:100]
        elif name in self.header.values():
            self.twice.append(name)
            self.unknown[column] = text[:100]
        else:
            self.header[column] = name
            self.titles[name] = text.rstrip("*").strip()[:100]
            self.letters[name] = letters_of(column)

    def _goes_on(self, at: int, cells: Cells) -> bool:
        """Whether this row is the second half of the header: every cell that names something names a column
        not seen yet.
        """
        named = {column: column_named(self.kind, text) for column, text in cells.items()}
        new = {column: name for column, name in named.items() if name and name not in self.header.values()}
        if not new or any(column in self.header for column in cells) or len(new) != len(cells):
            return False
        for column in new:
            self.unknown.pop(column, None)
            self._take_title(column, cells[column])
        self._columns = sorted(self.header)
        self.header_ends = at
        return True

    def _repeats(self, cells: Cells) -> bool:
        """Whether a row is the header again."""
        first = cells.get(self._columns[0]) if self._columns else None
        title = self.titles[self.header[self._columns[0]]] if first is not None else ""
        if first is None or first.rstrip("*").strip().casefold() != title.casefold():
            return False
        titles = self.header.items()
        same = sum(bare(cells.get(column, "")) == bare(self.titles[name]) for column, name in titles)
        return same > 1 and 2 * same > len(titles)


def _named(kind: str, cells: Mapping[int, str]) -> dict[int, str]:
    """Column → what a row names it."""
    named = ((column, column_named(kind, text)) for column, text in cells.items() if len(text) <= 100)
    return {column: name for column, name in named if name is not None}


def _needed(kind: str) -> set[str]:
    return set(names_of(kind)) & {column.rstrip("*") for column in COLUMNS[kind] if column.endswith("*")}


def _counts(cells: Cells) -> bool:
    """Whether a row numbers the columns: (1) (2) (3)."""
    numbers = [text.strip("() ") for _, text in sorted(cells.items())]
    return (
        len(numbers) >= 3
        and numbers
        == [str(n) for n in range(int(numbers[0]) if numbers[0] in "01" else 1, 100)][: len(numbers)]
    )
