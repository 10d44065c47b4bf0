"""Check 13.7 on minutes that people have signed in the file: PAdES, with an authority made here."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
import typst
from click.testing import CliRunner
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NumberObject, pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.signers import SimpleSigner

from surveys.audit.bundle import write_bundle
from surveys.audit.case import Signature
from surveys.audit.checks_minutes import certified_length
from surveys.audit.signed_minutes import read_signatures
from surveys.commands.verify import verify as verify_command
from surveys.protocol.errors import BadSignature, Rejected
from tests.audit.build import a_vote
from tests.audit.test_typeset_file import naming
from tests.signing import Authority, an_authority, signed

BLANK, WRITTEN = (300, 300, 450, 350), (60, 720, 300, 800)
Change = Callable[[IncrementalPdfFileWriter], None]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return an_authority()


@pytest.fixture(scope="module")
def chair(authority: Authority) -> SimpleSigner:
    return authority.person("Ngô Thị Chín")


@pytest.fixture(scope="module")
def minutes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two pages, set as the minutes are."""
    source = tmp_path_factory.mktemp("typst") / "minutes.typ"
    source.write_text(
        '#set document(title: "Biên bản")\n#set text(lang: "vi")\n'
        '#set page(paper: "a4")\n= Biên bản\nTín nhiệm thấp: 12\n#link("https://example.org")[x]\n'
        "#pagebreak()\nTrang hai",
        "utf-8",
    )
    return typst.compile(source, format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=0)


def read(certified: bytes, file: bytes) -> tuple[Signature, ...]:
    length = certified_length(file, sha256(certified).digest())
    assert length == len(certified)
    return read_signatures(file, length)


def shown(field: str = "Chair", box: tuple[int, int, int, int] = BLANK) -> SigFieldSpec:
    return SigFieldSpec(field, on_page=0, box=box)


@pytest.fixture(scope="module")
def twice(minutes: bytes, chair: SimpleSigner, authority: Authority) -> bytes:
    """Prepared fields, then the chair's signature to be seen, then the secretary's."""
    writer = IncrementalPdfFileWriter(io.BytesIO(minutes))
    append_signature_field(writer, shown())
    append_signature_field(writer, SigFieldSpec("Secretary"))
    out = io.BytesIO()
    writer.write(out)
    return signed(signed(out.getvalue(), chair, "Chair"), authority.person("Đỗ Văn Mười"), "Secretary")


def test_signatures_behind_the_certified_bytes_are_named(minutes: bytes, twice: bytes) -> None:
    assert twice.startswith(minutes)
    first, second = read(minutes, twice)
    assert (first.signer, first.field, first.issuer) == (
        "Ngô Thị Chín",
        "Chair",
        "Cơ quan chứng thực thử",
    )
    assert (second.signer, second.field) == ("Đỗ Văn Mười", "Secretary")
    assert first.at is not None
    assert not first.stamped
    assert first.trusted is None
    assert first.certificate != second.certificate


def test_the_command_names_signer_certificate_and_time(
    minutes: bytes, twice: bytes, authority: Authority, tmp_path: Path
) -> None:
    bundle, file, roots = tmp_path / "bundle.zip", tmp_path / "signed.pdf", tmp_path / "roots.pem"
    write_bundle(bundle, naming(a_vote(), minutes))
    file.write_bytes(twice)
    call = [str(bundle), "--jobs", "1", "--minutes", str(file)]
    said = CliRunner().invoke(verify_command, call)
    assert said.exit_code == 0
    assert "Ngô Thị Chín; 20" in said.output
    assert "by the signer's own clock" in said.output
    assert "was not checked (--authorities)" in said.output
    roots.write_bytes(authority.pem)
    told = CliRunner().invoke(verify_command, [*call, "--authorities", str(roots), "--json"])
    first, second = json.loads(told.output)["signatures"]
    assert told.exit_code == 0
    assert (first["signer"], first["trusted"], second["trusted"]) == ("Ngô Thị Chín", True, True)
    roots.write_bytes(an_authority("Another").pem)
    vietnamese = CliRunner().invoke(verify_command, [*call, "--authorities", str(roots), "--lang", "vi"])
    assert vietnamese.exit_code == 1
    assert "tệp này không phải là biên bản đã dàn trang của gói (mục 13.7)" in vietnamese.output
    roots.write_bytes(b"no certificate")
    assert CliRunner().invoke(verify_command, [*call, "--authorities", str(roots)]).exit_code == 1
    alone = CliRunner().invoke(verify_command, [str(bundle), "--authorities", str(roots)])
    assert alone.exit_code == 2


