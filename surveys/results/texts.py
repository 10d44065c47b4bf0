"""The words of the results pages and pictures: shares and ranges as each language writes them, conditions,
and why something is hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from surveys.results.focus import Gravity, Reason
from surveys.results.ranges import Portion, Range
from surveys.results.thresholds import Bound
from surveys.results.why import Hidden
from surveys.rules.preset import Preset
from surveys.web.languages import Voice

DASH = "–"
SPACE = "\N{NO-BREAK SPACE}"


def count_text(voice: Voice, count: Range | None) -> str:
    """A count, or its two ends."""
    if count is None:
        return DASH
    if count.exact:
        return voice.number(count.low)
    return f"{voice.number(count.low)}{DASH}{voice.number(count.high)}"


def portion_text(voice: Voice, portion: Portion | None) -> str:
    """A share in percent, or its two ends."""
    if portion is None:
        return DASH
    low, high = portion.ends
    return voice.percent(low) if portion.exact else f"{voice.decimal(low)}{DASH}{voice.percent(high)}"


def short_portion(voice: Voice, portion: Portion | None) -> str:
    """A share for a small place in a picture: whole percent, ends of a range rounded outwards; the table
    beside it has decimals.
    """
    if portion is None:
        return DASH
    if portion.exact:
        return f"{(200 * portion.low + 1) // 2}{SPACE}%"
    return f"{100 * portion.low // 1}{DASH}{-(-100 * portion.high // 1)}{SPACE}%"


def points_text(voice: Voice, change: Portion | None) -> str:
    """A difference of two shares in percentage points, with its sign."""
    if change is None:
        return DASH
    low, high = change.ends
    if change.exact:
        return _signed(voice, low)
    return voice.say("%(low)s to %(high)s", low=_signed(voice, low), high=_signed(voice, high))


def fraction_text(at: Fraction) -> str:
    """A fraction as the rule writes it: 1/2."""
    return str(at)


def bound_text(voice: Voice, op: str, at: Fraction) -> str:
    """One comparison in words."""
    part = fraction_text(at)
    if op == ">":
        return voice.say("more than %(part)s", part=part)
    if op == ">=":
        return voice.say("%(part)s or more", part=part)
    if op == "<":
        return voice.say("less than %(part)s", part=part)
    return voice.say("at most %(part)s", part=part)


def bounds_text(voice: Voice, preset: Preset, bounds: Sequence[Bound]) -> str:
    """All conditions of a consequence in words: those on one level and year together."""
    grouped: dict[tuple[bool, int], list[str]] = {}
    for bound in bounds:
        grouped.setdefault((bound.last_year, bound.level), []).append(bound_text(voice, bound.op, bound.at))
    parts = []
    for (last_year, level), said in grouped.items():
        name = voice.both(preset.levels[level].words)
        together = voice.say(" and ").join(said)
        if last_year:
            parts.append(voice.say("last year as well: %(level)s %(bounds)s", level=name, bounds=together))
        else:
            parts.append(f"{name}: {together}")
    return "; ".join(parts)


def why(voice: Voice, hidden: Hidden, k: int) -> str:
    """Why a figure is not shown."""
    return {
        Hidden.MERGED: voice.say(
            "Hidden: this unit was counted together with a neighbour, because it returned few ballots."
        ),
        Hidden.OTHERS: voice.say("Hidden, so that no other group can be worked out."),
        Hidden.AGREEING: voice.say("Hidden: the sum would tell how a group inside the unit voted."),
        Hidden.WITHHELD: voice.say(
            "Withheld: fewer than %(k)s ballots were returned, too few to protect the voters.", k=k
        ),
        Hidden.SMALL: voice.say(
            "Hidden: fewer than %(k)s ballots were returned on paper, too few to protect the voters.", k=k
        ),
        Hidden.UNSEEN: voice.say(
            "Not shown: the round's definition says that these results are not for you."
        ),
        Hidden.NOBODY: voice.say("Nobody here was voted on, or nobody here votes."),
        Hidden.LEVELS: voice.say("Not compared: that round was held with other levels."),
        Hidden.DENOMINATOR: voice.say("Not compared: the percentages are of another denominator."),
        Hidden.EFFECT: voice.say("Not compared: a result has no effect."),
        Hidden.UNKNOWN: voice.say(
            "Not compared: the paper result does not say how many persons were summoned."
        ),
    }[hidden]


def reason_text(voice: Voice, preset: Preset, reason: Reason) -> str:
    """Why a leader is on the focus list."""
    best, lowest = (voice.both(preset.levels[i].words).lower() for i in (0, -1))
    if reason.verdict is not None:
        return f"{voice.both(reason.verdict.words)} ({voice.both(reason.verdict.source)})"
    if reason.gravity is Gravity.LOW_ROSE:
        return voice.say(
            "%(level)s rose by %(points)s points against the year before",
            level=lowest,
            points=points_text(voice, reason.size),
        )
    if reason.gravity is Gravity.HIGH_FELL:
        return voice.say(
            "%(level)s changed by %(points)s points against the year before",
            level=best,
            points=points_text(voice, reason.size),
        )
    return voice.say(
        "Only %(percent)s of the persons summoned returned a ballot", percent=portion_text(voice, reason.size)
    )


def _signed(voice: Voice, value: str) -> str:
    plus = "+" if not value.startswith("-") and value != "0.00" else ""
    return f"{plus}{voice.decimal(value)}"
