"""Which sheets of a file are read, as what: by their names in either language, or by their columns where the
name says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from surveys.organisation import notes
from surveys.organisation.columns import COLUMNS, OPTIONAL_SHEETS
from surveys.organisation.gathering import Gathered
from surveys.organisation.headings import sheet_named
from surveys.organisation.notes import Note
from surveys.spreadsheets.errors import UnusableFile
from surveys.spreadsheets.rows import RowTaker


class FoundSheets:
    """What understands the sheets of a file (`rows.Takers`)."""

    def __init__(self, name: str, *, keep_letters: bool) -> None:
        self._name, self._keep_letters = name, keep_letters
        self._gathered: list[Gathered] = []
        self._named: set[int] = set()
        self._all_named = False

    def knows(self, name: str) -> bool:
        """Whether this is the name of a sheet."""
        return sheet_named(name) is not None

    def expect(self, names: Sequence[str]) -> None:
        """These sheets are there. Where every one that is needed has its name, no other is looked at."""
        kinds = {sheet_named(name) for name in names}
        self._all_named = kinds >= set(COLUMNS) - OPTIONAL_SHEETS

    def taker(self, name: str, hidden: bool) -> RowTaker | None:
        """What takes a sheet."""
        kind = sheet_named(name)
        if kind is None and self._all_named:
            return None
        kinds = COLUMNS if kind is None else (kind,)
        sheet = Gathered(name, kinds, hidden=hidden, keep_letters=self._keep_letters)
        if kind is not None:
            self._named.add(id(sheet))
        self._gathered.append(sheet)
        return sheet

    def by_name(self, sheet: Gathered) -> bool:
        """Whether a sheet is known by its name."""
        return id(sheet) in self._named

    def chosen(self, workbook: bool) -> tuple[dict[str, Gathered], list[Note]]:
        """Kind → the sheet of it. Raises UnusableFile where there are two of one kind, or a .csv that is
        none.
        """
        chosen: dict[str, Gathered] = {}
        left: list[Note] = []
        for sheet in sorted(self._gathered, key=lambda each: not self.by_name(each)):
            sheet.finish()
            if not sheet.kind:
                if not workbook:
                    raise self._unknown(sheet.name)
            elif sheet.kind not in chosen:
                chosen[sheet.kind] = sheet
            elif self.by_name(sheet) or not self.by_name(chosen[sheet.kind]):
                raise self._twice(chosen[sheet.kind], sheet)
            else:
                left.append(notes.left_out_sheet(sheet.name, chosen[sheet.kind].name))
        return chosen, left

    def _unknown(self, name: str) -> UnusableFile:
        listed = ", ".join(f"{sheet}.csv" for sheet in COLUMNS)
        vi = f"tên tệp '{name}.csv' không phải một trong: {listed}; cũng không có dòng nào là tiêu đề của một bảng"
        en = f"the file name '{name}.csv' is none of: {listed}; and no row of it is the header of a table"
        return UnusableFile(self._name, vi, en)

    def _twice(self, one: Gathered, other: Gathered) -> UnusableFile:
        vi = f"có hai trang (hoặc tệp) của bảng {one.kind}, {one.name!r} và {other.name!r}: chỉ gửi một"
        en = f"there are two sheets (or files) of the sheet {one.kind}, {one.name!r} and {other.name!r}: send one of them"
        return UnusableFile(self._name, vi, en)
