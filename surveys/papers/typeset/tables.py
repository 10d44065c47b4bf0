"""The tables of the papers: leaders' results, groups, attendance, outcomes; and what follows for a leader.

Each figure is one of the book's (docs/protocol.md 13.2): here it is only written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from surveys.papers.minutes_record import MinutesRecord
from surveys.papers.typeset.blocks import (
    Align,
    Block,
    Cell,
    Paragraph,
    Row,
    Run,
    Runs,
    Table,
    plainly,
    strongly,
)
from surveys.papers.typeset.heads import above, tongue
from surveys.papers.typeset.letters import plain
from surveys.protocol.manifest import Unit
from surveys.results.book import Book, Count, Entry, Group, Verdict
from surveys.results.figures import NOBODY, Turnout
from surveys.rules import denominators
from surveys.rules.outcomes import NONE
from surveys.rules.quorum import quorum_met


def own_denominator(record: MinutesRecord) -> bool:
    """Whether percentages are of another number than the ballots returned."""
    return record.book.preset.denominator != "returned"


def posts(entry: Entry) -> str:
    """A leader's posts, each once."""
    return plain("; ".join(dict.fromkeys(entry.contest.titles)))


def said(record: MinutesRecord, entry: Entry) -> list[str]:
    """What follows for a leader; nothing where nothing does."""
    if entry.count is None:
        return []
    says, reason = tongue(record), record.frozen.get(entry.number - 1)
    lines = []
    if reason is not None:
        lines.append(f"{says.of(entry.count.outcome.words)}. {says('Lý do', 'Reason')}: {plain(reason)}.")
    elif entry.count.outcome.id != NONE:
        lines.append(f"{says.of(entry.count.outcome.words)}.")
    return lines + [f"{says.of(flag.words)}." for flag in entry.count.watch]


@dataclass(frozen=True, slots=True)
class Results:
    """Leaders' results as a table. `where`: each row names the unit too; `heads`: a line above each
    unit's.
    """

    record: MinutesRecord
    where: bool = False

    @property
    def _widths(self) -> tuple[float, ...]:
        levels = len(self.record.book.preset.levels)
        level = 17.0 if levels > 3 else 21.0
        own = (17.0,) if own_denominator(self.record) else ()
        return (11.0, 0.0, 17.0, *own, *(level,) * levels, 17.0)

    @property
    def _heads(self) -> tuple[str, ...]:
        says, preset = tongue(self.record), self.record.book.preset
        own = own_denominator(self.record)
        name = says("Họ và tên, chức vụ", "Name, title") + (says(", đơn vị", ", unit") if self.where else "")
        return (
            says("Số", "No."),
            name,
            says("Thu về", "Returned") if own else says("Thu về (mẫu số)", "Returned (N)"),
            *((says("Mẫu số", "N"),) if own else ()),
            *(says.of(level.words) for level in preset.levels),
            says.of(preset.not_marked),
        )

    def table(self, rows: Iterable[Row], *, small: bool = False) -> Table:
        """The table over these rows."""
        return Table(self._widths, self._heads, tuple(rows), small=small)

    def of(self, entries: Iterable[Entry]) -> Iterator[Row]:
        """A row of figures for each leader, and below it, over the whole width, what follows; with the number
        again, as a page may end between.
        """
        says = tongue(self.record)
        for entry in entries:
            count = entry.count
            who = (Run(plain(entry.contest.name), bold=True), Run(f"\n{self._what(entry)}"))
            number = Cell(plainly(says.number(entry.number)), Align.RIGHT)
            if count is None:
                assert entry.withheld is not None
                why = f"{says('Triệu tập', 'Summoned')} {says.number(entry.summoned)}. {says.of(entry.withheld)}"
                yield number, Cell(who), Cell(plainly(why), span=len(self._widths) - 2)
                continue
            yield number, Cell(who), *self._figures(count)
            if lines := said(self.record, entry):
                text = f"{says('Số', 'No.')} {says.number(entry.number)}: " + "\n".join(lines)
                yield (Cell(strongly(text), span=len(self._widths), shaded=True),)

    def _what(self, entry: Entry) -> str:
        return "; ".join(filter(None, (posts(entry), plain(entry.unit.name) if self.where else "")))

    def _figures(self, count: Count) -> Iterator[Cell]:
        says = tongue(self.record)
        own = (count.n,) if own_denominator(self.record) else ()
        for n in (count.returned, *own):
            yield Cell(plainly(says.number(n)), Align.RIGHT)
        for n, share in zip(count.counts, count.percent, strict=True):
            yield _marks(f"{says.number(n)}\n{says.percent(share)}")
        yield Cell(plainly(says.number(count.not_marked)), Align.RIGHT)

    def unit_line(self, text: str) -> Row:
        """A line over the whole width, above the leaders of a unit."""
        return (Cell(strongly(text), span=len(self._widths), shaded=True),)

    def totals(self, entries: Sequence[Entry]) -> Row:
        """All marks together: sums of published figures, and what they are of all denominators together."""
        says = tongue(self.record)
        counted = [entry.count for entry in entries if entry.count is not None]
        n, levels = sum(count.n for count in counted), range(len(self.record.book.preset.levels))
        sums = [sum(count.counts[i] for count in counted) for i in levels]
        own = (n,) if own_denominator(self.record) else ()
        label = says("Cộng các lượt đánh giá", "All marks")
        people = says("{} người có kết quả", "{} persons with a result").format(says.number(len(counted)))
        return (
            Cell((Run(label, bold=True), Run(f"\n{people}")), span=2),
            *(
                Cell(strongly(says.number(each)), Align.RIGHT)
                for each in (sum(count.returned for count in counted), *own)
            ),
            *(_marks(f"{says.number(each)}\n{says.percent(denominators.percent(each, n))}") for each in sums),
            Cell(plainly(says.number(sum(count.not_marked for count in counted))), Align.RIGHT),
        )


