"""One row of a sheet: takes its cells as values, and notes what is wrong with each, in two languages.

Danger: what passes here is printed on ballots and minutes. Characters that nobody sees (direction marks, soft
hyphens, joiners, fillers) would make two names of one; they are refused, and texts are kept in Unicode's
composed form.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Protocol

from surveys.organisation.words import first_word, word_named
from surveys.spreadsheets.shown import Mark


class Wrong(Protocol):
    """Notes (sheet, row, column, what is wrong in Vietnamese, in English). What has the same `cause` in a
    column is one error.
    """

    def __call__(self, sheet: str, row: int, column: str, vi: str, en: str, cause: str = "", /) -> None:
        """Note it."""


MAX_CODE_BYTES = 300
MOST_KNOWN = 50_000
_BLANKS = re.compile(r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
# Letters and marks that show nothing: joiner, Hangul and Khmer fillers, variation selectors, blank Braille.
_FILLERS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
_ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"]+@[^\s@<>()\[\]\\,;:\"/.]+(\.[^\s@<>()\[\]\\,;:\"/.]+)+")


def _spoiled(mark: Mark) -> tuple[str, str]:
    """Why a cell holds no text that could be taken, and what to do."""
    vi_text, en_text = "hãy định dạng ô là Text rồi gõ lại", "format the cell as text and type it anew"
    if mark.why == "formula":
        vi = "ô chứa công thức (hoặc bắt đầu bằng = + - @)"
        en = "holds a formula (or begins with = + - @)"
        if mark.shown:
            vi, en = f"{vi}, đang hiện {mark.shown}", f"{en}, which showed {mark.shown}"
        return f"{vi}: hãy dán giá trị thay cho công thức", f"{en}: paste its value instead"
    if mark.why == "date":
        return f"ô chứa ngày tháng: {vi_text}", f"holds a date: {en_text}"
    if mark.why == "error":
        found = mark.shown or "#N/A"
        return (
            f"ô chứa mã lỗi {found}: hãy gõ giá trị đúng",
            f"holds an error, {found}: type the value itself",
        )
    if mark.why == "digits":
        vi = f"số quá dài, bảng tính không giữ đủ chữ số: {vi_text}"
        return vi, f"a number with more digits than a spreadsheet keeps: {en_text}"
    shown_vi = f"hiện {mark.shown}" if mark.shown else "không hiện gì"
    shown_en = f"shows {mark.shown}" if mark.shown else "shows nothing"
    return f"{shown_vi} nhưng chứa {mark.held}: {vi_text}", f"{shown_en} but holds {mark.held}: {en_text}"


class Row:
    """Row `at` of a sheet. `bad` are the columns with an error, each noted once; their values mean nothing.

    A column that the sheet does not have is noted with the header: it counts as bad here and is not noted
    again.
    """

    __slots__ = ("_cells", "_known", "_wrong", "at", "bad", "sheet")

    def __init__(
        self, wrong: Wrong, sheet: str, at: int, cells: Mapping[str, str], known: dict[str, str] | None = None
    ) -> None:
        self._wrong, self.sheet, self.at, self._cells = wrong, sheet, at, cells
        self._known = {} if known is None else known
        self.bad: set[str] = set()

    def spoil(self, column: str, mark: Mark) -> None:
        """A cell that holds no plain text."""
        self.wrong(column, *_spoiled(mark), mark.why)

    def lacks(self, columns: Sequence[str]) -> None:
        """Columns that the sheet should have."""
        self.bad.update(columns)

    def empty(self, columns: Sequence[str]) -> None:
        """Most of what must be there is not: one error, not one a column."""
        named = ", ".join(columns)
        vi = f"dòng này không có gì ở các cột {named}: hãy điền đủ hoặc xóa dòng"
        en = f"this row has nothing in {named}: fill them in, or delete the row"
        self.wrong(columns[0], vi, en)
        self.bad.update(columns)

    def wrong(self, column: str, vi: str, en: str, cause: str = "") -> None:
        """Note an error, if this cell has none yet."""
        if column not in self.bad:
            self.bad.add(column)
            self._wrong(self.sheet, self.at, column, vi, en, cause)

    def text(self, column: str, most: int) -> str:
        """A text that must be there."""
        if column not in self._cells:
            self.wrong(column, "ô này không được để trống", "this cell must not be empty")
        return self.optional(column, most) or ""

    def code(self, column: str) -> str:
        """A code of a unit or person (docs/protocol.md 4.1), which the roll keeps in a field of fixed
        width.
        """
        text = self.text(column, 100)
        if len(text.encode(errors="replace")) > MAX_CODE_BYTES:
            vi, en = f"dài quá {MAX_CODE_BYTES} byte UTF-8", f"longer than {MAX_CODE_BYTES} bytes of UTF-8"
            self.wrong(column, f"{vi}: hãy dùng mã ngắn hơn", f"{en}: write a shorter code")
        return text

    def reference(self, column: str, *, needed: bool = True) -> str:
        """A code or word that many rows name: the same text in each of them, looked at once. Empty if it is
        not there.
        """
        cell = self._cells.get(column)
        if cell is not None and cell in self._known and column not in self.bad:
            return self._known[cell]
        text = self.text(column, 100) if needed else self.optional(column, 100) or ""
        if cell is not None and column not in self.bad and len(self._known) < MOST_KNOWN:
            self._known[cell] = text
        return text

    def optional(self, column: str, most: int) -> str | None:
        """A text, or None for an empty cell."""
        cell = self._cells.get(column)
        if cell is None or column in self.bad:
            return None
        text = cell
        if not (cell.isascii() and cell.isprintable() and cell == cell.strip() and "  " not in cell):
            text = unicodedata.normalize("NFC", _BLANKS.sub(" ", cell).strip())
        if len(text) > most:
            vi, en = (
                f"dài quá {most} ký tự: hãy viết ngắn hơn",
                f"longer than {most} characters: write it shorter",
            )
            self.wrong(column, vi, en)
            return None
        # `isprintable` is False for every category that shows nothing: Cc Cf Cn Co Cs Zl Zp, and blanks but
        # the space.
        if not text.isprintable() or _FILLERS.search(text):
            self._unseen(
                column, next(each for each in text if not each.isprintable() or _FILLERS.match(each))
            )
            return None
        return text or None

    def _unseen(self, column: str, letter: str) -> None:
        what_vi, what_en = "ký tự ẩn", "the invisible character"
        if letter in "\r\n\u2028\u2029":
            what_vi, what_en = "ngắt dòng", "the line break"
        vi = f"chứa {what_vi} U+{ord(letter):04X}: hãy gõ lại ô này"
        self.wrong(column, vi, f"holds {what_en} U+{ord(letter):04X}: type this cell anew")

    def address(self, column: str) -> str | None:
        """A mail address."""
        text = self.optional(column, 254)
        if text is not None and not _ADDRESS.fullmatch(text):
            vi = f"{text!r} không phải một địa chỉ thư: hãy ghi dạng ten@coquan.vn"
            self.wrong(column, vi, f"{text!r} is not one mail address: write it like name@example.org")
        return text

    def word(self, column: str, words: Sequence[str], default: str | None = None) -> str:
        """One of a few words, in either language."""
        cell = self._cells.get(column)
        if cell is not None and cell in words and column not in self.bad:
            return cell
        found = self.optional(column, 300) if default is not None else self.text(column, 300)
        meaning = default if found is None else word_named(column, found)
        if meaning is None or meaning not in words:
            listed_vi = ", ".join(first_word(column, word, "vi") for word in words)
            vi = f"{found!r} phải là một trong: {listed_vi}"
            self.wrong(column, vi, f"{found!r} must be one of: {', '.join(words)}")
            return words[0]
        return meaning

    def flag(self, column: str, *, default: bool) -> bool:
        """Yes or no, in either language."""
        text = self.optional(column, 300)
        if text is None:
            return default
        meaning = word_named("flag", text)
        if meaning is None:
            vi = f"{text!r} phải là yes hoặc no (có hoặc không)"
            self.wrong(column, vi, f"{text!r} must be yes or no")
        return meaning == "yes"

    def number(self, column: str, low: int, high: int) -> int:
        """A whole number that must be there."""
        if column not in self._cells:
            self.wrong(column, "ô này không được để trống", "this cell must not be empty")
        number = self.optional_number(column, low, high)
        return low if number is None else number

    def optional_number(self, column: str, low: int, high: int) -> int | None:
        """A whole number, or None for an empty cell."""
        text = self.optional(column, 300)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            vi = f"{text[:30]!r} phải là số nguyên từ {low} đến {high}"
            self.wrong(column, vi, f"{text[:30]!r} must be a whole number from {low} to {high}")
            return None
        return int(text)
