"""The same papers as .docx files that an office may edit: the blocks of `typeset.blocks`, by python-docx.

What is certified is the PDF; an edited file is a draft, and no hash names it. Sizes and places are those of
typeset/paper.typ; the face is Times New Roman, which whoever opens the file has, or its metric twin.
Danger: names come from anybody; python-docx writes every text as text, never as markup or field.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import cast

from docx import Document
from docx.document import Document as File
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.styles.style import ParagraphStyle
from docx.table import Table as Grid
from docx.table import _Cell as Place
from docx.table import _Row as Line
from docx.text.paragraph import Paragraph as Text

from surveys.papers.typeset.blocks import (
    Align,
    Block,
    Cell,
    Codes,
    Contents,
    Facts,
    Head,
    Heading,
    Paragraph,
    Recipients,
    Run,
    Runs,
    Signatures,
    Table,
    plainly,
    strongly,
)
from surveys.papers.typeset.letters import BREAK_HERE
from surveys.papers.typeset.papers import Paper

FACE, CODE_FACE = "Times New Roman", "Courier New"
TEXT_WIDTH = 165.0
MIMETYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_ALIGNED = {
    Align.JUSTIFIED: WD_ALIGN_PARAGRAPH.JUSTIFY,
    Align.LEFT: WD_ALIGN_PARAGRAPH.LEFT,
    Align.CENTRE: WD_ALIGN_PARAGRAPH.CENTER,
    Align.RIGHT: WD_ALIGN_PARAGRAPH.RIGHT,
}
_CENTRE = Align.CENTRE


@dataclass(frozen=True, slots=True)
class Sizes:
    """In points, as the two rules want them (docs/decisions/0048)."""

    motto: int
    second: int
    body: int
    above: int
    dated: int
    name: int
    subject: int
    office: int
    label: int
    names: int


SIZES = {
    "party": Sizes(15, 15, 14, 14, 14, 16, 14, 14, 14, 12),
    "state": Sizes(13, 14, 13, 13, 13, 14, 14, 13, 12, 11),
}


def editable(paper: Paper) -> bytes:
    """The file. Stores nothing."""
    return _Writer(paper).written()


class _Writer:
    """Writes one paper, from its head to its last block."""

    def __init__(self, paper: Paper) -> None:
        self.sheet, self.created = paper.sheet, paper.created
        self.sizes = SIZES[paper.sheet.head.letterhead]
        self.state = paper.sheet.head.letterhead == "state"
        self.document: File = Document()
        self._prepare()

    def written(self) -> bytes:
        """All of it, as a file."""
        self._head(self.sheet.head)
        for block in self.sheet.body:
            self._block(block)
        out = io.BytesIO()
        self.document.save(out)
        return out.getvalue()

    def _block(self, block: Block) -> None:
        match block:
            case Heading():
                self._heading(block)
            case Paragraph():
                self._paragraph(block)
            case Facts():
                self._facts(block)
            case Table():
                self._table(block)
            case Codes():
                self._codes(block)
            case Signatures():
                self._signatures(block)
            case Recipients():
                self._recipients(block)
            case Contents():
                pass  # an editor makes a table of pages from the headings, once the text is as it stays

    def _prepare(self) -> None:
        told = self.document.core_properties
        told.title, told.author = self.sheet.title, self.sheet.author
        told.last_modified_by, told.comments = self.sheet.author, ""
        told.created = told.modified = self.created.replace(tzinfo=None)
        told.language = "en-GB" if self.sheet.language == "en" else "vi-VN"
        normal = cast(ParagraphStyle, self.document.styles["Normal"])
        for level in (1, 2, 3, 4, 5):
            self._face(cast(ParagraphStyle, self.document.styles[f"Heading {level}"]), bold=True)
        self._face(normal)
        normal.paragraph_format.space_after = Pt(6)
        normal.paragraph_format.space_before = Pt(0)
        language = OxmlElement("w:lang")
        language.set(qn("w:val"), told.language)
        normal.element.get_or_add_rPr().append(language)
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin, section.right_margin = Mm(30), Mm(15)
        section.top_margin = section.bottom_margin = Mm(20)
        section.header_distance, section.footer_distance = Mm(10), Mm(10)
        section.different_first_page_header_footer = True
        number = section.header.paragraphs[0]
        number.alignment = _ALIGNED[_CENTRE]
        self._page_number(number)
        for footer in (section.footer, section.first_page_footer):
            self._put(footer.paragraphs[0], plainly(self.sheet.foot), size=8)

    def _face(self, style: ParagraphStyle, *, bold: bool = False) -> None:
        style.font.name, style.font.size, style.font.bold = FACE, Pt(self.sizes.body), bold
        style.font.color.rgb = None
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        for kind in ("ascii", "hAnsi", "cs", "eastAsia"):
            fonts.set(qn(f"w:{kind}"), FACE)

    def _page_number(self, paragraph: Text) -> None:
        run = paragraph.add_run()
        for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
            part = OxmlElement("w:fldChar" if kind else "w:instrText")
            if kind:
                part.set(qn("w:fldCharType"), kind)
            else:
                part.text = text
            run._r.append(part)

    def _put(self, paragraph: Text, runs: Runs, *, size: float | None = None, tight: bool = False) -> Text:
        for each in runs:
            run = paragraph.add_run(each.text.replace(BREAK_HERE, ""))  # Word breaks long words by itself
            run.bold, run.italic = each.bold or None, each.italic or None
            if each.code:
                run.font.name = CODE_FACE
            if size is not None:
                run.font.size = Pt(size)
        if tight:
            paragraph.paragraph_format.space_after = Pt(0)
        return paragraph

    def _line(
        self, runs: Runs, align: Align, size: float, into: Place | None = None, after: float = 0
    ) -> Text:
        """A paragraph of its own: in a cell the first one that is empty."""
        place = into if into is not None else self.document
        paragraph = place.paragraphs[0] if into is not None and not place.paragraphs[0].runs else None
        paragraph = place.add_paragraph() if paragraph is None else paragraph
        self._put(paragraph, runs, size=size)
        paragraph.alignment = _ALIGNED[align]
        paragraph.paragraph_format.space_after = Pt(after)
        return paragraph

    def _grid(self, rows: int, widths: tuple[float, ...], *, ruled: bool) -> Grid:
        table: Grid = self.document.add_table(rows, len(widths))
        table.style = "Table Grid" if ruled else "Normal Table"
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        for column, wide in zip(table.columns, widths, strict=True):
            column.width = Mm(wide)
        for row in table.rows:
            for cell, wide in zip(row.cells, widths, strict=True):
                cell.width = Mm(wide)
        return table

    def _head(self, head: Head) -> None:
        sizes = self.sizes
        table = self._grid(2, (64.0, 101.0) if self.state else (72.0, 93.0), ruled=False)
        left, right = table.rows[0].cells
        if head.above:
            self._line(plainly(head.above), _CENTRE, sizes.above, left)
        self._line(strongly(head.by), _CENTRE, sizes.above, left)
        self._line(plainly("_________" if self.state else "*"), _CENTRE, sizes.above, left)
        for i, text in enumerate(head.motto):
            line = self._line(strongly(text), _CENTRE, sizes.second if i else sizes.motto, right)
        for run in line.runs:
            run.underline = True
        left, right = table.rows[1].cells
        self._line(plainly(head.number), _CENTRE, sizes.dated, left)
        self._line((Run(head.dated, italic=True),), _CENTRE, sizes.dated, right)
        if head.mark:
            self._line(strongly(f"[{head.mark}]"), Align.LEFT, 13, after=4)
        title = self.document.add_heading(level=1)
        title.alignment = _ALIGNED[_CENTRE]
        self._put(title, strongly(head.name), size=sizes.name, tight=True)
        for subject in head.subjects:
            self._line(strongly(subject), _CENTRE, sizes.subject)
        self._line(plainly("____________" if self.state else "-----"), _CENTRE, sizes.body, after=6)
        if head.to:
            label = "To: " if self.sheet.language == "en" else "Kính gửi: "
            self._line((Run(label, italic=True), Run(head.to)), _CENTRE, sizes.body, after=6)

    def _heading(self, block: Heading) -> None:
        heading = self.document.add_heading(level=block.level)
        self._put(heading, (Run(block.text, bold=True),), size=self.sizes.body)
        heading.paragraph_format.page_break_before = block.annex
        if block.annex:
            heading.alignment = _ALIGNED[_CENTRE]

    def _paragraph(self, block: Paragraph) -> None:
        paragraph = self.document.add_paragraph(style="List Bullet" if block.bullet else None)
        self._put(paragraph, block.runs, size=12 if block.small else None)
        paragraph.alignment = _ALIGNED[Align.LEFT if block.leads else block.align]
        paragraph.paragraph_format.keep_with_next = block.leads
        if block.align is Align.JUSTIFIED and not block.bullet and not block.leads:
            paragraph.paragraph_format.first_line_indent = Mm(10)

    def _facts(self, block: Facts) -> None:
        table = self._grid(len(block.pairs), (74.0, 91.0), ruled=False)
        for row, (label, runs) in zip(table.rows, block.pairs, strict=True):
            self._line(plainly(f"{label}:"), Align.LEFT, self.sizes.body, row.cells[0])
            self._line(runs, Align.LEFT, self.sizes.body, row.cells[1])
        self._gap()

    def _table(self, block: Table) -> None:
        free = sum(wide == 0 for wide in block.widths)
        rest = (TEXT_WIDTH - sum(block.widths)) / free if free else 0.0
        size = 11.0 if block.small else 12.0
        table = self._grid(1 + len(block.rows), tuple(wide or rest for wide in block.widths), ruled=True)
        head = table.rows[0]
        repeated = OxmlElement("w:tblHeader")
        repeated.set(qn("w:val"), "true")
        head._tr.get_or_add_trPr().append(repeated)
        for cell, words in zip(head.cells, block.head, strict=True):
            self._line(strongly(words), _CENTRE, size - 1, cell)
        for row, cells in zip(list(table.rows)[1:], block.rows, strict=True):
            self._row(row, cells, size)
        self._gap()

    def _row(self, row: Line, cells: tuple[Cell, ...], size: float) -> None:
        places, at = row.cells, 0
        for each in cells:
            place = places[at] if each.span == 1 else places[at].merge(places[at + each.span - 1])
            self._line(each.runs, each.align, size, place)
            if each.shaded:
                shade = OxmlElement("w:shd")
                for name, value in (("val", "clear"), ("color", "auto"), ("fill", "F0F0F0")):
                    shade.set(qn(f"w:{name}"), value)
                place._tc.get_or_add_tcPr().append(shade)
            at += each.span

    def _codes(self, block: Codes) -> None:
        table = self._grid(len(block.pairs), (50.0, 115.0), ruled=False)
        for row, (label, code) in zip(table.rows, block.pairs, strict=True):
            self._line(plainly(label), Align.LEFT, 11, row.cells[0])
            self._line((Run(code, code=True),), Align.LEFT, 6.5, row.cells[1])
        self._gap()

    def _signatures(self, block: Signatures) -> None:
        rows = -(-len(block.places) // block.columns)
        table = self._grid(rows, (TEXT_WIDTH / block.columns,) * block.columns, ruled=False)
        for i, (office, name, _) in enumerate(block.places):
            self._signature(table.rows[i // block.columns].cells[i % block.columns], office, name, block.how)
        self._gap()

    def _signature(self, cell: Place, office: str, name: str, how: str) -> None:
        self._line(strongly(office), _CENTRE, self.sizes.office, cell)
        self._line((Run(how, italic=True),), _CENTRE, 11, cell, after=54)
        self._line(strongly(name or "." * 40), _CENTRE, self.sizes.office, cell, after=12)

    def _recipients(self, block: Recipients) -> None:
        left, right = self._grid(1, (82.0, 83.0), ruled=False).rows[0].cells
        label = Run(f"{block.label}:", bold=self.state, italic=self.state)
        line = self._line((label,), Align.LEFT, self.sizes.label, left)
        line.runs[0].underline = not self.state
        for i, name in enumerate(block.names, start=1):
            end = "." if i == len(block.names) else ","
            self._line(plainly(f"- {name}{end}"), Align.LEFT, self.sizes.names, left)
        if block.signs is not None:
            self._signature(right, *block.signs, block.how)

    def _gap(self) -> None:
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(0)
        self._put(paragraph, plainly(""), size=6)
