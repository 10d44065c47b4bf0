"""The parts of the minutes as plain values for the templates: every text final, every number already written.

A template only sets what stands here; it computes nothing. Each part is a dict of texts, lists and dicts,
handed over as JSON.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version

from surveys.papers.minutes_record import MinutesRecord
from surveys.papers.typeset.letters import (
    ahead,
    day,
    hash_groups,
    local,
    moment,
    number,
    percent,
    plain,
    words,
)
from surveys.protocol.manifest import Unit
from surveys.results.book import Book, Count, Entry, Verdict
from surveys.results.figures import NOBODY, Turnout
from surveys.rules.denominators import LABELS
from surveys.rules.outcomes import NONE
from surveys.rules.quorum import quorum_met

Part = dict[str, object]
ACTS = {
    "opened": {"vi": "Mở bỏ phiếu", "en": "Opened"},
    "extended": {"vi": "Gia hạn", "en": "Extended"},
    "closed": {"vi": "Đóng bỏ phiếu", "en": "Closed"},
}
BY = {"hand": {"vi": "thủ công", "en": "by hand"}, "clock": {"vi": "theo giờ đã định", "en": "by the clock"}}
INTERNAL = {"vi": "LƯU HÀNH NỘI BỘ", "en": "Internal"}
RESTRICTED = {"vi": "HẠN CHẾ LƯU HÀNH", "en": "Restricted"}
TYPESET_BY = f"tin-nhiem {version('tin-nhiem')}, typst {version('typst')}"


def head(record: MinutesRecord, above: str, by: str, mark: Mapping[str, str] | None) -> Part:
    """What stands above the title: who issues, motto, number, place and date, how far it may go."""
    definition = record.definition
    closed = local(record.conference.log[-1].at, definition.utc_offset)
    return {
        "motto": "ĐẢNG CỘNG SẢN VIỆT NAM",
        "above": plain(above.upper()),
        "by": plain(by.upper()),
        "place": plain(definition.place),
        "day": day(closed),
        "mark": None if mark is None else dict(mark),
    }


def about(record: MinutesRecord) -> Part:
    """The vote and its rule."""
    definition, preset = record.definition, record.book.preset
    return {
        "vote": {"vi": plain(definition.title_vi), "en": plain(definition.title_en)},
        "year": str(definition.year),
        "organisation": plain(definition.organisation),
        "called_by": plain(definition.number),
        "rule": words(preset.title),
        "rule_name": plain(preset.name),
        "source": words(preset.source),
        "denominator": words(LABELS[preset.denominator]),
        "own_denominator": preset.denominator != "returned",
        "levels": [words(level.words) for level in preset.levels],
        "not_marked": words(preset.not_marked),
        "k": number(definition.k),
        "slips": definition.slips,
        "revoting": definition.revoting,
    }


def turnout(record: MinutesRecord, over: Turnout) -> Part:
    """Summoned to returned, with what follows from them. The quorum's words are in the template."""
    quorum = record.book.preset.quorum
    met = quorum_met(record.book.preset, present=over.present, summoned=over.summoned)
    return {
        "summoned": number(over.summoned),
        "present": number(over.present),
        "absent": number(over.summoned - over.present),
        "issued": number(over.issued),
        "returned": number(over.returned),
        "not_returned": number(over.issued - over.returned),
        "quorum": None if quorum is None else f"{quorum.numerator}/{quorum.denominator}",
        "quorum_met": met,
    }


def committee(record: MinutesRecord) -> Part:
    """Who led and who counted; the committee's members, the head first; leaders of the same name, if there
    are any.
    """
    definition, conference = record.definition, record.conference
    leaders = {contest.name.casefold() for contest in definition.contests}
    return {
        "chair": plain(conference.chair),
        "secretary": plain(conference.secretary),
        "custodian": plain(conference.custodian),
        "head": plain(record.head or definition.trustees[0]),
        "threshold": number(definition.threshold),
        "members": [
            {
                "no": str(i),
                "name": plain(name),
                "counted": name in record.counted_by,
                "absent": name in record.absent,
            }
            for i, name in enumerate(definition.trustees, start=1)
        ],
        "namesakes": [plain(name) for name in definition.trustees if name.casefold() in leaders],
    }


def polls(record: MinutesRecord) -> Part:
    """Opening, closing, and the log between them."""
    offset, log = record.definition.utc_offset, record.conference.log
    return {
        "zone": plain(ahead(offset)),
        "opened": moment(log[0].at, offset),
        "closed": moment(log[-1].at, offset),
        "log": [
            {
                "at": moment(act.at, offset),
                "act": ACTS[act.act],
                "by": BY[act.by],
                "until": "" if act.until is None else moment(act.until, offset),
                "reason": plain(act.reason),
            }
            for act in log
        ],
    }


def row(entry: Entry, frozen: Mapping[int, str]) -> Part:
    """One leader's result. `count` is null where the result is withheld, and then nothing but `withheld` is
    told.
    """
    contest = entry.contest
    reason = frozen.get(entry.number - 1)
    return {
        "no": number(entry.number),
        "name": plain(contest.name),
        "posts": plain("; ".join(contest.titles)),
        "unit": plain(entry.unit.name),
        "summoned": number(entry.summoned),
        "count": None if entry.count is None else _count(entry.count),
        "withheld": None if entry.withheld is None else words(entry.withheld),
        "frozen": None if reason is None else plain(reason),
    }


