"""Zips as real writers make them: with a comment, with records of 64 bits, with sizes behind the data; and
those with a password.
"""

from __future__ import annotations

import io
import shutil
import struct
import zipfile
from pathlib import Path

import pytest

from surveys.organisation.sheets import read_file
from surveys.spreadsheets.errors import UnusableFile
from surveys.spreadsheets.ole import SIGNATURE
from tests.organisation.build import as_xlsx, good
from tests.spreadsheets.written import by_libreoffice, by_xlwt

PASSWORD = "the file has a password: open it, take the password off"


class NotSeekable(io.BytesIO):
    """A stream to which sizes can only be written behind the data."""

    def seekable(self) -> bool:
        return False

    def seek(self, offset: int, whence: int = 0) -> int:
        raise OSError


def again(path: Path, *, comment: bytes = b"", zip64: bool = False, streamed: bool = False) -> Path:
    """The same members in a zip of another kind."""
    out = NotSeekable() if streamed else io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            with new.open(zipfile.ZipInfo(member.filename), "w", force_zip64=zip64) as file:
                file.write(old.read(member))
        new.comment = comment
    path.write_bytes(out.getvalue())
    return path


def with_end_of_64_bits(path: Path) -> Path:
    """What Excel-like writers put behind every directory, though nothing needs it."""
    raw = path.read_bytes()
    at = raw.rfind(b"PK\5\6")
    number, size, start = struct.unpack_from("<HLL", raw, at + 10)
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, number, number, size, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, at, 1)
    path.write_bytes(raw[:at] + record + locator + raw[at:])
    return path


@pytest.mark.parametrize("kind", ["comment", "members of 64 bits", "end of 64 bits", "sizes behind the data"])
def test_a_zip_of_any_writer_is_read(kind: str, tmp_path: Path) -> None:
    path = as_xlsx(tmp_path / "a.xlsx", good())
    wanted = read_file(path)
    if kind == "end of 64 bits":
        with_end_of_64_bits(path)
    else:
        again(
            path,
            comment=b"made by an office" if kind == "comment" else b"",
            zip64=kind == "members of 64 bits",
            streamed=kind == "sizes behind the data",
        )
    assert read_file(path) == wanted


def test_what_stands_behind_a_zip_is_no_comment(tmp_path: Path) -> None:
    path = as_xlsx(tmp_path / "a.xlsx", good())
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(UnusableFile, match="damaged"):
        read_file(path)


def test_a_directory_of_64_bits_is_bounded_like_any_other(tmp_path: Path) -> None:
    path = with_end_of_64_bits(as_xlsx(tmp_path / "a.xlsx", good()))
    raw = bytearray(path.read_bytes())
    struct.pack_into("<Q", raw, raw.rfind(b"PK\6\6") + 40, 1 << 40)
    path.write_bytes(raw)
    with pytest.raises(UnusableFile, match="too large"):
        read_file(path)


def test_a_member_with_a_password_is_told_so(tmp_path: Path) -> None:
    path = as_xlsx(tmp_path / "a.xlsx", good())
    raw = bytearray(path.read_bytes())
    at = -1
    while (at := raw.find(b"PK\1\2", at + 1)) >= 0:
        raw[at + 8] |= 1
    path.write_bytes(raw)
    with pytest.raises(UnusableFile, match=PASSWORD):
        read_file(path)


def compound(*names: str) -> bytes:
    """A compound file with streams of these names and nothing in them."""
    entries = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HB", 2 * len(name) + 2, 5 if name == "Root Entry" else 2)
        + bytes(49)
        + struct.pack("<II", 0xFFFFFFFE, 0)
        + bytes(4)
        for name in ("Root Entry", *names)
    ).ljust(512, b"\0")
    table = struct.pack("<II", 0xFFFFFFFD, 0xFFFFFFFE).ljust(512, b"\xff")
    head = SIGNATURE + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    head += struct.pack("<6I", 1, 1, 0, 4096, 0xFFFFFFFE, 0) + struct.pack("<II", 0xFFFFFFFE, 0)
    return head + struct.pack("<109I", 0, *[0xFFFFFFFF] * 108) + table + entries


@pytest.mark.parametrize(
    ("streams", "en"),
    [
        (("EncryptedPackage", "EncryptionInfo"), PASSWORD),
        (("Book",), "an .xls file of Excel 95 or older"),
        (("WordDocument",), "no Excel workbook"),
    ],
)
def test_a_compound_file_says_what_it_is(streams: tuple[str, ...], en: str, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(compound(*streams))
    with pytest.raises(UnusableFile) as caught:
        read_file(tmp_path / "a.xlsx")
    assert en in caught.value.en


def test_a_circle_of_sectors_ends(tmp_path: Path) -> None:
    raw = bytearray(by_xlwt(tmp_path / "a.xls").read_bytes())
    first = struct.unpack_from("<I", raw, 76)[0]
    for at in range(512 * (first + 1), 512 * (first + 2), 4):
        struct.pack_into("<I", raw, at, 0)
    (tmp_path / "a.xls").write_bytes(raw)
    with pytest.raises(UnusableFile):
        read_file(tmp_path / "a.xls")


def test_an_ods_with_a_password_is_told_so(tmp_path: Path) -> None:
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not here: it wrote nothing")
    path = by_libreoffice(tmp_path / "a.ods")
    with zipfile.ZipFile(path) as old:
        inside = {member: old.read(member) for member in old.namelist()}
    name = "META-INF/manifest.xml"
    inside[name] = inside[name].replace(
        b"</manifest:manifest>", b"<manifest:encryption-data/></manifest:manifest>"
    )
    with zipfile.ZipFile(path, "w") as new:
        for member, content in inside.items():
            new.writestr(member, content)
    with pytest.raises(UnusableFile, match=PASSWORD):
        read_file(path)


def test_the_same_workbook_by_another_name_is_read_for_what_it_is(tmp_path: Path) -> None:
    wanted = read_file(as_xlsx(tmp_path / "a.xlsx", good()))
    for name in ("b.xls", "b.ods", "b.xlsm"):
        shutil.copy(tmp_path / "a.xlsx", tmp_path / name)
        assert read_file(tmp_path / name) == wanted
    (tmp_path / "c.xls").write_text("<html><table><tr><td>1</td></tr></table></html>")
    with pytest.raises(UnusableFile, match="a web page under the name of a workbook"):
        read_file(tmp_path / "c.xls")
