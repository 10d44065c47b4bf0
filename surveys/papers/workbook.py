"""The minutes as an .xlsx workbook: the figures of the typeset minutes (docs/protocol.md 13.7), for whoever
calculates with them.

Counts are numbers. Percentages are numbers too, shown as 0.00 %: the very percentages of 13.2, rounded once
to two decimals, not counts divided anew. The same record gives the same bytes. Danger: names come from
anybody; every text is written as text, never as a formula or link, whatever it begins with.
"""

from __future__ import annotations

from collections.abc import Iterable

from surveys.audit.minutes_text import ACTS, BY
from surveys.instants import Instant
from surveys.papers.minutes_record import MinutesRecord
from surveys.papers.typeset.letters import local
from surveys.protocol.definition import Definition
from surveys.results.book import Count, Entry
from surveys.results.exports import percentage
from surveys.rules.denominators import LABELS
from surveys.rules.quorum import quorum_met
from surveys.spreadsheets.tables import Cell, Sheet, workbook
from surveys.web.languages import Language, clock_in

NOTE = "Tỷ lệ là tỷ lệ của biên bản, làm tròn đến hai chữ số thập phân. / Percentages are those of the minutes, rounded to two decimals."


def minutes_workbook(record: MinutesRecord, pdf: bytes | None) -> bytes:
    """The workbook; `pdf` is the hash of the typeset minutes as minutes.json names it."""
    sheets = (
        _summary(record),
        _contests(record),
        _groups(record),
        _attendance(record),
        _log(record),
        _hashes(record, pdf),
    )
    title = f"Biên bản kiểm phiếu: {record.definition.title_vi}"
    return workbook(title, record.conference.log[-1].at, sheets)


def _summary(record: MinutesRecord) -> Sheet:
    definition, preset, conference = record.definition, record.book.preset, record.conference
    turnout, quorum = record.turnout, record.book.preset.quorum
    met = quorum_met(preset, present=turnout.present, summoned=turnout.summoned)
    said = {None: "không quy định / none required", True: "đủ / met", False: "không đủ / not met"}[met]
    rows: list[tuple[Cell, ...]] = [
        ("Đợt lấy phiếu", "Vote", definition.title_vi),
        ("", "", definition.title_en),
        ("Tổ chức", "Organisation", definition.organisation),
        ("Số văn bản", "Number", definition.number),
        ("Nơi kiểm phiếu", "Place", definition.place),
        ("Căn cứ", "Legal basis", preset.source["vi"]),
        ("Quy tắc", "Rule", f"{preset.title['vi']} ({preset.name})"),
        ("Mẫu số", "Denominator", LABELS[preset.denominator]["vi"]),
        ("Bắt đầu bỏ phiếu", "Opened", _clock(conference.log[0].at, definition)),
        ("Kết thúc bỏ phiếu", "Closed", _clock(conference.log[-1].at, definition)),
        ("Được triệu tập", "Summoned", turnout.summoned),
        ("Có mặt", "Present", turnout.present),
        ("Vắng mặt", "Absent", turnout.summoned - turnout.present),
        (
            "Đủ số người tối thiểu",
            "Quorum",
            said if quorum is None else f"{said} (≥ {quorum.numerator}/{quorum.denominator})",
        ),
        ("Chủ trì", "Chair", conference.chair),
        ("Thư ký", "Secretary", conference.secretary),
        ("Trưởng ban kiểm phiếu", "Head of the committee", record.head or definition.trustees[0]),
        ("Ban kiểm phiếu", "Counting committee", "; ".join(definition.trustees)),
        ("Tham gia mở kết quả", "Counted by", "; ".join(record.counted_by)),
        ("Vắng khi mở kết quả", "Absent from the opening", "; ".join(record.absent)),
        ("Người giữ hồ sơ niêm phong", "Custodian", conference.custodian),
        ("Số phiếu phát ra", "Issued", turnout.issued),
        ("Số phiếu thu về", "Returned", turnout.returned),
        ("Số phiếu không thu về", "Not returned", turnout.issued - turnout.returned),
        ("Số phiếu hợp lệ", "Valid", turnout.returned),
        ("Số phiếu không hợp lệ", "Invalid", 0),
        ("Số giấy mời được thay", "Slips replaced", record.hashes.replaced),
        ("Số người được lấy phiếu", "Persons voted on", len(record.book.entries)),
        *(("Sự cố", "Incident", text) for text in conference.incidents),
        *(
            ("Khiếu nại", "Complaint", f"{each.complaint} → {each.ruling or '…'}")
            for each in conference.complaints
        ),
        ("Ghi chú", "Note", NOTE),
    ]
    return Sheet("Tóm tắt", (("Nội dung", 30), ("Item", 26), ("Giá trị / Value", 80)), rows)


def _level_columns(record: MinutesRecord) -> list[tuple[str, int]]:
    return [(f"{level.words['vi']} / {level.words['en']}", 14) for level in record.book.preset.levels]