def _count(count: Count) -> Part:
    return {
        "returned": number(count.returned),
        "n": number(count.n),
        "levels": [
            {"n": number(n), "p": percent(share)}
            for n, share in zip(count.counts, count.percent, strict=True)
        ],
        "not_marked": number(count.not_marked),
        "outcome": verdict(count.outcome),
        "nothing": count.outcome.id == NONE,
        "watch": [verdict(flag) for flag in count.watch],
    }


def verdict(said: Verdict) -> Part:
    """An outcome or flag in words."""
    return {**words(said.words), "source": words(said.source)}


def groups(book: Book, entry: Entry) -> Part | None:
    """How the groups of a contest marked; None where there is one group only, which is the whole result."""
    if entry.count is None or len(entry.count.groups) < 2:
        return None
    return {
        "no": number(entry.number),
        "name": plain(entry.contest.name),
        "unit": plain(entry.unit.name),
        "rows": [
            {
                "units": "; ".join(plain(unit.name) for unit in group.units),
                "merged": len(group.units) > 1,
                "returned": number(group.returned),
                "levels": [number(n) for n in group.counts],
                "not_marked": number(group.not_marked),
            }
            for group in entry.count.groups
        ],
        "returned": number(entry.count.returned),
        "levels": [number(n) for n in entry.count.counts],
        "not_marked": number(entry.count.not_marked),
    }


def summary(record: MinutesRecord, entries: Sequence[Entry]) -> Part:
    """How many leaders, what followed for how many of them, and who they are."""
    frozen = record.frozen
    counted = [entry.count for entry in entries if entry.count is not None]
    outcomes = Counter(count.outcome.id for count in counted)
    flags = Counter(flag.id for count in counted for flag in count.watch)
    said = {v.id: v for count in counted for v in (count.outcome, *count.watch)}
    notable = [
        row(entry, frozen)
        for entry in entries
        if entry.count is not None and (entry.count.outcome.id != NONE or entry.count.watch)
    ]
    return {
        "leaders": number(len(entries)),
        "units": number(len({entry.unit.code for entry in entries})),
        "outcomes": [
            {**verdict(said[name]), "leaders": number(n)} for name, n in sorted(outcomes.items(), key=_rarest)
        ],
        "flags": [
            {**verdict(said[name]), "leaders": number(n)} for name, n in sorted(flags.items(), key=_rarest)
        ],
        "notable": notable,
        "withheld": [row(entry, frozen) for entry in entries if entry.count is None],
        "frozen": [row(entry, frozen) for entry in entries if entry.number - 1 in frozen],
    }


def _rarest(pair: tuple[str, int]) -> tuple[bool, int, str]:
    name, n = pair
    return name == NONE, n, name


def sealing(record: MinutesRecord) -> Part:
    """Hashes, software, programs: what ties the paper to the bundle."""
    hashes = record.hashes
    named = (
        ("Bản kê", "Manifest", hashes.manifest),
        ("Buổi tạo khóa", "Ceremony", hashes.ceremony),
        ("Danh sách người ghi phiếu", "Roll", hashes.roll),
        ("Hòm phiếu niêm phong", "Board root", hashes.board),
        ("Phương án kiểm phiếu", "Plan", hashes.plan),
        ("Tệp kết quả", "Results", hashes.results),
    )
    return {
        "software": plain(record.definition.software),
        "typeset_by": TYPESET_BY,
        "survey": hash_groups(record.definition.survey),
        "hashes": [{"vi": vi, "en": en, "hash": hash_groups(raw)} for vi, en, raw in named],
        "clients": [
            {"name": plain(name), "hash": hash_groups(sha)} for name, sha in record.definition.clients
        ],
        "board_begins": hash_groups(hashes.board).split(" ")[0],
        "replaced": number(record.hashes.replaced),
    }


def electorates(record: MinutesRecord, entries: Sequence[Entry]) -> list[Part]:
    """The turnout of each electorate of these contests, and whose it is; counted contests only."""
    found: dict[tuple[int, ...], list[Entry]] = {}
    for entry in entries:
        if entry.count is not None:
            found.setdefault(entry.contest.panels, []).append(entry)
    return [
        {
            "whose": ", ".join(number(entry.number) for entry in alike),
            "panels": number(len(panels)),
            **turnout(record, turnout_of(alike[0])),
        }
        for panels, alike in found.items()
    ]


def turnout_of(entry: Entry) -> Turnout:
    """The turnout of a counted contest's electorate."""
    count = entry.count
    assert count is not None
    return Turnout(entry.summoned, count.present, count.issued, count.returned)


def attendance(record: MinutesRecord, within: Iterable[str]) -> Part:
    """Summoned and present in each unit that votes, of the units with these codes."""
    preset, wanted = record.book.preset, frozenset(within)
    rows, total = [], NOBODY
    for panel, present in zip(record.definition.panels, record.present, strict=True):
        if panel.unit not in wanted:
            continue
        total += Turnout(panel.voters, present, 0, 0)
        met = quorum_met(preset, present=present, summoned=panel.voters)
        rows.append(
            {
                "unit": plain(record.book.units[panel.unit].name),
                "summoned": number(panel.voters),
                "present": number(present),
                "absent": number(panel.voters - present),
                "quorum_met": met,
            }
        )
    return {
        "rows": rows,
        "summoned": number(total.summoned),
        "present": number(total.present),
        "absent": number(total.summoned - total.present),
        "below": number(sum(each["quorum_met"] is False for each in rows)),
    }


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


def above(book: Book, unit: Unit) -> str:
    """The name of the unit above, empty for the root."""
    return "" if unit.parent is None else book.units[unit.parent].name