def _marks(text: str) -> Cell:
    return Cell(plainly(text), Align.RIGHT)


def groups(record: MinutesRecord, entries: Iterable[Entry]) -> Iterator[Block]:
    """A table for each leader with more than one group, in the order of the units."""
    says, levels = tongue(record), record.book.preset.levels
    place = {unit.code: i for i, (unit, _) in enumerate(in_order(record.book))}
    for entry in sorted(entries, key=lambda each: (place[each.unit.code], each.number)):
        count = entry.count
        if count is None or len(count.groups) < 2:
            continue
        who = (
            Run(f"{says.number(entry.number)}. {plain(entry.contest.name)}", bold=True),
            Run(f", {plain(entry.unit.name)}"),
        )
        yield Paragraph(who, Align.LEFT, leads=True, small=True)
        total = Cell(strongly(says("Cộng", "Total"))), *_numbers(record, count, strongly)
        yield Table(
            (0.0, 17.0, *(18.0,) * len(levels), 18.0),
            (
                says("Nhóm", "Group"),
                says("Thu về", "Returned"),
                *(says.of(level.words) for level in levels),
                says.of(record.book.preset.not_marked),
            ),
            (
                *((Cell(plainly(_named(record, g))), *_numbers(record, g, plainly)) for g in count.groups),
                total,
            ),
            small=True,
        )


def has_groups(entries: Iterable[Entry]) -> bool:
    """Whether any of them has more than one group."""
    return any(entry.count is not None and len(entry.count.groups) > 1 for entry in entries)


def _named(record: MinutesRecord, group: Group) -> str:
    names = "; ".join(plain(unit.name) for unit in group.units)
    return names + tongue(record)(" (gộp)", " (merged)") * (len(group.units) > 1)


def _numbers(record: MinutesRecord, of: Count | Group, face: Callable[[str], Runs]) -> Iterator[Cell]:
    for n in (of.returned, *of.counts, of.not_marked):
        yield Cell(face(tongue(record).number(n)), Align.RIGHT)


@dataclass(frozen=True, slots=True)
class Attendance:
    """Summoned and present in each unit that votes, with the total and how many are below the quorum."""

    table: Table
    panels: int
    total: Turnout
    below: int


