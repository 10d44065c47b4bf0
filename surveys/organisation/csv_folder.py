"""Raw sheets out of a folder of .csv files: UTF-8, separated by commas (or semicolons, as Excel writes them in Vietnam).

Danger: a cell that begins with = + - @ is a formula to the spreadsheet that opens it next, so it is refused here.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from surveys.organisation.raw_sheets import MAX_CSV, Budget, RawSheet, too_large

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def read_folder(folder: Path, names: tuple[str, ...]) -> dict[str, RawSheet]:
    """The sheets of these names: each is the file <name>.csv. Raises UnusableFile or OSError."""
    budget = Budget(folder)
    found = {}
    for name in names:
        path = folder / f"{name}.csv"
        if path.is_file():
            if path.stat().st_size > MAX_CSV:
                raise too_large(path)
            with path.open("rb") as file:
                raw = file.read(MAX_CSV + 1)
            budget.take_bytes(len(raw))
            found[name] = _sheet(raw, budget)
    return found


def _sheet(raw: bytes, budget: Budget) -> RawSheet:
    if b"\0" in raw[:4]:  # UTF-16 or UTF-32, whose bytes may be UTF-8 by accident
        return RawSheet(unreadable=(1, "encoding"))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return RawSheet(unreadable=(raw.count(b"\n", 0, error.start) + 1, "encoding"))
    head = text.partition("\n")[0]
    separator = ";" if ";" in head and "," not in head else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    sheet = RawSheet()
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            taken = {}
            for column, cell in enumerate(cells, start=1):
                stripped = cell.strip()
                if stripped:
                    budget.take_cell(number, column)
                    if cell.startswith(FORMULA_STARTS) or stripped.startswith(FORMULA_STARTS):
                        sheet.spoiled[number, column] = "formula"
                    else:
                        taken[column] = stripped
            if taken:
                sheet.rows[number] = taken
    except csv.Error:
        sheet.unreadable = (number + 1, "quotes")
    return sheet
