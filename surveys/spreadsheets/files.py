"""What was sent, whatever it is: a workbook (.xlsx .xls .ods), a .zip of .csv files, .csv files chosen
together, or a folder of them.

Danger: neither a name nor a size that comes with a file is to be believed. A name only tells which sheet a
.csv is and what a file should be; what it is, is seen from its content. Nothing is unpacked to the disk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from surveys.jobs.progress import Progress
from surveys.spreadsheets.csv_text import read_csv
from surveys.spreadsheets.errors import UnusableFile
from surveys.spreadsheets.ods import read_ods
from surveys.spreadsheets.ole import SIGNATURE as OLE
from surveys.spreadsheets.packed import Package, refused
from surveys.spreadsheets.rows import (
    MAX_FILE,
    MAX_UPLOAD,
    Budget,
    Takers,
    cannot_open,
    too_large,
)
from surveys.spreadsheets.xls import read_xls
from surveys.spreadsheets.xlsx import read_xlsx

# What Excel before 2007 wrote, and what it still wraps around a workbook with a password.
ZIP = b"PK"
MAX_NAME = 100
MAX_FILES = 20
MAX_LISTED = 10_000
WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})
TEXTS = frozenset({".csv", ".txt", ".tsv"})
# A browser that saves a file twice, and a system that copies one, put something behind the name.
_COPY = re.compile(r"\s*(\(\d+\)|- copy|- bản sao)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that somebody sent: the name it came with, how many bytes are said to be in it, and how to get
    them (once).
    """

    name: str
    size: int
    content: Callable[[], bytes]

    @classmethod
    def of(cls, name: str, raw: bytes) -> Sent:
        """A file whose bytes are at hand."""
        return cls(shown_name(name), len(raw), lambda: raw)