def attendance(record: MinutesRecord, within: Iterable[str]) -> Attendance:
    """The units with these codes that vote."""
    says, preset, wanted = tongue(record), record.book.preset, frozenset(within)
    rows: list[Row] = []
    total, below = NOBODY, 0
    for panel, present in zip(record.definition.panels, record.present, strict=True):
        if panel.unit not in wanted:
            continue
        total += Turnout(panel.voters, present, 0, 0)
        met = quorum_met(preset, present=present, summoned=panel.voters)
        below += met is False
        name = plainly(plain(record.book.units[panel.unit].name))
        verdict = {
            None: plainly("–"),
            True: plainly(says("đủ", "met")),
            False: strongly(says("không đủ", "not met")),
        }[met]
        rows.append((Cell(name), *_there(record, panel.voters, present, plainly), Cell(verdict, Align.RIGHT)))
    label = Cell(strongly(says("Cộng", "Total")))
    rows.append((label, *_there(record, total.summoned, total.present, strongly), Cell(plainly(""))))
    head = (
        says("Đơn vị bỏ phiếu", "Panel"),
        says("Triệu tập", "Summoned"),
        says("Có mặt", "Present"),
        says("Vắng mặt", "Absent"),
        says("Đủ số tối thiểu", "Quorum"),
    )
    table = Table((0.0, 21.0, 21.0, 21.0, 26.0), head, tuple(rows), small=True)
    return Attendance(table, len(rows) - 1, total, below)


def _there(record: MinutesRecord, summoned: int, present: int, face: Callable[[str], Runs]) -> Iterator[Cell]:
    for n in (summoned, present, summoned - present):
        yield Cell(face(tongue(record).number(n)), Align.RIGHT)


def notable(entries: Iterable[Entry]) -> list[Entry]:
    """Those for whom something follows, or who are watched."""
    return [
        entry
        for entry in entries
        if entry.count is not None and (entry.count.outcome.id != NONE or entry.count.watch)
    ]


def outcomes(record: MinutesRecord, entries: Sequence[Entry]) -> Iterator[Block]:
    """How many persons each outcome and each flag is about, the rarest first; nothing where nobody has a
    result.
    """
    says = tongue(record)
    counted = [entry.count for entry in entries if entry.count is not None]
    found = {v.id: v for count in counted for v in (count.outcome, *count.watch)}
    decided, watched = Counter(c.outcome.id for c in counted), Counter(f.id for c in counted for f in c.watch)
    ordered = [*sorted(decided.items(), key=_rarest), *sorted(watched.items(), key=_rarest)]
    if ordered:
        yield Table(
            (0.0, 0.0, 22.0),
            (
                says("Hệ quả, theo dõi", "Outcome, flag"),
                says("Căn cứ", "Source"),
                says("Số người", "Persons"),
            ),
            tuple(_verdict(record, found[name], n) for name, n in ordered),
        )


def _verdict(record: MinutesRecord, verdict: Verdict, n: int) -> Row:
    says = tongue(record)
    words, source = says.of(verdict.words), says.of(verdict.source)
    return Cell(plainly(words)), Cell(plainly(source)), Cell(plainly(says.number(n)), Align.RIGHT)


def _rarest(pair: tuple[str, int]) -> tuple[bool, int, str]:
    name, n = pair
    return name == NONE, n, name


def in_order(book: Book) -> list[tuple[Unit, int]]:
    """All units as the tree has them, each before those below it, with their depth; siblings by code."""
    children: dict[str | None, list[Unit]] = {}
    for unit in book.units.values():
        children.setdefault(unit.parent, []).append(unit)
    ordered, waiting = [], [(unit, 0) for unit in children.get(None, [])]
    while waiting:
        unit, depth = waiting.pop()
        ordered.append((unit, depth))
        below = sorted(children.get(unit.code, []), key=lambda each: each.code.encode(), reverse=True)
        waiting.extend((each, depth + 1) for each in below)
    return ordered


def by_unit(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """The leaders of each unit, by its code."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.unit.code, []).append(entry)
    return found


def below_which(record: MinutesRecord, unit: Unit) -> str:
    """`, trực thuộc …`, or nothing for the unit at the top."""
    says = tongue(record)
    return f"{says(', trực thuộc ', ', under ')}{above(record, unit)}" if unit.parent is not None else ""


def no_line(record: MinutesRecord) -> str:
    """What it means that nothing stands below a leader's figures."""
    return tongue(record)(
        "Ai không có dòng ghi hệ quả dưới số liệu thì không có hệ quả theo quy tắc.",
        "Without a line below the figures nothing follows under the rule.",
    )
