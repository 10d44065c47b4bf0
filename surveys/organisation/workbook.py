"""Raw sheets out of a file that anybody may have made: an .xlsx workbook, or a folder of .csv files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from surveys.organisation.csv_folder import read_folder
from surveys.organisation.errors import UnusableFile
from surveys.organisation.raw_sheets import MAX_FILE, RawSheet, cannot_open, too_large
from surveys.organisation.xlsx import read_xlsx

# What Excel before 2007 wrote, and what it still wraps around a workbook with a password.
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def read_file(path: Path, names: tuple[str, ...]) -> Mapping[str, RawSheet]:
    """The sheets of these names that the file has; other sheets are left alone. Raises UnusableFile."""
    try:
        if path.is_dir():
            return read_folder(path, names)
        if not path.is_file():  # nor a pipe, which would be waited for
            raise cannot_open(path)
        if path.stat().st_size > MAX_FILE:
            raise too_large(path)
        if path.suffix.lower() != ".xlsx":
            vi = "cần một tệp .xlsx hoặc một thư mục các tệp .csv"
            raise UnusableFile(path.name, vi, "an .xlsx file or a folder of .csv files is needed")
        with path.open("rb") as file:
            raw = file.read(MAX_FILE + 1)
    except OSError:
        raise cannot_open(path) from None
    if not raw:
        raise UnusableFile(path.name, "tệp rỗng", "the file is empty")
    if raw.startswith(OLE):
        vi = "tệp .xls cũ, hoặc tệp có mật khẩu: hãy lưu lại dạng .xlsx không có mật khẩu"
        en = "an old .xls file, or one with a password: save it as .xlsx without a password"
        raise UnusableFile(path.name, vi, en)
    return read_xlsx(path, raw, names)
