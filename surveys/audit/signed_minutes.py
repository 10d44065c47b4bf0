"""Signatures on the typeset minutes (docs/protocol.md 13.7): the certified bytes, and behind them nothing but
increments that sign (PAdES, ISO 32000-2 12.8, read by pyHanko).

Loaded only where a file is not the certified one byte by byte: a verifier without it stays light. Danger: the
file is foreign, and what is added to a PDF may show a reader something else than what was certified, without
touching one byte of it. So each increment is compared with the certified revision, and what a signature shows
must stand on empty paper.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pypdfium2
from asn1crypto import cms, pem, x509
from pyhanko.pdf_utils.generic import DictionaryObject, IndirectObject, Reference
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.diff_analysis import SuspiciousModification
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import (
    DocumentTimestampStatus,
    PdfSignatureStatus,
    SignatureCoverageLevel,
)
from pyhanko_certvalidator import ValidationContext

from surveys.audit.case import Signature
from surveys.audit.increments import POLICY, Certified
from surveys.instants import instant
from surveys.protocol.errors import BadSignature, Inconsistent, Rejected

CHECK, WHERE = "13.7", "minutes.pdf"
MOST_INCREMENTS = 200
# What a signature's widget may hold. An action (/A, /AA) is a program that runs when somebody looks.
WIDGET = {
    *(
        "/Type",
        "/Subtype",
        "/FT",
        "/Ff",
        "/T",
        "/TU",
        "/TM",
        "/V",
        "/F",
        "/Rect",
        "/P",
        "/AP",
        "/AS",
        "/Parent",
    ),
    *("/Kids", "/Lock", "/SV", "/MK", "/DA", "/Q", "/NM", "/M", "/StructParent", "/Contents", "/Lang"),
}
NO_ZOOM = 8  # a widget that keeps its size while the page shrinks comes to cover what stands beside it
SHOWN_ABOUT = ("title", "author", "subject", "keywords", "creator", "language")
Box = tuple[float, float, float, float]
# It tells at length what it refuses, with the names of signers; the verdict says it once.
for _talker in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_talker).addHandler(logging.NullHandler())
    logging.getLogger(_talker).propagate = False


def read_authorities(content: bytes) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM file. Raises ValueError where it holds none."""
    found = tuple(x509.Certificate.load(der) for _, _, der in pem.unarmor(content, multiple=True))
    if not found:
        raise ValueError("no certificate")
    for each in found:
        each.native  # noqa: B018  (parses: a broken one is refused here)
    return found


def read_signatures(
    content: bytes, certified: int, authorities: Sequence[x509.Certificate] = ()
) -> tuple[Signature, ...]:
    """The signatures of a file whose first `certified` bytes are the certified minutes, in their order.

    Checked in this order: the file goes on from the certified revision and from no other; each increment
    changes nothing but signatures; those stand on empty paper; each holds for all bytes up to its own end,
    and the last for the whole file; with authorities, each certificate leads to one. Raises Inconsistent or
    BadSignature.
    """
    try:
        return _read(content, certified, authorities)
    except Rejected:
        raise
    except Exception as error:
        # Its reader has dozens of exceptions of its own, and a hostile file finds others: none is a yes.
        raise _altered(f"what was added cannot be read: {type(error).__name__}: {error}") from None


def _read(content: bytes, certified: int, authorities: Sequence[x509.Certificate]) -> tuple[Signature, ...]:
    base = PdfFileReader(io.BytesIO(content[:certified]))
    file = PdfFileReader(io.BytesIO(content))
    first = base.xrefs.total_revisions
    if not first < file.xrefs.total_revisions <= first + MOST_INCREMENTS or (
        file.xrefs.get_startxref_for_revision(first - 1) != base.last_startxref
    ):
        raise _altered("it does not go on from the certified revision")
    was = Certified(file, first - 1)
    changed = POLICY.review_file(file, was)
    if isinstance(changed, SuspiciousModification):
        raise _altered(str(changed))
    _same_about(was, file)
    _on_empty_paper(content[:certified], was, file)
    found = file.embedded_signatures
    if not any(each.sig_object_type == "/Sig" for each in found):
        raise _altered("nobody has signed what was added")
    signatures = tuple(_judge(each, first, authorities) for each in found)
    _nothing_behind(content, found[-1], file)
    return signatures


