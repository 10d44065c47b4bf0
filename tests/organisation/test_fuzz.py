"""Any bytes at all are read, or refused as an unusable file or with a list of errors; nothing else ever comes
out.
"""

from __future__ import annotations

import io
import random
import re
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.errors import SurveysError
from surveys.organisation.errors import BadSheets
from surveys.organisation.sheets import read_organisation
from surveys.spreadsheets.errors import UnusableFile
from tests.organisation.build import as_csv, as_xlsx, by_hand, good

SHARED = "<si><t>Ánh</t></si>"
TOKENS = [
    b"<c", b"<v>", b"</v>", b't="s"', b't="str"', b't="inlineStr"', b't="n"', b't="e"', b't="x"', b's="1"', b's="-1"', b'r="A1"',
    b'r="ZZZ9999999"', b'r="9"', b'r=""', b"<f>", b"<row>", b'<row r="0">', b'<row r="-1">', b"<si>", b"_xD800_", b"_x0000_", b"9" * 400,
    b"1E999", b"-", b"&#0;", b"&lt;", b"<!DOCTYPE a>", b"<!--", b"<![CDATA[", b'encoding="utf-7"', b'<?xml version="1.0" encoding="shift_jis"?>',
    b"worksheet", b"Target", b"../../..", b"\xff\xfe", b"\xc3", b"\0",
]  # fmt: skip


# What stands in an attribute or between tags: put in its place, the part stays well-formed.
VALUE = re.compile(rb'(?<=")[^"<]*(?=")|(?<=>)[^<]*(?=<)')
VALUES = [
    b"", b"0", b"1", b"3", b"7.0", b"-1", b"1E300", b"NaN", b"s", b"str", b"b", b"d", b"n", b"A1", b"C3", b"XFD1048576", b"units", b"people",
    b"x" * 301, b"_x0007_", "\u200b".encode(), "Ánh".encode(), b"worksheets/s1.xml", b"/xl/workbook.xml", b"http://x/worksheet", b"K", b"001",
]  # fmt: skip


def survives(path: Path) -> str:
    """How it ended. Any other exception fails the test."""
    refusal: SurveysError | None = None
    try:
        read_organisation(path)
    except (BadSheets, UnusableFile) as error:
        refusal = error
    if isinstance(refusal, BadSheets):
        assert refusal.errors
        assert all(each.vi and each.en and each.sheet and each.column for each in refusal.errors)
        return "bad"
    if isinstance(refusal, UnusableFile):
        assert refusal.vi
        assert refusal.en
        return "unusable"
    return "read"


def workbook(by_library: bool) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.xlsx"
        return (as_xlsx(path, good()) if by_library else by_hand(path, good(), SHARED)).read_bytes()


GOOD = [workbook(True), workbook(False)]


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300) | st.binary(max_size=100).map(lambda raw: b"PK\3\4" + raw + b"PK\5\6" + bytes(18))
)
def test_any_bytes_as_a_workbook(raw: bytes) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "a.xlsx").write_bytes(raw)
        assert survives(Path(folder) / "a.xlsx") == "unusable"


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["units", "people", "posts", "grading", "history"]), st.binary(max_size=200)
    )
)
def test_any_bytes_as_csv(files: dict[str, bytes]) -> None:
    with TemporaryDirectory() as folder:
        for name, raw in files.items():
            (Path(folder) / f"{name}.csv").write_bytes(raw)
        zipped = any(raw.startswith(b"PK\3\4") for raw in files.values())
        assert survives(Path(folder)) == ("unusable" if zipped else "bad")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.text(max_size=6), max_size=9), max_size=5), st.sampled_from(sorted(good())))
def test_any_cells_below_a_good_header(cells: list[list[str]], sheet: str) -> None:
    with TemporaryDirectory() as folder:
        sheets = good()
        sheets[sheet] += [list[object](row) for row in cells]
        survives(as_csv(Path(folder), sheets))


def mutated(raw: bytes, dice: random.Random) -> bytes:
    """A few bytes of the file changed, dropped, doubled."""
    out = bytearray(raw)
    for _ in range(dice.randint(1, 6)):
        at, length = dice.randrange(len(out)), dice.choice([1, 1, 2, 4, 30])
        kind = dice.randrange(4)
        if kind == 0:
            out[at] ^= 1 << dice.randrange(8)
        elif kind == 1:
            del out[at : at + length]
        elif kind == 2:
            out[at:at] = out[at : at + length]
        else:
            out[at : at + length] = dice.choice([b"\0", b"\xff"]) * length
        if not out:
            break
    return bytes(out)


def mutated_inside(raw: bytes, dice: random.Random) -> bytes:
    """The same done to one part within the zip, which stays a good zip; or a piece of XML put somewhere."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        chosen = dice.choice([name for name in names if not name.startswith("docProps")])
        for name in names:
            content = old.read(name)
            if name == chosen:
                if dice.random() < 0.5:
                    found = dice.choice(list(VALUE.finditer(content)))
                    content = content[: found.start()] + dice.choice(VALUES) + content[found.end() :]
                elif dice.random() < 0.3:
                    content = mutated(content, dice)
                else:
                    places = [i for i, byte in enumerate(content) if byte in b'<> "/'] or [0]
                    at = dice.choice(places)
                    cut = dice.choice([0, 0, 1, 6])
                    content = content[:at] + dice.choice(TOKENS) + content[at + cut :]
            new.writestr(name, content)
    return out.getvalue()


def test_mutated_workbooks(tmp_path: Path) -> None:
    """Two thousand, by a fixed seed; each way of ending is seen, so the mutations are neither too weak nor
    too strong.
    """
    dice = random.Random(2026)
    ends = {"read": 0, "bad": 0, "unusable": 0}
    path = tmp_path / "a.xlsx"
    for i in range(2000):
        mutate = mutated_inside if i % 4 else mutated
        path.write_bytes(mutate(GOOD[i % 2 if i % 4 else 0], dice))
        ends[survives(path)] += 1
    assert min(ends.values()) > 20, ends


def test_the_workbooks_that_were_mutated_are_good(tmp_path: Path) -> None:
    for raw in GOOD:
        (tmp_path / "a.xlsx").write_bytes(raw)
        assert survives(tmp_path / "a.xlsx") == "read"
