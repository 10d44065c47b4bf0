"""Workbooks and zips made to exhaust or fool a reader, each with the verdict it must get."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from surveys.spreadsheets.rows import MAX_ELEMENTS
from tests.organisation.build import SHEET, as_zip, good, inline, parts_of

TOO_LARGE, DAMAGED = "the file is too large", "not an .xlsx file, or a damaged one"
DOCTYPE = "the file declares a document type"
MEGABYTE = 2**20


def parts() -> dict[str, str]:
    return parts_of({name: inline(rows) for name, rows in good().items()}, shared="<si><t>x</t></si>")


def with_part(path: Path, name: str, content: str | bytes) -> Path:
    return as_zip(path, {**parts(), name: content})


def sheet(data: str) -> str:
    return parts_of({"units": data})["xl/worksheets/s1.xml"]


def million_rows(path: Path) -> Path:
    return with_part(path, "xl/worksheets/s2.xml", sheet("<row><c><v>1</v></c></row>" * 10**6))


def million_empty_rows(path: Path) -> Path:
    return with_part(path, "xl/worksheets/s2.xml", sheet("<row/>" * (MAX_ELEMENTS + 1)))


def wide(path: Path) -> Path:
    return with_part(path, "xl/worksheets/s2.xml", sheet("<row>" + "<c><v>1</v></c>" * 300_000 + "</row>"))


def far_away(path: Path) -> Path:
    """Two cells, and seventeen thousand million between them."""
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return with_part(path, "xl/worksheets/s2.xml", sheet(cells))


def zip_bomb(path: Path) -> Path:
    return with_part(path, "xl/strings.xml", b"<sst>" + b" " * 300 * MEGABYTE)


def attribute_bomb(path: Path) -> Path:
    return with_part(path, "xl/worksheets/s2.xml", b'<worksheet a="' + b"x" * 60 * MEGABYTE + b'"/>')


def deep(path: Path) -> Path:
    return with_part(path, "xl/worksheets/s2.xml", b"<a>" * (MAX_ELEMENTS + 1))


def one_long_text(path: Path) -> Path:
    return with_part(path, "xl/strings.xml", b"<sst><si><t>" + b"x" * 100 * MEGABYTE)


def laughs(path: Path) -> Path:
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    return with_part(path, "xl/workbook.xml", f'<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]><x>&l11;</x>')


def external(path: Path) -> Path:
    return with_part(
        path, "xl/strings.xml", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    )


def overlapping(path: Path) -> Path:
    """Many entries of the directory share one compressed kernel of 1000 times its size."""
    kernel, size = deflated_zeros(4 * MEGABYTE)
    entries = [(f"xl/worksheets/s{i}.xml", 0) for i in range(1, 2000)]
    return crafted(path, kernel, size, entries)


def lying(path: Path) -> Path:
    """A member that says it is small, and goes on."""
    kernel, _ = deflated_zeros(300 * MEGABYTE)
    return crafted(path, kernel, 100, [("xl/workbook.xml", 0), ("_rels/.rels", 0)], zlib.crc32(b" " * 100))


def vast_directory(path: Path) -> Path:
    kernel, size = deflated_zeros(10)
    return crafted(path, kernel, size, [(f"{i}", 0) for i in range(250_000)])


def within_itself(path: Path) -> Path:
    """A workbook in a workbook in a workbook: what is not needed is not unpacked."""
    inner = b""
    for _ in range(6):
        inner = as_zip(path, {**parts(), "xl/again.xlsx": inner + b"\0" * 10 * MEGABYTE}).read_bytes()
    return path


def by_bzip2(path: Path) -> Path:
    """A kernel of which 64 KB unpack to a gigabyte at once."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        for name, content in parts().items():
            archive.writestr(name, content if name != "_rels/.rels" else b" " * 300 * MEGABYTE)
    return path


def brackets(path: Path, number: int = 900_000) -> Path:
    """A number format in which the search for literal text would take the square of its length."""
    shape = '<numFmts><numFmt numFmtId="164" formatCode="' + "[" * number + '"/></numFmts>'
    return as_zip(path, parts_of({name: inline(rows) for name, rows in good().items()}, styles=shape))


