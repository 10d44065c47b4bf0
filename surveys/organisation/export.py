"""An organisation as a file in the format that is imported: a round trip changes nothing. Also the empty one,
to be filled in.

In an .xlsx every cell is written as text or number, never as a formula, whatever it begins with; columns of
texts are formatted as text, so that a spreadsheet makes no number of a code and no formula of a name that is
edited. In a .csv a text that begins like a formula gets an apostrophe, which the import takes off again. The
same organisation gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from surveys.organisation.columns import COLUMNS, NUMBERS, cells_of, names_of, records_of, words_of
from surveys.organisation.difference import EMPTY
from surveys.organisation.errors import NotAsCsv
from surveys.organisation.explained import explained
from surveys.organisation.values import Organisation
from surveys.organisation.words import first_word
from surveys.spreadsheets.csv_text import hides_formula, neutral
from surveys.spreadsheets.rows import MAX_ROWS

CREATED = datetime(2026, 1, 1)  # noqa: DTZ001  (a file's date has no zone)
TEXT = 49  # the number of the format "@", in which what is typed stays text
ZIPPED = (2026, 1, 1, 0, 0, 0)
WIDTHS = {"name": 44, "title": 40, "email": 30, "name_en": 40}
HELP = {"vi": "Hướng dẫn", "en": "Help"}
_SAID = {
    "vi": (
        "Mỗi trang của tệp này là một bảng. Hàng đầu là tên cột: không đổi các tên này. Trang hướng dẫn "
        "này không được nhập.",
        ("Trang", "Cột", "Bắt buộc", "Tên khác", "Nội dung"),
        "Ví dụ (chỉ để xem, không được nhập)",
        "có",
    ),
    "en": (
        "Each sheet of this file is a table. The first row holds the names of the columns: keep them. This "
        "sheet is not imported.",
        ("Sheet", "Column", "Needed", "Meaning", "What it says"),
        "Examples (to look at; they are not imported)",
        "yes",
    ),
}


def sheet_title(sheet: str, language: str | None) -> str:
    """How a sheet is called in a file: in Vietnamese by a word, else by the name of the format."""
    return explained()[sheet].title["vi"] if language == "vi" else sheet


def column_title(sheet: str, column: str, language: str | None) -> str:
    """The same for a column."""
    said = next(each for each in explained()[sheet].columns if each.name == column)
    return said.label["vi"] if language == "vi" else column


def word_in(sheet: str, column: str, cell: str, language: str | None) -> str:
    """The same for one of a few words; other texts are themselves."""
    words = words_of(sheet, column)
    if language != "vi" or cell not in words:
        return cell
    return first_word("flag" if words == ("yes", "no") else column, cell, "vi")


def examples_in(sheet: str, language: str | None) -> tuple[tuple[str, ...], ...]:
    """Rows that show how a sheet is filled in."""
    said = explained()[sheet]
    names = [column.name for column in said.columns]
    return tuple(
        tuple(word_in(sheet, name, cell, language) for name, cell in zip(names, row, strict=True))
        for row in said.examples
    )


def write_workbook(path: Path, organisation: Organisation) -> None:
    """Write the workbook at `path`, all or nothing; a file that is there is replaced. Raises OSError."""
    _beside(path, lambda beside: _write(str(beside), organisation, None))


def write_csv_zip(path: Path, organisation: Organisation) -> None:
    """Write the sheets as .csv files in a zip, in the same way. Raises OSError or NotAsCsv."""
    _beside(path, lambda beside: beside.write_bytes(csv_zip(organisation)))


def workbook(organisation: Organisation, language: str | None = None) -> bytes:
    """The workbook's bytes; with a language, a sheet explains the columns in it."""
    out = io.BytesIO()
    _write(out, organisation, language)
    return out.getvalue()


def template(language: str) -> bytes:
    """An empty workbook to be filled in, explained in this language."""
    return workbook(EMPTY, language)


