"""The focus list of a unit: whom to look at first, each with the reasons, the gravest first ("inspection with
focus and key points").

Reasons are facts of shown figures. Danger: a list that accuses on a range would slander: a fall or a low
turnout counts only where it is certain, whatever the exact figures behind a range are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction

from surveys.names import NO_ROUND, PersonCode, RoundId, UnitCode
from surveys.protocol.manifest import Unit
from surveys.results.book import Verdict
from surveys.results.finding import name_key
from surveys.results.leaders import RoundFacts, facts
from surveys.results.ranges import Portion
from surveys.results.shelf import Shelf, Volume
from surveys.results.sums import Seen
from surveys.results.units import open_unit
from surveys.results.visibility import Reader, visible
from surveys.results.years import PersonYear, Years, of_round, step
from surveys.rules.outcomes import FROZEN, NO_QUORUM, NONE

FALL = Fraction(1, 10)
TURNOUT = Fraction(2, 3)


class Gravity(IntEnum):
    """Kinds of reasons, the gravest with the highest number."""

    OUTCOME = 60
    WATCH = 50
    NO_EFFECT = 40
    LOW_ROSE = 30
    HIGH_FELL = 20
    TURNOUT = 10


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a leader is on the list: a `verdict` of the rule, or the `size` of a fall, a rise or of the
    turnout.
    """

    gravity: Gravity
    verdict: Verdict | None = None
    size: Portion | None = None


@dataclass(frozen=True, slots=True)
class FocusEntry:
    """A leader on the list; `reasons` the gravest first."""

    seen: Seen
    path: tuple[Unit, ...]
    low: Portion | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class FocusPage:
    """The list, and how many contests were looked at, are not shown to the reader, or are withheld."""

    round: RoundFacts
    unit: Unit
    entries: tuple[FocusEntry, ...]
    looked_at: int
    unseen: int
    withheld: int
    with_earlier: int


def figures_for_focus(
    shelf: Shelf, reader: Reader, code: UnitCode, round_id: RoundId = NO_ROUND
) -> FocusPage:
    """The focus list of a unit's subtree, as far as the reader may see it. Raises as
    `units.figures_for_unit`. Reads only.
    """
    volume, unit = open_unit(shelf, reader, code, round_id)
    inside = volume.sums.inside(unit.code)
    seen = visible(reader, volume.sums, inside)
    earlier = Years(shelf, reader).of_year(volume.year - 1)
    entries = [
        FocusEntry(each, volume.book.path(each.unit), each.portion(-1), reasons)
        for each in seen
        if (reasons := reasons_for(volume, each, reader, earlier))
    ]
    return FocusPage(
        round=facts(volume),
        unit=unit,
        entries=tuple(sorted(entries, key=_gravest_first)),
        looked_at=len(seen),
        unseen=len(inside) - len(seen),
        withheld=sum(each.marks is None for each in seen),
        with_earlier=sum((each.person, each.unit.code) in earlier for each in seen),
    )


def reasons_for(
    volume: Volume, seen: Seen, reader: Reader, earlier: Mapping[tuple[PersonCode, UnitCode], PersonYear]
) -> tuple[Reason, ...]:
    """The reasons to look at a contest, the gravest first; none for one that is withheld or whose leader was
    excluded.
    """
    if seen.outcome is None or seen.outcome.id == FROZEN:
        return ()
    found = []
    if seen.outcome.id == NO_QUORUM:
        found.append(Reason(Gravity.NO_EFFECT, verdict=seen.outcome))
    elif seen.outcome.id != NONE:
        found.append(Reason(Gravity.OUTCOME, verdict=seen.outcome))
    found += [Reason(Gravity.WATCH, verdict=flag) for flag in seen.watch]
    then = earlier.get((seen.person, seen.unit.code))
    if then is not None and seen.effective:
        changes = step(then, of_round(volume, seen, reader, volume.levels)).changes
        # In a small group a tenth is one ballot: a change counts only where it is as many ballots as a group
        # has at least.
        enough = max(FALL, Fraction(volume.book.definition.k, seen.n or 1))
        if changes and changes[-1].low >= enough:
            found.append(Reason(Gravity.LOW_ROSE, size=changes[-1]))
        if changes and changes[0].high <= -enough:
            found.append(Reason(Gravity.HIGH_FELL, size=changes[0]))
    if seen.returned is not None and seen.summoned:
        turnout = Fraction(seen.returned, seen.summoned)
        if turnout < TURNOUT:
            found.append(Reason(Gravity.TURNOUT, size=Portion(turnout, turnout)))
    return tuple(sorted(found, key=lambda reason: -reason.gravity))


def _gravest_first(entry: FocusEntry) -> tuple[object, ...]:
    """By the gravest reason, then by the share at the lowest level (the end that is certain), then by the
    size of a fall.
    """
    low = Fraction(0) if entry.low is None else entry.low.low
    fall = max((abs(r.size.low + r.size.high) for r in entry.reasons if r.size), default=Fraction(0))
    return -entry.reasons[0].gravity, -low, -fall, name_key(entry.seen.name), entry.seen.number
