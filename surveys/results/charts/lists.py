"""All leaders of a unit: stacked bars that part in the middle of the levels, the better to the right, the
worse to the left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from surveys.pictures.colours import colours, filled, ink_on, patterns, uncertain
from surveys.pictures.drawing import (
    INK,
    LINE,
    PAPER,
    QUIET,
    Box,
    Figure,
    Letters,
    Picture,
    Shape,
    Table,
    line,
    polygon,
)
from surveys.pictures.lettering import cut, width_of
from surveys.results.ranges import Portion
from surveys.results.sums import Seen
from surveys.results.texts import DASH, SPACE, points_text, portion_text, short_portion
from surveys.results.units import LeaderRow
from surveys.rules.preset import Preset
from surveys.web.languages import Voice

WIDE, NARROW = 720, 330


def leaders_figure(
    voice: Voice, preset: Preset, rows: Sequence[LeaderRow], *, compared: bool
) -> Figure | None:
    """The leaders of these rows in their order, with the change of a year where one is `compared`; None where
    there is no row.
    """
    if not rows:
        return None
    title = voice.say("Leaders side by side")
    caption = _caption(voice, preset, rows)
    pictures = [_picture(voice, preset, rows, title, caption, width) for width in (WIDE, NARROW)]
    return Figure(pictures[0], pictures[1], caption, _table(voice, preset, rows, compared=compared))


def _caption(voice: Voice, preset: Preset, rows: Sequence[LeaderRow]) -> str:
    shown = [row for row in rows if row.low is not None]
    worst = max(shown, key=lambda row: row.low.low if row.low else Fraction(0), default=None)
    said = voice.say(
        "Of the %(all)s results in this picture %(shown)s are shown; an outcome follows for %(follows)s (▲).",
        shown=voice.number(len(shown)),
        all=voice.number(len(rows)),
        follows=voice.number(sum(row.seen.follows for row in rows)),
    )
    if worst is None or worst.low is None:
        return said
    most = voice.say(
        "Most at the lowest level: %(name)s, %(percent)s %(level)s.",
        name=worst.seen.name,
        percent=portion_text(voice, worst.low),
        level=voice.both(preset.levels[-1].words).lower(),
    )
    return f"{said} {most}"


def _table(voice: Voice, preset: Preset, rows: Sequence[LeaderRow], *, compared: bool) -> Table:
    levels = [voice.both(level.words) for level in preset.levels]
    return Table(
        caption=voice.say("Leaders with their shares"),
        head=(
            voice.say("Person voted on"),
            voice.say("Unit"),
            *levels,
            *([voice.say("Change in points")] if compared else []),
            voice.say("Outcome"),
        ),
        rows=tuple(
            (
                row.seen.name,
                row.seen.unit.name,
                *(portion_text(voice, row.seen.portion(i)) for i in range(len(levels))),
                *([points_text(voice, row.change)] if compared else []),
                voice.both(row.seen.outcome.words)
                if row.seen.outcome
                else voice.both(row.seen.withheld or _NO),
            )
            for row in rows
        ),
        numeric=frozenset(range(2, 2 + compared + len(levels))),
    )


_NO = {"vi": DASH, "en": DASH}


def _parts(seen: Seen, levels: int) -> tuple[list[tuple[int, Portion]], list[tuple[int, Portion]]]:
    """Levels to the left and to the right of the middle, the nearest first; the middle one of an odd number
    goes to both, by half.
    """
    portions = [seen.portion(i) for i in range(levels)]
    held = [(i, portion) for i, portion in enumerate(portions) if portion is not None]
    half = levels // 2
    right, left = held[:half][::-1], held[levels - half :]
    if levels % 2 and held:
        middle, portion = held[half]
        split = (middle, Portion(portion.low / 2, portion.high / 2))
        right, left = [split, *right], [split, *left]
    return left, right


def _extent(side: Sequence[tuple[int, Portion]]) -> Fraction:
    """How far a side reaches at most: what is certain, and the widest range beyond it."""
    low = sum((portion.low for _, portion in side), Fraction(0))
    return low + max((portion.high - portion.low for _, portion in side), default=Fraction(0))


def _picture(
    voice: Voice, preset: Preset, rows: Sequence[LeaderRow], title: str, caption: str, width: int
) -> Picture:
    wide = width == WIDE
    levels = len(preset.levels)
    sides = [_parts(row.seen, levels) for row in rows]
    # Quarters, so that the scale changes rarely from one selection to the next.
    left = max((-(-4 * _extent(side[0]) // 1) for side in sides), default=1) or 1
    right = max((-(-4 * _extent(side[1]) // 1) for side in sides), default=1) or 1
    start, end = (290, width - 14) if wide else (10, width - 10)
    unit = Fraction(end - start, int(left + right))
    middle = start + int(left * unit)
    y, legend = _legend(voice, preset, wide=wide)
    height = 40 if wide else 68
    shapes: list[Shape] = list(legend)
    bars: list[Shape] = []
    top = y
    for row, side in zip(rows, sides, strict=True):
        bars += _row(voice, row, side, levels, y, start, middle, 4 * unit, end, wide=wide)
        y += height
    for quarter in range(-int(left), int(right) + 1):
        x = middle + int(quarter * unit)
        shapes.append(line(x, top, x, y, INK if quarter == 0 else LINE))
        if quarter % 2 == 0 or unit >= 45:
            at = min(max(x, 21), width - 21)
            shapes.append(Letters(at, y + 16, f"{abs(25 * quarter)}{SPACE}%", 12, "middle", False, QUIET))
    return Picture(width, y + 26, title, caption, (*shapes, *bars))


def _row(
    voice: Voice,
    row: LeaderRow,
    side: tuple[list[tuple[int, Portion]], list[tuple[int, Portion]]],
    levels: int,
    y: int,
    start: int,
    middle: int,
    scale: Fraction,
    end: int,
    *,
    wide: bool,
) -> Iterator[Shape]:
    room = start - 34 if wide else end - start - 22
    x, base = (10, y + 16) if wide else (start, y + 14)
    if not wide:
        yield Box(0, y - 4, end + 10, 40, PAPER)
    if row.seen.follows:
        yield polygon([(x, base), (x + 12, base), (x + 6, base - 11)], "#8a1620")
    x += 18
    yield Letters(x, base, cut(row.seen.name, room, 14, bold=True), 14, "start", True)
    yield Letters(x, base + 16, cut(_place(voice, row.seen), room, 12), 12, "start", False, QUIET)
    bar, depth = (y + 6, 24) if wide else (base + 23, 22)
    if row.seen.marks is None or not row.seen.n:
        said = cut(voice.say("hidden: too few ballots"), end - start, 12)
        at = middle if wide else start
        yield Box(at, bar, width_of(said, 12) + 12, depth, "#ffffff")
        yield Letters(at + 6, bar + 16, said, 12, "start", False, QUIET)
        return
    for parts, sign in zip(side, (-1, 1), strict=True):
        yield from _half(voice, row, parts, sign, levels, bar, depth, middle, scale)


def _place(voice: Voice, seen: Seen) -> str:
    place = f"{seen.titles[0]}, {seen.unit.name}" if seen.titles else seen.unit.name
    without = seen.marks is not None and not seen.effective
    remark = voice.say("without effect")
    return f"{remark}: {place}" if without else place


def _half(
    voice: Voice,
    row: LeaderRow,
    parts: Sequence[tuple[int, Portion]],
    sign: int,
    levels: int,
    y: int,
    height: int,
    middle: int,
    scale: Fraction,
) -> Iterator[Shape]:
    palette, lines = colours(levels), patterns(levels)
    at = Fraction(0)
    for i, portion in parts:
        near, far = middle + sign * int(at * scale), middle + sign * int((at + portion.low) * scale)
        at += portion.low
        box = Box(min(near, far), y, abs(far - near), height, palette[i])
        if box.width:
            yield from filled(box, lines[i])
        said = short_portion(voice, row.seen.portion(i))
        outermost = i in (0, levels - 1)
        if outermost and portion.exact and box.width >= width_of(said, 12) + 8:
            inner = width_of(said, 12) + 6
            x = box.x + box.width - inner if sign > 0 else box.x
            yield Box(x, y + 4, inner, height - 8, palette[i])
            yield Letters(x + inner // 2, y + height // 2 + 4, said, 12, "middle", False, ink_on(palette[i]))
    widest = max(parts, key=lambda part: part[1].high - part[1].low, default=None)
    if widest is not None and not widest[1].exact:
        i, portion = widest
        near = middle + sign * int(at * scale)
        far = middle + sign * int((at + portion.high - portion.low) * scale)
        outer = parts[-1][0]
        yield from uncertain(Box(min(near, far), y, max(abs(far - near), 2), height, palette[outer]))


def _legend(voice: Voice, preset: Preset, *, wide: bool) -> tuple[int, list[Shape]]:
    """The levels with their colours, the worst first as in the bars; and the sign for ranges. The height that
    it takes.
    """
    width = (WIDE if wide else NARROW) - 10
    levels = len(preset.levels)
    x, y, shapes = 10, 10, []
    entries = [(voice.both(level.words), i) for i, level in enumerate(preset.levels)][::-1]
    for name, i in [*entries, (voice.say("known as a range only"), -1)]:
        size = 26 + width_of(name, 12)
        if x + size > width:
            x, y = 10, y + 20
        box = Box(x, y, 16, 12, colours(levels)[i] if i >= 0 else QUIET)
        shapes += list(filled(box, patterns(levels)[i]) if i >= 0 else uncertain(box))
        shapes.append(Letters(x + 22, y + 11, name, 12))
        x += size + 16
    return y + 26, shapes
