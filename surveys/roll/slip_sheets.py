"""Slips on paper: A4 sheets, eight a page, each with name, unit, code and QR (docs/protocol.md 6.2).

The code stands in the link's fragment, which browsers never send. DANGER: this document is the codes. It is written for the
organizer's own printer and disk, never served; who prints it must destroy what is not handed out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from surveys.protocol.codes import write_code
from surveys.web.qr import QrCode, qr_code

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
PROMISES = (
    "Lựa chọn được mã hóa trên máy của bạn; không ai, kể cả ban kiểm phiếu, mở từng phiếu: chỉ mở tổng số của nhóm. "
    "Không nơi nào lưu giấy mời nào ứng với lá phiếu nào; đừng đưa giấy này cho người khác.",
    "Your marks are encrypted on your device; nobody, not even the committee, opens a single ballot: only sums of groups. "
    "Nothing stored links this slip to a ballot; do not give it to anybody.",
)
SHOWN_OF_A_HASH = 16


@dataclass(frozen=True, slots=True)
class PaperSlip:
    """One slip as it is printed."""

    name: str
    unit: str
    code: str = field(repr=False)
    qr: QrCode = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sheets:
    """All slips of a vote. `client` is the beginning of the booth program's SHA-256, for comparing with the page."""

    title_vi: str
    address: str
    opens: str
    closes: str
    client: str
    promises: tuple[str, ...]
    slips: tuple[PaperSlip, ...]


def paper_slip(name: str, unit: str, code: bytes, address: str) -> PaperSlip:
    """One slip; `address` is that of the booth, `code` has 10 bytes."""
    written = write_code(code)
    return PaperSlip(name, unit, written, qr_code(f"{address}#{written}"))


def sheets(
    title_vi: str,
    address: str,
    opens: str,
    closes: str,
    zone: str,
    client: str,
    slips: Sequence[PaperSlip],
) -> Sheets:
    """The document. `opens` and `closes` are UTC instants (`…Z`), shown in the vote's time zone."""
    shown = [_local(instant, zone) for instant in (opens, closes)]
    return Sheets(title_vi, address, shown[0], shown[1], client[:SHOWN_OF_A_HASH], PROMISES, tuple(slips))


def printed(page: Sheets) -> str:
    """The HTML of the sheets, ready to print."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("print/slips.html").render(page=page)


def _local(instant: str, zone: str) -> str:
    at = datetime.fromisoformat(instant).astimezone(ZoneInfo(zone))
    return f"{at:%H:%M %d/%m/%Y} ({zone})"
