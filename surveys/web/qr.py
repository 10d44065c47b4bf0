"""QR codes as plain values: a template draws them, on paper and on pages, without a picture file."""

from __future__ import annotations

from dataclasses import dataclass

import segno

BORDER = 2


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code as an SVG path over a square of `size` modules, quiet zone included."""

    size: int
    path: str


def qr_code(text: str) -> QrCode:
    """A QR code with medium error correction."""
    matrix = segno.make_qr(text, error="m").matrix
    path = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            run = x
            while run < len(row) and row[run]:
                run += 1
            if run > x:
                path.append(f"M{x + BORDER} {y + BORDER}h{run - x}v1h-{run - x}z")
            x = run + 1
    return QrCode(len(matrix) + 2 * BORDER, "".join(path))
