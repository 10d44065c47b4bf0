"""The editable files and the PDFs say the same, and every figure of both is the bundle's, in both letterheads
and both languages.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, cast

import pytest
from docx import Document
from docx.document import Document as File
from docx.styles.style import ParagraphStyle

from surveys.names import UnitCode
from surveys.papers.minutes_record import MinutesRecord, read_record
from surveys.papers.typeset import Paper, notice, one_unit, report, results_list, typeset, whole_round
from surveys.papers.word import FACE, SIZES, editable
from surveys.protocol.stationery import Letterhead, PaperLanguage, Stationery
from surveys.results.errors import NobodyVotedOn
from tests.minuted import altered, headed, pages_of, sources

WAYS: dict[str, Callable[[MinutesRecord], Paper]] = {
    "round": whole_round,
    "unit": lambda record: one_unit(record, UnitCode("A")),
    "report": lambda record: report(record, UnitCode("K")),
    "list": lambda record: results_list(record, UnitCode("K")),
    "notice": lambda record: notice(record, 3),
}
LOOKS = [(letterhead, language) for letterhead in Letterhead for language in PaperLanguage]
# Every paper in two looks that have nothing in common, the minutes in all.
SETS = [(kind, *look) for kind in WAYS for look in (LOOKS if kind == "round" else (LOOKS[0], LOOKS[-1]))]
OF_WHOM = {"round": {1, 2, 3, 4}, "unit": {1}, "report": {1, 2, 3, 4}, "list": {1, 2, 3, 4}, "notice": {3}}


def looking(letterhead: Letterhead, language: PaperLanguage) -> dict[str, bytes]:
    papers = Stationery(letterhead, language, "Hà Nội", "Tỉnh ủy", ("Ban Thường vụ", "Ban Thường vụ"))
    return sources(headed(papers))


def opened(paper: Paper) -> File:
    return Document(io.BytesIO(editable(paper)))


@cache
def written(kind: str, letterhead: Letterhead, language: PaperLanguage) -> File:
    return opened(WAYS[kind](read_record(looking(letterhead, language))))


@cache
def printed(kind: str, letterhead: Letterhead, language: PaperLanguage) -> tuple[str, ...]:
    return tuple(pages_of(typeset(WAYS[kind](read_record(looking(letterhead, language))))))


def rows_of(file: File) -> list[list[str]]:
    """The cells of each row, those over several columns once."""
    found = []
    for table in file.tables:
        for row in table.rows:
            cells = {id(cell._tc): " ".join(cell.text.split()) for cell in row.cells}
            found.append(list(cells.values()))
    return found


def words_of(file: File) -> str:
    cells = (cell for row in rows_of(file) for cell in row)
    text = " ".join([*(paragraph.text for paragraph in file.paragraphs), *cells])
    return " ".join(text.replace("\u200b", "").split())


def wanted(members: dict[str, bytes], language: PaperLanguage, of: set[int]) -> Iterator[list[str]]:
    """The row of each counted leader as 13.2 has it."""
    definition = json.loads(members["manifest.json"])["definition"]
    levels = [level["id"] for level in definition["rule"]["levels"]]
    comma, space = (".", "") if language is PaperLanguage.EN else (",", " ")
    for number, entry in enumerate(json.loads(members["results.json"])["contests"], start=1):
        if number in of and entry["withheld"] is None:
            posts = "; ".join(definition["contests"][number - 1]["titles"])
            marks = [
                f"{entry['levels'][level]} {entry['percent'][level].replace('.', comma)}{space}%"
                for level in levels
            ]
            who = f"{entry['name']} {posts}"
            yield [str(number), who, str(entry["returned"]), *marks, str(entry["not_marked"])]


@pytest.mark.parametrize(("kind", "letterhead", "language"), SETS)
def test_every_figure_of_the_bundle_stands_in_the_editable_file_and_in_the_pdf(
    kind: str, letterhead: Letterhead, language: PaperLanguage
) -> None:
    rows = rows_of(written(kind, letterhead, language))
    text = " ".join(printed(kind, letterhead, language))
    expected = list(wanted(looking(letterhead, language), language, OF_WHOM[kind]))
    assert expected
    for row in expected:
        assert row in rows
        assert " ".join(row) in text


def test_another_figure_would_be_seen() -> None:
    def change(results: dict[str, Any]) -> None:
        results["contests"][0]["levels"]["low"] += 1

    members = looking(*LOOKS[0])
    forged = read_record(altered(members, "results.json", change))
    rows = rows_of(opened(whole_round(forged)))
    assert [row in rows for row in wanted(members, LOOKS[0][1], {1, 2, 3})] == [False, True, True]


def _numbers(text: str) -> list[str]:
    return sorted(re.findall(r"\d+", text))


@pytest.mark.parametrize("kind", WAYS)
def test_the_editable_file_and_the_pdf_hold_the_same_words(kind: str) -> None:
    foot = WAYS[kind](read_record(looking(*LOOKS[0]))).sheet.foot
    pages = printed(kind, *LOOKS[0])
    # Without what each writer adds by itself: numbers of pages, the foot.
    told = " ".join(re.sub(rf"^{i} ", "", page) for i, page in enumerate(pages, start=1))
    assert set(_numbers(words_of(written(kind, *LOOKS[0])))) == set(_numbers(told.replace(foot, "")))


@pytest.mark.parametrize("letterhead", Letterhead)
def test_the_head_has_the_sizes_and_places_of_its_rule(letterhead: Letterhead) -> None:
    file = written("round", letterhead, PaperLanguage.VI)
    sizes = SIZES[letterhead.value]
    left, right = file.tables[0].rows[0].cells
    party = letterhead is Letterhead.PARTY
    motto = right.paragraphs[0]
    assert motto.text == ("ĐẢNG CỘNG SẢN VIỆT NAM" if party else "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    size = motto.runs[0].font.size
    assert size is not None
    assert size.pt == (15 if party else 13)
    assert left.paragraphs[0].text == "ĐẢNG BỘ KHỐI CÁC CƠ QUAN TỈNH"
    assert left.paragraphs[1].text == "BAN KIỂM PHIẾU"
    assert left.paragraphs[1].runs[0].bold
    dated = file.tables[0].rows[1].cells[1].paragraphs[0]
    assert dated.text == "Hà Nội, ngày 02 tháng 11 năm 2026"
    assert dated.runs[0].italic
    page = file.sections[0]
    margins = (page.left_margin, page.right_margin, page.top_margin, page.bottom_margin)
    assert [round(each.mm) for each in margins if each is not None] == [30, 15, 20, 20]
    normal = cast(ParagraphStyle, file.styles["Normal"]).font
    assert normal.name == FACE
    assert normal.size is not None
    assert normal.size.pt == sizes.body


@pytest.mark.parametrize(("kind", "letterhead", "language"), SETS)
def test_a_paper_is_in_one_language(kind: str, letterhead: Letterhead, language: PaperLanguage) -> None:
    text = words_of(written(kind, letterhead, language))
    vietnamese, english = ("Căn cứ", "Thu về", "Nơi nhận"), ("Legal basis", "Returned", "Recipients")
    here, gone = (english, vietnamese) if language is PaperLanguage.EN else (vietnamese, english)
    assert all(word in text for word in here)
    assert not any(word in text for word in gone)


def test_no_office_and_no_recipient_is_named_twice() -> None:
    record = read_record(looking(Letterhead.PARTY, PaperLanguage.VI))
    stand_in = record.definition.trustees[1]
    assert words_of(written("round", *LOOKS[0])).count("- Ban Thường vụ,") == 1
    members = looking(Letterhead.PARTY, PaperLanguage.VI)
    led = read_record(altered(members, "attendance.json", lambda document: document.update(head=stand_in)))
    signed = words_of(opened(whole_round(led))).partition("TRƯỞNG BAN KIỂM PHIẾU")[2]
    assert signed.startswith(f" (ký, ghi rõ họ tên) {stand_in}")
    assert signed.count(stand_in) == 1
    assert record.definition.trustees[0] in signed


def test_a_notice_tells_one_leader_alone_and_a_number_without_one_is_refused() -> None:
    record = read_record(looking(Letterhead.PARTY, PaperLanguage.VI))
    text = words_of(written("notice", *LOOKS[0]))
    assert "Trần Thị Hằng" in text
    for other in ("Nguyễn Văn Đạt", "Lê Quang Vinh", "Ban Thường vụ"):
        assert other not in text
    assert "Ẩn kết quả" in words_of(opened(notice(record, 4)))
    for number in (0, 5):
        with pytest.raises(NobodyVotedOn):
            notice(record, number)


def test_a_name_that_is_markup_comes_out_as_text() -> None:
    raw = editable(whole_round(read_record(looking(*LOOKS[0]))))
    with zipfile.ZipFile(io.BytesIO(raw)) as file:
        document = file.read("word/document.xml").decode()
    assert "<script>" not in document
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in document