def _contests(record: MinutesRecord) -> Sheet:
    levels = record.book.preset.levels
    columns = [
        ("Số / No.", 8),
        ("Mã / Person", 16),
        ("Họ và tên / Name", 28),
        ("Chức vụ / Title", 34),
        ("Mã đơn vị / Unit", 14),
        ("Đơn vị / Unit name", 36),
        ("Triệu tập / Summoned", 12),
        ("Có mặt / Present", 12),
        ("Phát ra / Issued", 12),
        ("Thu về / Returned", 12),
        *_level_columns(record),
        ("Không đánh dấu / Not marked", 14),
        ("Mẫu số / Denominator", 14),
        *((f"% {level.words['vi']}", 12) for level in levels),
        ("Hệ quả / Outcome", 40),
        ("Theo dõi / Watch", 30),
        ("Ghi chú / Notes", 50),
    ]
    return Sheet("Kết quả", columns, (_contest(entry, record, len(levels)) for entry in record.book.entries))


def _contest(entry: Entry, record: MinutesRecord, levels: int) -> list[Cell]:
    contest, count = entry.contest, entry.count
    who: list[Cell] = [
        entry.number,
        contest.person,
        contest.name,
        "; ".join(contest.titles),
        contest.unit,
        entry.unit.name,
    ]
    frozen = record.frozen.get(entry.number - 1, "")
    if count is None:
        nothing: list[Cell] = [None] * (2 * levels + 7)
        return [*who, entry.summoned, *nothing, entry.withheld["vi"] if entry.withheld else frozen]
    return [*who, entry.summoned, *_counted(count), frozen]


def _counted(count: Count) -> list[Cell]:
    return [
        *(count.present, count.issued, count.returned),
        *count.counts,
        count.not_marked,
        count.n,
        *map(percentage, count.percent),
        count.outcome.words["vi"],
        "; ".join(flag.words["vi"] for flag in count.watch),
    ]


def _groups(record: MinutesRecord) -> Sheet:
    columns = [
        ("Số / No.", 8),
        ("Họ và tên / Name", 28),
        ("Mã đơn vị của nhóm / Units", 24),
        ("Nhóm / Group", 60),
        ("Thu về / Returned", 12),
        *_level_columns(record),
        ("Không đánh dấu / Not marked", 14),
    ]
    rows: Iterable[list[Cell]] = (
        [
            entry.number,
            entry.contest.name,
            " ".join(unit.code for unit in group.units),
            "; ".join(unit.name for unit in group.units),
            group.returned,
            *group.counts,
            group.not_marked,
        ]
        for entry in record.book.entries
        if entry.count is not None
        for group in entry.count.groups
    )
    return Sheet("Nhóm kiểm phiếu", columns, rows)


def _attendance(record: MinutesRecord) -> Sheet:
    columns = (
        ("Mã đơn vị / Unit", 14),
        ("Đơn vị / Unit name", 44),
        ("Triệu tập / Summoned", 12),
        ("Có mặt / Present", 12),
        ("Vắng mặt / Absent", 12),
    )
    rows = (
        (panel.unit, record.book.units[panel.unit].name, panel.voters, present, panel.voters - present)
        for panel, present in zip(record.definition.panels, record.present, strict=True)
    )
    return Sheet("Có mặt", columns, rows)


def _log(record: MinutesRecord) -> Sheet:
    columns = (
        ("Lúc / At", 24),
        ("Việc / Act", 24),
        ("Cách / By", 26),
        ("Đóng mới lúc / Until", 24),
        ("Lý do / Reason", 60),
    )
    rows = (
        (
            _clock(act.at, record.definition),
            ACTS[act.act],
            BY[act.by],
            "" if act.until is None else _clock(act.until, record.definition),
            act.reason,
        )
        for act in record.conference.log
    )
    return Sheet("Diễn biến", columns, rows)


def _hashes(record: MinutesRecord, pdf: bytes | None) -> Sheet:
    hashes, definition = record.hashes, record.definition
    rows = [
        ("Mã đợt / Survey", definition.round_id),
        ("Bản kê / Manifest", hashes.manifest.hex()),
        ("Buổi tạo khóa / Ceremony", hashes.ceremony.hex()),
        ("Danh sách / Roll", hashes.roll.hex()),
        ("Hòm phiếu / Board root", hashes.board.hex()),
        ("Phương án / Plan", hashes.plan.hex()),
        ("Kết quả / Results", hashes.results.hex()),
        ("Biên bản PDF / Typeset minutes", "" if pdf is None else pdf.hex()),
        *((f"Chương trình / Client {name}", sha.hex()) for name, sha in definition.clients),
        ("Phần mềm / Software", definition.software),
    ]
    return Sheet("Mã niêm phong", (("Mã / Hash", 40), ("SHA-256", 72)), rows)


def _clock(at: Instant, definition: Definition) -> str:
    """As the clock shows it where the vote is held, by the definition's own offset (4.1)."""
    return clock_in(Language.VI, local(at, definition.utc_offset))
