"""One workbook as an office makes it, written by the libraries and programs that offices' files come from.

Titles above headers, Vietnamese names of sheets and columns, a running number that is a formula, codes that
are numbers shown with zeros, a unit merged over its members, a hidden row, a hidden sheet.
"""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pandas
import pytest
import xlsxwriter
import xlwt

HERE = Path(__file__).parent / "writers"
Cell = str | int | None


def specification() -> list[dict[str, Any]]:
    """The workbook, for every writer."""
    people: list[list[Cell]] = [
        ["DANH SÁCH CÁN BỘ, ĐẢNG VIÊN NĂM 2026"],
        [],
        ["STT", "Mã cán bộ", "Họ và tên", "Chi bộ", "Ghi chú"],
        [1, 1, "Nguyễn Thị Ánh", "A1", None],
        [2, 2, "Trần Văn Bình", None, "mới chuyển đến"],
        [3, 13, "Lê Ước", "A2", None],
        [4, 140, "Phạm Ý", "A2", None],
    ]
    return [
        _sheet(
            "Đơn vị",
            [
                ["MÃ ĐƠN VỊ", "Trực thuộc", "Tên đơn vị", "Loại"],
                ["K", None, "Đảng ủy Khối", "khối"],
                ["A1", "K", "Chi bộ 1", "chi bộ"],
                ["A2", "K", "Chi bộ 2", "chi bộ"],
            ],
        ),
        _sheet(
            "Cán bộ",
            people,
            formats={f"B{row}": "000000" for row in range(4, 8)},
            merged=["D4:D5"],
            hidden_rows=[7],
            formulas={"A5": "A4+1"},
        ),
        _sheet(
            "Chức vụ",
            [
                ["Đơn vị", "Mã cán bộ", "Chức vụ", "Loại chức vụ", "Được lấy phiếu", "Ai ghi phiếu"],
                ["K", 1, "Bí thư", "Đảng", "Có", "toàn đơn vị"],
                ["A2", 13, "Trưởng phòng", "Chính quyền", "x", "đơn vị"],
            ],
            formats={"B2": "000000", "B3": "000000"},
        ),
        _sheet("Xếp loại", [["Đơn vị", "Năm", "Xếp loại"], ["A1", 2025, "HTTNV"]], hidden=True),
    ]


def _sheet(
    name: str,
    rows: list[list[Cell]],
    *,
    hidden: bool = False,
    formats: Mapping[str, str] | None = None,
    merged: list[str] | None = None,
    hidden_rows: list[int] | None = None,
    formulas: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    return {
        "name": name, "hidden": hidden, "rows": rows, "formats": formats or {}, "merged": merged or [],
        "hiddenRows": hidden_rows or [], "formulas": formulas or {},
    }  # fmt: skip


def by_openpyxl(path: Path) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for each in specification():
        sheet = book.create_sheet(each["name"])
        for row in each["rows"]:
            sheet.append(row)
        for cell, code in each["formats"].items():
            sheet[cell].number_format = code
        for cell, formula in each["formulas"].items():
            sheet[cell] = f"={formula}"
        for cells in each["merged"]:
            sheet.merge_cells(cells)
        for row in each["hiddenRows"]:
            sheet.row_dimensions[row].hidden = True
        sheet.sheet_state = "hidden" if each["hidden"] else "visible"
    book.save(path)
    return path


def by_xlsxwriter(path: Path) -> Path:
    book = xlsxwriter.Workbook(str(path))
    for each in specification():
        sheet = book.add_worksheet(each["name"])
        for at, row in enumerate(each["rows"]):
            sheet.write_row(at, 0, row)
        for cells in each["merged"]:
            at = int(cells[1]) - 1
            sheet.merge_range(cells, each["rows"][at][ord(cells[0]) - 65])
        for cell, code in each["formats"].items():
            value = each["rows"][int(cell[1:]) - 1][ord(cell[0]) - 65]
            sheet.write_number(cell, value, book.add_format({"num_format": code}))
        for cell, formula in each["formulas"].items():
            sheet.write_formula(cell, f"={formula}", None, 2)
        for row in each["hiddenRows"]:
            sheet.set_row(row - 1, None, None, {"hidden": True})
        if each["hidden"]:
            sheet.hide()
    book.close()
    return path


def by_xlwt(path: Path) -> Path:
    book = xlwt.Workbook()
    for each in specification():
        sheet = book.add_sheet(each["name"])
        for at, row in enumerate(each["rows"]):
            for column, value in enumerate(row):
                cell = f"{chr(65 + column)}{at + 1}"
                style = xlwt.easyxf(num_format_str=each["formats"].get(cell, "General"))
                formula = each["formulas"].get(cell)
                if formula or (
                    value is not None and not any(m.startswith(f"{cell}:") for m in each["merged"])
                ):
                    sheet.write(at, column, xlwt.Formula(formula) if formula else value, style)
        for cells in each["merged"]:
            at, column = int(cells[1]) - 1, ord(cells[0]) - 65
            sheet.write_merge(at, int(cells[4]) - 1, column, column, each["rows"][at][column])
        for row in each["hiddenRows"]:
            sheet.row(row - 1).hidden = True
        sheet.visibility = int(each["hidden"])
    book.save(str(path))
    return path


def by_pandas(path: Path) -> Path:
    """Values alone: pandas knows neither formats nor merged cells. Codes are texts here."""
    engine: Any = {".ods": "odf", ".xlsx": "openpyxl"}[path.suffix]
    with pandas.ExcelWriter(path, engine=engine) as writer:
        for each in specification():
            rows = [list(row) for row in each["rows"]]
            for cell in each["formats"]:
                at, column = int(cell[1:]) - 1, ord(cell[0]) - 65
                rows[at][column] = f"{rows[at][column]:06}"
            for cells in each["merged"]:
                at, column = int(cells[1]) - 1, ord(cells[0]) - 65
                rows[at + 1][column] = rows[at][column]
            wide = max(map(len, rows))
            rows = [row + [None] * (wide - len(row)) for row in rows]
            pandas.DataFrame(rows).to_excel(writer, sheet_name=each["name"], header=False, index=False)
    return path


@functools.cache
def _node() -> str | None:
    """The libraries of the other language, fetched as their lock file says; None where that cannot be."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    if not (HERE / "node_modules" / "exceljs").is_dir():
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=HERE, check=False
        )
        if done.returncode:
            return None
    return node


def _by_node(script: str) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        node = _node()
        if node is None:
            pytest.skip("no node with npm here: SheetJS and exceljs wrote nothing")
        told = path.with_suffix(".json")
        told.write_text(json.dumps({"sheets": specification()}), "utf-8")
        subprocess.run([node, script, str(told), str(path)], cwd=HERE, check=True)
        return path

    return write


by_sheetjs, by_exceljs = _by_node("sheetjs.mjs"), _by_node("exceljs.mjs")


def by_libreoffice(path: Path) -> Path:
    """What LibreOffice makes of a file when it saves it as its own."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not here (Debian: libreoffice-calc-nogui): it wrote nothing")
    folder = path.parent / "from"
    folder.mkdir()
    source = by_xlsxwriter(folder / f"{path.stem}.xlsx")
    profile = f"-env:UserInstallation=file://{path.parent / 'profile'}"
    call = [
        office,
        profile,
        "--headless",
        "--convert-to",
        path.suffix[1:],
        "--outdir",
        str(path.parent),
        str(source),
    ]
    subprocess.run(call, check=True, capture_output=True, timeout=120)
    return path
