"""Checks 13.1 to 13.3: attendance, results and outcomes, worked out again from board, plan and counts
(docs/protocol.md §13).

Nothing here calls the code that writes the results file; only the rule's own conditions are asked of
`surveys.rules`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from surveys.audit.case import Attendance, Case
from surveys.instants import Instant, instant_text, read_instant
from surveys.protocol import canonical
from surveys.protocol.canonical import Fields
from surveys.protocol.errors import Inconsistent, Malformed, Missing, Rejected
from surveys.protocol.files import Act, Complained, Counted, Frozen, Result, Results
from surveys.protocol.manifest import Contest
from surveys.rules import outcomes
from surveys.rules.preset import Preset

ATTENDANCE_FORMAT = "tin-nhiem/attendance/2"
MOST_STATED = 1000
ACTS = ("opened", "extended", "closed")
# By whether fewer than k ballots were returned, or else step 3 of 11.1 took the contest out.
WITHHELD = {
    True: {
        "vi": "Ẩn kết quả: số phiếu thu về ít hơn {k}, không đủ để bảo vệ người ghi phiếu.",
        "en": "Withheld: fewer than {k} ballots were returned, too few to protect the voters.",
    },
    False: {
        "vi": "Ẩn kết quả: cùng với kết quả ở đơn vị khác của người này sẽ lộ nhóm ít hơn {k} phiếu.",
        "en": "Withheld: beside this person's result elsewhere it would tell of fewer than {k} ballots.",
    },
}
_EMPTY = (
    "present",
    "issued",
    "returned",
    "levels",
    "not_marked",
    "denominator",
    "percent",
    "outcome",
    "watch",
)


def attendance(case: Case) -> None:
    """13.1."""
    definition, returned, issued = case.definition, case.ballots.by_panel, case.issuance.counts
    fields = Fields(
        canonical.decode(case.bundle["attendance.json"], check="13.1", where="attendance"),
        check="13.1",
        where="attendance",
    )
    if fields.text("format", 100) != ATTENDANCE_FORMAT:
        raise Malformed(check="13.1", where="attendance.format", why=f"not {ATTENDANCE_FORMAT}")
    log = [_act(each) for each in fields.objects("log", MOST_STATED)]
    frozen = [_frozen(each, len(definition.contests)) for each in fields.objects("frozen", MOST_STATED)]
    stated = Attendance(
        present=tuple(fields.integers("panels", canonical.MAX_INTEGER)),
        head=fields.text("head", 300, empty=True),
        chair=fields.text("chair", 300, empty=True),
        secretary=fields.text("secretary", 300, empty=True),
        custodian=fields.text("custodian", 300, empty=True),
        opened=fields.instant("opened"),
        closed=fields.instant("closed"),
        log=log,
        frozen=frozen,
        excluded=frozenset(each["contest"] for each in frozen),
        incidents=tuple(fields.texts("incidents", 1000, 10_000)),
        complaints=[_complaint(each) for each in fields.objects("complaints", MOST_STATED)],
    )
    fields.done()
    if len(stated.present) != len(definition.panels):
        raise Inconsistent(check="13.1", where="attendance.panels", why="not one number for each panel")
    case.attendance = stated
    if stated.opened > stated.closed:
        raise Inconsistent(check="13.1", where="attendance.closed", why="before it was opened")
    _check_log(stated)
    check_calendar(log, definition.opens, definition.closes)
    indices = [each["contest"] for each in frozen]
    if indices != sorted(set(indices)):
        raise Inconsistent(check="13.1", where="attendance.frozen", why="not ascending")
    for p, panel in enumerate(definition.panels):
        row = (returned[p], issued[p], stated.present[p], panel.voters)
        if list(row) != sorted(row):
            why = "not returned {} <= issued {} <= present {} <= summoned {}".format(*row)
            raise Inconsistent(check="13.1", where=f"attendance.panels[{p}]", why=why)


def _act(fields: Fields) -> Act:
    at, until = fields.instant("at"), fields.optional_instant("until")
    act: Act = {
        "at": instant_text(at),
        "act": fields.text("act", 20),
        "by": fields.text("by", 20),
        "until": None if until is None else instant_text(until),
        "reason": fields.text("reason", 1000, empty=True),
    }
    fields.done()
    if act["act"] not in ACTS or act["by"] not in ("hand", "clock"):
        raise Malformed(check="13.1", where=fields.where, why="no such act, or by nobody")
    extended = act["act"] == "extended"
    if extended != (act["until"] is not None) or (extended and not act["reason"]):
        raise Malformed(
            check="13.1", where=fields.where, why="an extension, and nothing else, has an end and a reason"
        )
    return act


def _frozen(fields: Fields, contests: int) -> Frozen:
    frozen: Frozen = {
        "contest": fields.integer("contest", 0, contests - 1),
        "reason": fields.text("reason", 1000),
    }
    fields.done()
    return frozen


def _complaint(fields: Fields) -> Complained:
    said: Complained = {
        "complaint": fields.text("complaint", 1000),
        "ruling": fields.text("ruling", 1000, empty=True),
    }
    fields.done()
    return said


def _check_log(stated: Attendance) -> None:
    """The first act, and no other, opens the polls at `opened`; the last, and no other, closes them at
    `closed`.
    """
    acts, at = [act["act"] for act in stated.log], [act["at"] for act in stated.log]
    if (
        acts != ["opened", *["extended"] * (len(acts) - 2), "closed"]
        or at != sorted(at)
        or (at[0], at[-1]) != (instant_text(stated.opened), instant_text(stated.closed))
    ):
        raise Inconsistent(
            check="13.1", where="attendance.log", why="not opened, extended, closed, in this order of time"
        )


def check_calendar(log: Sequence[Act], opens: Instant, closes: Instant) -> None:
    """13.1: the clock acts in time; an act off the calendar has a reason; each extension is one. `log` is in
    order of time.
    """
    end = closes
    for i, act in enumerate(log):
        kind, at, hand = act["act"], read_instant(act["at"]), act["by"] == "hand"
        if act["until"] is not None:  # of an extension, and of nothing else
            until = read_instant(act["until"])
            timely = until > max(end, at)
            end = until
        else:
            in_time = opens <= at < closes if kind == "opened" else at >= end
            timely = in_time or (hand and act["reason"] != "")
        if not timely:
            raise Inconsistent(check="13.1", where=f"attendance.log[{i}]", why="is not of the calendar")


def results(case: Case) -> None:
    """13.2, except for `outcome` and `watch` of a contest that is not withheld."""
    definition = case.definition
    right = list(_contests(case))
    fields = Fields(
        canonical.decode(case.bundle["results.json"], check="13.2", where="results"),
        check="13.2",
        where="results",
    )
    document = fields.value
    head: dict[str, object] = {"survey": definition.survey.hex(), "preset": definition.rule["name"]}
    head |= {"year": definition.year, "k": definition.k}
    entries = fields.objects("contests", canonical.MAX_INTEGER)
    for name, value in head.items():
        if name in document:
            same(document[name], value, f"results.{name}", "13.2")
            fields.integer(name, 0, canonical.MAX_INTEGER) if isinstance(value, int) else fields.text(
                name, 1000
            )
    if set(document) != {*head, "contests"}:
        missing = sorted({*head, "contests"} ^ set(document))
        raise Malformed(
            check="13.2", where=f"results.{missing[0]}", why="is missing, or does not belong here"
        )
    if len(entries) != len(right):
        raise Inconsistent(check="13.2", where="results.contests", why=f"not {len(right)} contests")
    for c, expected in enumerate(right):
        where = f"results.contests[{c}]"
        found = dict(entries[c].value)
        if expected["withheld"] is None:
            for name in ("outcome", "watch"):
                if name not in found:
                    raise Missing(check="13.2", where=f"{where}.{name}", why="is missing")
                found.pop(name)
        same(found, expected, where, "13.2")
    case.results = cast(Results, document)  # as `same` has shown


def _contests(case: Case) -> Iterator[dict[str, object]]:
    """The entries as clause 13.2 gives them, without outcome and watch."""
    definition, plan, by_panel = case.definition, case.plan, case.ballots.by_panel
    present, issued = case.attendance.present, case.issuance.counts
    # `returned` or `summoned`: the rule names the very field of the entry (checked by 4.2).
    name_of_n = str(definition.rule["denominator"])
    counts = iter(case.counts)
    for contest, atoms in zip(definition.contests, plan.contests, strict=True):
        summoned = _over(contest, [panel.voters for panel in definition.panels])
        entry: dict[str, object] = {"person": contest.person, "name": contest.name, "unit": contest.unit}
        entry["summoned"] = summoned
        if atoms is None:
            few = _over(contest, by_panel) < definition.k
            withheld = {lang: text.format(k=definition.k) for lang, text in WITHHELD[few].items()}
            yield {**entry, **dict.fromkeys(_EMPTY), "withheld": withheld, "breakdown": []}
            continue
        breakdown: list[Counted] = []
        for panels in atoms:
            row, returned = next(counts), sum(by_panel[p] for p in panels)
            breakdown.append(
                {
                    "units": [definition.panels[p].unit for p in panels],
                    "returned": returned,
                    "levels": dict(zip(definition.levels, row, strict=True)),
                    "not_marked": returned - sum(row),
                }
            )
        levels = {level: sum(atom["levels"][level] for atom in breakdown) for level in definition.levels}
        entry |= {name: _over(contest, by) for name, by in (("present", present), ("issued", issued))}
        entry["returned"] = all_returned = _over(contest, by_panel)
        n = all_returned if name_of_n == "returned" else summoned
        yield {
            **entry,
            "levels": levels,
            "not_marked": sum(atom["not_marked"] for atom in breakdown),
            "denominator": {"name": name_of_n, "n": n},
            "percent": {level: percent(count, n) for level, count in levels.items()},
            "withheld": None,
            "breakdown": breakdown,
        }


def _over(contest: Contest, by_panel: Sequence[int]) -> int:
    return sum(by_panel[p] for p in contest.panels)


def percent(count: int, n: int) -> str | None:
    """count/n with two decimals, half up, on integers; None where n = 0."""
    if n == 0:
        return None
    hundredths = (20_000 * count + n) // (2 * n)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def outcome_of(case: Case, number: int, entry: Result) -> tuple[str, list[str]]:
    """(outcome, watch) that follow for the contest of this index, whose numbers have been checked (13.3)."""
    previous = case.definition.contests[number].previous
    found = outcomes.outcome(
        Preset.from_json(case.definition.rule),
        entry["levels"],
        returned=entry["returned"],
        summoned=entry["summoned"],
        present=entry["present"],
        previous=None
        if previous is None
        else outcomes.Previous(previous.levels, returned=previous.returned, summoned=previous.summoned),
        frozen=number in case.attendance.excluded,
    )
    return found.id, list(found.watch)


def outcomes_hold(case: Case) -> None:
    """13.3."""
    for c, entry in enumerate(case.results["contests"]):
        if entry["withheld"] is None:
            outcome, watch = outcome_of(case, c, entry)
            same(entry["outcome"], outcome, f"results.contests[{c}].outcome", "13.3")
            same(entry["watch"], watch, f"results.contests[{c}].watch", "13.3")


def same(found: object, expected: object, where: str, check: str) -> None:
    """The JSON values are equal, types included (in Python True == 1). Raises Rejected at the first
    difference.
    """
    if type(found) is not type(expected):
        raise Rejected(check=check, where=where, why=f"not {_short(expected)}")
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in sorted(set(found) ^ set(expected)):
            raise Rejected(check=check, where=f"{where}.{name}", why="is missing, or does not belong here")
        for name, value in expected.items():
            same(found[name], value, f"{where}.{name}", check)
    elif isinstance(expected, list) and isinstance(found, list):
        if len(found) != len(expected):
            raise Rejected(check=check, where=where, why=f"{len(found)} entries, not {len(expected)}")
        for i, (a, b) in enumerate(zip(found, expected, strict=True)):
            same(a, b, f"{where}[{i}]", check)
    elif found != expected:
        raise Rejected(check=check, where=where, why=f"not {_short(expected)}")


def _short(value: object) -> str:
    return f"a {type(value).__name__}" if isinstance(value, dict | list) else repr(value)[:80]
