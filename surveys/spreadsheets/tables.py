"""Tables as an .xlsx workbook, written by XlsxWriter. The same tables give the same bytes.

Danger: names come from anybody; every text is written as text, never as a formula or link, whatever it begins
with.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import xlsxwriter

from surveys.instants import Instant

Cell = str | int | Decimal | None
_HEAD = {"bold": True, "bg_color": "#EEEEEE", "border": 1, "text_wrap": True, "valign": "vcenter"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: column titles with their widths, and rows. A Decimal is a share, 0 to 1."""

    name: str
    columns: Sequence[tuple[str, int]]
    rows: Iterable[Sequence[Cell]]


def workbook(title: str, created: Instant, sheets: Iterable[Sheet]) -> bytes:
    """An .xlsx file of these sheets; `created` is when its content was."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, {**options, "strings_to_numbers": False})
    book.set_properties({"title": title, "created": created.replace(tzinfo=None)})
    head, share = book.add_format(_HEAD), book.add_format({"num_format": "0.00%"})
    for each in sheets:
        sheet = book.add_worksheet(each.name)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)
        for i, (name, width) in enumerate(each.columns):
            sheet.write_string(0, i, name, head)
            sheet.set_column(i, i, width)
        for number, row in enumerate(each.rows, start=1):
            for i, cell in enumerate(row):
                _write(sheet, number, i, cell, share)
    book.close()
    return out.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Cell, share: Any) -> None:
    if isinstance(cell, Decimal):
        sheet.write_number(row, column, float(cell), share)
    elif isinstance(cell, int):
        sheet.write_number(row, column, cell)
    elif cell is not None:
        sheet.write_string(row, column, cell)
