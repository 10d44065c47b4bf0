"""The typeset minutes hold every figure of the bundle, and the same bundle always gives the same bytes
(docs/protocol.md 13.7).
"""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from surveys.instants import read_instant
from surveys.names import UnitCode
from surveys.papers.minutes_record import MinutesRecord, read_record
from surveys.papers.typeset import Paper, notice, one_unit, press, report, results_list, typeset, whole_round
from surveys.papers.typeset.blocks import Paragraph, plainly
from surveys.papers.typeset.minutes import fits_two_pages
from surveys.protocol.definition import Visibility
from surveys.protocol.stationery import Letterhead, Stationery
from surveys.results.errors import NobodyVotedOn, NoSuchUnit, TypesettingFailed
from tests.minuted import a_record, altered, definition_of, headed, pages_of, sources

TEMPLATES = Path(press.__file__).parent
GOLDEN = "a55e1fd13699596f1519656aeb24de10e03f848c78021433bc3ce462d00ba338"


def _written(n: int) -> str:
    return f"{n:,}".replace(",", ".")


def _stands(row: str, text: str) -> bool:
    """Whether this row stands in the text. Within a name or a word a line may end, within a number it may
    not.
    """
    pattern = "".join(
        (" ?" if not before.isdigit() and " " not in (before, letter) else "") + re.escape(letter)
        for before, letter in pairwise(f" {row}")
    )
    return re.search(pattern, text) is not None


def _row(number: int, entry: dict[str, Any], posts: str, levels: Sequence[str]) -> str:
    """The cells of a counted leader's row, in order, as 13.2 has them."""
    marks = [
        f"{_written(entry['levels'][level])} {entry['percent'][level].replace('.', ',')} %"
        for level in levels
    ]
    own = entry["denominator"]["name"] != "returned"
    n = [_written(entry["denominator"]["n"])] if own else []
    cells = [str(number), entry["name"], posts, _written(entry["returned"]), *n, *marks]
    return " ".join([*cells, _written(entry["not_marked"])])


def _missing(pdf: bytes, members: dict[str, bytes]) -> list[str]:
    """What the results say and the paper does not: rows of leaders, rows of groups, who is withheld."""
    text = " ".join(pages_of(pdf))
    definition = json.loads(members["manifest.json"])["definition"]
    names = {unit["code"]: unit["name"] for unit in definition["units"]}
    levels = [level["id"] for level in definition["rule"]["levels"]]
    missing = []
    for number, entry in enumerate(json.loads(members["results.json"])["contests"], start=1):
        posts = "; ".join(definition["contests"][number - 1]["titles"])
        if entry["withheld"] is not None:
            wanted = [f"{number} {entry['name']} {posts} Triệu tập {entry['summoned']}. Ẩn kết quả"]
        else:
            wanted = [_row(number, entry, posts, levels)]
        for group in entry["breakdown"] if len(entry["breakdown"]) > 1 else ():
            units = "; ".join(names[code] for code in group["units"])
            merged = " (gộp)" if len(group["units"]) > 1 else ""
            figures = (group["returned"], *(group["levels"][level] for level in levels), group["not_marked"])
            wanted.append(" ".join([units + merged, *map(_written, figures)]))
        missing += [row for row in wanted if not _stands(row, text)]
    return missing


@pytest.mark.parametrize("preset", ["local-annual", "nq85-2014", "formal-vote", "grading"])
def test_every_figure_of_the_results_stands_in_the_typeset_minutes(preset: str) -> None:
    members = sources(preset=preset)
    assert _missing(typeset(whole_round(read_record(members))), members) == []


@pytest.mark.parametrize("figure", ["level", "group", "returned"])
def test_a_paper_with_another_figure_is_seen(figure: str) -> None:
    def change(results: dict[str, Any]) -> None:
        first = results["contests"][0]
        if figure == "level":
            first["levels"]["low"] += 1
        elif figure == "group":
            first["breakdown"][1]["levels"]["high"] += 1
        else:
            first["returned"] += 1

    members = sources()
    forged = typeset(whole_round(read_record(altered(members, "results.json", change))))
    assert len(_missing(forged, members)) == 1


