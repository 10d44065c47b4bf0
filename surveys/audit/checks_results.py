"""Checks 13.1 to 13.3: attendance, results and outcomes, worked out again from board, plan and counts (docs/protocol.md §13).

Nothing here calls the code that writes the results file; only the rule's own conditions are asked of `surveys.rules`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from surveys.audit.case import Attendance, Case
from surveys.protocol import canonical
from surveys.protocol.canonical import Fields
from surveys.protocol.errors import Inconsistent, Malformed, Missing, Rejected
from surveys.protocol.manifest import Contest
from surveys.rules import outcomes
from surveys.rules.preset import Preset

ATTENDANCE_FORMAT = "tin-nhiem/attendance/1"
MOST_STATED = 1000
ACTS = ("opened", "extended", "closed")
NO_INSTANT = "not YYYY-MM-DDThh:mm:ssZ"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
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
    definition, returned, issued = case.definition, case.ballots.by_panel, case.issuance.panels
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
        opened=_instant(fields, "opened"),
        closed=_instant(fields, "closed"),
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
    indices = [each["contest"] for each in frozen]
    if indices != sorted(set(indices)):
        raise Inconsistent(check="13.1", where="attendance.frozen", why="not ascending")
    for p, panel in enumerate(definition.panels):
        row = (returned[p], len(issued[p]), stated.present[p], panel.voters)
        if list(row) != sorted(row):
            why = "not returned {} <= issued {} <= present {} <= summoned {}".format(*row)
            raise Inconsistent(check="13.1", where=f"attendance.panels[{p}]", why=why)


def _act(fields: Fields) -> dict[str, Any]:
    act = {
        "at": _instant(fields, "at"),
        "act": fields.text("act", 20),
        "by": fields.text("by", 20),
        "until": fields.optional_text("until", 20),
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
    if act["until"] is not None and not _is_instant(act["until"]):
        raise Malformed(check="13.1", where=f"{fields.where}.until", why=NO_INSTANT)
    return act


def _frozen(fields: Fields, contests: int) -> dict[str, Any]:
    frozen = {"contest": fields.integer("contest", 0, contests - 1), "reason": fields.text("reason", 1000)}
    fields.done()
    return frozen


def _complaint(fields: Fields) -> dict[str, Any]:
    said = {"complaint": fields.text("complaint", 1000), "ruling": fields.text("ruling", 1000, empty=True)}
    fields.done()
    return said


def _check_log(stated: Attendance) -> None:
    """The first act, and no other, opens the polls at `opened`; the last, and no other, closes them at `closed`."""
    acts, at = [act["act"] for act in stated.log], [act["at"] for act in stated.log]
    if (
        acts != ["opened", *["extended"] * (len(acts) - 2), "closed"]
        or at != sorted(at)
        or (at[0], at[-1]) != (stated.opened, stated.closed)
    ):
        raise Inconsistent(
            check="13.1", where="attendance.log", why="not opened, extended, closed, in this order of time"
        )


def _instant(fields: Fields, name: str) -> str:
    text = fields.text(name, 20)
    if not _is_instant(text):
        raise Malformed(check="13.1", where=f"{fields.where}.{name}", why=NO_INSTANT)
    return text


def _is_instant(text: str) -> bool:
    try:
        return bool(_INSTANT.fullmatch(text) and datetime.fromisoformat(text[:-1]))
    except ValueError:
        return False


def results(case: Case) -> None:
    """13.2, except for `outcome` and `watch` of a contest that is not withheld."""
    definition = case.definition
    right = list(_contests(case))
    document = canonical.decode(case.bundle["results.json"], check="13.2", where="results")
    head = {"survey": definition.survey.hex(), "preset": definition.rule["name"]}
    head |= {"year": definition.year, "k": definition.k}
    fields = Fields(document, check="13.2", where="results")
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
        found = dict(document["contests"][c])
        if expected["withheld"] is None:
            for name in ("outcome", "watch"):
                if name not in found:
                    raise Missing(check="13.2", where=f"{where}.{name}", why="is missing")
                found.pop(name)
        else:
            reason = Fields(found.get("withheld"), check="13.2", where=f"{where}.withheld")
            for language in ("vi", "en"):
                reason.text(language, 1000)
            reason.done()
            found["withheld"] = expected["withheld"]
        same(found, expected, where, "13.2")
    case.results = document


def _contests(case: Case) -> Iterator[dict[str, Any]]:
    """The entries as clause 13.2 gives them, without outcome and watch; `withheld` is {} where it is a sentence."""
    definition, plan, by_panel = case.definition, case.plan, case.ballots.by_panel
    present, issued = case.attendance.present, [len(records) for records in case.issuance.panels]
    # `returned` or `summoned`: the rule names the very field of the entry (checked by 4.2).
    name_of_n = definition.rule["denominator"]
    counts = iter(case.counts)
    for contest, atoms in zip(definition.contests, plan.contests, strict=True):
        entry: dict[str, Any] = {"person": contest.person, "name": contest.name, "unit": contest.unit}
        entry["summoned"] = _over(contest, [panel.voters for panel in definition.panels])
        if atoms is None:
            yield {**entry, **dict.fromkeys(_EMPTY), "withheld": {}, "breakdown": []}
            continue
        breakdown: list[dict[str, Any]] = []
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
        entry["returned"] = _over(contest, by_panel)
        n = entry[name_of_n]
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


def outcome_of(case: Case, number: int, entry: Mapping[str, Any]) -> tuple[str, list[str]]:
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


def same(found: Any, expected: Any, where: str, check: str) -> None:
    """The JSON values are equal, types included (in Python True == 1). Raises Rejected at the first difference."""
    if type(found) is not type(expected):
        raise Rejected(check=check, where=where, why=f"not {_short(expected)}")
    if isinstance(expected, dict):
        for name in sorted(set(found) ^ set(expected)):
            raise Rejected(check=check, where=f"{where}.{name}", why="is missing, or does not belong here")
        for name, value in expected.items():
            same(found[name], value, f"{where}.{name}", check)
    elif isinstance(expected, list):
        if len(found) != len(expected):
            raise Rejected(check=check, where=where, why=f"{len(found)} entries, not {len(expected)}")
        for i, (a, b) in enumerate(zip(found, expected, strict=True)):
            same(a, b, f"{where}[{i}]", check)
    elif found != expected:
        raise Rejected(check=check, where=where, why=f"not {_short(expected)}")


def _short(value: Any) -> str:
    return f"a {type(value).__name__}" if isinstance(value, dict | list) else repr(value)[:80]