def attributes(path: Path) -> Path:
    """Elements with sixty thousand attributes each."""
    element = "<c " + " ".join(f'a{i}=""' for i in range(60_000)) + "/>"
    return with_part(path, "xl/worksheets/s2.xml", sheet("<row>" + element * 80 + "</row>"))


def kinds(path: Path) -> Path:
    """A million elements, each with another name."""
    return with_part(path, "xl/worksheets/s2.xml", sheet("".join(f"<x{i}/>" for i in range(10**6))))


def wide_texts(path: Path) -> Path:
    """Texts of four bytes a letter, nearly as long as one may be."""
    text = f"<si><t>{'𠀀' * 90_000}</t></si>"
    return with_part(path, "xl/strings.xml", f'<sst xmlns="{SHEET}">' + text * 800)


def own_texts(path: Path) -> Path:
    """Far more text of its own in every cell than a name needs."""
    cell = f'<c t="inlineStr"><is><t>{"ế" * 2000}</t></is></c>'
    return with_part(path, "xl/worksheets/s2.xml", sheet(("<row>" + cell * 50 + "</row>") * 700))


def padded(bomb: Callable[[Path], Path]) -> Callable[[Path], Path]:
    """The same bomb in a file of 30 MB, which may unpack to more."""

    def with_noise(path: Path) -> Path:
        with zipfile.ZipFile(bomb(path), "a", zipfile.ZIP_STORED) as archive:
            archive.writestr("xl/media/noise.png", random.Random(1).randbytes(30 * MEGABYTE))
        return path

    with_noise.__name__ = f"{bomb.__name__}_padded"
    return with_noise


def deflated_zeros(size: int) -> tuple[bytes, int]:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = b" " * MEGABYTE
    out = [packer.compress(block[: min(MEGABYTE, size - at)]) for at in range(0, size, MEGABYTE)]
    return b"".join([*out, packer.flush()]), size


def crafted(
    path: Path, kernel: bytes, size: int, entries: list[tuple[str, int]], crc: int | None = None
) -> Path:
    """A zip of which all entries point to one kernel."""
    crc = zlib.crc32(b" " * size) if crc is None else crc
    out, directory = io.BytesIO(), io.BytesIO()
    offsets: dict[str, int] = {}
    for name, _ in entries[:2] if len(entries) < 10 else entries[:1]:
        offsets[name] = out.tell()
        out.write(struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(kernel), size, len(name), 0))
        out.write(name.encode() + kernel)
    for name, _ in entries:
        head = (20, 20, 0, 8, 0, 0, crc, len(kernel), size, len(name), 0, 0, 0, 0, 0, offsets.get(name, 0))
        directory.write(struct.pack("<4s6H3L5H2L", b"PK\1\2", *head) + name.encode())
    end = (0, 0, min(len(entries), 65535), min(len(entries), 65535), directory.tell(), out.tell(), 0)
    path.write_bytes(out.getvalue() + directory.getvalue() + struct.pack("<4s4H2LH", b"PK\5\6", *end))
    return path


BOMBS: list[tuple[Callable[[Path], Path], str, str]] = [
    (million_rows, "bad", ""),  # no header in the first rows: the others are not looked at
    (million_empty_rows, "unusable", TOO_LARGE),
    (wide, "unusable", TOO_LARGE),
    (far_away, "unusable", TOO_LARGE),
    (zip_bomb, "unusable", TOO_LARGE),
    (attribute_bomb, "unusable", TOO_LARGE),
    (deep, "unusable", TOO_LARGE),
    (one_long_text, "unusable", TOO_LARGE),
    (laughs, "unusable", DOCTYPE),
    (external, "unusable", DOCTYPE),
    (overlapping, "unusable", DAMAGED),
    (lying, "unusable", DAMAGED),
    (vast_directory, "unusable", TOO_LARGE),
    (within_itself, "read", ""),
    (by_bzip2, "unusable", DAMAGED),
    (brackets, "unusable", DAMAGED),
    (attributes, "unusable", DAMAGED),
    (kinds, "unusable", DAMAGED),
    *(
        (padded(bomb), "unusable", TOO_LARGE)
        for bomb in (million_empty_rows, zip_bomb, attribute_bomb, wide_texts)
    ),
    (padded(own_texts), "bad", ""),
]