def test_what_the_committee_states_stands_in_the_typeset_minutes() -> None:
    members = sources(headed(Stationery(issued_at="Hà Nội", recipients=("Ban Thường vụ", "Lưu"))))
    text = " ".join(pages_of(typeset(whole_round(read_record(members)))))
    minutes = json.loads(members["minutes.json"])
    for hashed in ("manifest", "ceremony", "board", "plan", "results", "roll"):
        raw = minutes[hashed]
        assert " ".join(raw[i : i + 8] for i in range(0, 64, 8)) in text
    for said in (
        "BAN KIỂM PHIẾU * ĐẢNG CỘNG SẢN VIỆT NAM",
        "Hà Nội, ngày 02 tháng 11 năm 2026",
        "Nơi kiểm phiếu: Hội trường tầng 2",
        "Theo văn bản tổ chức lấy phiếu số 12-KH/ĐUK",
        "Bắt đầu bỏ phiếu: 08 giờ 00 phút, ngày 02 tháng 11 năm 2026",
        "Kết thúc bỏ phiếu: 17 giờ 00 phút, ngày 02 tháng 11 năm 2026",
        "16 giờ 00 phút, ngày 02 tháng 11 năm 2026 Gia hạn thủ công 17 giờ 00 phút",
        "Mất điện",
        "Số người được triệu tập: 59",
        "Số người có mặt: 49",
        "Số người vắng mặt: 10",
        "49/59, cần ít nhất 2/3: đủ",
        "Chủ trì: Ngô Thị Chín",
        "Thư ký: Đỗ Văn Mười",
        "1 Ngô Hải Trưởng ban Có 2 Đỗ Mai Ủy viên – 3 Võ Long Ủy viên Có",
        "Số phiếu phát ra: 47",
        "Số phiếu thu về: 45",
        "Số phiếu không thu về: 2",
        "Số phiếu hợp lệ: 45",
        "Số phiếu không hợp lệ: 0",
        "45 ≤ 47 ≤ 49 ≤ 59",
        "Số giấy mời được thay: 1",
        "Mẫu số của tỷ lệ: số phiếu thu về",
        "2. <script>alert(1)</script> & 'Tú', Chi bộ Văn phòng. Lý do: Thông báo nghỉ hưu ngày 02/11",
        "Mất điện 5 phút",
        "1 Đơn của ông A Không có cơ sở 2 Đơn của bà B Chưa giải quyết",
        "Người giữ hồ sơ niêm phong: Văn phòng Khối",
        "niêm phong 6 tháng; nhận khiếu nại trong 15 ngày làm việc; tiêu hủy theo quyết định",
        "Phần mềm: tin-nhiem 0.1.0",
        "Chương trình booth 046b34e5",
        "THƯ KÝ (ký, ghi rõ họ tên) Đỗ Văn Mười",
        "TRƯỞNG BAN KIỂM PHIẾU (ký, ghi rõ họ tên) Ngô Hải",
        "ỦY VIÊN (ký, ghi rõ họ tên) Đỗ Mai ỦY VIÊN (ký, ghi rõ họ tên) Võ Long",
        "NGƯỜI GIỮ HỒ SƠ (ký, ghi rõ họ tên) Văn phòng Khối",
        "Nơi nhận: - Đảng bộ Khối các cơ quan tỉnh, - Ban Thường vụ, - Lưu.",
    ):
        assert said in text, said


def test_each_page_but_the_first_has_its_number_above() -> None:
    pages = pages_of(typeset(whole_round(a_record())))
    assert len(pages) > 5
    assert not pages[0].startswith("1 ")
    for number, page in enumerate(pages[1:], start=2):
        assert page.startswith(f"{number} ")


def _many(leaders: int) -> MinutesRecord:
    """The record with so many copies of its first leader."""
    record = a_record()
    first = record.book.entries[0]
    entries = tuple(replace(first, number=i + 1) for i in range(leaders))
    return replace(record, book=replace(record.book, entries=entries))


@pytest.mark.parametrize("letterhead", Letterhead)
def test_results_that_fit_on_two_pages_stand_before_the_signatures(letterhead: Letterhead) -> None:
    for leaders in (30, 31):
        record = _many(leaders)
        headed_ = replace(record.definition, papers=Stationery(letterhead))
        record = replace(record, manifest=replace(record.manifest, definition=headed_))
        here = fits_two_pages(record, record.book.entries)
        assert here is (leaders <= 30)
        pages = pages_of(typeset(whole_round(record)))
        rows = [i for i, page in enumerate(pages) if "Nguyễn Văn Đạt Bí thư; Giám đốc" in page]
        signed = next(i for i, page in enumerate(pages) if "(ký, ghi rõ họ tên)" in page)
        assert (rows[0] <= signed) is here
        assert ("MỤC LỤC" in " ".join(pages)) is not here
        if here:
            # Two pages' height may begin in the middle of one.
            assert rows[-1] - rows[0] <= 2