def _judge(given: EmbeddedPdfSignature, first: int, authorities: Sequence[x509.Certificate]) -> Signature:
    """One signature by itself, with all that came after it."""
    if given.signed_revision < first:
        raise _altered(f"the signature {given.fq_name!r} is older than what it signs")
    stamp = given.sig_object_type == "/DocTimeStamp"
    trust = _trust(authorities, given.self_reported_timestamp if not stamp else None)
    status: PdfSignatureStatus | DocumentTimestampStatus
    stamped = None
    if stamp:
        status = validate_pdf_timestamp(given, _trust(authorities, None), skip_diff=True)
        stamped = status.timestamp
    else:
        # Qualified certificates of some issuers lack "non-repudiation"; who signed is named either way.
        usage = KeyUsageConstraints(key_usage=set())
        status = validate_pdf_signature(given, trust, trust, None, usage, skip_diff=True)
        token = status.timestamp_validity
        if token is not None and not (token.intact and token.valid):
            raise _forged(given, "its time stamp does not hold")
        if token is not None and token.trusted:
            stamped = token.timestamp
    if not (status.intact and status.valid):
        raise _forged(given, "does not hold")
    if status.coverage not in (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION):
        raise _forged(given, "does not cover all that stands before it")
    _, length, behind, _ = (int(each) for each in given.byte_range)
    if behind != length + 2 * len(given.pkcs7_content) + 2:
        raise _forged(given, "leaves a gap in what it covers")
    written = cms.ContentInfo.load(given.pkcs7_content).dump()
    if given.pkcs7_content != written.ljust(len(given.pkcs7_content), b"\0"):
        raise _forged(given, "has something in the room that signatures leave")
    _unchanged_since(given, first)
    trusted = status.trusted if authorities else None
    signer = status.signing_cert
    if trusted is False:
        raise _forged(given, f"of {_name(signer.subject)}: no given authority vouches for its certificate")
    at = stamped or given.self_reported_timestamp
    return Signature(
        field=given.fq_name,
        signer=_name(signer.subject),
        issuer=_name(signer.issuer),
        serial=f"{signer.serial_number:x}",
        certificate=signer.sha256.hex(),
        at=None if at is None else instant(at.astimezone(UTC)),
        stamped=stamped is not None and (trusted is True or not stamp),
        stamp=stamp,
        trusted=trusted,
    )


def _unchanged_since(given: EmbeddedPdfSignature, first: int) -> None:
    """What a signature says and shows is as it was when it was given: no later increment writes it again.

    The certified part is compared once, for all increments: pyHanko would walk through it for each signature.
    """
    then = given.reader.get_historical_resolver(given.signed_revision)
    field = given.sig_field.container_ref
    if not isinstance(field, Reference):
        raise _altered(f"the signature {given.fq_name!r} stands in no field of its own")
    parts = [field]
    shown = then(field)
    for name in set(shown.keys()) - {"/P", "/Parent"}:
        parts += then.collect_dependencies(shown.raw_get(name), since_revision=first)
    if any(given.reader.xrefs.get_last_change(each) > given.signed_revision for each in parts):
        raise _altered(f"the signature {given.fq_name!r} was changed after it was given")


def _trust(authorities: Sequence[x509.Certificate], moment: datetime | None) -> ValidationContext:
    """Whom to believe, at the moment of the signature: minutes are read for years, certificates end."""
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return ValidationContext(trust_roots=list(authorities), moment=moment, allow_fetching=False)


