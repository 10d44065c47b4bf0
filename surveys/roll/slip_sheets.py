"""Slips on paper: A4 sheets, six a page, each with name, unit, code and QR (docs/protocol.md 6.2).

The code stands in the link's fragment, which browsers never send. DANGER: this document is the codes. It is
written for the organizer's own printer and disk, never served; who prints it must destroy what is not handed
out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from surveys.instants import Instant
from surveys.protocol.codes import short_code, write_code
from surveys.shipped import TEMPLATES
from surveys.web.qr import QrCode, qr_code

PROMISES = (
    "Lựa chọn được mã hóa trên máy của bạn; không ai mở từng phiếu. Không nơi nào lưu giấy này ứng với lá "
    "phiếu nào; đừng đưa cho "
    "người khác.",
    "Your marks are encrypted on your device; nobody opens a single ballot. Nothing stored links this slip "
    "to a ballot; give it to "
    "nobody.",
)
NO_CONTACT = "bộ phận tổ chức lấy phiếu"
SHOWN_OF_A_HASH = 16


@dataclass(frozen=True, slots=True)
class PaperSlip:
    """One slip as it is printed."""

    name: str
    unit: str
    person: str
    code: str = field(repr=False)
    qr: QrCode = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sheets:
    """All slips of a vote. `client` is the beginning of the booth program's SHA-256, for comparing with the
    page.
    """

    title_vi: str
    typed: str
    opens: str
    closes: str
    client: str
    promises: tuple[str, ...]
    contact: str
    slips: tuple[PaperSlip, ...]


def paper_slip(name: str, unit: str, person: str, code: bytes, address: str) -> PaperSlip:
    """One slip; `person` is the code of the voter's record, `address` that of the booth, `code` has
    10 bytes.
    """
    written = write_code(code)
    return PaperSlip(name, unit, person, written, qr_code(f"{address}#{written}"))


def sheets(
    title_vi: str,
    address: str,
    survey: bytes,
    opens: Instant,
    closes: Instant,
    zone: str,
    client: str,
    slips: Sequence[PaperSlip],
    contact: str = "",
) -> Sheets:
    """The document. `address` is that of the site's booths (`…/b/`), `contact` who helps a voter. `opens` and
    `closes` are shown in the vote's time zone.
    """
    shown = [_local(at, zone) for at in (opens, closes)]
    typed = f"{address.partition('://')[2] or address}{short_code(survey)}"
    shown_hash = client[:SHOWN_OF_A_HASH]
    return Sheets(
        title_vi, typed, shown[0], shown[1], shown_hash, PROMISES, contact or NO_CONTACT, tuple(slips)
    )


def printed(page: Sheets) -> str:
    """The HTML of the sheets, ready to print."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("print/slips.html").render(page=page)


def _local(instant: Instant, zone: str) -> str:
    at = instant.astimezone(ZoneInfo(zone))
    return f"{at:%H} giờ {at:%M} ngày {at:%d/%m/%Y}"
