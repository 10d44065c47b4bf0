"""What a paper is made of, as values: whoever sets a PDF and whoever writes an editable file have the
same.

Every text is final, every number already written: the two writers only set what stands here, so that no
figure can differ between them. In a text `\n` ends a line; foreign text has none, for `letters.plain`
writes it by its number.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Width = float
"""Of a column: in millimetres, 0 for what is left over."""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in one face."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False


Runs = tuple[Run, ...]


def plainly(text: str) -> Runs:
    """Text as the body has it."""
    return (Run(text),)


def strongly(text: str) -> Runs:
    """Text that stands out."""
    return (Run(text, bold=True),)


class Align(StrEnum):
    """Where a text stands in its place."""

    JUSTIFIED = "justified"
    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 2 to 5; `annex` begins a page of its own and is known by `label`."""

    level: int
    text: str
    annex: bool = False
    label: str = ""
    kind: str = "heading"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `bullet` is an item of a list, `leads` stays with what follows."""

    runs: Runs
    align: Align = Align.JUSTIFIED
    bullet: bool = False
    leads: bool = False
    small: bool = False
    kind: str = "paragraph"


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels with their values, one a line."""

    pairs: tuple[tuple[str, Runs], ...]
    kind: str = "facts"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell over `span` columns."""

    runs: Runs
    align: Align = Align.LEFT
    span: int = 1
    shaded: bool = False


Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose head is repeated on each page; `small` where it may be long."""

    widths: tuple[Width, ...]
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    small: bool = False
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Codes:
    """Hashes with what they are of."""

    pairs: tuple[tuple[str, str], ...]
    kind: str = "codes"


@dataclass(frozen=True, slots=True)
class Signatures:
    """Who signs, an office, a name (empty: to be filled in) and the office in English each, in rows of
    `columns`."""

    places: tuple[tuple[str, str, str], ...]
    how: str
    columns: int = 3
    kind: str = "signatures"


@dataclass(frozen=True, slots=True)
class Recipients:
    """To whom it goes; beside it `signs`, where one alone signs."""

    label: str
    names: tuple[str, ...]
    signs: tuple[str, str] | None = None
    how: str = ""
    kind: str = "recipients"


@dataclass(frozen=True, slots=True)
class Contents:
    """A table of the headings from here on, on a page of its own."""

    title: str
    kind: str = "contents"


Block = Heading | Paragraph | Facts | Table | Codes | Signatures | Recipients | Contents


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the body (36-HD/VPTW, Annex 1; Decree 30/2020/NĐ-CP, Annex I).

    `motto` has one line for the Party, two for the state; `above` may be empty; `number` is what the
    office completes; `dated` place and date; `mark` how far it may go, or empty; `subjects` what the
    paper is about; `to` whom it addresses, or empty.
    """

    letterhead: str
    motto: tuple[str, ...]
    above: str
    by: str
    number: str
    dated: str
    mark: str
    name: str
    subjects: tuple[str, ...]
    to: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole paper: `title` and `author` stand in the file, `foot` below each page, `language` is vi or
    en.
    """

    language: str
    title: str
    author: str
    foot: str
    head: Head
    body: tuple[Block, ...]
