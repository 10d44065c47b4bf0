"""A leader over the years: the share at the best level and at the lowest, ranges as bars, gaps where a year
is hidden.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from string import ascii_uppercase

from surveys.pictures.colours import colours, uncertain
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
    Stroke,
    Table,
    line,
    polygon,
)
from surveys.pictures.lettering import width_of, wrapped
from surveys.results.leaders import TrendPage
from surveys.results.ranges import Portion
from surveys.results.texts import DASH, SPACE, bound_text, points_text, portion_text, why
from surveys.results.thresholds import thresholds
from surveys.results.years import PersonYear
from surveys.rules.denominators import LABELS
from surveys.web.languages import Voice

WIDE, NARROW = 720, 330
HEIGHT, TOP = 220, 54


@dataclass(frozen=True, slots=True)
class _Series:
    """A level over the years: its index, colour, dash and the side on which its figures stand (-1 above, 1
    below).
    """

    level: int
    name: str
    colour: str
    dash: str
    side: int


def trend_figure(voice: Voice, trend: TrendPage, k: int) -> Figure | None:
    """The years of a leader; None where there is no year."""
    if not trend.years:
        return None
    title = voice.say("%(name)s over the years", name=trend.name)
    caption = _caption(voice, trend)
    places = _places(trend.years)
    pictures = [_picture(voice, trend, places, title, caption, width) for width in (WIDE, NARROW)]
    return Figure(pictures[0], pictures[1], caption, _table(voice, trend, k))


def _caption(voice: Voice, trend: TrendPage) -> str:
    last = trend.steps[-1] if trend.steps else None
    best = voice.both(trend.preset.levels[0].words).lower()
    lowest = voice.both(trend.preset.levels[-1].words).lower()
    if last is None or last.changes is None:
        return voice.say(
            "%(name)s: %(best)s and %(lowest)s by year. No two consecutive years can be compared at the end.",
            name=trend.name,
            best=best,
            lowest=lowest,
        )
    return voice.say(
        "%(name)s from %(earlier)s to %(later)s: %(best)s %(up)s points, %(lowest)s %(down)s points.",
        name=trend.name,
        earlier=last.earlier.year,
        later=last.later.year,
        best=best,
        up=points_text(voice, last.changes[0]),
        lowest=lowest,
        down=points_text(voice, last.changes[-1]),
    )


def _table(voice: Voice, trend: TrendPage, k: int) -> Table:
    levels = [voice.both(level.words) for level in trend.preset.levels]
    changes = {id(step.later): step for step in trend.steps}
    rows = []
    for each in trend.years:
        step = changes.get(id(each))
        change = points_text(voice, step.changes[0]) if step and step.changes else DASH
        remark = why(voice, each.hidden, k) if each.hidden else ""
        if step and step.hidden and not (each.hidden or step.earlier.hidden):
            remark = why(voice, step.hidden, k)
        flags = [voice.both(flag.words) for flag in each.watch]
        outcome = voice.both(each.outcome.words) if each.outcome else ""
        source = voice.say("counted on paper") if each.round_id is None else ""
        said = "; ".join(part.rstrip(".") for part in (outcome, *flags, source, remark) if part)
        named = f"{voice.both(LABELS[each.denominator])} ({voice.number(each.n)})" if each.n else DASH
        rows.append(
            (
                str(each.year),
                _post(each),
                *(portion_text(voice, each.portion(i)) for i in range(len(levels))),
                change,
                named,
                said,
            )
        )
    return Table(
        caption=voice.say("%(name)s over the years", name=trend.name),
        head=(
            voice.say("Year"),
            voice.say("Post"),
            *levels,
            voice.say("Change of %(level)s in points", level=levels[0].lower()),
            voice.say("Percentages are of"),
            voice.say("Remarks"),
        ),
        rows=tuple(rows),
        numeric=frozenset(range(2, 3 + len(levels))),
    )


def _post(each: PersonYear) -> str:
    return f"{'; '.join(each.titles)}, {each.unit_name}" if each.titles else each.unit_name


def _places(years: Sequence[PersonYear]) -> dict[str, list[PersonYear]]:
    """The posts held, in the order of their first year."""
    held: dict[str, list[PersonYear]] = {}
    for each in years:
        held.setdefault(_post(each), []).append(each)
    return held


def _picture(
    voice: Voice, trend: TrendPage, places: dict[str, list[PersonYear]], title: str, caption: str, width: int
) -> Picture:
    left, right = 54, width - 16
    levels = trend.preset.levels
    palette = colours(len(levels))
    series = (
        _Series(0, voice.both(levels[0].words), palette[0], "", -1),
        _Series(-1, voice.both(levels[-1].words), palette[len(levels) - 1], "7 4", 1),
    )
    shapes: list[Shape] = list(_legend(series, width))
    for part in range(0, 101, 25):
        y = TOP + HEIGHT - HEIGHT * part // 100
        shapes += [
            line(left, y, right, y, LINE),
            Letters(left - 8, y + 4, f"{part}{SPACE}%", 12, "end", False, QUIET),
        ]
    for threshold in thresholds(trend.preset):
        if threshold.at <= 1:
            y = TOP + HEIGHT - int(HEIGHT * threshold.at)
            shapes.append(line(left, y, right, y, palette[threshold.level], 1, "2 3"))
            said = bound_text(voice, threshold.op, threshold.at)
            shapes.append(Letters(left + 2, y - 3, said, 11, "start", False, palette[threshold.level]))
    slots = _slots(trend.years, left, right)
    numbers = dict(zip(places, ascii_uppercase, strict=False))
    for each in series:
        shapes += _lines(trend, each, slots)
    for each in series:
        shapes += _points(voice, trend.years, each, slots, crowded=len(slots) > (right - left) // 58)
    bottom = TOP + HEIGHT
    pitch = _pitch(trend.years, left, right)
    first = trend.years[0].year
    for number in range(first, trend.years[-1].year + 1):
        if pitch >= 42 or (number - first) % 2 == 0:
            middle = left + pitch * (number - first) + pitch // 2
            shapes.append(Letters(middle, bottom + 18, str(number), 13, "middle", True))
    said = voice.say("hidden")
    for x, result in zip(slots, trend.years, strict=True):
        shapes.append(Letters(x, bottom + 34, numbers.get(_post(result), ""), 12, "middle", False, QUIET))
        if result.hidden:
            text = said if width_of(said, 12) < pitch // _together(trend.years, result) else "×"
            shapes.append(Letters(x, bottom - 8, text, 12, "middle", False, QUIET))
    y = bottom + 60
    for post, held in places.items():
        years = ", ".join(str(each.year) for each in held)
        for text in wrapped(f"{numbers.get(post, '')}: {post} ({years})", width - 20, 12, most=3):
            shapes.append(Letters(10, y, text, 12))
            y += 17
    return Picture(width, y, title, caption, tuple(shapes))


def _pitch(years: Sequence[PersonYear], left: int, right: int) -> int:
    """How far the years stand apart; years without a result take their place as well."""
    return (right - left) // (years[-1].year - years[0].year + 1)


def _together(years: Sequence[PersonYear], result: PersonYear) -> int:
    return sum(each.year == result.year for each in years)


def _slots(years: Sequence[PersonYear], left: int, right: int) -> list[int]:
    """A place for each result; those of one year stand side by side."""
    pitch = _pitch(years, left, right)
    found = []
    for i, each in enumerate(years):
        part = pitch // _together(years, each)
        before = sum(other.year == each.year for other in years[:i])
        found.append(left + pitch * (each.year - years[0].year) + part * before + part // 2)
    return found


def _y(share: Fraction) -> int:
    return TOP + HEIGHT - round(HEIGHT * share)


def _lines(trend: TrendPage, series: _Series, slots: Sequence[int]) -> Iterator[Shape]:
    """A line from each year to the next that may be compared with it: through the middle of ranges."""
    at = {id(each): slots[i] for i, each in enumerate(trend.years)}
    for step in trend.steps:
        then, now = step.earlier.portion(series.level), step.later.portion(series.level)
        if step.changes is not None and then is not None and now is not None:
            y1, y2 = _y((then.low + then.high) / 2), _y((now.low + now.high) / 2)
            dash = "1 4" if step.moved else series.dash
            yield line(at[id(step.earlier)], y1, at[id(step.later)], y2, series.colour, 2, dash)


def _points(
    voice: Voice, years: Sequence[PersonYear], series: _Series, slots: Sequence[int], *, crowded: bool
) -> Iterator[Shape]:
    for i, each in enumerate(years):
        portion = each.portion(series.level)
        if portion is None:
            continue
        x = slots[i]
        if portion.exact:
            y = _y(portion.low)
            yield _mark(series, x, y)
            top = bottom = y
        else:
            top, bottom = _y(portion.high), _y(portion.low)
            yield from uncertain(Box(x - 7, top, 14, max(bottom - top, 3), series.colour))
        if not crowded or i == len(years) - 1:
            said = portion_text(voice, portion) if portion.exact else _short(portion)
            y = top - 9 if series.side < 0 or bottom > TOP + HEIGHT - 18 else bottom + 18
            size = width_of(said, 12)
            yield Box(x - size // 2 - 1, y - 11, size + 2, 14, PAPER)
            yield Letters(x, y, said, 12, "middle", False, INK)


def _short(portion: Portion) -> str:
    return f"{100 * portion.low // 1}{DASH}{-(-100 * portion.high // 1)}{SPACE}%"


def _mark(series: _Series, x: int, y: int) -> Stroke:
    """A square for the best level, a triangle for the lowest: told apart without colour."""
    if series.side < 0:
        return polygon([(x - 5, y - 5), (x + 5, y - 5), (x + 5, y + 5), (x - 5, y + 5)], series.colour)
    return polygon([(x - 6, y + 5), (x + 6, y + 5), (x, y - 6)], series.colour)


def _legend(series: Sequence[_Series], width: int) -> Iterator[Shape]:
    x = 12
    for each in series:
        yield line(x, 14, x + 28, 14, each.colour, 2, each.dash)
        yield _mark(each, x + 14, 14)
        yield Letters(x + 34, 18, each.name, 13)
        x += 34 + width_of(each.name, 13) + 18
