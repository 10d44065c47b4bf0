"""Every published number of a round, from one place: sums of atoms (docs/protocol.md 13.2).

No page, file or line of the minutes computes a count of its own: they all read `RoundFigures`. Danger: a figure that is
not a sum of atoms could single out fewer than k ballots (`surveys.rules.disclosure` proves that none here does).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surveys.protocol.manifest import Contest, Manifest
from surveys.protocol.plan import Plan
from surveys.protocol.tally import Tally, results_by_atom
from surveys.rules import denominators, outcomes
from surveys.rules.outcomes import Outcome
from surveys.rules.preset import Preset

WITHHELD_VI = "Ẩn kết quả: số phiếu thu về ít hơn {k}, không đủ để bảo vệ người ghi phiếu."
WITHHELD_EN = "Withheld: fewer than {k} ballots were returned, too few to protect the voters."


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
class AtomFigures:
    """One atom: the smallest group whose sum was opened."""

    units: tuple[str, ...]
    returned: int
    levels: Mapping[str, int]
    not_marked: int


@dataclass(frozen=True, slots=True)
class ContestFigures:
    """The result of one contest; `withheld` is None or a sentence a language, and then nothing else is told."""

    contest: Contest
    turnout: Turnout
    levels: Mapping[str, int]
    not_marked: int
    denominator: str
    n: int
    percent: Mapping[str, str | None]
    outcome: Outcome | None
    withheld: Mapping[str, str] | None
    breakdown: tuple[AtomFigures, ...]

    def as_json(self) -> dict[str, Any]:
        """The entry of 13.2."""
        who = {"person": self.contest.person, "name": self.contest.name, "unit": self.contest.unit}
        if self.withheld is not None or self.outcome is None:
            nothing = dict.fromkeys(
                (
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
            )
            withheld = dict(self.withheld or {})
            return {
                **who,
                "summoned": self.turnout.summoned,
                **nothing,
                "withheld": withheld,
                "breakdown": [],
            }
        return {
            **who,
            "summoned": self.turnout.summoned,
            "present": self.turnout.present,
            "issued": self.turnout.issued,
            "returned": self.turnout.returned,
            "levels": dict(self.levels),
            "not_marked": self.not_marked,
            "denominator": {"name": self.denominator, "n": self.n},
            "percent": dict(self.percent),
            "outcome": self.outcome.id,
            "watch": list(self.outcome.watch),
            "withheld": None,
            "breakdown": [
                {
                    "units": list(atom.units),
                    "returned": atom.returned,
                    "levels": dict(atom.levels),
                    "not_marked": atom.not_marked,
                }
                for atom in self.breakdown
            ],
        }


@dataclass(frozen=True, slots=True)
class RoundFigures:
    """All results of a round and its turnout over all panels."""

    survey: str
    preset: str
    year: int
    k: int
    turnout: Turnout
    contests: tuple[ContestFigures, ...]

    def as_json(self) -> dict[str, Any]:
        """The results file (13.2)."""
        return {
            "survey": self.survey,
            "preset": self.preset,
            "year": self.year,
            "k": self.k,
            "contests": [contest.as_json() for contest in self.contests],
        }


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
    """The results of a counted round; the three sequences are by panel, `frozen` are indices of contests whose leader was
    excluded after the polls opened. Works on integers only."""
    definition = manifest.definition
    preset = Preset.from_json(definition.rule)
    turnouts = [
        Turnout(panel.voters, present[p], issued[p], returned[p]) for p, panel in enumerate(definition.panels)
    ]
    atoms = results_by_atom(plan, returned, tally.counts)
    contests = []
    for c, contest in enumerate(definition.contests):
        turnout = sum((turnouts[p] for p in contest.panels), NOBODY)
        if plan.contests[c] is None:
            contests.append(_withheld(contest, turnout, definition.k))
            continue
        breakdown = tuple(
            _atom(manifest, panels, ballots, counts) for panels, ballots, counts in atoms.get(c, ())
        )
        contests.append(_contest(contest, turnout, breakdown, preset, c in frozen))
    return RoundFigures(
        definition.survey.hex(),
        preset.name,
        definition.year,
        definition.k,
        sum(turnouts, NOBODY),
        tuple(contests),
    )


def _atom(manifest: Manifest, panels: Sequence[int], returned: int, counts: Sequence[int]) -> AtomFigures:
    definition = manifest.definition
    levels = dict(zip(definition.levels, counts, strict=True))
    units = tuple(definition.panels[p].unit for p in panels)
    return AtomFigures(units, returned, levels, returned - sum(counts))


def _contest(
    contest: Contest,
    turnout: Turnout,
    breakdown: tuple[AtomFigures, ...],
    preset: Preset,
    frozen: bool,
) -> ContestFigures:
    levels = {level: sum(atom.levels[level] for atom in breakdown) for level in preset.level_ids}
    denominator = denominators.denominator(preset, returned=turnout.returned, summoned=turnout.summoned)
    previous = contest.previous
    outcome = outcomes.outcome(
        preset,
        levels,
        returned=turnout.returned,
        summoned=turnout.summoned,
        present=turnout.present,
        previous=None
        if previous is None
        else outcomes.Previous(previous.levels, returned=previous.returned, summoned=previous.summoned),
        frozen=frozen,
    )
    return ContestFigures(
        contest=contest,
        turnout=turnout,
        levels=levels,
        not_marked=sum(atom.not_marked for atom in breakdown),
        denominator=denominator.name,
        n=denominator.n,
        percent={level: denominators.percent(count, denominator.n) for level, count in levels.items()},
        outcome=outcome,
        withheld=None,
        breakdown=breakdown,
    )


def _withheld(contest: Contest, turnout: Turnout, k: int) -> ContestFigures:
    why = {"vi": WITHHELD_VI.format(k=k), "en": WITHHELD_EN.format(k=k)}
    return ContestFigures(contest, turnout, {}, 0, "", 0, {}, None, why, ())
