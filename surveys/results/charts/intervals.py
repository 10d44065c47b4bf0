"""Unified less separate posts: the difference of the means with its 95 % interval, around a line at no
difference.
"""

from __future__ import annotations

from collections.abc import Iterator

from surveys.pictures.colours import colours
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
from surveys.results.compare import FEWEST, ComparePage, Comparison, Difference, Mean
from surveys.results.texts import DASH
from surveys.web.languages import Voice

WIDE, NARROW = 720, 330


def comparison_figure(voice: Voice, page: ComparePage) -> Figure:
    """The comparison; lines with too few leaders say so."""
    title = voice.say("Unified and separate posts")
    caption = _caption(voice, page)
    pictures = [_picture(voice, page, title, caption, width) for width in (WIDE, NARROW)]
    return Figure(pictures[0], pictures[1], caption, _table(voice, page, title))


def _caption(voice: Voice, page: ComparePage) -> str:
    every = page.lines[0]
    best = voice.both(page.round.preset.levels[0].words).lower()
    if not every.enough or every.high.interval is None or every.high.difference is None:
        return voice.say(
            "%(unified)s leaders in unified posts, %(separate)s in separate ones: fewer than %(fewest)s on "
            "a side are too few to compare.",
            unified=every.unified,
            separate=every.separate,
            fewest=FEWEST,
        )
    found = every.high.interval
    words = voice.say(
        "Mean share of %(level)s, unified less separate: %(difference)s points, interval (95 %%) "
        "%(interval)s.",
        level=best,
        difference=_mean(voice, every.high.difference),
        interval=_interval(voice, found),
    )
    verdict = (
        voice.say("The interval includes 0: no difference can be told from chance.")
        if found.low <= 0 <= found.high
        else voice.say("The interval does not include 0.")
    )
    return f"{words} {verdict}"


def _points(voice: Voice, value: float) -> str:
    text = f"{100 * value:+.2f}"
    return voice.decimal("0.00" if text in ("+0.00", "-0.00") else text)


def _mean(voice: Voice, mean: Mean | None) -> str:
    if mean is None:
        return DASH
    low, high = _points(voice, mean.low), _points(voice, mean.high)
    return low if low == high else voice.say("%(low)s to %(high)s", low=low, high=high)


def _interval(voice: Voice, interval: Mean | None) -> str:
    if interval is None:
        return DASH
    return voice.say(
        "%(low)s to %(high)s", low=_points(voice, interval.low), high=_points(voice, interval.high)
    )


def _share(voice: Voice, mean: Mean | None) -> str:
    if mean is None:
        return DASH
    low, high = f"{100 * mean.low:.2f}", f"{100 * mean.high:.2f}"
    return voice.percent(low) if low == high else f"{voice.decimal(low)}{DASH}{voice.percent(high)}"


def kind_words(voice: Voice, line_of: Comparison) -> str:
    """All units, or a kind of unit."""
    return voice.kind(line_of.kind) if line_of.kind else voice.say("All units")


def _table(voice: Voice, page: ComparePage, title: str) -> Table:
    levels = (page.round.preset.levels[0], page.round.preset.levels[-1])
    rows = [
        (
            f"{kind_words(voice, each)}: {voice.both(level.words)}",
            voice.number(each.unified),
            voice.number(each.separate),
            voice.number(each.ranges),
            _share(voice, found.unified),
            _share(voice, found.separate),
            _mean(voice, found.difference),
            _interval(voice, found.interval) if each.enough else voice.say("too few to compare"),
        )
        for each in page.lines
        for level, found in zip(levels, (each.high, each.low), strict=True)
    ]
    head = (
        voice.say("Units and level"),
        voice.say("Unified"),
        voice.say("Separate"),
        voice.say("Known as ranges"),
        voice.say("Mean, unified"),
        voice.say("Mean, separate"),
        voice.say("Difference in points"),
        voice.say("Interval (95 %)"),
    )
    return Table(title, head, tuple(rows), frozenset(range(1, 8)))


