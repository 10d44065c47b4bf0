"""The counting minutes, of the whole round or of one unit, section by section (docs/protocol.md 13.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from surveys.papers.minutes_record import MinutesRecord
from surveys.papers.typeset import ballots, tables
from surveys.papers.typeset.blocks import (
    Block,
    Cell,
    Facts,
    Paragraph,
    Row,
    Run,
    Table,
    plainly,
    strongly,
)
from surveys.papers.typeset.heads import filled, section, tongue
from surveys.papers.typeset.letters import ahead, plain
from surveys.papers.typeset.tables import Results
from surveys.results.book import Entry
from surveys.rounds.stated import By, Polls
from surveys.rules.denominators import LABELS

MOST_LINES = 64
"""The lines of a table of results that two pages hold."""


def fits_two_pages(record: MinutesRecord, entries: Sequence[Entry]) -> bool:
    """Whether a table of these results has at most two pages: two lines a leader, more where posts are long,
    and those of what follows and of units.
    """
    lines = len({entry.unit.code for entry in entries}) * 2
    for entry in entries:
        lines += 2 + len(tables.posts(entry)) // 34 + len(tables.said(record, entry)) * 2
    return lines <= MOST_LINES


def opening(record: MinutesRecord) -> Iterator[Block]:
    """Legal basis and rule."""
    says, definition, preset = tongue(record), record.definition, record.book.preset
    yield _item(f"{says('Căn cứ', 'Legal basis')}: {says.of(preset.source)}.")
    yield _item(f"{says('Theo quy tắc', 'Rule')} “{says.of(preset.title)}” ({plain(preset.name)}).")
    if definition.number:
        calling = says("Theo văn bản tổ chức lấy phiếu số", "Document that calls the vote: No.")
        yield _item(f"{calling} {plain(definition.number)}.")


def _item(text: str) -> Paragraph:
    return Paragraph(plainly(text), bullet=True)


def conference(record: MinutesRecord, *, whole: bool) -> Iterator[Block]:
    """I: when, where, who."""
    says, offset, log = tongue(record), record.definition.utc_offset, record.conference.log
    yield section(record, "I", "Thời gian, địa điểm, thành phần", "Time, place, attendance")
    yield Facts(
        (
            (says("Bắt đầu bỏ phiếu", "Polls opened"), plainly(says.moment(log[0].at, offset))),
            (says("Kết thúc bỏ phiếu", "Polls closed"), plainly(says.moment(log[-1].at, offset))),
            (says("Nơi kiểm phiếu", "Place of the count"), filled(record.definition.place)),
            *(ballots.people(record, record.turnout) if whole else ()),
            (says("Chủ trì", "Chair"), filled(record.conference.chair)),
            (says("Thư ký", "Secretary"), filled(record.conference.secretary)),
        )
    )
    yield Paragraph(strongly(says("Ban kiểm phiếu", "Counting committee")), leads=True)
    yield Table(
        (11.0, 0.0, 40.0, 44.0),
        (
            says("TT", "No."),
            says("Họ và tên", "Name"),
            says("Nhiệm vụ", "Office"),
            says("Tham gia mở kết quả", "Opened the sums"),
        ),
        tuple(_members(record)),
    )
    threshold = says.number(record.definition.threshold)
    wanted = says(
        "Kết quả chỉ mở được khi có ít nhất {} ủy viên cùng tham gia.",
        "The sums can be opened only by at least {} members together.",
    )
    leaders = {contest.name.casefold() for contest in record.definition.contests}
    namesakes = [plain(name) for name in record.definition.trustees if name.casefold() in leaders]
    nobody = says(
        "Không có ủy viên nào trùng họ tên với người được lấy phiếu.",
        "No member has the name of a person voted on.",
    )
    some = says("Trùng họ tên với người được lấy phiếu", "Members with the name of a person voted on")
    last = plainly(f" {nobody}") if not namesakes else strongly(f" {some}: {'; '.join(namesakes)}.")
    yield Paragraph((*plainly(wanted.format(threshold)), *last))


def _members(record: MinutesRecord) -> Iterator[Row]:
    says = tongue(record)
    for i, name in enumerate(record.definition.trustees, start=1):
        office = says("Trưởng ban", "head") if i == 1 else says("Ủy viên", "member")
        here = says("Có", "yes") if name in record.counted_by else ""
        here = here or (says("Vắng", "absent") if name in record.absent else "–")
        yield tuple(Cell(plainly(text)) for text in (says.number(i), plain(name), office, here))


def polls(record: MinutesRecord) -> Iterator[Block]:
    """II: what was done with the polls."""
    says, offset = tongue(record), record.definition.utc_offset
    acts = {
        Polls.OPENED: says("Mở bỏ phiếu", "Opened"),
        Polls.EXTENDED: says("Gia hạn", "Extended"),
        Polls.CLOSED: says("Đóng bỏ phiếu", "Closed"),
    }
    how = {By.HAND: says("thủ công", "by hand"), By.CLOCK: says("theo giờ đã định", "by the clock")}
    yield section(record, "II", "Diễn biến bỏ phiếu", "Log of the polls")
    rows = [
        (
            says.moment(act.at, offset),
            acts[act.act],
            how[act.by],
            "–" if act.until is None else says.moment(act.until, offset),
            says.half(act.reason) or "–",
        )
        for act in record.conference.log
    ]
    yield Table(
        (38.0, 26.0, 26.0, 38.0, 0.0),
        (
            says("Thời điểm", "At"),
            says("Việc", "Act"),
            says("Cách thực hiện", "By"),
            says("Đóng mới lúc", "New closing"),
            says("Lý do", "Reason"),
        ),
        tuple(tuple(Cell(plainly(text)) for text in row) for row in rows),
    )
    zone = says("Giờ ghi là giờ nơi tổ chức", "Hours are local") + f" ({plain(ahead(offset))})."
    yield Paragraph(plainly(zone))


def papers_cast(record: MinutesRecord, entries: Sequence[Entry], *, whole: bool) -> Iterator[Block]:
    """III: ballots issued and returned."""
    says, definition = tongue(record), record.definition
    yield section(record, "III", "Phát phiếu và thu phiếu", "Ballots")
    if whole:
        replaced = says("Số giấy mời được thay", "Slips replaced")
        pairs = ballots.ballots(record, record.turnout)
        yield Facts((*pairs, (replaced, plainly(says.number(record.hashes.replaced)))))
    else:
        yield from ballots.of_unit(record, entries)
    refused = says(
        "Phiếu sai quy cách bị từ chối ngay khi gửi và không được lưu, nên không có phiếu không hợp lệ; dòng không chọn"
        " mức nào được tính riêng là “{}”.",
        "A malformed ballot is refused when it is cast and not kept, so there are no invalid ones; rows without a mark"
        " are counted apart as “{}”.",
    )
    told = [refused.format(says.of(record.book.preset.not_marked))]
    if definition.revoting:
        told.append(
            says(
                "Người ghi phiếu được gửi lại; lần gửi sau cùng được tính.",
                "Voters may vote again; the last ballot counts.",
            )
        )
    runs = plainly(" ".join(told))
    if definition.slips == "mailed":
        mailed = says(
            " Mã bỏ phiếu do máy chủ tạo và gửi qua thư điện tử.",
            " Codes were made by the server and e-mailed.",
        )
        runs = (*runs, *strongly(mailed))
    yield Paragraph(runs)


def results(record: MinutesRecord, entries: Sequence[Entry], *, whole: bool, here: bool) -> Iterator[Block]:
    """IV: results; of each leader where they are `here` and not in an annex."""
    says, book = tongue(record), record.book
    yield section(record, "IV", "Kết quả", "Results")
    units = len({entry.unit.code for entry in entries})
    leaders = says.number(len(entries))
    if whole:
        leaders += says(f", tại {says.number(units)} đơn vị", f", in {says.number(units)} units")
    yield Facts(
        (
            (says("Số người được lấy phiếu", "Persons voted on"), plainly(leaders)),
            (says("Mẫu số của tỷ lệ", "Denominator"), plainly(says.of(LABELS[book.preset.denominator]))),
            (
                says("Nhóm nhỏ nhất được kiểm", "Smallest group counted"),
                plainly(f"{says.number(record.definition.k)} {says('phiếu', 'ballots')}"),
            ),
        )
    )
    yield from tables.outcomes(record, entries)
    if here:
        yield from every_result(record, entries, units=whole)
        return
    table = Results(record, where=True)
    withheld = [entry for entry in entries if entry.count is None]
    for found, label in (
        (
            tables.notable(entries),
            says("Người có hệ quả hoặc cần theo dõi", "Persons with an outcome or a flag"),
        ),
        (withheld, says("Kết quả được ẩn", "Withheld: too few ballots")),
    ):
        yield Paragraph(strongly(label), leads=True)
        yield table.table(table.of(found)) if found else none(record)
    annex = says(
        "Kết quả của từng người theo từng đơn vị ở Phụ lục 1.", "The results of each person are in Annex 1."
    )
    yield Paragraph(plainly(annex))


def every_result(record: MinutesRecord, entries: Sequence[Entry], *, units: bool) -> Iterator[Block]:
    """The results of each leader, where `units` under the unit with its ballots."""
    says, table = tongue(record), Results(record)
    yield Paragraph(strongly(says("Kết quả từng người", "Results of each person")), leads=True)
    if units:
        yield table.table(tuple(_under_units(record, entries, table)))
    else:
        yield table.table(table.of(entries))
    yield Paragraph(plainly(tables.no_line(record)))


def _under_units(record: MinutesRecord, entries: Sequence[Entry], table: Results) -> Iterator[Row]:
    found = tables.by_unit(entries)
    for unit, _ in tables.in_order(record.book):
        if unit.code in found:
            told = ballots.told(record, found[unit.code])
            name = plain(unit.name) + tables.below_which(record, unit)
            yield table.unit_line(f"{name}: {told}" if told else name)
            yield from table.of(found[unit.code])


def none(record: MinutesRecord) -> Paragraph:
    """There is nothing of that."""
    return Paragraph(plainly(tongue(record)("Không có.", "None.")))


def happened(record: MinutesRecord, entries: Sequence[Entry], *, whole: bool) -> Iterator[Block]:
    """V and VI: who was excluded, incidents, complaints. Of one unit the latter are counted and not
    quoted: they may be about somebody in another one.
    """
    says, stated = tongue(record), record.conference
    yield section(
        record,
        "V",
        "Người được đưa ra khỏi danh sách sau khi mở bỏ phiếu",
        "Excluded after the polls opened",
    )
    frozen = [entry for entry in entries if entry.number - 1 in record.frozen]
    if not frozen:
        yield none(record)
    counted = says("Được kiểm nhưng không có hệ quả.", "Counted, but nothing follows from it.")
    for entry in frozen:
        name, reason = plain(entry.contest.name), plain(record.frozen[entry.number - 1])
        where = f", {plain(entry.unit.name)}. {says('Lý do', 'Reason')}: {reason}. {counted}"
        runs = (Run(f"{says.number(entry.number)}. {name}", bold=True), Run(where))
        yield Paragraph(runs, bullet=True)
    yield section(record, "VI", "Sự cố, khiếu nại và giải quyết", "Incidents, complaints, rulings")
    if not whole:
        text = says(
            "Ghi trong biên bản của cả đợt: {} sự cố, {} khiếu nại.",
            "In the minutes of the whole round: {} incidents, {} complaints.",
        )
        many = (says.number(len(each)) for each in (stated.incidents, stated.complaints))
        yield Paragraph(plainly(text.format(*many)))
        return
    yield Paragraph(strongly(says("Sự cố", "Incidents")), leads=True)
    yield from [_item(says.half(text)) for text in stated.incidents] or [none(record)]
    yield Paragraph(strongly(says("Khiếu nại", "Complaints")), leads=True)
    if not stated.complaints:
        yield none(record)
        return
    pending = says("Chưa giải quyết", "Pending")
    rows = (
        (says.number(i), plain(each.complaint), plain(each.ruling) or pending)
        for i, each in enumerate(stated.complaints, start=1)
    )
    yield Table(
        (11.0, 0.0, 0.0),
        (says("TT", "No."), says("Nội dung khiếu nại", "Complaint"), says("Giải quyết", "Ruling")),
        tuple(tuple(Cell(plainly(text)) for text in row) for row in rows),
    )