def _same_about(was: HistoricalResolver, now: PdfFileReader) -> None:
    """Title and language are shown in the frame of a window; signing programs may write who they are."""
    before, after = was.document_meta_view, now.document_meta_view
    for name in SHOWN_ABOUT:
        if str(getattr(before, name, None)) != str(getattr(after, name, None)):
            raise _altered(f"the document's {name} was changed")
    if was.root.get("/MarkInfo") != now.root.get("/MarkInfo"):
        raise _altered("the mark of a tagged document was changed")


def _on_empty_paper(certified: bytes, was: HistoricalResolver, now: PdfFileReader) -> None:
    """Whatever a signature shows covers nothing that was certified, and no other signature."""
    pages = pypdfium2.PdfDocument(certified)
    try:
        for number in range(len(pages)):
            shown: list[Box] = []
            for widget in _added(number, was, now):
                if foreign := set(widget.keys()) - WIDGET:
                    raise _altered(f"a signature on page {number + 1} carries {', '.join(sorted(foreign))}")
                box = _box(widget)
                if box is None:
                    continue
                if int(widget.get("/F", 0)) & NO_ZOOM:
                    raise _altered(f"a signature on page {number + 1} does not keep to its place")
                if any(_touch(box, other) for other in shown):
                    raise _altered(f"a signature on page {number + 1} covers another one")
                if not is_empty(pages[number], box):
                    raise _altered(f"a signature on page {number + 1} covers what is written there")
                shown.append(box)
    finally:
        pages.close()


def _added(number: int, was: HistoricalResolver, now: PdfFileReader) -> Iterator[DictionaryObject]:
    """The annotations of a page that the certified revision does not have: widgets, by the policy."""
    old = {_reference(each) for each in _annotations(number, was)}
    for each in _annotations(number, now):
        if _reference(each) not in old:
            yield each.get_object()


def _annotations(number: int, document: PdfFileReader | HistoricalResolver) -> Sequence[IndirectObject]:
    page = document.find_page_for_modification(number)[0].get_object()  # type: ignore[no-untyped-call]
    return list(page.get("/Annots", ()))


def _reference(annotation: IndirectObject) -> tuple[int, int]:
    return annotation.idnum, annotation.generation


def _box(widget: DictionaryObject) -> Box | None:
    """Left, bottom, right, top; None where nothing is shown."""
    x, y, other_x, other_y = (float(each) for each in widget["/Rect"])
    box = min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y)
    return box if box[0] < box[2] and box[1] < box[3] else None


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def is_empty(page: pypdfium2.PdfPage, box: Box) -> bool:
    """Whether the paper is white there, looked at with 144 points an inch."""
    width, height = page.get_size()
    left, bottom, right, top = max(box[0], 0), max(box[1], 0), min(box[2], width), min(box[3], height)
    if left >= right or bottom >= top:
        return True
    looked = page.render(scale=2, crop=(left, bottom, width - right, height - top), grayscale=True)
    least, _ = looked.to_pil().getextrema()
    return bool(least == 255)


def _nothing_behind(content: bytes, last: EmbeddedPdfSignature, file: PdfFileReader) -> None:
    """The last signature covers the whole file, or what follows only keeps signatures checkable (DSS)."""
    _, _, start, length = (int(each) for each in last.byte_range)
    if start + length == len(content):
        return
    if last.signed_revision == file.xrefs.total_revisions - 1 or not (
        content[start + length :].rstrip(b"\r\n").endswith(b"%%EOF")
    ):
        raise _altered("the file goes on behind its last signature")


def _name(name: x509.Name) -> str:
    """The common name; all of the name where it has none."""
    return str(name.native.get("common_name") or name.human_friendly)


def _altered(why: str) -> Inconsistent:
    return Inconsistent(check=CHECK, where=WHERE, why=f"begins with the certified minutes, but {why}")


def _forged(given: EmbeddedPdfSignature, why: str) -> BadSignature:
    return BadSignature(check=CHECK, where=WHERE, why=f"the signature {given.fq_name!r} {why}")
