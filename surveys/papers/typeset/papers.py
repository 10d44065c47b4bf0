"""The five papers of a counted round: the whole minutes, one unit's, the report upward, the list of
results, the notice to a leader (13.7).

All hold exact figures, also of groups that all but agree: they are certified minutes, not a dashboard.
Who may have which: the whole minutes, whoever may have the audit bundle, which tells the same; those of
one unit, its head, the heads above it and the counting committee; report and list, the head of that unit
and the authority above it, and nobody below: they are marked restricted whatever the round's visibility;
the notice, the leader, by the head above. Danger: nothing here asks who is reading. A page that hands one
out asks first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from surveys.instants import Instant
from surveys.names import UnitCode
from surveys.papers.minutes_record import MinutesRecord
from surveys.papers.typeset import annexes, ballots, heads, minutes, sealing, tables
from surveys.papers.typeset.blocks import Block, Facts, Head, Paragraph, Row, Run, Sheet, plainly, strongly
from surveys.papers.typeset.heads import INTERNAL, RESTRICTED, tongue
from surveys.papers.typeset.letters import plain
from surveys.papers.typeset.tables import Results
from surveys.protocol.definition import Visibility
from surveys.protocol.manifest import Unit
from surveys.results.book import Entry
from surveys.results.errors import NobodyVotedOn, NoSuchUnit
from surveys.rules.denominators import LABELS

MINUTES = ("BIÊN BẢN KIỂM PHIẾU", "COUNTING MINUTES")
REPORT = ("BÁO CÁO", "REPORT")
LIST = ("DANH SÁCH", "LIST")
NOTICE = ("THÔNG BÁO", "NOTICE")


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper with the instant that stands in the file as its date."""

    sheet: Sheet
    created: Instant


def whole_round(record: MinutesRecord) -> Paper:
    """The minutes of the whole round, which minutes.json names by hash."""
    definition, entries, says = record.definition, record.book.entries, tongue(record)
    mark = None if definition.visibility == Visibility.PUBLIC else INTERNAL
    bodies = (plain(definition.organisation), says("Ban kiểm phiếu", "Counting committee"))
    here = minutes.fits_two_pages(record, entries)
    body = (
        *minutes.opening(record),
        Paragraph(
            plainly(
                says(
                    "Ban kiểm phiếu lập biên bản về việc lấy phiếu và kiểm phiếu như sau.",
                    "The counting committee draws up minutes of the vote and the count as follows.",
                )
            )
        ),
        *minutes.conference(record, whole=True),
        *minutes.polls(record),
        *minutes.papers_cast(record, entries, whole=True),
        *minutes.results(record, entries, whole=True, here=here),
        *minutes.happened(record, entries, whole=True),
        *sealing.sealing(record, whole=True),
        *sealing.signing(record, (definition.organisation,)),
        *annexes.annexes(record, entries, by_unit=not here, within=tuple(record.book.units)),
    )
    head = heads.head(record, bodies, "BB", mark, MINUTES, (_vote(record),))
    title = f"{_title(record, MINUTES)}: {_vote(record)}"
    return _paper(record, title, f"{_title(record, MINUTES)}, {plain(definition.organisation)}.", head, body)


def one_unit(record: MinutesRecord, code: UnitCode) -> Paper:
    """The minutes of one unit: its leaders only. Raises NoSuchUnit, or NobodyVotedOn where it has no
    leader.
    """
    unit = _find(record, code)
    entries = [entry for entry in record.book.entries if entry.unit.code == code]
    if not entries:
        raise NobodyVotedOn(code)
    says, name = tongue(record), plain(unit.name)
    voting = {record.definition.panels[p].unit for entry in entries for p in entry.contest.panels}
    extract = says(
        "Đây là phần biên bản của một đơn vị, trích đúng từ biên bản kiểm phiếu của cả đợt tại {}. Các mã ở mục niêm"
        " phong là của cả đợt, dùng để đối chiếu với gói kiểm tra.",
        "These are the minutes of one unit, an exact extract of the minutes of the whole round of {}. The seals are"
        " those of the round, to be compared with the audit bundle.",
    )
    body = (
        *minutes.opening(record),
        Paragraph(plainly(extract.format(plain(record.definition.organisation)))),
        *minutes.conference(record, whole=False),
        *minutes.polls(record),
        *minutes.papers_cast(record, entries, whole=False),
        *minutes.results(record, entries, whole=False, here=True),
        *minutes.happened(record, entries, whole=False),
        *sealing.sealing(record, whole=False),
        *sealing.signing(record, (unit.name,)),
        *annexes.annexes(record, entries, by_unit=False, within=tuple(voting)),
    )
    subjects = (_vote(record), f"{says('của', 'of')} {name}")
    head = heads.head(record, _bodies(record, unit), "BB", INTERNAL, MINUTES, subjects)
    title = f"{_title(record, MINUTES)}: {name}, {_vote(record)}"
    return _paper(record, title, f"{_title(record, MINUTES)}, {name}.", head, body)


