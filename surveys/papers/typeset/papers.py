"""The three papers of a counted round: the whole minutes, one unit's minutes, the report upward of a subtree
(13.7).

All three hold exact figures, also of groups that all but agree: they are certified minutes, not a dashboard.
Who may have which: the whole minutes, whoever may have the audit bundle, which tells the same; one unit's
minutes, its head, the heads above it and the counting committee; the report upward, the head of that unit and
the authority above it, and nobody below: it is marked restricted whatever the round's visibility. Danger:
nothing here asks who is reading. A page that hands one out asks first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from surveys.instants import Instant
from surveys.names import UnitCode
from surveys.papers.minutes_record import MinutesRecord
from surveys.papers.typeset import sections
from surveys.papers.typeset.letters import number, percent, plain
from surveys.protocol.definition import Visibility
from surveys.protocol.manifest import Unit
from surveys.results.book import Entry
from surveys.results.errors import NobodyVotedOn, NoSuchUnit
from surveys.rules import denominators

DEEPEST_HEADING = 5


@dataclass(frozen=True, slots=True)
class Paper:
    """What the press sets: a template of this package, its values, and the instant that stands in the file as
    its date.
    """

    template: str
    values: dict[str, object]
    created: Instant


def whole_round(record: MinutesRecord) -> Paper:
    """The minutes of the whole round, which minutes.json names by hash."""
    definition, book = record.definition, record.book
    mark = None if definition.visibility == Visibility.PUBLIC else sections.INTERNAL
    frozen, by_unit = record.frozen, _by_unit(book.entries)
    units = [
        {
            **_unit(record, unit),
            "level": level,
            "rows": [sections.row(entry, frozen) for entry in by_unit[unit.code]],
            "electorates": sections.electorates(record, by_unit[unit.code]),
        }
        for unit, level in _levels(record, by_unit)
    ]
    values = {
        "kind": "round",
        "title": plain(f"Biên bản kiểm phiếu: {definition.title_vi}"),
        "head": sections.head(record, definition.organisation, "Ban kiểm phiếu", mark),
        **_everything(record),
        "turnout": sections.turnout(record, record.turnout),
        "summary": sections.summary(record, book.entries),
        "units": units,
        "groups": _groups(record, book.entries),
        "attendance": sections.attendance(record, book.units),
        "incidents": [plain(text) for text in record.conference.incidents],
        "complaints": [
            {"complaint": plain(each.complaint), "ruling": plain(each.ruling)}
            for each in record.conference.complaints
        ],
        "numbers": _numbers(record),
    }
    return Paper("minutes.typ", values, record.conference.log[-1].at)


def one_unit(record: MinutesRecord, code: UnitCode) -> Paper:
    """The minutes of one unit: its leaders only. Raises NoSuchUnit, or NobodyVotedOn where it has no leader.

    Incidents and complaints are counted and not quoted: they may be about somebody in another unit.
    """
    unit = _find(record, code)
    entries = [entry for entry in record.book.entries if entry.unit.code == code]
    if not entries:
        raise NobodyVotedOn(code)
    above = sections.above(record.book, unit)
    voting = {record.definition.panels[p].unit for entry in entries for p in entry.contest.panels}
    values = {
        "kind": "unit",
        "title": plain(f"Biên bản kiểm phiếu: {unit.name}, {record.definition.title_vi}"),
        "head": sections.head(record, above, unit.name, sections.INTERNAL),
        **_everything(record),
        "unit": _unit(record, unit),
        "rows": [sections.row(entry, record.frozen) for entry in entries],
        "electorates": sections.electorates(record, entries),
        "summary": sections.summary(record, entries),
        "groups": _groups(record, entries),
        "attendance": sections.attendance(record, voting),
        "numbers": _numbers(record),
    }
    return Paper("minutes.typ", values, record.conference.log[-1].at)


def report(record: MinutesRecord, code: UnitCode) -> Paper:
    """The report upward: a row for each leader of the unit and of all below it. Raises NoSuchUnit or
    NobodyVotedOn.
    """
    unit, book = _find(record, code), record.book
    within = book.subtree(code)
    by_unit = _by_unit([entry for entry in book.entries if entry.unit.code in within])
    ordered = [each for each, _ in sections.in_order(book) if each.code in by_unit]
    entries = [entry for each in ordered for entry in by_unit[each.code]]
    if not entries:
        raise NobodyVotedOn(code)
    values = {
        "kind": "report",
        "title": plain(f"Báo cáo kết quả lấy phiếu tín nhiệm: {unit.name}, {record.definition.year}"),
        "head": sections.head(record, sections.above(book, unit), unit.name, sections.RESTRICTED),
        **_everything(record),
        "unit": _unit(record, unit),
        "to": plain(sections.above(book, unit)),
        "attendance": sections.attendance(record, within),
        "summary": sections.summary(record, entries),
        "units": [
            {
                **_unit(record, each),
                "rows": [sections.row(entry, record.frozen) for entry in by_unit[each.code]],
            }
            for each in ordered
        ],
        "totals": _totals(record, entries),
    }
    return Paper("report.typ", values, record.conference.log[-1].at)


def _everything(record: MinutesRecord) -> dict[str, object]:
    return {
        "about": sections.about(record),
        "committee": sections.committee(record),
        "polls": sections.polls(record),
        "sealing": sections.sealing(record),
    }


def _numbers(record: MinutesRecord) -> dict[str, str]:
    conference = record.conference
    return {
        "incidents": number(len(conference.incidents)),
        "complaints": number(len(conference.complaints)),
    }


def _find(record: MinutesRecord, code: UnitCode) -> Unit:
    if code not in record.book.units:
        raise NoSuchUnit(code)
    return record.book.units[code]


def _unit(record: MinutesRecord, unit: Unit) -> dict[str, str]:
    return {
        "code": plain(unit.code),
        "name": plain(unit.name),
        "above": plain(sections.above(record.book, unit)),
    }


def _by_unit(entries: Sequence[Entry]) -> dict[UnitCode, list[Entry]]:
    found: dict[UnitCode, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.unit.code, []).append(entry)
    return found


def _levels(record: MinutesRecord, by_unit: dict[UnitCode, list[Entry]]) -> list[tuple[Unit, int]]:
    """The units that have a section, in the order of the tree, with the level of their heading: no level is
    left out.
    """
    parents, level, ordered = record.definition.parents, dict[str, int](), []
    for unit, _ in sections.in_order(record.book):
        if unit.code in by_unit:
            at = parents[unit.code]
            while at is not None and at not in level:
                at = parents[at]
            level[unit.code] = 3 if at is None else min(level[at] + 1, DEEPEST_HEADING)
            ordered.append((unit, level[unit.code]))
    return ordered


def _groups(record: MinutesRecord, entries: Sequence[Entry]) -> list[dict[str, object]]:
    """The groups of the contests that have more than one, in the order of the units."""
    place = {unit.code: i for i, (unit, _) in enumerate(sections.in_order(record.book))}
    ordered = sorted(entries, key=lambda entry: (place[entry.unit.code], entry.number))
    found = (sections.groups(record.book, entry) for entry in ordered)
    return [each for each in found if each is not None]


def _totals(record: MinutesRecord, entries: Sequence[Entry]) -> dict[str, object]:
    """All marks together: sums of published figures, and what they are of all denominators together."""
    counted = [entry.count for entry in entries if entry.count is not None]
    levels = [sum(count.counts[i] for count in counted) for i in range(len(record.book.preset.levels))]
    n = sum(count.n for count in counted)
    return {
        "leaders": number(len(counted)),
        "returned": number(sum(count.returned for count in counted)),
        "n": number(n),
        "levels": [{"n": number(each), "p": percent(denominators.percent(each, n))} for each in levels],
        "not_marked": number(sum(count.not_marked for count in counted)),
    }
