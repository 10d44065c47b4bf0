"""The turnout map: a tile for each unit right below, with its figures and a gauge that fills from the
left.
"""

from __future__ import annotations

from fractions import Fraction

from surveys.pictures.drawing import (
    INK,
    LINE,
    QUIET,
    Box,
    Figure,
    Letters,
    Picture,
    Shape,
    Table,
    hatch,
    line,
    lines_of_text,
)
from surveys.pictures.lettering import wrapped
from surveys.results.ranges import Portion
from surveys.results.sums import Turnout
from surveys.results.texts import DASH, portion_text, short_portion, why
from surveys.results.turnouts import TurnoutPage
from surveys.web.languages import Voice

WIDE, NARROW = 720, 330
GAP, HEIGHT = 8, 108


def turnout_figure(voice: Voice, page: TurnoutPage) -> Figure:
    """The map of a unit; of a unit with nothing below it, its own tile."""
    turnouts = [tile.turnout for tile in page.tiles] or [page.whole]
    title = voice.say("Turnout: %(unit)s", unit=page.unit.name)
    caption = _caption(voice, page, turnouts)
    pictures = [_picture(voice, turnouts, title, caption, width) for width in (WIDE, NARROW)]
    return Figure(
        pictures[0], pictures[1], caption, _table(voice, page, [page.whole, *(t.turnout for t in page.tiles)])
    )


def share_returned(turnout: Turnout) -> Portion | None:
    """Ballots returned of persons summoned; None where it is hidden."""
    if turnout.returned is None or not turnout.summoned:
        return None
    share = Fraction(turnout.returned, turnout.summoned)
    return Portion(share, share)


def _caption(voice: Voice, page: TurnoutPage, turnouts: list[Turnout]) -> str:
    whole = share_returned(page.whole)
    said = voice.say(
        "%(unit)s: %(returned)s of %(summoned)s persons summoned returned a ballot (%(percent)s).",
        unit=page.unit.name,
        returned=DASH if page.whole.returned is None else voice.number(page.whole.returned),
        summoned=voice.number(page.whole.summoned),
        percent=portion_text(voice, whole),
    )
    known = [(share, each) for each in turnouts if (share := share_returned(each)) is not None]
    if len(known) < 2:
        return said
    share, least = min(known, key=lambda pair: pair[0].low)
    lowest = voice.say(
        "Lowest: %(unit)s, %(percent)s.", unit=least.unit.name, percent=portion_text(voice, share)
    )
    return f"{said} {lowest}"


def _table(voice: Voice, page: TurnoutPage, turnouts: list[Turnout]) -> Table:
    rows = tuple(
        (
            each.unit.name,
            voice.number(each.summoned),
            *(DASH if n is None else voice.number(n) for n in (each.present, each.issued, each.returned)),
            portion_text(voice, share_returned(each)),
            why(voice, each.hidden, page.round.k) if each.hidden else "",
        )
        for each in turnouts
    )
    head = (
        voice.say("Unit"),
        voice.say("Summoned"),
        voice.say("Present"),
        voice.say("Ballots issued"),
        voice.say("Ballots returned"),
        voice.say("Returned of summoned"),
        voice.say("Remarks"),
    )
    return Table(voice.say("Turnout by unit"), head, rows, frozenset({1, 2, 3, 4, 5}))


def _picture(voice: Voice, turnouts: list[Turnout], title: str, caption: str, width: int) -> Picture:
    columns = 4 if width == WIDE else 2
    size = (width - GAP * (columns + 1)) // columns
    shapes: list[Shape] = []
    for i, each in enumerate(turnouts):
        x, y = GAP + (size + GAP) * (i % columns), GAP + (HEIGHT + GAP) * (i // columns)
        shapes += _tile(voice, each, x, y, size)
    rows = -(-len(turnouts) // columns)
    return Picture(width, GAP + (HEIGHT + GAP) * rows, title, caption, tuple(shapes))


def _tile(voice: Voice, turnout: Turnout, x: int, y: int, size: int) -> list[Shape]:
    box = Box(x, y, size, HEIGHT, "#ffffff", INK)
    shapes: list[Shape] = [box]
    shapes += lines_of_text(x + 8, y + 18, wrapped(turnout.unit.name, size - 14, 12, most=3), 12, 15)
    share = share_returned(turnout)
    gauge = Box(x + 8, y + HEIGHT - 16, size - 16, 9, "#ffffff", LINE)
    if share is None:
        shapes += [gauge, *hatch(gauge, "/", LINE)]
        shapes.append(Letters(x + 8, y + HEIGHT - 24, voice.say("hidden"), 12, "start", False, QUIET))
        counts = voice.say("%(n)s summoned", n=voice.number(turnout.summoned))
    else:
        filled = int(gauge.width * share.low)
        shapes += [gauge, Box(gauge.x, gauge.y, filled, gauge.height, "#004b87")]
        # Where a quorum of two thirds lies, the eye finds it without a colour for "too low".
        third = gauge.x + gauge.width * 2 // 3
        shapes += [line(third, gauge.y - 3, third, gauge.y + gauge.height + 3, "#ffffff", 3)]
        shapes += [line(third, gauge.y - 3, third, gauge.y + gauge.height + 3, INK, 1)]
        shapes.append(Letters(x + 8, y + HEIGHT - 24, short_portion(voice, share), 17, "start", True))
        counts = f"{voice.number(turnout.returned or 0)}/{voice.number(turnout.summoned)}"
    shapes.append(Letters(x + size - 8, y + HEIGHT - 24, counts, 12, "end", False, QUIET))
    return shapes
