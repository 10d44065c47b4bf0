"""Books out of marks: one contest over panels that are each an atom, in a tree of two halves; made without
store or vote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from surveys.names import PersonCode, UnitCode
from surveys.protocol.manifest import Contest, Panel, Unit
from surveys.results.book import Book, Count, Entry, Group, Verdict
from surveys.rules.denominators import percent
from surveys.rules.outcomes import NONE, NONE_WORDS
from surveys.rules.preset import Preset
from tests.published import a_definition

Marks = tuple[int, ...]
NO_OUTCOME = Verdict(NONE, NONE_WORDS, NONE_WORDS)


def a_book(*contests: Sequence[Marks], absent: int = 1, preset: str = "local-annual") -> Book:
    """A contest for each list of groups; a group's marks are counts by level and then not marked. All groups
    of one length.

    Unit R has halves L and M; group i is panel Pi, in L if i is even. `absent` persons a panel returned
    nothing.
    """
    rule = Preset.load(preset)
    many = len(contests[0])
    units = [
        Unit(UnitCode("L"), UnitCode("R"), "Left", "half"),
        Unit(UnitCode("M"), UnitCode("R"), "Right", "half"),
    ]
    units += [Unit(UnitCode(f"P{i:02}"), UnitCode("LM"[i % 2]), f"Cell {i}", "cell") for i in range(many)]
    units.append(Unit(UnitCode("R"), None, "Root", "bloc"))
    sizes = [sum(marks) + absent for marks in contests[0]]
    panels = tuple(
        Panel(UnitCode(f"P{i:02}"), sizes[i], bytes(32), bytes(294), tuple(range(len(contests))))
        for i in range(many)
    )
    held = tuple(
        Contest(PersonCode(f"p{c}"), f"Leader {c}", UnitCode("R"), (), tuple(range(many)))
        for c in range(len(contests))
    )
    definition = replace(
        a_definition(), units=tuple(units), panels=panels, contests=held, rule=rule.as_json()
    )
    by_code = {unit.code: unit for unit in units}
    entries = tuple(
        Entry(
            c + 1,
            held[c],
            by_code[UnitCode("R")],
            sum(sizes),
            _count(rule, groups, by_code, sum(sizes)),
            None,
        )
        for c, groups in enumerate(contests)
    )
    return Book(definition, rule, by_code, entries)


def _count(rule: Preset, groups: Sequence[Marks], units: dict[UnitCode, Unit], summoned: int) -> Count:
    columns = [sum(column) for column in zip(*groups, strict=True)]
    returned = sum(columns)
    n = returned if rule.denominator == "returned" else summoned
    return Count(
        present=returned,
        issued=returned,
        returned=returned,
        counts=tuple(columns[:-1]),
        not_marked=columns[-1],
        denominator=rule.denominator,
        n=n,
        percent=tuple(percent(count, n) for count in columns[:-1]),
        outcome=NO_OUTCOME,
        watch=(),
        groups=tuple(
            Group((units[UnitCode(f"P{i:02}")],), sum(marks), marks[:-1], marks[-1])
            for i, marks in enumerate(groups)
        ),
    )
