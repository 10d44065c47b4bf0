"""A picture as plain values, and as SVG text. The template `components/figure.html` draws the same values
into a page.

Everything is an attribute of a shape: no style, script, link or id, so a picture passes the strictest content
policy, several fit on a page, and paper shows what the screen shows. Whole numbers only. Danger: names come
from outside; all text is escaped here, and by the template there (a test holds the two equal).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Literal

FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"
INK, QUIET, LINE, PAPER, NOTHING = "#1c1c1c", "#545454", "#c9c4bd", "#ffffff", "none"
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: int
    y: int
    width: int
    height: int
    fill: str
    stroke: str = NOTHING
    kind: str = "box"


@dataclass(frozen=True, slots=True)
class Stroke:
    """Lines: a path of moves and straight lines (`M0 0L9 9`); `dash` as SVG writes it, empty for an unbroken
    one.
    """

    path: str
    stroke: str
    width: int = 1
    dash: str = ""
    fill: str = NOTHING
    kind: str = "stroke"


@dataclass(frozen=True, slots=True)
class Letters:
    """One line of text; `y` is its base line."""

    x: int
    y: int
    text: str
    size: int = 14
    anchor: Anchor = "start"
    bold: bool = False
    fill: str = INK
    kind: str = "letters"


Shape = Box | Stroke | Letters


@dataclass(frozen=True, slots=True)
class Picture:
    """Shapes on white paper, later ones above earlier ones. `title` names it, `description` says what it
    shows.
    """

    width: int
    height: int
    title: str
    description: str
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of a picture, cell for cell in words; the first column heads its row. `numeric` columns
    stand right.

    `links` are addresses for the heads of the rows, an empty text for none; empty where no row has one.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int]
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture for wide places and the same for narrow ones, the caption that states what they show, and
    their table.
    """

    wide: Picture
    narrow: Picture
    caption: str
    table: Table


def linked(figure: Figure, links: Iterable[str]) -> Figure:
    """The figure with addresses for the rows of its table."""
    return replace(figure, table=replace(figure.table, links=tuple(links)))


def svg(picture: Picture) -> str:
    """The picture as an SVG document: for paper, and for whoever takes it along."""
    shapes = "".join(_drawn(shape) for shape in picture.shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="picture" viewBox="0 0 {picture.width} {picture.height}" '
        f'width="{picture.width}" height="{picture.height}" role="img" font-family="{escape(FONT)}">'
        f"<title>{escape(picture.title)}</title><desc>{escape(picture.description)}</desc>"
        f'<rect x="0" y="0" width="{picture.width}" height="{picture.height}" fill="{PAPER}"></rect>{shapes}</svg>'
    )


def _drawn(shape: Shape) -> str:
    if isinstance(shape, Box):
        return (
            f'<rect x="{shape.x}" y="{shape.y}" width="{shape.width}" height="{shape.height}" '
            f'fill="{escape(shape.fill)}" stroke="{escape(shape.stroke)}"></rect>'
        )
    if isinstance(shape, Stroke):
        dash = f' stroke-dasharray="{escape(shape.dash)}"' if shape.dash else ""
        return (
            f'<path d="{escape(shape.path)}" fill="{escape(shape.fill)}" stroke="{escape(shape.stroke)}" '
            f'stroke-width="{shape.width}"{dash}></path>'
        )
    weight = ' font-weight="700"' if shape.bold else ""
    return (
        f'<text x="{shape.x}" y="{shape.y}" font-size="{shape.size}" text-anchor="{shape.anchor}" '
        f'fill="{escape(shape.fill)}"{weight}>{escape(shape.text)}</text>'
    )


def line(x1: int, y1: int, x2: int, y2: int, stroke: str, width: int = 1, dash: str = "") -> Stroke:
    """A straight line."""
    return Stroke(f"M{x1} {y1}L{x2} {y2}", stroke, width, dash)


def polygon(points: Sequence[tuple[int, int]], fill: str, stroke: str = PAPER) -> Stroke:
    """A filled shape with straight sides."""
    (x, y), *rest = points
    return Stroke(f"M{x} {y}" + "".join(f"L{a} {b}" for a, b in rest) + "Z", stroke, 1, "", fill)


def hatch(box: Box, kind: str, stroke: str, gap: int = 6) -> Iterable[Stroke]:
    """Lines across a box, so that it can be told apart without colour: `/`, `\\`, `|` or `-`; nothing for an
    empty kind.
    """
    x, y, w, h = box.x, box.y, box.width, box.height
    if not kind or w <= 0 or h <= 0:
        return
    parts = []
    if kind == "-":
        parts = [f"M{x} {at}L{x + w} {at}" for at in range(y + gap // 2, y + h, gap)]
    elif kind == "|":
        parts = [f"M{at} {y}L{at} {y + h}" for at in range(x + gap // 2, x + w, gap)]
    else:
        for offset in range(gap // 2, w + h, gap):
            x1, y1 = max(0, offset - h), min(offset, h)
            x2, y2 = min(offset, w), max(0, offset - w)
            if kind == "\\":
                x1, x2 = w - x1, w - x2
            parts.append(f"M{x + x1} {y + y1}L{x + x2} {y + y2}")
    if parts:
        yield Stroke("".join(parts), stroke)


def lines_of_text(
    x: int, y: int, texts: Sequence[str], size: int, leading: int, anchor: Anchor = "start", fill: str = INK
) -> list[Letters]:
    """Several lines below each other; `y` is the base line of the first."""
    return [Letters(x, y + i * leading, text, size, anchor, False, fill) for i, text in enumerate(texts)]