def csv_zip(organisation: Organisation) -> bytes:
    """The sheets as .csv files in a zip. Raises NotAsCsv for a text that could be a formula to some
    spreadsheet even so.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in COLUMNS:
            member = zipfile.ZipInfo(f"{name}.csv", ZIPPED)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, _csv(organisation, name).encode("utf-8-sig"))
    return out.getvalue()


def _csv(organisation: Organisation, name: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names_of(name))
    for number, record in enumerate(records_of(organisation, name), start=2):
        cells = ["" if cell is None else str(cell) for cell in cells_of(record)]
        for column, cell in zip(names_of(name), cells, strict=True):
            if hides_formula(cell):
                raise NotAsCsv(name, number, column)
        writer.writerow([neutral(cell) for cell in cells])
    return out.getvalue()


def _beside(path: Path, write: Callable[[Path], object]) -> None:
    beside = path.with_name(f".{path.name}.part")
    try:
        write(beside)
        beside.replace(path)
    except FileCreateError as error:
        raise OSError(f"{path} cannot be written") from error
    finally:
        beside.unlink(missing_ok=True)


def _write(where: str | io.BytesIO, organisation: Organisation, language: str | None) -> None:
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        # What goes to a browser lies in no file of this machine meanwhile.
        "in_memory": isinstance(where, io.BytesIO),
    }
    book = xlsxwriter.Workbook(where, options)
    book.set_properties({"title": "organisation", "created": CREATED})
    head = book.add_format({"bold": True, "bg_color": "#EEEEEE", "border": 1})
    text = book.add_format({"num_format": TEXT})
    if language is not None:
        _explain(book, language)
    for name in COLUMNS:
        sheet = book.add_worksheet(sheet_title(name, language))
        sheet.freeze_panes(1, 0)
        formats = [None if column in NUMBERS else text for column in names_of(name)]
        for i, column in enumerate(names_of(name)):
            sheet.write_string(0, i, column_title(name, column, language), head)
            sheet.set_column(i, i, WIDTHS.get(column, 20 if language == "vi" else 16), formats[i])
            words = words_of(name, column)
            if words:
                sheet.data_validation(1, i, MAX_ROWS - 1, i, _choice(name, column, words, language))
        for number, record in enumerate(records_of(organisation, name), start=1):
            for i, (column, cell) in enumerate(zip(names_of(name), cells_of(record), strict=True)):
                if isinstance(cell, int):
                    sheet.write_number(number, i, cell)
                elif cell is not None:
                    sheet.write_string(number, i, word_in(name, column, cell, language), formats[i])
        if name == "units" and organisation.units:
            sheet.activate()
    book.close()


def _choice(sheet: str, column: str, words: tuple[str, ...], language: str | None) -> dict[str, object]:
    """A list to choose from. Other words are warned of and may stand: the import knows more of them than the
    list shows.
    """
    shown = [word_in(sheet, column, word, language) for word in words]
    listed: dict[str, object] = {"validate": "list", "source": shown, "error_type": "warning"}
    if language is not None:
        said = next(each for each in explained()[sheet].columns if each.name == column)
        listed["input_title"] = said.label[language][:32]
        listed["input_message"] = said.text[language][:255]
    return listed


def _explain(book: Any, language: str) -> None:
    """The sheet that explains the others; the import does not know its name and leaves it alone."""
    intro, titles, examples, needed = _SAID[language]
    big = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format(
        {"bold": True, "bg_color": "#EEEEEE", "border": 1, "text_wrap": True, "valign": "top"}
    )
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top", "num_format": TEXT})
    grey = book.add_format({"italic": True, "font_color": "#555555"})
    sheet = book.add_worksheet(HELP[language])
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    for i, width in enumerate((16, 20, 26, 30, 70)):
        sheet.set_column(i, i, width)
    sheet.write_string(0, 0, HELP[language], big)
    sheet.write_string(1, 0, intro)
    at = 3
    for i, title in enumerate(titles):
        sheet.write_string(at, i, title, head)
    for said in explained().values():
        for column in said.columns:
            at += 1
            title = column_title(said.name, column.name, language)
            other = column.name if title != column.name else column.label[language]
            row = (
                sheet_title(said.name, language),
                title,
                needed if column.needed else "",
                other,
                column.text[language],
            )
            for i, words in enumerate(row):
                sheet.write_string(at, i, words, cell)
    at += 2
    sheet.write_string(at, 0, examples, big)
    for said in explained().values():
        at += 2
        sheet.write_string(at, 0, f"{sheet_title(said.name, language)}: {said.text[language]}", grey)
        names = tuple(column.name for column in said.columns)
        heads = tuple(column_title(said.name, name, language) for name in names)
        for sample in (heads, *examples_in(said.name, language)):
            at += 1
            for i, words in enumerate(sample):
                sheet.write_string(at, i, words, head if sample is heads else cell)
