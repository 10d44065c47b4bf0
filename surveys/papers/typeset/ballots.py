"""Turnout and ballots of a round, or of the electorates of some contests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from surveys.papers.minutes_record import MinutesRecord
from surveys.papers.typeset.blocks import Block, Facts, Paragraph, Run, Runs, plainly, strongly
from surveys.papers.typeset.heads import tongue
from surveys.results.book import Entry
from surveys.results.figures import Turnout
from surveys.rules.quorum import quorum_met

Pairs = list[tuple[str, Runs]]


def people(record: MinutesRecord, over: Turnout) -> Pairs:
    """Summoned, present, absent, and whether that is enough."""
    says = tongue(record)
    return [
        (says("Số người được triệu tập", "Summoned"), plainly(says.number(over.summoned))),
        (says("Số người có mặt", "Present"), plainly(says.number(over.present))),
        (says("Số người vắng mặt", "Absent"), plainly(says.number(over.summoned - over.present))),
        (says("Đủ số người tối thiểu", "Quorum"), _quorum(record, over)),
    ]


def _quorum(record: MinutesRecord, over: Turnout) -> Runs:
    says, quorum = tongue(record), record.book.preset.quorum
    met = quorum_met(record.book.preset, present=over.present, summoned=over.summoned)
    if quorum is None:
        return plainly(says("không quy định", "none required"))
    told = f"{says.number(over.present)}/{says.number(over.summoned)}"
    wanted = says(", cần ít nhất ", ", at least ") + f"{quorum.numerator}/{quorum.denominator}: "
    verdict = says("đủ", "met") if met else says("không đủ", "not met")
    return (*plainly(told + wanted), Run(verdict, bold=not met))


def ballots(record: MinutesRecord, over: Turnout) -> Pairs:
    """Issued, returned and the rest, with the order that must hold."""
    says = tongue(record)
    chain = " ≤ ".join(says.number(n) for n in (over.returned, over.issued, over.present, over.summoned))
    return [
        (says("Số phiếu phát ra", "Ballots issued"), plainly(says.number(over.issued))),
        (says("Số phiếu thu về", "Ballots returned"), plainly(says.number(over.returned))),
        (says("Số phiếu không thu về", "Not returned"), plainly(says.number(over.issued - over.returned))),
        (says("Số phiếu hợp lệ", "Valid"), plainly(says.number(over.returned))),
        (says("Số phiếu không hợp lệ", "Invalid"), plainly("0")),
        (
            says("Thu về ≤ phát ra ≤ có mặt ≤ triệu tập", "Returned ≤ issued ≤ present ≤ summoned"),
            plainly(chain),
        ),
    ]


def electorates(record: MinutesRecord, entries: Sequence[Entry]) -> list[tuple[str, int, Turnout]]:
    """Of the counted contests: whose electorate, how many panels it has, and its turnout."""
    says = tongue(record)
    found: dict[tuple[int, ...], list[Entry]] = {}
    for entry in entries:
        if entry.count is not None:
            found.setdefault(entry.contest.panels, []).append(entry)
    return [
        (", ".join(says.number(entry.number) for entry in alike), len(panels), turnout_of(alike[0]))
        for panels, alike in found.items()
    ]


def turnout_of(entry: Entry) -> Turnout:
    """The turnout of a counted contest's electorate."""
    count = entry.count
    assert count is not None
    return Turnout(entry.summoned, count.present, count.issued, count.returned)


def of_unit(record: MinutesRecord, entries: Sequence[Entry]) -> Iterator[Block]:
    """The ballots of each electorate of these leaders."""
    says, found = tongue(record), electorates(record, entries)
    if not found:
        withheld = says(
            "Kết quả của mọi người được lấy phiếu tại đơn vị được ẩn, nên không nêu số phiếu.",
            "All results of the unit are withheld, so no ballots are told.",
        )
        yield Paragraph(plainly(withheld))
    for whose, panels, turnout in found:
        if len(found) > 1:
            yield Paragraph(strongly(f"{says('Số thứ tự', 'Persons with the numbers')} {whose}"), leads=True)
        voting = (says("Số đơn vị bỏ phiếu", "Panels"), plainly(says.number(panels)))
        yield Facts((voting, *people(record, turnout), *ballots(record, turnout)))


def told(record: MinutesRecord, entries: Sequence[Entry]) -> str:
    """The same in one line, for the head of a unit in a table."""
    says, lines = tongue(record), []
    found = electorates(record, entries)
    for whose, _, t in found:
        who = f"{says('Số', 'No.')} {whose}: " if len(found) > 1 else ""
        absent, kept = t.summoned - t.present, t.issued - t.returned
        n = [says.number(each) for each in (t.summoned, t.present, absent, t.issued, t.returned, kept)]
        text = says(
            "triệu tập {}, có mặt {}, vắng {}; phát ra {}, thu về {}, không thu về {}",
            "summoned {}, present {}, absent {}; issued {}, returned {}, not returned {}",
        )
        met = quorum_met(record.book.preset, present=t.present, summoned=t.summoned)
        few = says("; không đủ số người tối thiểu", "; below the quorum") if met is False else ""
        lines.append(f"{who}{text.format(*n)}{few}")
    return ". ".join(lines)