def _picture(voice: Voice, page: ComparePage, title: str, caption: str, width: int) -> Picture:
    wide = width == WIDE
    levels = page.round.preset.levels
    palette = colours(len(levels))
    start, end = (340, width - 20) if wide else (20, width - 20)
    reach = max(
        (
            max(abs(i.low), abs(i.high))
            for each in page.lines
            for i in (each.high.interval, each.low.interval)
            if i
        ),
        default=0.1,
    )
    # Steps of five points, at least to ten on either side.
    limit = max(-(-reach // 0.05) * 0.05, 0.1)
    middle, scale = (start + end) // 2, (end - start) / (2 * limit)
    y, shapes, rows = 12, list[Shape](), list[Shape]()
    top = y
    for each in page.lines:
        said = voice.say(
            "%(unified)s unified, %(separate)s separate",
            unified=voice.number(each.unified),
            separate=voice.number(each.separate),
        )
        rows.append(Letters(8, y + 18, cut(kind_words(voice, each), 270, 14, bold=True), 14, "start", True))
        rows.append(Letters(8, y + 36, cut(said, 222 if wide else width - 16, 12), 12, "start", False, QUIET))
        if not wide:
            y += 42
        if each.enough:
            for i, (level, found) in enumerate(((0, each.high), (-1, each.low))):
                name = voice.both(levels[level].words)
                rows += _interval_row(
                    name,
                    found,
                    palette[len(levels) - 1 if level else 0],
                    y + 4 + (26 if wide else 34) * i,
                    start,
                    middle,
                    scale,
                    wide=wide,
                )
        else:
            few = voice.say("too few to compare")
            size = width_of(few, 13)
            rows.append(Box(middle - size // 2 - 4, y + 8, size + 8, 20, PAPER))
            rows.append(Letters(middle, y + 22, few, 13, "middle", False, QUIET))
        y += 66 if wide else 84
    step = 0.05 if limit <= 0.2 else 0.1
    for i in range(-round(limit / step), round(limit / step) + 1):
        x = middle + round(i * step * scale)
        shapes.append(line(x, top, x, y, INK if i == 0 else LINE))
        if (i % 2 == 0 or step * scale >= 48) and 18 <= x <= width - 18:
            shapes.append(Letters(x, y + 16, _tick(voice, i * step), 12, "middle", False, QUIET))
    axis = voice.say("percentage points, unified less separate")
    shapes.append(Letters(middle if wide else width // 2, y + 34, axis, 12, "middle", False, QUIET))
    return Picture(width, y + 44, title, caption, (*shapes, *rows))


def _tick(voice: Voice, value: float) -> str:
    return voice.decimal(f"{100 * value:+.0f}") if round(100 * value) else "0"


def _interval_row(
    name: str, found: Difference, colour: str, y: int, start: int, middle: int, scale: float, *, wide: bool
) -> Iterator[Shape]:
    if found.interval is None or found.difference is None:
        return
    low, high = (middle + round(end * scale) for end in (found.interval.low, found.interval.high))
    at = y + 12
    if wide:
        yield Letters(start - 12, at + 4, name, 12, "end")
    else:
        at += 14
        yield Letters(start, at - 11, name, 12)
    yield line(low, at, high, at, colour, 2)
    yield line(low, at - 6, low, at + 6, colour, 2)
    yield line(high, at - 6, high, at + 6, colour, 2)
    left, right = (middle + round(end * scale) for end in (found.difference.low, found.difference.high))
    if found.level == 0:
        yield polygon(
            [(left - 5, at - 5), (right + 5, at - 5), (right + 5, at + 5), (left - 5, at + 5)], colour
        )
    else:
        yield polygon([(left - 6, at + 5), (right + 6, at + 5), ((left + right) // 2, at - 6)], colour)
