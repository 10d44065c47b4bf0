"""A small organisation as sheets of texts, written as .csv files, as a workbook, or as a workbook made by
hand.
"""

from __future__ import annotations

import copy
import csv
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter

from surveys.jobs.progress import Progress
from surveys.organisation.errors import BadSheets
from surveys.organisation.sheets import Letters, Stored, read_organisation, read_upload
from surveys.organisation.values import Organisation
from surveys.spreadsheets.files import Sent

Rows = list[list[object]]
Sheets = dict[str, Rows]
# The last unit and the last person are named by nobody.
GOOD: Sheets = {
    "units": [
        ["code", "parent", "name", "name_en", "kind"],
        ["K", "", "Đảng ủy Khối", "Bloc", "bloc"],
        ["A", "K", "Đảng ủy Sở A", "", "committee"],
        ["A1", "A", "Chi bộ 1", "", "cell"],
        ["A2", "A", "Chi bộ 2", "", "cell"],
        ["A3", "A", "Chi bộ 3", "", "cell"],
    ],
    "people": [
        ["code", "name", "unit", "email", "votes"],
        ["001", "Nguyễn Thị Ánh", "A1", "anh@example.org", "yes"],
        ["002", "Trần Văn Bình", "A1", "", ""],
        ["003", "Lê Ước", "A2", "", "không"],
        ["004", "Phạm Ý", "A2", "", ""],
    ],
    "posts": [
        ["unit", "person", "title", "kind", "head", "subject", "electorate"],
        ["A", "001", "Bí thư", "party", "yes", "yes", "subtree"],
        ["A", "001", "Giám đốc", "professional", "yes", "yes", ""],
        ["A1", "002", "Bí thư chi bộ", "party", "", "yes", "unit"],
        ["A2", "003", "Trưởng phòng", "professional", "có", "no", ""],
    ],
    "grading": [["unit", "year", "grade"], ["A", "2026", "excellent"], ["A1", "2026", "not_completed"]],
    "history": [
        ["year", "person", "unit", "summoned", "returned", "high", "plain", "low", "not_marked", "title"],
        ["2025", "001", "A", "3", "3", "1", "1", "1", "0", "Phó Bí thư"],
        ["2025", "002", "A1", "", "2", "2", "0", "0", "", ""],
    ],
}
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def uploaded(
    sent: Sequence[Sent], stored: Stored = lambda: None, progress: Progress | None = None
) -> Organisation:
    """What was sent, every letter kept."""
    return read_upload(sent, stored, progress, Letters.KEEP).organisation


def good() -> Sheets:
    return copy.deepcopy(GOOD)


def as_csv(folder: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, rows in sheets.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
    return folder


def as_xlsx(path: Path, sheets: Mapping[str, Rows]) -> Path:
    """Every text as a text cell, numbers and booleans as such."""
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    if isinstance(cell, bool):
                        sheet.write_boolean(r, c, cell)
                    elif isinstance(cell, (int, float)):
                        sheet.write_number(r, c, cell)
                    elif cell != "":
                        sheet.write_string(r, c, str(cell))
    return path


def letters(column: int) -> str:
    return chr(65 + column)


def inline(rows: Rows) -> str:
    """Rows as sheetData of inline strings; a cell of type bytes is put in as XML with {r} for its place."""
    out = []
    for r, row in enumerate(rows, 1):
        cells = []
        for c, cell in enumerate(row):
            place = f"{letters(c)}{r}"
            if isinstance(cell, bytes):
                cells.append(cell.decode().replace("{r}", place))
            elif cell != "":
                text = str(cell).replace("&", "&amp;").replace("<", "&lt;")
                cells.append(f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>')
        out.append(f'<row r="{r}">{"".join(cells)}</row>')
    return "".join(out)


def parts_of(sheets: Mapping[str, str], shared: str = "", styles: str = "") -> dict[str, str]:
    """The parts of a workbook whose sheets are given as sheetData."""
    names = list(sheets)
    listed = "".join(f'<sheet name="{n}" sheetId="{i}" r:id="r{i}"/>' for i, n in enumerate(names, 1))
    relations = "".join(
        f'<Relationship Id="r{i}" Type="{OFFICE}/worksheet" Target="worksheets/s{i}.xml"/>'
        for i, _ in enumerate(names, 1)
    )
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="b" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
    }
    if shared:
        relations += f'<Relationship Id="t" Type="{OFFICE}/sharedStrings" Target="/xl/strings.xml"/>'
        parts["xl/strings.xml"] = f'<sst xmlns="{SHEET}">{shared}</sst>'
    if styles:
        relations += f'<Relationship Id="y" Type="{OFFICE}/styles" Target="styles.xml"/>'
        parts["xl/styles.xml"] = f'<styleSheet xmlns="{SHEET}">{styles}</styleSheet>'
    parts["xl/_rels/workbook.xml.rels"] = f'<Relationships xmlns="{PACKAGE}">{relations}</Relationships>'
    for i, data in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/s{i}.xml"] = (
            f'<worksheet xmlns="{SHEET}"><sheetData>{data}</sheetData></worksheet>'
        )
    return parts


def as_zip(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def by_hand(path: Path, sheets: Mapping[str, Rows], shared: str = "", styles: str = "") -> Path:
    """A workbook with cells of our own XML."""
    return as_zip(path, parts_of({name: inline(rows) for name, rows in sheets.items()}, shared, styles))


def errors_of(path: Path) -> list[tuple[str, int, str]]:
    """Where the errors are. A file without error fails the test."""
    try:
        read_organisation(path)
    except BadSheets as bad:
        return [(error.sheet, error.row, error.column) for error in bad.errors]
    raise AssertionError("no error was found")
