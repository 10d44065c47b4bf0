"""An organisation as an .xlsx file in the format that is imported: a round trip changes nothing.

Every cell is written as text or number, never as a formula, whatever it begins with. The same organisation gives the same
bytes.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from surveys.organisation.columns import COLUMNS, cells_of, records_of
from surveys.organisation.values import Organisation

CREATED = datetime(2026, 1, 1)  # noqa: DTZ001  (a file's date has no zone)
WIDTHS = {"name": 44, "title": 40, "email": 30, "name_en": 40}


def write_workbook(path: Path, organisation: Organisation) -> None:
    """Write the workbook at `path`, all or nothing; a file that is there is replaced. Raises OSError."""
    beside = path.with_name(f".{path.name}.part")
    try:
        _write(beside, organisation)
        beside.replace(path)
    except FileCreateError as error:
        raise OSError(f"{path} cannot be written") from error
    finally:
        beside.unlink(missing_ok=True)


def _write(path: Path, organisation: Organisation) -> None:
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": "organisation", "created": CREATED})
    head = book.add_format({"bold": True, "bg_color": "#EEEEEE", "border": 1})
    for name in COLUMNS:
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for i, column in enumerate(COLUMNS[name]):
            sheet.write_string(0, i, column.rstrip("*"), head)
            sheet.set_column(i, i, WIDTHS.get(column.rstrip("*"), 16))
        for number, row in enumerate(records_of(organisation, name), start=1):
            for i, cell in enumerate(cells_of(row)):
                if isinstance(cell, int):
                    sheet.write_number(number, i, cell)
                elif cell is not None:
                    sheet.write_string(number, i, cell)
    book.close()