def page(writer: IncrementalPdfFileWriter) -> DictionaryObject:
    found: DictionaryObject = writer.find_page_for_modification(0)[0].get_object()
    return found


def an_annotation(writer: IncrementalPdfFileWriter) -> None:
    note = DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Rect"): ArrayObject(NumberObject(each) for each in (60, 700, 300, 800)),
            pdf_name("/Contents"): pdf_string("Tín nhiệm thấp: 2"),
        }
    )
    page(writer)["/Annots"].append(writer.add_object(note))
    writer.update_container(page(writer)["/Annots"])


def another_page_content(writer: IncrementalPdfFileWriter) -> None:
    page(writer)[pdf_name("/Contents")] = writer.add_object(generic.StreamObject(stream_data=b"BT ET"))
    writer.update_container(page(writer))


def the_content_itself(writer: IncrementalPdfFileWriter) -> None:
    content = page(writer).raw_get("/Contents")
    content.get_object()._data = b"BT ET"
    content.get_object()._encoded_data = None
    writer.mark_update(content)


def one_page_less(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    pages["/Kids"].pop()
    pages[pdf_name("/Count")] = NumberObject(1)
    writer.update_container(pages)


def a_program_on_opening(writer: IncrementalPdfFileWriter) -> None:
    writer.root[pdf_name("/OpenAction")] = DictionaryObject(
        {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): pdf_string("app.alert(1)")}
    )
    writer.update_root()


def a_text_field(writer: IncrementalPdfFileWriter) -> None:
    field = DictionaryObject({pdf_name("/FT"): pdf_name("/Tx"), pdf_name("/T"): pdf_string("figure")})
    form = {pdf_name("/Fields"): ArrayObject([writer.add_object(field)])}
    writer.root[pdf_name("/AcroForm")] = DictionaryObject(form)
    writer.update_root()


def another_title(writer: IncrementalPdfFileWriter) -> None:
    title = DictionaryObject({pdf_name("/Title"): pdf_string("Biên bản khác")})
    writer.set_info(title)


@pytest.mark.parametrize(
    "change",
    [
        the_content_itself,
        an_annotation,
        another_page_content,
        one_page_less,
        a_program_on_opening,
        a_text_field,
        another_title,
    ],
)
@pytest.mark.parametrize("when", ["with the first signature", "between two", "after the last"])
def test_any_other_change_is_refused_whoever_signs_it(
    minutes: bytes, chair: SimpleSigner, change: Change, when: str
) -> None:
    if when == "with the first signature":
        altered = signed(minutes, chair, "Chair", before=change)
    elif when == "between two":
        altered = signed(signed(minutes, chair, "Chair"), chair, "Secretary", before=change)
    else:
        writer = IncrementalPdfFileWriter(io.BytesIO(signed(minutes, chair, "Chair")))
        change(writer)
        out = io.BytesIO()
        writer.write(out)
        altered = out.getvalue()
    with pytest.raises(Rejected, match="begins with the certified minutes, but") as refused:
        read(minutes, altered)
    assert "cannot be read" not in str(refused.value)


def with_widget(writer: IncrementalPdfFileWriter, **more: object) -> None:
    """A prepared field whose widget holds more than a signature's."""
    append_signature_field(writer, shown())
    field = page(writer)["/Annots"][-1].get_object()
    field.update({pdf_name(f"/{name}"): value for name, value in more.items()})


@pytest.mark.parametrize(
    ("spec", "more", "why"),
    [
        (shown(box=WRITTEN), {}, "covers what is written there"),
        (shown(box=(-5000, -5000, 5000, 5000)), {}, "covers what is written there"),
        (None, {"A": DictionaryObject()}, "carries /A"),
        (None, {"F": NumberObject(12)}, "does not keep to its place"),
    ],
)
def test_a_signature_that_shows_itself_elsewhere_than_on_empty_paper_is_refused(
    minutes: bytes, chair: SimpleSigner, spec: SigFieldSpec | None, more: dict[str, object], why: str
) -> None:
    before = (lambda writer: with_widget(writer, **more)) if more else None
    with pytest.raises(Rejected, match=why):
        read(minutes, signed(minutes, chair, "Chair", spec, before))


def test_a_signature_over_another_one_is_refused(minutes: bytes, twice: bytes, authority: Authority) -> None:
    late = signed(twice, authority.person("Head"), "Head", shown("Head", (310, 310, 320, 320)))
    with pytest.raises(Rejected, match="covers another one"):
        read(minutes, late)
    beside = signed(twice, authority.person("Head"), "Head", shown("Head", (300, 400, 450, 450)))
    assert len(read(minutes, beside)) == 3


