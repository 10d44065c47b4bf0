"""One contest: a bar for each level on one scale of the rule's denominator, the rule's thresholds drawn in
where they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from surveys.pictures.colours import NOT_MARKED, colours, filled, patterns, uncertain
from surveys.pictures.drawing import (
    INK,
    LINE,
    QUIET,
    Anchor,
    Box,
    Figure,
    Letters,
    Picture,
    Shape,
    Table,
    line,
)
from surveys.pictures.lettering import width_of, wrapped
from surveys.results.ranges import Portion, Range
from surveys.results.sums import Seen
from surveys.results.texts import SPACE, bound_text, count_text, portion_text
from surveys.results.thresholds import Threshold, thresholds
from surveys.rules.denominators import LABELS
from surveys.rules.preset import Preset
from surveys.web.languages import Voice

WIDE, NARROW = 720, 330
ROW, BAR = 34, 20


@dataclass(frozen=True, slots=True)
class _Row:
    """A bar: how many, of which share, how it is filled; `value` in percent, `label` with the count."""

    name: str
    count: Range
    portion: Portion | None
    value: str
    label: str
    colour: str
    pattern: str
    thresholds: tuple[Threshold, ...]


def levels_figure(voice: Voice, preset: Preset, seen: Seen) -> Figure | None:
    """The levels of a contest; None where it is withheld or nobody is in the denominator."""
    if seen.marks is None or not seen.n:
        return None
    rows = _rows(voice, preset, seen)
    caption = _caption(voice, preset, seen, rows)
    title = voice.say("Levels of confidence: %(name)s", name=seen.name)
    table = _table(voice, seen, rows)
    wide, narrow = _picture(voice, title, caption, rows, WIDE), _picture(voice, title, caption, rows, NARROW)
    return Figure(wide, narrow, caption, table)


def _table(voice: Voice, seen: Seen, rows: list[_Row]) -> Table:
    caption = voice.say("Marks for %(name)s", name=seen.name)
    if seen.bands:
        head: tuple[str, ...] = (voice.say("Level"), voice.say("Range"))
        return Table(caption, head, tuple((row.name, row.value) for row in rows), frozenset({1}))
    head = (voice.say("Level"), voice.say("Count"), voice.say("Percent of %(n)s", n=voice.number(seen.n)))
    cells = tuple((row.name, count_text(voice, row.count), row.value) for row in rows)
    return Table(caption, head, cells, frozenset({1, 2}))


def _rows(voice: Voice, preset: Preset, seen: Seen) -> list[_Row]:
    assert seen.marks is not None
    many = len(preset.levels)
    marked = thresholds(preset)
    rows = []
    names = [*(voice.both(level.words) for level in preset.levels), voice.both(preset.not_marked)]
    for i, (name, count) in enumerate(zip(names, seen.marks, strict=True)):
        portion = count.of_n(seen.n)
        value = str(seen.bands[i]).replace(" ", SPACE) if seen.bands else portion_text(voice, portion)
        long = value if seen.bands else f"{count_text(voice, count)}{SPACE}· {value}"
        mine = tuple(each for each in marked if each.level == i)
        rows.append(_Row(name, count, portion, value, long, colours(many)[i], patterns(many)[i], mine))
    if seen.denominator == "summoned" and seen.returned is not None:
        absent = Range.of(seen.summoned - seen.returned)
        portion = absent.of_n(seen.n)
        value = portion_text(voice, portion)
        long = f"{count_text(voice, absent)}{SPACE}· {value}"
        rows.append(_Row(voice.say("Not returned"), absent, portion, value, long, "#ffffff", "", ()))
    return rows


def _caption(voice: Voice, preset: Preset, seen: Seen, rows: list[_Row]) -> str:
    said = ", ".join(f"{row.value} {row.name.lower()}" for row in rows[: len(preset.levels)])
    outcome = voice.both(seen.outcome.words) if seen.outcome else ""
    return voice.say(
        "%(name)s: %(levels)s, of %(n)s (%(denominator)s). %(outcome)s.",
        name=seen.name,
        levels=said,
        n=voice.number(seen.n),
        denominator=voice.both(LABELS[seen.denominator]),
        outcome=outcome,
    )


def _picture(voice: Voice, title: str, description: str, rows: list[_Row], width: int) -> Picture:
    wide = width == WIDE
    left, right = (176, width - 160) if wide else (8, width - 8)
    shapes: list[Shape] = []
    y, above = 12, 0 if wide else 22
    top = y + above
    for row in rows:
        shapes += _bar(voice, row, left, right, y + above, width, wide=wide)
        y += ROW + above
        if row.thresholds:
            y += 20 * _tiers(voice, row, left, right)
    bottom = y
    grid: list[Shape] = []
    for part in range(0, 101, 25):
        x = left + (right - left) * part // 100
        grid.append(line(x, top - 6, x, bottom, LINE))
        if part % 50 == 0 or wide:
            at: Anchor = "middle" if wide or part == 50 else "end" if part else "start"
            grid.append(Letters(x, bottom + 16, f"{part}{SPACE}%", 12, at, False, QUIET))
    return Picture(width, bottom + 26, title, description, (*grid, *shapes))


def _bar(
    voice: Voice, row: _Row, left: int, right: int, y: int, width: int, *, wide: bool
) -> Iterator[Shape]:
    if wide:
        names = wrapped(row.name, left - 16, 14, most=2)
        for i, text in enumerate(names):
            yield Letters(
                left - 10,
                y + 15 + (16 * i if len(names) > 1 else 0) - (7 if len(names) > 1 else 0),
                text,
                14,
                "end",
            )
    else:
        yield Letters(left, y - 7, wrapped(row.name, 190, 15, most=1)[0], 15)
        yield Letters(right, y - 7, row.label, 15, "end", True)
    if row.portion is not None:
        low = left + _along(row.portion.low, right - left)
        high = left + _along(row.portion.high, right - left)
        solid = Box(
            left,
            y,
            max(low - left, 0),
            BAR,
            row.colour,
            INK if row.colour in ("#ffffff", NOT_MARKED) else row.colour,
        )
        if solid.width:
            yield from filled(solid, row.pattern)
        if high > low:
            yield from uncertain(Box(low, y, high - low, BAR, row.colour))
        if wide:
            yield Letters(right + 12, y + 15, row.label, 14, "start", True)
    yield line(left, y - 3, left, y + BAR + 3, INK)
    for tier, anchor, threshold in _placed(voice, row, left, right):
        x = left + _along(threshold.at, right - left)
        base = y + BAR + 12 + 18 * tier
        yield line(x, y - 5, x, base - 6, "#ffffff", 4)
        yield line(x, y - 5, x, base - 6, INK, 2)
        aside = {"start": -2, "middle": 0, "end": 2}[anchor]
        yield Letters(x + aside, base + 6, _threshold(voice, threshold), 12, anchor)


def _threshold(voice: Voice, threshold: Threshold) -> str:
    return bound_text(voice, threshold.op, threshold.at)


def _placed(voice: Voice, row: _Row, left: int, right: int) -> Iterator[tuple[int, Anchor, Threshold]]:
    """Thresholds on the scale with tier and anchor of the label: two stand apart to either side, more on
    several tiers.
    """
    held = [threshold for threshold in row.thresholds if threshold.at <= 1]
    if len(held) == 2:
        yield 0, "end", held[0]
        yield 0, "start", held[1]
        return
    free: list[int] = []
    for threshold in held:
        x = left + _along(threshold.at, right - left)
        half = width_of(_threshold(voice, threshold), 12) // 2 + 6
        tier = next((i for i, end in enumerate(free) if end <= x - half), len(free))
        free[tier : tier + 1] = [x + half]
        yield tier, "middle", threshold


def _tiers(voice: Voice, row: _Row, left: int, right: int) -> int:
    return 1 + max((tier for tier, _, _ in _placed(voice, row, left, right)), default=-1)


def _along(share: Fraction, length: int) -> int:
    """The place of a share on a scale so long, to the nearest unit; what is over 1 ends at 1."""
    share = min(share, Fraction(1))
    return int((2 * share * length + 1) // 2)
