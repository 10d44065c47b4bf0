"""The annexes of the counting minutes: results by unit, groups, attendance (docs/protocol.md 13.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from surveys.papers.minutes_record import MinutesRecord
from surveys.papers.typeset import ballots, tables
from surveys.papers.typeset.blocks import Align, Block, Contents, Heading, Paragraph, plainly
from surveys.papers.typeset.heads import tongue
from surveys.papers.typeset.letters import plain
from surveys.papers.typeset.tables import Results
from surveys.protocol.manifest import Unit
from surveys.results.book import Entry
from surveys.rules.denominators import LABELS

DEEPEST_HEADING = 5


def annexes(
    record: MinutesRecord, entries: Sequence[Entry], *, by_unit: bool, within: Sequence[str]
) -> Iterator[Block]:
    """The results by unit where they do not stand in the body, groups, attendance."""
    says, number = tongue(record), 0

    def annex(vi: str, en: str) -> Heading:
        nonlocal number
        number += 1
        return Heading(2, f"{says('PHỤ LỤC', 'ANNEX')} {number}. {says(vi, en).upper()}", annex=True)

    if by_unit:
        yield Contents(says("MỤC LỤC", "CONTENTS"))
        yield annex("Kết quả theo từng đơn vị", "Results by unit")
        told = says("Tỷ lệ tính trên {}. ", "Percentages are of the {}. ")
        of = says.of(LABELS[record.book.preset.denominator])
        yield Paragraph(plainly(told.format(of) + tables.no_line(record)))
        yield from _unit_by_unit(record, entries)
    if tables.has_groups(entries):
        yield annex("Kết quả theo nhóm kiểm phiếu", "Results by group")
        text = says(
            "Mỗi người một bảng: từng nhóm kiểm phiếu (nhóm nhỏ nhất từng được mở, ít nhất {} phiếu) và cộng của các nhóm."
            " Người chỉ có một nhóm không có bảng: kết quả của nhóm là kết quả chung.",
            "A table for each person: the groups that were opened (the smallest of all, at least {} ballots) and their"
            " sum. Whoever has one group only is not listed: its result is the whole.",
        )
        yield Paragraph(plainly(text.format(says.number(record.definition.k))))
        yield from tables.groups(record, entries)
    yield annex("Có mặt tại từng đơn vị bỏ phiếu", "Attendance by panel")
    yield tables.attendance(record, within).table


def _unit_by_unit(record: MinutesRecord, entries: Sequence[Entry]) -> Iterator[Block]:
    says, found, table = tongue(record), tables.by_unit(entries), Results(record)
    for unit, level in _levels(record, found):
        yield Heading(level, plain(unit.name))
        code = f"{says('Mã đơn vị', 'Unit')} {plain(unit.code)}{tables.below_which(record, unit)}"
        told = ballots.told(record, found[unit.code])
        yield Paragraph(
            plainly(f"{code}: {told}." if told else f"{code}."), Align.LEFT, leads=True, small=True
        )
        yield table.table(table.of(found[unit.code]), small=True)


def _levels(record: MinutesRecord, found: dict[str, list[Entry]]) -> Iterator[tuple[Unit, int]]:
    """The units that have a section, in the order of the tree, with the level of their heading: no level is
    left out.
    """
    parents, level = record.definition.parents, dict[str, int]()
    for unit, _ in tables.in_order(record.book):
        if unit.code in found:
            at = parents[unit.code]
            while at is not None and at not in level:
                at = parents[at]
            level[unit.code] = 3 if at is None else min(level[at] + 1, DEEPEST_HEADING)
            yield unit, level[unit.code]