def test_the_contents_name_the_page_of_each_unit() -> None:
    record = _many(31)
    units = (record.book.units[UnitCode(code)] for code in ("A", "A1", "B1"))
    placed = zip(record.book.entries, itertools.cycle(units), strict=False)
    entries = tuple(replace(entry, unit=unit) for entry, unit in placed)
    pages = pages_of(typeset(whole_round(replace(record, book=replace(record.book, entries=entries)))))
    contents = next(page for page in pages if "MỤC LỤC" in page)
    for unit in ("Đảng ủy Sở Nội vụ", "Chi bộ Văn phòng", "Chi bộ Ngân sách"):
        listed = contents.partition(f"{unit} . .")[2].replace(".", " ").split()[0]
        assert f"{unit} Mã đơn vị" in pages[int(listed) - 1]


HOSTILE = (
    '#import "@preview/x:1.0.0": y',
    "#panic() *bold* _it_ $x^2$ `raw` -- ~ // /* <script>alert(1)</script>",
    "= Heading @label <label> \\ [a] {b} 'quoted' \"twice\" https://example.org",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_is_code_comes_out_as_text(name: str) -> None:
    definition = definition_of()
    first = replace(definition.contests[0], name=name, titles=(name,))
    units = tuple(replace(unit, name=name) if unit.code == "A" else unit for unit in definition.units)
    hostile = replace(
        definition,
        contests=(first, *definition.contests[1:]),
        units=units,
        place=name,
        organisation=name,
        trustees=(name, *definition.trustees[1:]),
        title_vi=name,
    )
    # Without spaces: a line may end inside such a name.
    text = "".join(pages_of(typeset(whole_round(a_record(hostile))))).replace(" ", "")
    shown = name.replace(" ", "")
    assert text.count(shown) >= 6
    assert f"1{shown}{shown}2416" in text


def test_a_letter_without_a_glyph_or_that_turns_the_line_is_written_by_number() -> None:
    definition = definition_of()
    odd = "Lê \u200f漢\U0001f600 ạ" + "\u0323" * 3
    contest = replace(definition.contests[0], name=odd)
    record = a_record(replace(definition, contests=(contest, *definition.contests[1:])))
    text = "".join(pages_of(typeset(whole_round(record)))).replace(" ", "")
    assert "1Lê[U+200F][U+6F22][U+1F600]ạ" in text
    assert "\u0323[U+0323]Bíthư;Giámđốc2416" in text
    assert "\u200f" not in text


def test_a_letter_without_a_glyph_would_stop_the_typesetter() -> None:
    paper = whole_round(a_record())
    paper = replace(paper, sheet=replace(paper.sheet, title="漢", body=(Paragraph(plainly("漢")),)))
    with pytest.raises(TypesettingFailed, match="could not be displayed"):
        typeset(paper)


def test_an_endless_word_stays_on_its_page() -> None:
    definition = definition_of()
    contest = replace(definition.contests[0], name="W" * 300)
    pdf = typeset(whole_round(a_record(replace(definition, contests=(contest, *definition.contests[1:])))))
    assert any("W" * 24 in page for page in pages_of(pdf))
    assert "24 16 66,67 %" in " ".join(pages_of(pdf))


SET_AGAIN = """
import sys
from surveys.papers.typeset import typeset, whole_round
from tests.minuted import a_record
sys.stdout.buffer.write(typeset(whole_round(a_record())))
"""


def test_another_process_in_another_place_sets_the_same_bytes(tmp_path: Path) -> None:
    paper = whole_round(a_record())
    elsewhere = {
        **os.environ,
        "TZ": "America/Lima",
        "LC_ALL": "C",
        "RAYON_NUM_THREADS": "1",
        "SOURCE_DATE_EPOCH": "1",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    again = subprocess.run(
        [sys.executable, "-c", SET_AGAIN],
        capture_output=True,
        cwd=tmp_path,
        env=elsewhere,
        check=True,
    )
    assert again.stdout == typeset(paper)
    assert again.stdout != typeset(replace(paper, created=read_instant("2026-11-02T10:00:01Z")))


def test_the_bytes_do_not_depend_on_the_machine() -> None:
    """A hash made once. Whoever changes a template, or typst, changes what older bundles name: then it is
    written anew here, and after a release the version of the software must change with it (13.7)."""
    assert sha256(typeset(whole_round(a_record()))).hexdigest() == GOLDEN


def _reader(pdf: bytes) -> tuple[PdfReader, Any]:
    reader = PdfReader(io.BytesIO(pdf))
    return reader, reader.trailer["/Root"].get_object()


WAYS: dict[str, Callable[[MinutesRecord], Paper]] = {
    "round": whole_round,
    "unit": lambda record: one_unit(record, UnitCode("A")),
    "report": lambda record: report(record, UnitCode("A")),
    "list": lambda record: results_list(record, UnitCode("A")),
    "notice": lambda record: notice(record, 1),
}


@pytest.mark.parametrize("kind", WAYS)
def test_a_paper_is_tagged_titled_and_made_for_the_archive(kind: str) -> None:
    paper = WAYS[kind](a_record())
    reader, root = _reader(typeset(paper))
    assert root["/Lang"] == "vi-VN"
    assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"].value is True
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert reader.metadata is not None
    assert reader.metadata.title == paper.sheet.title
    described = root["/Metadata"].get_object().get_data()
    assert b"<pdfaid:part>2</pdfaid:part>" in described
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in described
    assert b"pdfuaid:part" in described
    pages: list[Any] = list(reader.pages)
    fonts = {
        font.get_object()["/BaseFont"].split("+")[1].removesuffix("-Identity-H")
        for page in pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts <= {"Tinos-Regular", "Tinos-Bold", "Tinos-Italic", "Tinos-BoldItalic", "DejaVuSansMono"}


LEVELS = ("high", "plain", "low")


def test_one_units_minutes_name_only_its_own() -> None:
    members = sources()
    text = " ".join(pages_of(typeset(one_unit(read_record(members), UnitCode("A")))))
    entry = json.loads(members["results.json"])["contests"][0]
    assert _row(1, entry, "Bí thư; Giám đốc", LEVELS) in text
    assert "Chi bộ Tổ chức biên chế; Chi bộ Công chức viên chức (gộp) 14 6 5 2 1" in text
    assert json.loads(members["minutes.json"])["results"][:8] in text
    assert "LƯU HÀNH NỘI BỘ" in text
    for other in ("Tú", "Trần Thị Hằng", "Lê Quang Vinh", "Mất điện 5 phút", "Đơn của ông A"):
        assert other not in text
    assert "1 sự cố, 2 khiếu nại" in text


def test_the_report_upward_has_a_row_for_each_leader_below_and_is_restricted() -> None:
    members = sources()
    text = " ".join(pages_of(typeset(report(read_record(members), UnitCode("B")))))
    entries = json.loads(members["results.json"])["contests"]
    assert _row(3, entries[2], "Trưởng phòng", LEVELS) + " Số 3: Đưa ra khỏi quy hoạch" in text
    assert "Theo dõi: trên 50 % tín nhiệm thấp trong hai năm liền" in text
    assert "Cộng các lượt đánh giá 1 người có kết quả 18 4 22,22 % 3 16,67 % 10 55,56 % 1" in text
    assert "HẠN CHẾ LƯU HÀNH" in text
    assert "Kính gửi: Đảng bộ Khối" in text
    assert "Số người được triệu tập: 20" in text
    for other in ("Nguyễn Văn Đạt", "Tú", "Lê Quang Vinh"):
        assert other not in text


def test_the_report_of_the_root_is_about_everybody() -> None:
    text = " ".join(pages_of(typeset(report(a_record(), UnitCode("K")))))
    assert "4 Lê Quang Vinh Phó bí thư Triệu tập 4. Ẩn kết quả" in text
    assert "Kính gửi: cấp có thẩm quyền" in text
    assert "3 người có kết quả 52 23 44,23 %" in text


def test_only_a_public_round_has_minutes_without_a_mark() -> None:
    internal = " ".join(pages_of(typeset(whole_round(a_record()))))
    public = " ".join(
        pages_of(typeset(whole_round(a_record(replace(definition_of(), visibility=Visibility.PUBLIC)))))
    )
    assert "LƯU HÀNH NỘI BỘ" in internal
    assert "LƯU HÀNH NỘI BỘ" not in public


@pytest.mark.parametrize("make", [one_unit, report, results_list])
def test_a_unit_that_is_not_there_or_has_no_leader_is_refused(make: Any) -> None:
    record = a_record()
    with pytest.raises(NoSuchUnit):
        make(record, "X1")
    with pytest.raises(NobodyVotedOn):
        make(record, "A2")


def test_a_typesetter_that_fails_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(press, "FACES", tmp_path)  # no Tinos there
    with pytest.raises(TypesettingFailed, match="the face Tinos is not in"):
        typeset(whole_round(a_record()))


def test_the_template_loads_nothing_from_elsewhere() -> None:
    for template in TEMPLATES.glob("*.typ"):
        code = template.read_text("utf-8")
        assert "@preview" not in code
        assert "@local" not in code
        assert not [line for line in code.splitlines() if line.startswith("#import")]
        assert "eval(" not in code
