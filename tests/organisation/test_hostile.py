"""Files made to exhaust or fool the reader. Each is refused in one sentence, within 256 MB and 5 seconds."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from surveys.organisation.errors import UnusableFile
from surveys.organisation.raw_sheets import MAX_CSV, MAX_ELEMENTS, MAX_ROWS
from surveys.organisation.sheets import COLUMNS, read_organisation
from tests.organisation.build import as_csv, as_xlsx, as_zip, by_hand, good, inline, parts_of
from tests.organisation.confined import read_confined

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
    (million_rows, "unusable", TOO_LARGE),
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
]


@pytest.mark.parametrize(("bomb", "verdict", "why"), BOMBS, ids=lambda each: getattr(each, "__name__", ""))
def test_a_bomb_is_refused_before_it_goes_off(
    bomb: Callable[[Path], Path], verdict: str, why: str, tmp_path: Path
) -> None:
    found = read_confined(bomb(tmp_path / "a.xlsx"))
    assert (found.what, found.why[: len(why)]) == (verdict, why)


def test_the_confinement_kills_a_reader_that_takes_too_much(tmp_path: Path) -> None:
    """The twin of all the above: unpacked without counting, the zip bomb does not pass."""
    from tests.organisation import confined

    path = zip_bomb(tmp_path / "a.xlsx")
    naive = "import zipfile; zipfile.ZipFile(sys.argv[1]).read('xl/strings.xml')"
    code = confined.CHILD.replace("    read_organisation(Path(sys.argv[1]))", f"    {naive}")
    original, confined.CHILD = confined.CHILD, code
    try:
        with pytest.raises(AssertionError, match="MemoryError"):
            read_confined(path)
    finally:
        confined.CHILD = original


def test_a_million_rows_of_csv_are_refused(tmp_path: Path) -> None:
    folder = as_csv(tmp_path / "folder", good())
    (folder / "people.csv").write_text("code,name,unit\n" + "a,b,A1\n" * 10**6, "utf-8")
    assert read_confined(folder).why.startswith(TOO_LARGE)


def test_csv_of_nothing_but_commas_or_one_endless_cell_is_refused(tmp_path: Path) -> None:
    folder = as_csv(tmp_path / "folder", good())
    (folder / "people.csv").write_text("code,name,unit" + "," * (MAX_CSV - 100), "utf-8")
    assert read_confined(folder).what == "bad"
    (folder / "people.csv").write_text("x," * (MAX_CSV // 2), "utf-8")
    assert read_confined(folder).why.startswith(TOO_LARGE)
    (folder / "people.csv").write_text('code,name,unit\n"' + "𠀀" * (MAX_CSV // 4 - 100), "utf-8")
    assert read_confined(folder).what == "bad"
    (folder / "people.csv").write_bytes(b"x" * (MAX_CSV + 1))
    assert read_confined(folder).why.startswith(TOO_LARGE)


def test_the_largest_organisation_that_fits_is_read_within_the_same_bounds(tmp_path: Path) -> None:
    sheets = good()
    more = MAX_ROWS - len(sheets["people"])
    sheets["people"] += [
        [f"DU01-C01-{i:06}", f"Nguyễn Thị Ánh {i}", "A1", f"a{i}@example.org", "yes"] for i in range(more)
    ]
    assert read_confined(as_xlsx(tmp_path / "a.xlsx", sheets)).what == "read"


def test_as_many_wrong_cells_as_fit_are_reported_within_the_same_bounds(tmp_path: Path) -> None:
    sheets = good()
    for name, columns in COLUMNS.items():
        sheets[name] += [["\u200b"] * len(columns)] * 12_000
    assert read_confined(as_csv(tmp_path / "folder", sheets)).what == "bad"


def test_twenty_thousand_circles_cost_no_more_than_other_units(tmp_path: Path) -> None:
    sheets = good()
    sheets["units"] += [[f"c{i}", f"c{i ^ 1}", "x", "", "cell"] for i in range(40_000)]
    assert read_confined(as_csv(tmp_path / "folder", sheets)).why == "20000"


OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.mark.parametrize(
    ("raw", "en", "vi"),
    [
        (b"", "the file is empty", "tệp rỗng"),
        (
            OLE + bytes(2000),
            "an old .xls file, or one with a password: save it as .xlsx without",
            "tệp .xls cũ, hoặc tệp có mật khẩu",
        ),
        (b"code,name\n1,2\n", DAMAGED, "không phải tệp .xlsx"),
        (b"PK\5\6" + bytes(18), DAMAGED, "không phải tệp .xlsx"),
        (b"%PDF-1.7", DAMAGED, "không phải tệp .xlsx"),
    ],
)
def test_what_is_no_workbook_is_refused_in_one_sentence(raw: bytes, en: str, vi: str, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(raw)
    with pytest.raises(UnusableFile) as caught:
        read_organisation(tmp_path / "a.xlsx")
    assert en in caught.value.en
    assert vi in caught.value.vi


@pytest.mark.parametrize("name", ["a.xls", "a.ods", "a.csv", "a", "a.xlsm", "a.xlsx.exe"])
def test_another_kind_of_file_is_told_what_is_needed(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match=r"an \.xlsx file or a folder of \.csv files is needed"):
        read_organisation(as_xlsx(tmp_path / "a.xlsx", good()).rename(tmp_path / name))


def test_what_cannot_be_opened_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="cannot be opened"):
        read_organisation(tmp_path / "nothing.xlsx")
    (tmp_path / "loop.xlsx").symlink_to(tmp_path / "loop.xlsx")
    with pytest.raises(UnusableFile, match="cannot be opened"):
        read_organisation(tmp_path / "loop.xlsx")


@pytest.mark.skipif(os.name != "posix", reason="needs a named pipe")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.xlsx")
    with pytest.raises(UnusableFile):
        read_organisation(tmp_path / "a.xlsx")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "folder/units.csv")
    with pytest.raises(Exception, match="missing"):
        read_organisation(tmp_path / "folder")


def test_a_part_twice_under_names_that_differ_in_case_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile):
        read_organisation(as_zip(tmp_path / "a.xlsx", {**parts(), "XL/Worksheets/S1.xml": sheet("")}))


def test_a_sheet_name_twice_is_refused(tmp_path: Path) -> None:
    made = parts_of({"units": "", "units ": ""})
    made["xl/workbook.xml"] = made["xl/workbook.xml"].replace('"units "', '"units"')
    with pytest.raises(UnusableFile):
        read_organisation(as_zip(tmp_path / "a.xlsx", made))


def test_the_parts_of_a_workbook_made_by_hand_are_otherwise_read(tmp_path: Path) -> None:
    """The twin of the bombs: what they are made of is a good workbook."""
    assert read_organisation(as_zip(tmp_path / "a.xlsx", parts())) == read_organisation(
        by_hand(tmp_path / "b.xlsx", good())
    )
