"""The certified minutes made ready for digital signatures: a field for each signature line, in an increment
behind the certified bytes (PAdES; docs/protocol.md 13.7).

Danger: not one certified byte may change, and a field that lay over a figure would be refused by every
verifier. So the increment is only added, and a line that is not on empty paper gets a field that shows
nothing.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence

import pypdfium2
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from surveys.audit.signed_minutes import is_empty
from surveys.papers.typeset import SignatureLine

HALF_WIDTH, TOP, BOTTOM = 62, 3, 42
"""Of the place of a signature, in points from the middle of its line."""


def prepared(certified: bytes, lines: Sequence[SignatureLine]) -> bytes:
    """The same bytes, and behind them a form with an empty field for each line."""
    writer = IncrementalPdfFileWriter(io.BytesIO(certified))
    alike = Counter(line.role for line in lines)
    seen: Counter[str] = Counter()
    pages = pypdfium2.PdfDocument(certified)
    try:
        for line in lines:
            seen[line.role] += 1
            name = line.role if alike[line.role] == 1 else f"{line.role} {seen[line.role]}"
            box = _box(pages, line)
            page = line.page - 1 if box is not None else 0
            append_signature_field(
                writer,
                SigFieldSpec(
                    name,
                    on_page=page,
                    box=box,
                    empty_field_appearance=box is not None,
                    readable_field_name=line.label,
                ),
            )
    finally:
        pages.close()
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def _box(pages: pypdfium2.PdfDocument, line: SignatureLine) -> tuple[int, int, int, int] | None:
    """The empty place of a line as PDF counts, from below; None where there is none."""
    if not 0 < line.page <= len(pages):
        return None
    page = pages[line.page - 1]
    height = page.get_height()
    box = (
        round(line.x - HALF_WIDTH),
        round(height - line.y - BOTTOM),
        round(line.x + HALF_WIDTH),
        round(height - line.y - TOP),
    )
    return box if is_empty(page, box) else None
