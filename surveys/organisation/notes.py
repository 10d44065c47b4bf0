"""What somebody must have seen before a file is imported: hidden rows, columns left out, letters that were
changed.

A note is no error: the file can be imported, and something about it is not as it looks. Each names its cells.
Danger: what is not noted is imported without anybody knowing, also the very first time, when there is nothing
to compare with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Kind = Literal[
    "hidden_rows", "hidden_columns", "hidden_sheet", "left_out", "left_out_sheet", "by_columns", "skipped", "merged", "padded", "long",
    "letters", "near", "old_letters",
]  # fmt: skip
MOST_RANGES = 8
MOST_EXAMPLES = 200


@dataclass(frozen=True, slots=True)
class Example:
    """A cell, what it holds, what is taken for it."""

    cell: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Note:
    """One thing to be seen: sheet and column by their names in the file, the cells, how many, a sentence in
    two languages.
    """

    kind: Kind
    sheet: str
    column: str
    cells: str
    number: int
    vi: str
    en: str
    examples: tuple[Example, ...] = ()

    def said(self, language: str) -> str:
        """The sentence in this language."""
        return self.vi if language == "vi" else self.en

    @property
    def place(self) -> str:
        """Sheet and cells, as people write them."""
        return f"{self.sheet} {self.cells}".strip()


def letters_of(column: int) -> str:
    """28 is AB."""
    text = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def cells_of_rows(letters: str, rows: Iterable[int], last_letters: str = "") -> str:
    """C2:C7, C9: the cells of a column (or of several, to the last one) in these rows."""
    ordered = sorted(set(rows))
    if not ordered:
        return ""
    breaks = [i for i, (one, other) in enumerate(pairwise(ordered), start=1) if other != one + 1]
    parts = [ordered[a:b] for a, b in pairwise([0, *breaks, len(ordered)])]
    last = last_letters or letters
    said = [
        f"{letters}{part[0]}"
        if len(part) == 1 and last == letters
        else f"{letters}{part[0]}:{last}{part[-1]}"
        for part in parts[:MOST_RANGES]
    ]
    return ", ".join(said) + (", …" if len(parts) > MOST_RANGES else "")


def _cells(number: int) -> str:
    return "1 cell" if number == 1 else f"{number} cells"


def hidden_rows(kind: str, sheet: str, cells: str, number: int) -> Note:
    """Rows that nobody sees and that are imported all the same."""
    what_vi = {"people": "người", "units": "đơn vị", "posts": "chức vụ"}.get(kind, "dữ liệu")
    what_en = {"people": "people", "units": "units", "posts": "posts"}.get(kind, "data")
    rows = "1 row" if number == 1 else f"{number} rows"
    are = "is" if number == 1 else "are"
    vi = f"{number} dòng {what_vi} đang bị ẩn hoặc bị lọc và sẽ được nhập: hãy xóa các dòng đó nếu không muốn nhập"
    en = f"{rows} of {what_en} {are} hidden or filtered and will be imported: delete them if they should not be"
    return Note("hidden_rows", sheet, "", cells, number, vi, en)


def hidden_columns(sheet: str, columns: Sequence[str], cells: str) -> Note:
    """Columns that nobody sees and that are imported all the same."""
    named = ", ".join(columns)
    vi = f"cột đang bị ẩn và sẽ được nhập: {named}"
    return Note(
        "hidden_columns",
        sheet,
        named,
        cells,
        len(columns),
        vi,
        f"hidden columns that will be imported: {named}",
    )


def hidden_sheet(sheet: str) -> Note:
    """A sheet that nobody sees and that is imported all the same."""
    vi, en = "trang tính này đang bị ẩn và sẽ được nhập", "this sheet is hidden and will be imported"
    return Note("hidden_sheet", sheet, "", "", 1, vi, en)


def left_out(sheet: str, columns: Sequence[str], cells: str) -> Note:
    """Columns that are none of this file's."""
    named = ", ".join(columns)
    vi = f"cột không thuộc tệp tổ chức nên sẽ bị bỏ qua: {named}"
    en = f"columns that are not known and will be left out: {named}"
    return Note("left_out", sheet, named, cells, len(columns), vi, en)


