"""The typesetter's own process: a request as JSON on standard input; a PDF, or with "query" the values under
that label as JSON, on standard output (`press` starts it).

Run by path, isolated, with nothing but typst: its memory goes back with the process, and whatever breaks here
breaks alone.
Danger: values are foreign. They reach the template as JSON in `sys.inputs` and are never part of its source;
no network (the template imports no package), no fonts but those inside typst and in the folder that the
request names, no file but the template beside this one.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import typst

HERE = Path(__file__).parent
FACE = "Tinos"
MOST_MEMORY = 4 * 1024**3
# PDF/A-2a for the archive, PDF/UA-1 for screen readers; either refuses a letter without a glyph.
STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]


def main() -> int:
    """Exit status 0 with the PDF or the values, 1 with one line on standard error."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MOST_MEMORY if hard == resource.RLIM_INFINITY else min(MOST_MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    request = json.load(sys.stdin.buffer)
    template, values = HERE / "paper.typ", {"values": json.dumps(request["sheet"])}
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=[request["fonts"]]
    )
    if FACE not in fonts.families():  # typst would take another one and say nothing
        sys.stderr.write(f"the face {FACE} is not in {request['fonts']}\n")
        return 1
    try:
        if request["query"] is not None:
            made = typst.query(
                template,
                request["query"],
                field="value",
                root=HERE,
                font_paths=fonts,
                ignore_system_fonts=True,
                sys_inputs=values,
            ).encode()
        else:
            made = typst.compile(
                template,
                root=HERE,
                font_paths=fonts,
                ignore_system_fonts=True,
                format="pdf",
                sys_inputs=values,
                pdf_standards=STANDARDS,
                timestamp=request["created"],
            )
    except typst.TypstError as error:
        sys.stderr.write(" ".join(str(error).split()) + "\n")
        return 1
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
