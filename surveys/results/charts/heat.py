"""The heat map: units by years, each cell with its figure, so that it is read without colour as well."""

from __future__ import annotations

from surveys.pictures.drawing import Figure, Letters, Picture, Shape, Table
from surveys.pictures.lettering import cut, width_of
from surveys.results.charts.scale import cell, legend
from surveys.results.heat import HeatPage, HeatRow
from surveys.results.texts import portion_text, short_portion, why
from surveys.web.languages import Voice

WIDE, NARROW = 720, 330


def heat_figure(voice: Voice, page: HeatPage) -> Figure:
    """Trust at the best level, unit by unit and year by year."""
    best = voice.both(page.round.preset.levels[0].words)
    title = voice.say("%(level)s by unit and year", level=best)
    caption = _caption(voice, page, best)
    pictures = [_picture(voice, page, title, caption, width) for width in (WIDE, NARROW)]
    return Figure(pictures[0], pictures[1], caption, _table(voice, page, title))


def _caption(voice: Voice, page: HeatPage, best: str) -> str:
    newest = [(row, portion) for row in page.rows[1:] if (portion := row.cells[-1].portion(0)) is not None]
    said = voice.say(
        "Share of %(level)s over all leaders of a unit and of the units below it, of the sum of their "
        "denominators.",
        level=best.lower(),
    )
    if len(newest) < 2:
        return said
    lowest, highest = (pick(newest, key=lambda each: each[1].low + each[1].high) for pick in (min, max))
    found = voice.say(
        "%(year)s: highest in %(high)s (%(most)s), lowest in %(low)s (%(least)s).",
        year=page.years[-1],
        high=highest[0].unit.name,
        most=portion_text(voice, highest[1]),
        low=lowest[0].unit.name,
        least=portion_text(voice, lowest[1]),
    )
    return f"{said} {found}"


def _table(voice: Voice, page: HeatPage, title: str) -> Table:
    rows = []
    for row in page.rows:
        said = []
        for each in row.cells:
            if each.hidden:
                said.append(why(voice, each.hidden, page.round.k))
            else:
                counted = voice.say(
                    "%(leaders)s counted, %(left)s left out", leaders=each.leaders, left=each.left_out
                )
                said.append(f"{portion_text(voice, each.portion(0))} ({counted})")
        rows.append((row.unit.name, *said))
    return Table(title, (voice.say("Unit"), *map(str, page.years)), tuple(rows), frozenset())


def _picture(voice: Voice, page: HeatPage, title: str, caption: str, width: int) -> Picture:
    wide = width == WIDE
    y, shapes = legend(voice, width, 10)
    start = 290 if wide else 8
    pitch = (width - 8 - start) // len(page.years)
    for i, year in enumerate(page.years):
        shapes.append(Letters(start + pitch * i + pitch // 2, y + 12, str(year), 13, "middle", True))
    y += 20
    for n, row in enumerate(page.rows):
        shapes += _row(voice, row, start, pitch, y, width, first=n == 0, wide=wide)
        y += (32 if wide else 52) + (8 if n == 0 else 0)
    return Picture(width, y + 6, title, caption, tuple(shapes))


def _row(
    voice: Voice, row: HeatRow, start: int, pitch: int, y: int, width: int, *, first: bool, wide: bool
) -> list[Shape]:
    room = start - 18 if wide else width - 16
    base = y + 19 if wide else y + 14
    shapes: list[Shape] = [Letters(8, base, cut(row.unit.name, room, 13, bold=first), 13, "start", first)]
    top = y if wide else y + 20
    for i, each in enumerate(row.cells):
        portion = each.portion(0)
        text = (
            voice.say("hidden")
            if portion is None and each.leaders + each.left_out
            else short_portion(voice, portion)
        )
        if width_of(text, 12) > pitch - 4 and portion is not None:
            text = text.replace("\N{NO-BREAK SPACE}%", "")
        shapes += cell(start + pitch * i, top, pitch - 4, 28, portion, text)
    return shapes