def report(record: MinutesRecord, code: UnitCode) -> Paper:
    """The report upward: a row for each leader of the unit and of all below it. Raises NoSuchUnit or
    NobodyVotedOn.
    """
    unit, entries = _within(record, code)
    says = tongue(record)
    to = heads.above(record, unit) or says("cấp có thẩm quyền", "the competent authority")
    exact = says(
        "Báo cáo nêu số liệu chính xác của biên bản kiểm phiếu đã được xác nhận, kể cả khi mọi phiếu giống nhau; vì vậy"
        " chỉ gửi người đứng đầu đơn vị và cấp có thẩm quyền, không sao gửi tiếp.",
        "The figures are the exact ones of the certified minutes, also where all ballots agree; so the report is for"
        " the head of the unit and the authority above only.",
    )
    table = Results(record)
    rows = (*_under(record, entries, table), table.totals(entries))
    body = (
        *minutes.opening(record),
        Paragraph(plainly(exact)),
        heads.section(record, "I", "Tình hình chung", "Overview"),
        _overview(record, code, entries),
        heads.section(record, "II", "Hệ quả và theo dõi", "Outcomes and flags"),
        *(tuple(tables.outcomes(record, entries)) or (minutes.none(record),)),
        *_singled_out(record, entries),
        heads.section(record, "III", "Kết quả từng người", "Results of each person"),
        table.table(rows, small=True),
        Paragraph(plainly(tables.no_line(record))),
        *_verification(record, "IV"),
        heads.recipients(record, (to,), _head_signs(record)),
    )
    subject = says("kết quả lấy phiếu tín nhiệm năm {}", "results of the confidence vote of {}")
    subjects = (subject.format(record.definition.year), plain(unit.name))
    head = heads.head(record, _bodies(record, unit), "BC", RESTRICTED, REPORT, subjects, to)
    title = f"{_title(record, REPORT)}: {subjects[0]}, {plain(unit.name)}"
    return _paper(record, title, f"{_title(record, REPORT)}, {plain(unit.name)}.", head, body)


def results_list(record: MinutesRecord, code: UnitCode) -> Paper:
    """The list of results of a unit and all below it, each leader's and nothing else. Raises as `report`."""
    unit, entries = _within(record, code)
    says, table = tongue(record), Results(record)
    body = (
        *minutes.opening(record),
        _overview(record, code, entries),
        table.table((*_under(record, entries, table), table.totals(entries))),
        Paragraph(plainly(tables.no_line(record))),
        heads.recipients(record, (heads.above(record, unit),), _head_signs(record)),
    )
    subject = says("kết quả lấy phiếu tín nhiệm năm {}", "of the results of the confidence vote of {}")
    subjects = (subject.format(record.definition.year), plain(unit.name))
    head = heads.head(record, _bodies(record, unit), "DS", RESTRICTED, LIST, subjects)
    title = f"{_title(record, LIST)}: {subjects[0]}, {plain(unit.name)}"
    return _paper(record, title, f"{_title(record, LIST)}, {plain(unit.name)}.", head, body)


def notice(record: MinutesRecord, number: int) -> Paper:
    """The notice to the leader with this number: their own result. Raises NobodyVotedOn where there is
    none.
    """
    if not 1 <= number <= len(record.book.entries):
        raise NobodyVotedOn(UnitCode(str(number)))
    entry = record.book.entries[number - 1]
    says, unit, name = tongue(record), entry.unit, plain(entry.contest.name)
    told = says(
        "{} thông báo kết quả lấy phiếu tín nhiệm năm {} đối với:",
        "{} gives notice of the result of the confidence vote of {} on:",
    )
    facts = [
        (says("Chức vụ", "Title"), heads.filled("; ".join(dict.fromkeys(entry.contest.titles)))),
        (says("Đơn vị", "Unit"), plainly(plain(unit.name))),
        (
            says("Mẫu số của tỷ lệ", "Denominator"),
            plainly(says.of(LABELS[record.book.preset.denominator])),
        ),
    ]
    table, follows = Results(record), tables.said(record, entry)
    nothing = says("Không có hệ quả theo quy tắc.", "Nothing follows under the rule.")
    complaints = says(
        "Khiếu nại về kết quả gửi đến Ban kiểm phiếu trong 15 ngày làm việc.",
        "Complaints about the result go to the counting committee within 15 working days.",
    )
    body = [
        *minutes.opening(record),
        Paragraph(plainly(told.format(plain(record.definition.organisation), record.definition.year))),
        Facts(tuple(facts)),
        table.table(table.of([entry])),
    ]
    if entry.count is not None:
        body.append(Facts(tuple(ballots.ballots(record, ballots.turnout_of(entry)))))
        if not follows:
            body.append(Paragraph(plainly(nothing)))
    body += [
        Paragraph(plainly(complaints)),
        heads.recipients(record, (entry.contest.name, unit.name), _head_signs(record), others=False),
    ]
    organisation = record.book.root
    subject = says("kết quả lấy phiếu tín nhiệm năm {}", "of the result of the confidence vote of {}")
    subjects = (subject.format(record.definition.year),)
    head = heads.head(record, _bodies(record, organisation), "TB", RESTRICTED, NOTICE, subjects, name)
    title = f"{_title(record, NOTICE)}: {subjects[0]}, {name}"
    return _paper(record, title, f"{_title(record, NOTICE)}, {name}.", head, body)