def shown_name(name: str) -> str:
    """The last part of a name that came with a file, fit to be shown."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(letter for letter in last if letter.isprintable()).strip()[:MAX_NAME] or "-"


def name_of(sent: Sequence[Sent]) -> str:
    """The name of an upload, for people."""
    return ", ".join(each.name for each in sent)[:MAX_NAME] or "-"


def read_path(path: Path, takers: Takers, progress: Progress) -> bool:
    """Read a file, or a folder of .csv files, of this machine; whether it is a workbook. Raises
    UnusableFile.
    """
    try:
        if path.is_dir():
            # A pipe would be waited for, and is no file.
            inside = [each for each in islice(path.iterdir(), MAX_LISTED) if each.suffix.casefold() == ".csv"]
            names = _meant([each.name for each in sorted(inside) if each.is_file()], takers, path.name)
            return _tables(path.name, [_of_disk(path / name) for name in names], takers, progress)
        if not path.is_file():
            raise cannot_open(path.name)
        return read_sent([_of_disk(path)], takers, progress)
    except OSError:
        raise cannot_open(path.name) from None


def read_sent(sent: Sequence[Sent], takers: Takers, progress: Progress) -> bool:
    """Read what a browser sent: one workbook, one .zip, or .csv files; whether it is a workbook. Raises
    UnusableFile.
    """
    name = name_of(sent)
    kinds = {Path(each.name).suffix.casefold() for each in sent}
    if kinds and kinds <= TEXTS:
        return _tables(name, sent, takers, progress)
    if len(sent) != 1 or not kinds <= WORKBOOKS | {".zip"}:
        vi = "cần một tệp .xlsx, .xls hoặc .ods, một tệp .zip gồm các tệp .csv, hoặc các tệp .csv"
        en = "an .xlsx, .xls or .ods file, a .zip of .csv files, or .csv files are needed"
        raise UnusableFile(name, vi, en)
    raw = _content(sent[0])
    if not raw:
        raise UnusableFile(name, "tệp rỗng", "the file is empty")
    if raw.startswith(OLE):
        read_xls(name, raw, takers, Budget(name, len(raw)), progress)
        return True
    if raw.startswith(ZIP):
        return _zipped(name, raw, kinds == {".zip"}, takers, progress)
    if raw.lstrip()[:1] == b"<":
        vi = "là một trang web mang tên một bảng tính: hãy mở bằng Excel rồi lưu lại dạng .xlsx"
        raise UnusableFile(
            name, vi, "a web page under the name of a workbook: open it in Excel and save it as .xlsx"
        )
    kind = kinds.pop()
    if kind == ".xls":
        vi = "không phải tệp .xls của Excel 97 trở đi, hoặc tệp bị hỏng: hãy mở bằng Excel rồi lưu lại dạng .xlsx"
        en = "not an .xls file of Excel 97 or later, or a damaged one: open it in Excel and save it as .xlsx"
        raise UnusableFile(name, vi, en)
    raise UnusableFile(
        name, f"không phải tệp {kind}, hoặc tệp bị hỏng", f"not an {kind} file, or a damaged one"
    )


def _zipped(name: str, raw: bytes, texts: bool, takers: Takers, progress: Progress) -> bool:
    """A workbook of today, whatever its name says, or .csv files in a zip."""
    budget = Budget(name, len(raw))
    if texts:
        return _zip(name, raw, takers, budget, progress)
    with refused(name, "xlsx"):
        package = Package(name, raw, budget)
    if "mimetype" in package and "content.xml" in package:
        read_ods(name, package, takers, budget, progress)
    else:
        read_xlsx(name, package, takers, budget, progress)
    return True


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


def _tables(name: str, sent: Sequence[Sent], takers: Takers, progress: Progress) -> bool:
    """The .csv files of an upload, each the sheet that its name or its columns say."""
    size = sum(each.size for each in sent)
    if len(sent) > MAX_FILES or size > MAX_UPLOAD:
        raise too_large(name)
    stems = {each.name: _stem(each.name) for each in sent}
    takers.expect(list(stems.values()))
    progress.begin("read", size)
    budget = Budget(name, size)
    for each in sent:
        raw = _content(each)
        budget.take_bytes(len(raw))
        if raw.startswith((b"PK\3\4", OLE)):
            vi = "là một sổ tính hoặc tệp nén mang tên .csv: hãy đổi lại tên, hoặc lưu dạng CSV UTF-8"
            en = "a workbook or a zip under the name of a .csv: give it its own name, or save it as CSV UTF-8"
            raise UnusableFile(each.name, vi, en)
        taker = takers.taker(stems[each.name], False)
        if taker is not None:
            read_csv(each.name, raw, taker, budget, progress.step)
    return False


def _zip(name: str, raw: bytes, takers: Takers, budget: Budget, progress: Progress) -> bool:
    """The .csv files in a zip, wherever in it they lie; what else it holds is not unpacked."""
    with refused(name, "zip"):
        package = Package(name, raw, budget)
    texts = [each for each in package.names() if Path(shown_name(each)).suffix.casefold() == ".csv"]
    members = _meant(texts, takers, name)
    if not members:
        vi = "tệp .zip không có tệp .csv nào"
        raise UnusableFile(name, vi, "the .zip holds no .csv file")
    takers.expect([_stem(member) for member in members])
    progress.begin("read", sum(package.claimed(member) for member in members))
    for member in members:
        content = bytearray()
        with refused(name, "zip"):
            for block in package.blocks(member):
                content += block
                if len(content) > MAX_FILE:
                    raise too_large(name)
        taker = takers.taker(_stem(member), False)
        if taker is not None:
            read_csv(name, content, taker, budget, progress.step)
    return False


def _meant(files: Sequence[str], takers: Takers, name: str) -> list[str]:
    """Of the files of a folder those whose name says what they are; all of them where none does."""
    seen = [file for file in files if not shown_name(file).startswith(".")]
    known = [file for file in seen if takers.knows(_stem(file))]
    if not known and len(seen) > MAX_FILES:
        raise too_large(name)
    return known or seen


def _stem(file: str) -> str:
    """The name of a sheet that a file's name says."""
    return _COPY.sub("", Path(shown_name(file)).stem)
