"""What is done to the sheets of a file before they are understood: merged cells filled, old letters
converted, look-alikes replaced.

Each change is noted with its cells (`notes.py`), and none is stored before somebody has seen it. Danger: a
wrong guess here would be a wrong name on a ballot; so text is converted only where its words cannot be
Vietnamese as they stand.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from surveys.organisation import notes
from surveys.organisation.gathering import Gathered, Seen
from surveys.organisation.notes import Example, Note, cells_of_rows, letters_of
from surveys.organisation.row import Wrong
from surveys.spreadsheets.encodings import NAMES, ambiguous, as_name, meanings, read_as
from surveys.spreadsheets.lookalikes import meant, same_look
from surveys.spreadsheets.rows import Range

# Columns of running text, and of codes.
TEXTS = frozenset({"name", "title", "kind", "name_en"})
CODES = frozenset({"code", "parent", "unit", "person"})
_KEYS = frozenset({("units", "code"), ("people", "code")})
MAX_NEAR = 50
_LOST = re.compile(r"[^\W\d_]\?|\?[^\W\d_]|\ufffd")
# What no letter of one byte, as programs of the West show it, is.
_UNICODE = re.compile("[^\x00-\xff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")


class _Place(NamedTuple):
    """A cell of a gathered sheet: the number of its row among the rows, and of its column among the
    columns.
    """

    row: int
    column: int


def unmerge(sheet: Gathered, wrong: Wrong) -> Iterator[Note]:
    """Take the value of merged cells for each of their rows. What cannot be is one error that names
    them all.
    """
    filled: dict[str, list[Range]] = {}
    dropped: set[int] = set()
    for cells in sheet.ranges:
        first, last = bisect_left(sheet.places, cells.top), bisect_right(sheet.places, cells.bottom)
        names = sheet.columns_in(cells.left, cells.right)
        if cells.top <= sheet.header_ends or not names or first >= last:
            continue
        if len(names) > 1:
            dropped.update(range(first, last))
            _unite(sheet, cells, wrong)
        elif cells.bottom > cells.top:
            if (sheet.kind, names[0]) in _KEYS:
                dropped.update(range(first, last))
                where = _range(cells)
                vi = f"ô {where} gộp làm một, mà mỗi dòng cần một mã riêng: hãy bỏ gộp ô rồi ghi mã vào từng dòng"
                en = (
                    f"{where} are merged, and each row needs a code of its own: unmerge them and fill each in"
                )
                wrong(sheet.kind, cells.top, names[0], vi, en)
            else:
                _fill(sheet, names[0], first, last)
                filled.setdefault(names[0], []).append(cells)
    for name, ranges in filled.items():
        where = ", ".join(_range(each) for each in ranges[: notes.MOST_RANGES])
        more = ", …" if len(ranges) > notes.MOST_RANGES else ""
        yield notes.merged(sheet.name, sheet.titles[name], where + more, len(ranges))
    if dropped:
        _drop(sheet, dropped)


def _unite(sheet: Gathered, cells: Range, wrong: Wrong) -> None:
    where = _range(cells)
    vi = f"ô {where} gộp qua nhiều cột (dòng tiêu đề nhóm?): hãy bỏ gộp ô và điền từng cột, hoặc xóa dòng này"
    en = f"{where} are merged over several columns (a heading between rows?): unmerge and fill each in, or delete the row"
    wrong(sheet.kind, cells.top, sheet.columns_in(cells.left, cells.right)[0], vi, en)


def _fill(sheet: Gathered, name: str, first: int, last: int) -> None:
    column = sheet.names.index(name)
    value, mark = sheet.texts[first][column], sheet.spoiled.get(first, {}).get(name)
    for row in range(first + 1, last):
        sheet.texts[row][column] = value
        if mark is not None:
            sheet.spoiled.setdefault(row, {})[name] = mark


def _drop(sheet: Gathered, rows: set[int]) -> None:
    """Rows of which an error is told already: nothing more is said of them."""
    sheet.dropped = True
    kept = [i for i in range(len(sheet.texts)) if i not in rows]
    sheet.spoiled = {new: sheet.spoiled[old] for new, old in enumerate(kept) if old in sheet.spoiled}
    sheet.texts = [sheet.texts[i] for i in kept]
    places = [sheet.places[i] for i in kept]
    del sheet.places[:]
    sheet.places.extend(places)


def _range(cells: Range) -> str:
    return f"{letters_of(cells.left)}{cells.top}:{letters_of(cells.right)}{cells.bottom}"


def convert(sheets: Sequence[Gathered]) -> Iterator[Note]:
    """Give texts in old encodings back as Unicode, every one of them noted; a file of unknown encoding is an
    error.
    """
    found: Counter[str] = Counter()
    for sheet in sheets:
        for _, text in _texts(sheet, TEXTS):
            found.update(encoding for encoding, _ in meanings(text))
    ranked = [encoding for encoding, _ in found.most_common()]
    for sheet in sheets:
        if sheet.one_byte_at and not ranked:
            break_off(sheet)
        for name in sheet.names:
            yield from _converted(sheet, name, ranked)
        for (name, font), seen in sheet.by_font.items():
            encoding = NAMES[font.rstrip("h") if font == "tcvn3h" else font]
            yield _old_letters(sheet, name, seen, encoding)


def break_off(sheet: Gathered) -> None:
    """A file whose letters nobody knows: nothing of it is read."""
    sheet.broken = sheet.one_byte_at, "encoding"
    sheet.texts, sheet.spoiled = [], {}
    del sheet.places[:]


def lost_letters(sheet: Gathered, wrong: Wrong) -> None:
    """Names in which a program wrote a question mark for what it could not: "Nguy?n"."""
    for column, name in enumerate(sheet.names):
        if name in ("name", "title"):
            for row, texts in enumerate(sheet.texts):
                text = texts[column]
                if text is not None and ("?" in text or "\ufffd" in text) and _LOST.search(text):
                    vi = f"{text!r} đã mất chữ khi lưu: hãy gõ lại, và lưu tệp dạng .xlsx hoặc CSV UTF-8"
                    en = f"{text!r} has lost letters when it was saved: type it anew, and save as .xlsx or CSV UTF-8"
                    wrong(sheet.kind, sheet.places[row], name, vi, en, "lost letters")


def _texts(sheet: Gathered, names: frozenset[str]) -> Iterator[tuple[_Place, str]]:
    """The texts of these columns that may be old ones."""
    for column, name in enumerate(sheet.names):
        if name in names:
            for row, texts in enumerate(sheet.texts):
                text = texts[column]
                if text is not None and not text.isascii() and _UNICODE.search(text) is None:
                    yield _Place(row, column), text


def _converted(sheet: Gathered, name: str, ranked: Sequence[str]) -> Iterator[Note]:
    """One column. Text that may be either is taken for what most of its column is."""
    if not ranked or name not in TEXTS | CODES:
        return
    certain: list[tuple[_Place, str, str, str]] = []
    doubtful: list[tuple[_Place, str, str, str]] = []
    for place, text in _texts(sheet, frozenset({name})):
        if name in CODES:
            meaning = read_as(text, ranked[0])
            if meaning is not None and meaning != text:
                doubtful.append((place, text, meaning, ranked[0]))
            continue
        sound = dict(meanings(text))
        best = next((encoding for encoding in ranked if encoding in sound), None)
        if best is not None:
            certain.append((place, text, sound[best], best))
        elif (other := ambiguous(text, ranked[0])) is not None:
            doubtful.append((place, text, other, ranked[0]))
    column = sheet.names.index(name)
    unicode = sum(_UNICODE.search(texts[column] or "") is not None for texts in sheet.texts)
    if sheet.one_byte_at or name in CODES or len(certain) > unicode:
        certain += doubtful
    by_encoding: dict[str, Seen] = {}
    for place, before, after, encoding in sorted(certain):
        if encoding == "tcvn3" and sheet.kind == "people" and name == "name":
            after = as_name(after)
        sheet.texts[place.row][place.column] = after
        at = sheet.places[place.row]
        by_encoding.setdefault(encoding, Seen()).add(at, sheet.cell(name, at), before, after)
    for encoding, seen in by_encoding.items():
        yield _old_letters(sheet, name, seen, NAMES[encoding])


def _old_letters(sheet: Gathered, name: str, seen: Seen, encoding: str) -> Note:
    where = cells_of_rows(sheet.letters[name], seen.rows)
    return notes.old_letters(
        sheet.name, sheet.titles[name], where, len(seen.rows), tuple(seen.examples), encoding
    )


def replace_lookalikes(sheet: Gathered) -> Iterator[Note]:
    """Put the letters that were meant into running text."""
    for column, name in enumerate(sheet.names):
        if name not in ("name", "title", "kind"):
            continue
        seen = Seen()
        for row, texts in enumerate(sheet.texts):
            text = texts[column]
            if text is not None and not text.isascii() and (other := meant(text)) != text:
                texts[column] = other
                at = sheet.places[row]
                seen.add(at, sheet.cell(name, at), text, other)
        if seen.examples:
            where = cells_of_rows(sheet.letters[name], seen.rows)
            yield notes.letters(sheet.name, sheet.titles[name], where, len(seen.rows), tuple(seen.examples))


def near_codes(sheet: Gathered) -> Iterator[Note]:
    """Codes of a sheet that people take for each other."""
    if "code" not in sheet.names or sheet.kind not in ("units", "people"):
        return
    column = sheet.names.index("code")
    first: dict[str, int] = {}
    pairs: list[Example] = []
    rows: set[int] = set()
    for row, texts in enumerate(sheet.texts):
        code = texts[column]
        if code is None:
            continue
        other = first.setdefault(same_look(code), row)
        before = sheet.texts[other][column] or ""
        if other != row and before != code and len(pairs) < MAX_NEAR:
            pairs.append(Example(sheet.cell("code", sheet.places[row]), before, code))
            rows.update((sheet.places[other], sheet.places[row]))
        elif not code.isascii() and meant(code) != code and len(pairs) < MAX_NEAR:
            pairs.append(Example(sheet.cell("code", sheet.places[row]), code, meant(code)))
            rows.add(sheet.places[row])
    if pairs:
        yield notes.near(
            sheet.name, sheet.titles["code"], cells_of_rows(sheet.letters["code"], rows), tuple(pairs)
        )


def seen_in(sheet: Gathered, kind_vi: Callable[[str], str], *, by_name: bool) -> Iterator[Note]:
    """What is peculiar about a sheet as it stands."""
    if sheet.hidden:
        yield notes.hidden_sheet(sheet.name)
    if not by_name:
        yield notes.by_columns(sheet.name, sheet.kind, kind_vi(sheet.kind))
    if sheet.hidden_rows:
        letters = [sheet.letters[name] for name in sheet.names]
        where = cells_of_rows(letters[0], sheet.hidden_rows, letters[-1]) if letters else ""
        yield notes.hidden_rows(sheet.kind, sheet.name, where, len(sheet.hidden_rows))
    hidden = [name for first, last in sheet.hidden_columns for name in sheet.columns_in(first, last)]
    if hidden:
        where = ", ".join(sheet.letters[name] for name in hidden)
        yield notes.hidden_columns(sheet.name, [sheet.titles[name] for name in hidden], where)
    left = {**dict.fromkeys(sheet.nameless, ""), **sheet.unknown}
    if left:
        where = ", ".join(letters_of(column) for column in sorted(left))
        named = [f"{letters_of(column)} ({left[column] or '–'})" for column in sorted(left)]
        yield notes.left_out(sheet.name, named, where)
    if sheet.skipped:
        letters = [sheet.letters[name] for name in sheet.names]
        yield notes.skipped(
            sheet.name, cells_of_rows(letters[0], sheet.skipped, letters[-1]), len(sheet.skipped)
        )
    for name, seen in sheet.padded.items():
        where = cells_of_rows(sheet.letters[name], seen.rows)
        yield notes.padded(sheet.name, sheet.titles[name], where, len(seen.rows), tuple(seen.examples))
    for name, seen in sheet.long.items():
        where = cells_of_rows(sheet.letters[name], seen.rows)
        yield notes.long(sheet.name, sheet.titles[name], where, len(seen.rows), tuple(seen.examples))