def test_a_signature_that_is_shown_otherwise_afterwards_is_refused(
    minutes: bytes, chair: SimpleSigner, authority: Authority
) -> None:
    def look_otherwise(writer: IncrementalPdfFileWriter) -> None:
        field = writer.root["/AcroForm"]["/Fields"][0].get_object()
        field["/AP"][pdf_name("/N")] = writer.add_object(generic.StreamObject(stream_data=b"0 0 m"))
        writer.update_container(field)

    once = signed(minutes, chair, "Chair", shown())
    again = signed(once, authority.person("Secretary"), "Secretary", before=look_otherwise)
    with pytest.raises(Rejected, match="changed after it was given"):
        read(minutes, again)


def test_fields_without_a_signature_are_nobodys(minutes: bytes) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(minutes))
    append_signature_field(writer, shown())
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(Rejected, match="nobody has signed"):
        read(minutes, out.getvalue())


@pytest.mark.parametrize("behind", [b"\n", b"% a comment", b"\nstartxref\n9\n%%EOF\n"])
def test_one_byte_behind_the_last_signature_is_refused(minutes: bytes, twice: bytes, behind: bytes) -> None:
    with pytest.raises(Rejected):
        read(minutes, twice + behind)


def room(file: bytes) -> tuple[int, int]:
    """Where the hex of the last signature begins and ends: what no digest covers."""
    start = file.rindex(b"/Contents <") + len(b"/Contents <")
    return start, file.index(b">", start)


def test_a_byte_changed_in_any_increment_is_refused(minutes: bytes, twice: bytes) -> None:
    start, end = room(twice)
    for at in range(len(minutes), len(twice), 997):
        if start <= at < end:
            continue
        altered = twice[:at] + bytes([twice[at] ^ 1]) + twice[at + 1 :]
        with pytest.raises(Rejected):
            read(minutes, altered)


def test_something_in_the_room_that_a_signature_leaves_is_refused(minutes: bytes, twice: bytes) -> None:
    _, end = room(twice)
    assert twice[end - 4 : end] == b"0000"
    with pytest.raises(BadSignature, match="in the room that signatures leave"):
        read(minutes, twice[: end - 2] + b"41" + twice[end:])


def test_a_signature_whose_digest_is_of_something_else_is_refused(
    minutes: bytes, chair: SimpleSigner
) -> None:
    once = signed(minutes, chair, "Chair")
    forged = once.replace(b"/Filter/Adobe.PPKLite", b"/Filter/Adobe.PPKLitf").replace(
        b"/Filter /Adobe.PPKLite", b"/Filter /Adobe.PPKLitf"
    )
    assert forged != once
    with pytest.raises(BadSignature, match="does not hold"):
        read(minutes, forged)


def test_another_document_behind_the_certified_bytes_is_refused(minutes: bytes, chair: SimpleSigner) -> None:
    """A reader goes by the last table of a file: the certified bytes would be there and nobody would see
    them.
    """
    other = minutes.replace(b"/Title", b"/Titel")
    shift = len(minutes)
    at = int(minutes.rsplit(b"startxref\n", 1)[1].split()[0])
    table = minutes[at : minutes.rindex(b"startxref")]
    lines = [
        b"%010d" % (int(line[:10]) + shift) + line[10:] if line[17:18] == b"n" and len(line) >= 18 else line
        for line in table.split(b"\n")
    ]
    moved = other[:at] + b"\n".join(lines) + b"startxref\n%d\n%%%%EOF" % (at + shift)
    with pytest.raises(Rejected, match="does not go on from the certified revision"):
        read(minutes, signed(minutes + moved, chair, "Chair"))


def test_signed_minutes_of_another_vote_are_refused(minutes: bytes, chair: SimpleSigner) -> None:
    other = signed(minutes.replace(b"/Lang", b"/Lung"), chair, "Chair")
    assert certified_length(other, sha256(minutes).digest()) is None


def test_a_stranger_who_reads_certified_minutes_needs_nothing_that_reads_signatures(
    minutes: bytes, tmp_path: Path
) -> None:
    bundle, file = tmp_path / "bundle.zip", tmp_path / "minutes.pdf"
    write_bundle(bundle, naming(a_vote(), minutes))
    program = (
        "import sys; from surveys.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as end: print(end.code, sorted({'pyhanko', 'pypdfium2', 'aiohttp'} & set(sys.modules)))"
    )
    file.write_bytes(minutes)
    call = [sys.executable, "-c", program, "verify", str(bundle), "--jobs", "1", "--minutes", str(file)]
    told = subprocess.run(call, capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "0 []"
