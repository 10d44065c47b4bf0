"""Every published number of a round, from one place: sums of atoms (docs/protocol.md 13.2).

No page, file or line of the minutes computes a count of its own: they all read the `Book` that is made here.
Danger: a figure that is not a sum of atoms could single out fewer than k ballots (`surveys.rules.disclosure`
proves that none here does).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from surveys.protocol.manifest import Contest, Manifest
from surveys.protocol.plan import Plan
from surveys.protocol.tally import Tally, results_by_atom
from surveys.results.book import Book, Count, Entry, Group, verdict
from surveys.rules import denominators, outcomes
from surveys.rules.preset import Preset

# Fixed by docs/protocol.md 13.2.
WITHHELD_VI = "Ẩn kết quả: số phiếu thu về ít hơn {k}, không đủ để bảo vệ người ghi phiếu."
WITHHELD_EN = "Withheld: fewer than {k} ballots were returned, too few to protect the voters."
DIFFERS_VI = "Ẩn kết quả: cùng với kết quả ở đơn vị khác của người này sẽ lộ nhóm ít hơn {k} phiếu."
DIFFERS_EN = "Withheld: beside this person's result elsewhere it would tell of fewer than {k} ballots."


@dataclass(frozen=True, slots=True)
class Turnout:
    """Numbers of one panel or of several together."""

    summoned: int
    present: int
    issued: int
    returned: int

    def __add__(self, other: Turnout) -> Turnout:
        return Turnout(
            self.summoned + other.summoned,
            self.present + other.present,
            self.issued + other.issued,
            self.returned + other.returned,
        )


NOBODY = Turnout(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class RoundFigures:
    """All results of a round, and its turnout over all panels."""

    book: Book
    turnout: Turnout


def figures(
    manifest: Manifest,
    plan: Plan,
    tally: Tally,
    *,
    present: Sequence[int],
    issued: Sequence[int],
    returned: Sequence[int],
    frozen: Collection[int] = (),
) -> RoundFigures:
    """The results of a counted round; the three sequences are by panel, `frozen` are indices of contests
    whose leader was excluded after the polls opened. Works on integers only."""
    definition = manifest.definition
    preset = Preset.from_json(definition.rule)
    turnouts = [
        Turnout(panel.voters, present[p], issued[p], returned[p]) for p, panel in enumerate(definition.panels)
    ]
    units = {unit.code: unit for unit in definition.units}
    atoms = results_by_atom(plan, returned, tally.counts)
    entries = []
    for c, contest in enumerate(definition.contests):
        turnout = sum((turnouts[p] for p in contest.panels), NOBODY)
        count, why = None, None
        if plan.contests[c] is None:
            why = _why_withheld(turnout.returned, definition.k)
        else:
            groups = tuple(
                Group(
                    tuple(units[definition.panels[p].unit] for p in panels),
                    ballots,
                    tuple(counts),
                    ballots - sum(counts),
                )
                for panels, ballots, counts in atoms.get(c, ())
            )
            count = _count(contest, turnout, groups, preset, c in frozen)
        entries.append(Entry(c + 1, contest, units[contest.unit], turnout.summoned, count, why))
    return RoundFigures(Book(definition, preset, units, tuple(entries)), sum(turnouts, NOBODY))


def _count(
    contest: Contest, turnout: Turnout, groups: tuple[Group, ...], preset: Preset, frozen: bool
) -> Count:
    marks = tuple(sum(group.counts[i] for group in groups) for i in range(len(preset.level_ids)))
    denominator = denominators.denominator(preset, returned=turnout.returned, summoned=turnout.summoned)
    previous = contest.previous
    outcome = outcomes.outcome(
        preset,
        dict(zip(preset.level_ids, marks, strict=True)),
        returned=turnout.returned,
        summoned=turnout.summoned,
        present=turnout.present,
        previous=None
        if previous is None
        else outcomes.Previous(previous.levels, returned=previous.returned, summoned=previous.summoned),
        frozen=frozen,
    )
    return Count(
        present=turnout.present,
        issued=turnout.issued,
        returned=turnout.returned,
        counts=marks,
        not_marked=sum(group.not_marked for group in groups),
        denominator=denominator.name,
        n=denominator.n,
        percent=tuple(denominators.percent(count, denominator.n) for count in marks),
        outcome=verdict(outcome.id, preset),
        watch=tuple(verdict(flag, preset) for flag in outcome.watch),
        groups=groups,
    )


def _why_withheld(returned: int, k: int) -> Mapping[str, str]:
    vi, en = (WITHHELD_VI, WITHHELD_EN) if returned < k else (DIFFERS_VI, DIFFERS_EN)
    return {"vi": vi.format(k=k), "en": en.format(k=k)}
