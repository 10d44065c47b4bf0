"""A self-report is written anew: its pages stay, and of a hostile file nothing else does."""

from __future__ import annotations

import io
import resource
import subprocess
import sys
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf
from pypdf import PdfReader

from surveys.stores import report_child
from surveys.stores.reports import NotAReport, rewritten
from tests.stores.pdfs import BOMBS, ENDLESS, HOSTILE, SECRET, a_pdf, opened


def text_of(raw: bytes) -> list[str]:
    return [page.extract_text().strip() for page in PdfReader(io.BytesIO(raw)).pages]


@pytest.mark.parametrize("name", HOSTILE)
def test_of_a_hostile_file_only_the_page_stays(name: str) -> None:
    given = a_pdf(HOSTILE[name])
    assert SECRET in opened(given), "the twin: written as it came, it would be there"
    made = opened(report_child.rewritten(given))
    assert SECRET not in made
    assert text_of(made) == ["Thank you"]
    for word in (b"/JS", b"/Annots", b"/OpenAction", b"/AA", b"/EF", b"/OC", b"/AcroForm", b"/Metadata"):
        assert word not in made, word


def test_what_can_be_seen_stays_where_it_was() -> None:
    """A layer that is shown, a form that was filled in, a picture, a page that is turned and inherits its
    size.
    """

    def change(pdf: Pdf, page: Dictionary) -> None:
        group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="shown"))
        pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary())
        page.Resources.Properties = Dictionary(M0=group)
        page.Contents = pdf.make_stream(
            b"q /OC /M0 BDC 1 0 0 rg 10 10 20 20 re f EMC BT /F0 12 Tf 5 5 Td (Seen) Tj ET Q\n"
        )
        look = pdf.make_stream(
            b"BT /F0 12 Tf 2 2 Td (Filled in) Tj ET",
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=[0, 0, 100, 20],
            Resources=Dictionary(Font=page.Resources.Font),
        )
        field = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Widget,
                FT=Name.Tx,
                T="name",
                V="Filled in",
                F=4,
                Rect=[50, 50, 150, 70],
                AP=Dictionary(N=look),
            )
        )
        page.Annots = Array([field])
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]))
        page.Rotate = 90

    made = report_child.rewritten(a_pdf(change, pages=2))
    first, second = text_of(made)
    assert "Seen" in first
    assert "Filled in" in first
    assert second == "Thank you"
    with pikepdf.open(io.BytesIO(made)) as held:
        page = held.pages[0]
        assert (int(page.obj.Rotate), [int(x) for x in page.mediabox]) == (90, [0, 0, 200, 200])
        assert b"10 10 20 20 re" in page.Contents.read_bytes()


def test_the_same_file_gives_the_same_bytes_and_a_rewritten_one_stays_as_it_is_to_see() -> None:
    given = a_pdf(HOSTILE["hides a layer"])
    once = rewritten(given)
    assert once == rewritten(given)
    assert text_of(rewritten(once)) == ["Thank you"]


@pytest.mark.parametrize(
    "make",
    [*BOMBS.values(), *(pytest.param(each, marks=pytest.mark.soak) for each in ENDLESS.values())],
    ids=[*BOMBS, *ENDLESS],
)
def test_what_cannot_be_read_within_limits_is_refused(make: Callable[[], bytes]) -> None:
    raw, before = make(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    with pytest.raises(NotAReport):
        rewritten(raw)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < report_child.MOST_SECONDS + 2


def test_a_rewriter_that_takes_too_long_or_dies_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired(sys.executable, 1)

    monkeypatch.setattr(subprocess, "run", late)
    with pytest.raises(NotAReport, match="seconds"):
        rewritten(a_pdf())
