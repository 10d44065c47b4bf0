"""What was sent, whatever it is: an .xlsx workbook, a .zip of .csv files, .csv files chosen together, or a folder of them.

Danger: neither a name nor a size that comes with a file is to be believed. A name only tells which sheet a .csv is and what
a file should be; what it is, is seen from its content. Nothing is unpacked to the disk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from surveys.jobs.progress import Progress
from surveys.organisation.csv_sheets import read_csv
from surveys.organisation.errors import UnusableFile
from surveys.organisation.packed import BROKEN, Damaged, Package
from surveys.organisation.raw_sheets import (
    MAX_FILE,
    MAX_UPLOAD,
    Budget,
    Takers,
    cannot_open,
    too_large,
)
from surveys.organisation.xlsx import read_xlsx

# What Excel before 2007 wrote, and what it still wraps around a workbook with a password.
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
MAX_NAME = 100
MAX_FILES = 20
# A browser that saves a file twice, and a system that copies one, put something behind the name.
_COPY = re.compile(r"\s*(\(\d+\)|- copy|- bản sao)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that somebody sent: the name it came with, how many bytes are said to be in it, and how to get them (once)."""

    name: str
    size: int
    content: Callable[[], bytes]

    @classmethod
    def of(cls, name: str, raw: bytes) -> Sent:
        """A file whose bytes are at hand."""
        return cls(shown_name(name), len(raw), lambda: raw)


@dataclass(frozen=True, slots=True)
class Found:
    """The sheets that were in what was read. A `workbook` should have had them all."""

    sheets: frozenset[str]
    workbook: bool


def shown_name(name: str) -> str:
    """The last part of a name that came with a file, fit to be shown."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(letter for letter in last if letter.isprintable()).strip()[:MAX_NAME] or "-"


def name_of(sent: Sequence[Sent]) -> str:
    """The name of an upload, for people."""
    return ", ".join(each.name for each in sent)[:MAX_NAME] or "-"


def read_path(path: Path, takers: Takers, progress: Progress) -> Found:
    """Read a file, or a folder of .csv files, of this machine. Raises UnusableFile."""
    try:
        if path.is_dir():
            # Of a folder only the sheets' own files are looked at; a pipe would be waited for, and is none.
            inside = [each for sheet in takers if (each := path / f"{sheet}.csv").is_file()]
            return _tables(path.name, [_of_disk(each) for each in inside], takers, progress)
        if not path.is_file():
            raise cannot_open(path.name)
        return read_sent([_of_disk(path)], takers, progress)
    except OSError:
        raise cannot_open(path.name) from None


def read_sent(sent: Sequence[Sent], takers: Takers, progress: Progress) -> Found:
    """Read what a browser sent: one .xlsx, one .zip, or .csv files. Raises UnusableFile."""
    name = name_of(sent)
    kinds = {Path(each.name).suffix.casefold() for each in sent}
    if kinds == {".csv"}:
        return _tables(name, sent, takers, progress)
    if len(sent) != 1 or not kinds <= {".xlsx", ".zip"}:
        vi = "cần một tệp .xlsx, một tệp .zip gồm các tệp .csv, hoặc các tệp .csv"
        raise UnusableFile(name, vi, "an .xlsx file, a .zip of .csv files, or .csv files are needed")
    raw = _content(sent[0])
    if not raw:
        raise UnusableFile(name, "tệp rỗng", "the file is empty")
    if raw.startswith(OLE):
        vi = "tệp .xls cũ, hoặc tệp có mật khẩu: hãy lưu lại dạng .xlsx không có mật khẩu"
        en = "an old .xls file, or one with a password: save it as .xlsx without a password"
        raise UnusableFile(name, vi, en)
    if kinds == {".xlsx"}:
        return Found(read_xlsx(name, raw, takers, Budget(name, len(raw)), progress), workbook=True)
    return _zip(name, raw, takers, progress)


def _of_disk(path: Path) -> Sent:
    def content() -> bytes:
        with path.open("rb") as file:
            return file.read(MAX_FILE + 1)

    return Sent(path.name, path.stat().st_size, content)


def _content(sent: Sent) -> bytes:
    """The bytes, of which no more are read than a file may have."""
    if sent.size > MAX_FILE:
        raise too_large(sent.name)
    raw = sent.content()
    if len(raw) > MAX_FILE:
        raise too_large(sent.name)
    return raw


def _tables(name: str, sent: Sequence[Sent], takers: Takers, progress: Progress) -> Found:
    """The .csv files of an upload, each the sheet that its name says."""
    size = sum(each.size for each in sent)
    if len(sent) > MAX_FILES or size > MAX_UPLOAD:
        raise too_large(name)
    sheets = _sheets_of([each.name for each in sent], takers, name)
    for each in sent:
        if each.name not in sheets:
            listed = ", ".join(f"{sheet}.csv" for sheet in takers)
            vi = f"tên tệp {each.name!r} không phải một trong: {listed}"
            raise UnusableFile(name, vi, f"the file name {each.name!r} is none of: {listed}")
    progress.begin("read", size)
    budget = Budget(name, size)
    for each in sent:
        raw = _content(each)
        budget.take_bytes(len(raw))
        if raw.startswith(b"PK\3\4"):
            vi = "là một sổ tính hoặc tệp nén mang tên .csv: hãy đổi lại tên, hoặc lưu dạng CSV UTF-8"
            en = "a workbook or a zip under the name of a .csv: give it its own name, or save it as CSV UTF-8"
            raise UnusableFile(each.name, vi, en)
        read_csv(each.name, raw, takers[sheets[each.name]], budget, progress.step)
    return Found(frozenset(sheets.values()), workbook=False)


def _zip(name: str, raw: bytes, takers: Takers, progress: Progress) -> Found:
    """The .csv files in a zip, wherever in it they lie; what else it holds is not unpacked."""
    budget = Budget(name, len(raw))
    with _refused(name):
        package = Package(name, raw, budget)
    sheets = _sheets_of(package.names(), takers, name)
    if not sheets:
        listed = ", ".join(f"{sheet}.csv" for sheet in takers)
        vi = f"tệp .zip không có tệp nào trong số: {listed}"
        raise UnusableFile(name, vi, f"the .zip holds none of: {listed}")
    progress.begin("read", sum(package.claimed(member) for member in sheets))
    for member, sheet in sheets.items():
        content = bytearray()
        with _refused(name):
            for block in package.blocks(member):
                content += block
                if len(content) > MAX_FILE:
                    raise too_large(name)
        read_csv(name, content, takers[sheet], budget, progress.step)
    return Found(frozenset(sheets.values()), workbook=False)


@contextmanager
def _refused(name: str) -> Iterator[None]:
    try:
        yield
    except (Damaged, *BROKEN):
        vi, en = "không phải tệp .zip, hoặc tệp bị hỏng", "not a .zip file, or a damaged one"
        raise UnusableFile(name, vi, en) from None


def _sheets_of(files: Sequence[str], takers: Takers, name: str) -> dict[str, str]:
    """File → the sheet that its name says; files that are no sheet are left out. Raises UnusableFile for two of one sheet."""
    sheets: dict[str, str] = {}
    for file in files:
        stem, dot, ending = shown_name(file).casefold().rpartition(".")
        sheet = _COPY.sub("", stem)
        if dot and ending == "csv" and sheet in takers:
            if sheet in sheets.values():
                vi = f"có hai tệp của trang {sheet}: chỉ gửi một tệp"
                raise UnusableFile(name, vi, f"there are two files of the sheet {sheet}: send one of them")
            sheets[file] = sheet
    return sheets