def left_out_sheet(sheet: str, kind: str) -> Note:
    """A sheet that looks like one that is read already."""
    vi = f"trang tính này có các cột như trang {kind} đã đọc và sẽ bị bỏ qua"
    en = f"this sheet has the columns of the sheet {kind}, which was read already, and will be left out"
    return Note("left_out_sheet", sheet, "", "", 1, vi, en)


def by_columns(sheet: str, kind: str, kind_vi: str) -> Note:
    """A sheet whose name says nothing."""
    vi = f"tên trang tính không nói đây là bảng gì; theo các cột, đây là bảng {kind_vi}"
    return Note(
        "by_columns",
        sheet,
        "",
        "",
        1,
        vi,
        f"its name does not say what it holds; by its columns it is {kind}",
    )


def skipped(sheet: str, cells: str, number: int) -> Note:
    """Rows below the header that repeat it or count its columns."""
    vi = "dòng lặp lại tiêu đề hoặc đánh số cột, bị bỏ qua"
    return Note(
        "skipped",
        sheet,
        "",
        cells,
        number,
        vi,
        "rows that repeat the header or count its columns are left out",
    )


def merged(sheet: str, column: str, cells: str, number: int) -> Note:
    """A merged cell's value was taken for each of its rows."""
    vi = f"ô đã gộp ở cột {column}: giá trị của ô đầu được lấy cho mọi dòng trong vùng gộp"
    en = f"merged cells in the column {column}: the value of the first cell is taken for each of its rows"
    return Note("merged", sheet, column, cells, number, vi, en)


def padded(sheet: str, column: str, cells: str, number: int, examples: tuple[Example, ...]) -> Note:
    """What the sheet shows was taken, not what the cells hold."""
    first = examples[0]
    vi = f"{number} ô hiện khác với giá trị bên trong ({first.after}, bên trong là {first.before}): lấy đúng như đang hiện"
    en = f"{_cells(number)} not showing what is inside ({first.after}, which is {first.before} inside): what is shown is taken"
    return Note("padded", sheet, column, cells, number, vi, en, examples)


def long(sheet: str, column: str, cells: str, number: int, examples: tuple[Example, ...]) -> Note:
    """Long numbers, which a sheet shows shortened; zeros in front of them are gone."""
    first = examples[0]
    vi = f"{number} ô là số dài, bảng tính có thể hiện {first.before}: lấy đủ {first.after}; số 0 ở đầu (nếu có) đã mất"
    en = f"{_cells(number)} with a long number, which sheets show as {first.before}: {first.after} is taken; zeros in front, if any, are lost"
    return Note("long", sheet, column, cells, number, vi, en, examples)


def letters(sheet: str, column: str, cells: str, number: int, examples: tuple[Example, ...]) -> Note:
    """Letters that only looked like Vietnamese ones."""
    first = examples[0]
    pair = next((a, b) for a, b in zip(first.before, first.after, strict=False) if a != b)
    named = f"{pair[0]} (U+{ord(pair[0]):04X}) → {pair[1]} (U+{ord(pair[1]):04X})"
    vi = f"{number} ô có chữ cái chỉ trông giống chữ Việt, đã thay: {named}"
    return Note(
        "letters",
        sheet,
        column,
        cells,
        number,
        vi,
        f"{_cells(number)} with letters that only look Vietnamese, replaced: {named}",
        examples,
    )


def near(sheet: str, column: str, cells: str, pairs: tuple[Example, ...]) -> Note:
    """Codes that people take for each other."""
    named = "; ".join(f"{each.before} – {each.after}" for each in pairs[:5])
    vi = f"mã trông giống nhau nhưng khác nhau: {named}. Hãy xem có phải cùng một mã không"
    en = f"codes that look alike and are different ones: {named}. See whether they are meant to be the same"
    return Note("near", sheet, column, cells, len(pairs), vi, en, pairs)


def old_letters(
    sheet: str, column: str, cells: str, number: int, examples: tuple[Example, ...], encoding: str
) -> Note:
    """Text that is no Unicode, as it would be converted."""
    first = examples[0]
    vi = f"{number} ô gõ bằng bảng mã cũ {encoding}, cần chuyển sang Unicode: {first.before} → {first.after}"
    en = f"{_cells(number)} typed in the old encoding {encoding}, to be converted to Unicode: {first.before} → {first.after}"
    return Note("old_letters", sheet, column, cells, number, vi, en, examples)