def _paper(record: MinutesRecord, title: str, foot: str, head: Head, body: Sequence[Block]) -> Paper:
    return Paper(heads.sheet(record, title, foot, head, body), record.conference.log[-1].at)


def _vote(record: MinutesRecord) -> str:
    return tongue(record)(plain(record.definition.title_vi), plain(record.definition.title_en))


def _title(record: MinutesRecord, name: tuple[str, str]) -> str:
    return tongue(record)(*name).capitalize()


def _bodies(record: MinutesRecord, unit: Unit) -> tuple[str, str]:
    return heads.above(record, unit), plain(unit.name)


def _head_signs(record: MinutesRecord) -> tuple[str, str]:
    return tongue(record)("NGƯỜI ĐỨNG ĐẦU ĐƠN VỊ", "HEAD OF THE UNIT"), ""


def _within(record: MinutesRecord, code: UnitCode) -> tuple[Unit, list[Entry]]:
    """The unit, and the leaders of it and of all below it, in the order of the tree."""
    unit, inside = _find(record, code), record.book.subtree(code)
    found = tables.by_unit(entry for entry in record.book.entries if entry.unit.code in inside)
    ordered = [each for each, _ in tables.in_order(record.book) if each.code in found]
    entries = [entry for each in ordered for entry in found[each.code]]
    if not entries:
        raise NobodyVotedOn(code)
    return unit, entries


def _under(record: MinutesRecord, entries: Sequence[Entry], table: Results) -> Iterator[Row]:
    for of in tables.by_unit(entries).values():
        yield table.unit_line(plain(of[0].unit.name) + tables.below_which(record, of[0].unit))
        yield from table.of(of)


def _overview(record: MinutesRecord, code: UnitCode, entries: Sequence[Entry]) -> Facts:
    says, offset, log = tongue(record), record.definition.utc_offset, record.conference.log
    there = tables.attendance(record, record.book.subtree(code))
    number: Callable[[int], tuple[Run, ...]] = lambda n: plainly(says.number(n))  # noqa: E731
    units = len({entry.unit.code for entry in entries})
    leaders = says("{}, tại {} đơn vị", "{}, in {} units").format(
        says.number(len(entries)), says.number(units)
    )
    return Facts(
        (
            (says("Bắt đầu bỏ phiếu", "Polls opened"), plainly(says.moment(log[0].at, offset))),
            (says("Kết thúc bỏ phiếu", "Polls closed"), plainly(says.moment(log[-1].at, offset))),
            (says("Số đơn vị bỏ phiếu", "Panels"), number(there.panels)),
            (says("Số người được triệu tập", "Summoned"), number(there.total.summoned)),
            (says("Số người có mặt", "Present"), number(there.total.present)),
            (says("Số người vắng mặt", "Absent"), number(there.total.summoned - there.total.present)),
            (says("Đơn vị không đủ số người tối thiểu", "Panels below the quorum"), number(there.below)),
            (says("Số người được lấy phiếu", "Persons voted on"), plainly(leaders)),
            (
                says("Mẫu số của tỷ lệ", "Denominator"),
                plainly(says.of(LABELS[record.book.preset.denominator])),
            ),
        )
    )


def _singled_out(record: MinutesRecord, entries: Sequence[Entry]) -> Iterator[Block]:
    """Who has an outcome, is watched or withheld, by name and what follows; the figures stand below."""
    says = tongue(record)
    withheld = [entry for entry in entries if entry.count is None]
    for found, label in (
        (
            tables.notable(entries),
            says("Người có hệ quả hoặc cần theo dõi", "Persons with an outcome or a flag"),
        ),
        (withheld, says("Kết quả được ẩn", "Withheld")),
    ):
        yield Paragraph(strongly(label), leads=True)
        if not found:
            yield minutes.none(record)
        for entry in found:
            who = Run(f"{says.number(entry.number)}. {plain(entry.contest.name)}", bold=True)
            what = "".join(f", {each}" for each in (tables.posts(entry), plain(entry.unit.name)) if each)
            follows = " ".join(tables.said(record, entry))
            yield Paragraph((who, Run(f"{what}. {follows}".rstrip())), bullet=True)


def _verification(record: MinutesRecord, number: str) -> Iterator[Block]:
    says = tongue(record)
    yield heads.section(record, number, "Đối chiếu", "Verification")
    text = says(
        "Số liệu lấy từ gói kiểm tra có các mã sau; ai có gói kiểm tra đều kiểm lại được bằng ",
        "The figures are those of the audit bundle with these hashes; whoever has it can check them with ",
    )
    yield Paragraph((Run(text), Run("surveys minutes", code=True), Run(".")))
    yield sealing.codes(record)


def _find(record: MinutesRecord, code: UnitCode) -> Unit:
    if code not in record.book.units:
        raise NoSuchUnit(code)
    return record.book.units[code]
