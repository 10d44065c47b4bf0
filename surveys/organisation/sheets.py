"""An organisation out of a file, or every error in it (sheets and columns of docs/operations.md), with what
must be seen about it.

All of a sheet is gathered, tidied, then each row read to a value once; relations between rows are checked
when all sheets are in, so that one pass reports everything: nobody should have to correct a file ten times.
An error is reported once for one cause, with all its cells, and not again wherever it leads. A sheet that was
not sent stays as it is stored: `history` always may be left out, and of .csv files any.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from surveys.jobs.progress import Progress, Silent
from surveys.organisation.columns import (
    COLUMNS,
    OPTIONAL_SHEETS,
    grading_of,
    names_of,
    paper_result_of,
    person_of,
    post_of,
    unit_of,
)
from surveys.organisation.errors import BadSheets, SheetError
from surveys.organisation.explained import explained
from surveys.organisation.found import FoundSheets
from surveys.organisation.gathering import Gathered
from surveys.organisation.mistakes import MAX_COUNTED, MAX_ERRORS, Enough, Mistakes
from surveys.organisation.notes import Note, letters_of
from surveys.organisation.relations import Part, Parts, check_relations
from surveys.organisation.row import Row
from surveys.organisation.tidying import (
    break_off,
    convert,
    lost_letters,
    near_codes,
    replace_lookalikes,
    seen_in,
    unmerge,
)
from surveys.organisation.values import Grading, Organisation, PaperResult, Person, Post, Unit
from surveys.spreadsheets.files import Sent, name_of, read_path, read_sent
from surveys.spreadsheets.rows import Takers

T = TypeVar("T", Unit, Person, Post, Grading, PaperResult)
# What is stored, if anything is: asked for only when a sheet was left out.
Stored = Callable[[], Organisation | None]


class Letters(StrEnum):
    """What to do with letters that are not what they look like: text in old encodings is converted until
    somebody has decided; then it is converted, or every letter kept as it is.
    """

    ASK = "ask"
    CONVERT = "convert"
    KEEP = "keep"


__all__ = [
    "MAX_COUNTED",
    "MAX_ERRORS",
    "Letters",
    "Read",
    "check_organisation",
    "read_file",
    "read_organisation",
    "read_upload",
]


@dataclass(frozen=True, slots=True)
class Read:
    """What a file says, and what must be seen about it before that is stored."""

    organisation: Organisation
    notes: tuple[Note, ...]

    @property
    def old_letters(self) -> bool:
        """Whether somebody must decide about text in old encodings."""
        return any(note.kind == "old_letters" for note in self.notes)


def read_organisation(
    path: Path, stored: Stored = lambda: None, progress: Progress | None = None
) -> Organisation:
    """The organisation of a file alone, for what was written by this product. Raises what `read_file`
    raises.
    """
    return read_file(path, stored, progress, Letters.KEEP).organisation


def read_file(
    path: Path,
    stored: Stored = lambda: None,
    progress: Progress | None = None,
    letters: Letters = Letters.ASK,
) -> Read:
    """Read a workbook, a .zip or .csv file, or a folder of .csv files. Raises UnusableFile, or BadSheets with
    every error.
    """
    told = progress or Silent()
    return _Reader(path.name, letters).read(lambda takers: read_path(path, takers, told), stored)


def read_upload(
    sent: Sequence[Sent],
    stored: Stored = lambda: None,
    progress: Progress | None = None,
    letters: Letters = Letters.ASK,
) -> Read:
    """The same for what a browser sent."""
    told = progress or Silent()
    return _Reader(name_of(sent), letters).read(lambda takers: read_sent(sent, takers, told), stored)


def check_organisation(organisation: Organisation, name: str) -> None:
    """The relations of an organisation that was put together from parts. Raises BadSheets."""
    errors: list[SheetError] = []
    held = organisation
    parts = Parts(
        Part("units", held.units, [0] * len(held.units)),
        Part("people", held.people, [0] * len(held.people)),
        Part("posts", held.posts, [0] * len(held.posts)),
        Part("grading", held.gradings, [0] * len(held.gradings)),
        Part("history", held.history, [0] * len(held.history)),
    )

    def wrong(sheet: str, row: int, column: str, vi: str, en: str, cause: str = "", /) -> None:
        errors.append(SheetError(sheet, row, column, vi, en))

    check_relations(parts, wrong)
    if errors:
        raise BadSheets(name, errors[:MAX_ERRORS], len(errors))


class _Reader:
    def __init__(self, name: str, letters: Letters) -> None:
        self._name, self._letters = name, letters
        self._mistakes = Mistakes()
        # Codes and words that many rows name, kept once; sets of bad columns, of which there are few.
        self._known: dict[str, str] = {}
        self._combinations: dict[frozenset[str], frozenset[str]] = {}

    def read(self, take: Callable[[Takers], bool], stored: Stored) -> Read:
        """Read, tidy, understand, check. Raises UnusableFile or BadSheets."""
        found = FoundSheets(self._name, keep_letters=self._letters == Letters.KEEP)
        workbook = take(found)
        sheets, notes = found.chosen(workbook)
        parts: Parts | None = None
        with suppress(Enough):
            notes += self._tidied(sheets, found)
            before = self._before(sheets, workbook, stored)
            parts = Parts(
                self._part(sheets, "units", unit_of, () if before is None else before.units),
                self._part(sheets, "people", person_of, () if before is None else before.people),
                self._part(sheets, "posts", post_of, () if before is None else before.posts),
                self._part(sheets, "grading", grading_of, () if before is None else before.gradings),
                self._part(sheets, "history", paper_result_of, () if before is None else before.history),
            )
            check_relations(parts, self._mistakes.wrong)
        if self._mistakes.any or parts is None:
            raise self._mistakes.refusal(self._name, sheets)
        organisation = Organisation.of(
            parts.units.records,
            parts.people.records,
            parts.posts.records,
            parts.gradings.records,
            parts.history.records,
        )
        return Read(organisation, tuple(notes))

    def _tidied(self, sheets: dict[str, Gathered], found: FoundSheets) -> list[Note]:
        notes: list[Note] = []
        ordered = [sheets[kind] for kind in COLUMNS if kind in sheets]
        for sheet in ordered:
            notes += seen_in(sheet, _in_vietnamese, by_name=found.by_name(sheet))
            notes += unmerge(sheet, self._mistakes.wrong)
        if self._letters == Letters.KEEP:
            for sheet in ordered:
                if sheet.one_byte_at:
                    break_off(sheet)
        else:
            notes += convert(ordered)
            for sheet in ordered:
                lost_letters(sheet, self._mistakes.wrong)
                notes += replace_lookalikes(sheet)
        for sheet in ordered:
            notes += near_codes(sheet)
        return notes

    def _before(self, sheets: dict[str, Gathered], workbook: bool, stored: Stored) -> Organisation | None:
        """What the sheets that were left out are taken from; notes those that may not be."""
        absent = [name for name in COLUMNS if name not in sheets]
        before = stored() if absent else None
        for name in absent:
            if name not in OPTIONAL_SHEETS and (workbook or before is None):
                listed, listed_vi = ", ".join(COLUMNS), ", ".join(map(_in_vietnamese, COLUMNS))
                vi = f"thiếu trang tính (hoặc tệp .csv) {name} ({_in_vietnamese(name)}); các trang là: {listed_vi}"
                en = f"the sheet (or .csv file) {name} is missing; the sheets are: {listed}"
                self._mistakes.wrong(name, 0, "-", vi, en)
        return before

    def _part(
        self, sheets: dict[str, Gathered], kind: str, parse: Callable[[Row], T], stored: Sequence[T]
    ) -> Part[T]:
        """A sheet's records; `whole` says that no row is missing among them."""
        sheet = sheets.get(kind)
        if sheet is None:
            return Part(kind, stored, whole=bool(stored) or kind in OPTIONAL_SHEETS, stored=True)
        missing = self._header(sheet)
        records: list[T] = []
        bad: dict[int, frozenset[str]] = {}
        needed = [name for name in sheet.names if f"{name}*" in COLUMNS[kind]]
        names = sheet.names
        for i, (at, texts) in enumerate(zip(sheet.places, sheet.texts, strict=True)):
            cells = {name: text for name, text in zip(names, texts, strict=True) if text is not None}
            sheet.texts[i] = []
            row = Row(self._mistakes.wrong, kind, at, cells, self._known)
            for name, mark in sheet.spoiled.get(i, {}).items():
                row.spoil(name, mark)
            row.lacks(missing)
            empty = [name for name in needed if name not in cells and name not in row.bad]
            if len(empty) > 1 and 2 * len(empty) > len(needed):
                row.empty(empty)
            record = parse(row)
            if row.bad:
                columns = frozenset(row.bad)
                bad[i] = self._combinations.setdefault(columns, columns)
            records.append(record)
        whole = bool(sheet.header_at) and not (missing or sheet.dropped or sheet.broken)
        return Part(kind, records, array("L", sheet.places), bad, whole)

    def _header(self, sheet: Gathered) -> list[str]:
        """The needed columns that a sheet lacks; notes what is wrong with its header."""
        wrong, kind, at = self._mistakes.wrong, sheet.kind, sheet.header_at or 1
        listed = ", ".join(names_of(kind))
        listed_vi = ", ".join(column.label["vi"] for column in explained()[kind].columns)
        if sheet.broken is not None:
            wrong(kind, sheet.broken[0], "-", *_BROKEN[sheet.broken[1]])
        elif not sheet.header_at:
            vi = f"trang tính rỗng hoặc thiếu dòng tiêu đề; các cột là: {listed_vi} ({listed})"
            wrong(kind, 1, "-", vi, f"empty, or without a header row; the columns are: {listed}")
        if not sheet.header_at:
            return []
        for column in sheet.bad_header:
            vi = f"tiêu đề không phải chữ thường; các cột là: {listed_vi} ({listed})"
            wrong(
                kind, at, letters_of(column), vi, f"a header that is no plain text; the columns are: {listed}"
            )
        for name in sheet.twice:
            vi, en = "cột này có hai lần: hãy xóa một cột", "this column occurs twice: delete one of them"
            wrong(kind, at, name, f"{vi}; các cột là: {listed_vi}", f"{en}; the columns are: {listed}")
        missing = [name for name in names_of(kind) if f"{name}*" in COLUMNS[kind] and name not in sheet.names]
        unknown = ", ".join(repr(text) for text in sheet.unknown.values())
        for name in missing:
            label = next(column.label["vi"] for column in explained()[kind].columns if column.name == name)
            vi = f"thiếu cột {label} ({name}); các cột là: {listed_vi}"
            en = f"the column {name} is missing; the columns are: {listed}"
            more_vi, more_en = (f"; cột lạ: {unknown}", f"; not known: {unknown}") if unknown else ("", "")
            wrong(kind, at, name, vi + more_vi, en + more_en)
        return missing


_BROKEN = {
    "encoding": (
        "không phải UTF-8: hãy lưu tệp dạng CSV UTF-8",
        "not UTF-8: save the file as CSV UTF-8",
    ),
    "quotes": (
        "không phải CSV: dấu ngoặc kép không khớp, hoặc một ô quá dài",
        "not CSV: quotation marks do not match, or a cell is far too long",
    ),
}


def _in_vietnamese(kind: str) -> str:
    return explained()[kind].title["vi"]
