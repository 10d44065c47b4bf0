"""A picture on a page and the same picture on paper are one drawing, and every figure in it stands in its
table.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import html5lib
import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from surveys.pictures.drawing import Box, Figure, Letters, Picture, svg
from surveys.pictures.lettering import cut, width_of, wrapped
from tests.published import MARKUP
from tests.results.pictures import figures

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES),
    extensions=["jinja2.ext.i18n"],
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.install_gettext_callables(lambda text: text, lambda one, many, n: one, newstyle=True)  # type: ignore[attr-defined]
MACROS = ENVIRONMENT.get_template("components/figure.html").module
SVG = "{http://www.w3.org/2000/svg}"
LANGUAGES = pytest.mark.parametrize("language", ["vi", "en"])
Tree = tuple[str, tuple[tuple[str, str], ...], str, tuple[object, ...]]


def _tree(element: ElementTree.Element) -> Tree:
    children = tuple(_tree(child) for child in element)
    return element.tag, tuple(sorted(element.attrib.items())), (element.text or "").strip(), children


def _on_page(picture: Picture) -> Tree:
    page = html5lib.parse(str(MACROS.picture(picture)))  # type: ignore[attr-defined]
    found = page.find(f".//{SVG}svg")
    assert found is not None
    return _tree(found)


def _on_paper(picture: Picture) -> Tree:
    return _tree(ElementTree.fromstring(svg(picture)))


@LANGUAGES
def test_page_and_paper_draw_the_same(language: str) -> None:
    for figure in figures(language).values():
        for picture in (figure.wide, figure.narrow):
            assert _on_page(picture) == _on_paper(picture)


def test_another_drawing_would_be_seen() -> None:
    one = Picture(100, 50, "t", "d", (Box(0, 0, 10, 10, "#000000"), Letters(5, 5, "a")))
    other = Picture(100, 50, "t", "d", (Box(0, 0, 10, 11, "#000000"), Letters(5, 5, "a")))
    assert _on_page(one) != _on_paper(other)


@LANGUAGES
def test_a_picture_has_a_name_a_description_and_nothing_inline(language: str) -> None:
    for figure in figures(language).values():
        for picture in (figure.wide, figure.narrow):
            text = svg(picture)
            assert picture.title
            assert picture.description == figure.caption
            assert not re.search(
                r"style=|<script|<style|href|\bon[a-z]+=|\bid=|url\(", text.replace("&lt;script", "")
            )


def test_a_name_that_is_markup_is_a_text() -> None:
    figure = figures("vi")["markup"]
    assert MARKUP not in svg(figure.wide)
    texts = [element.text for element in ElementTree.fromstring(svg(figure.wide)).iter(f"{SVG}text")]
    assert any(text and text.startswith("<script>alert(1)</script>") for text in texts)


@LANGUAGES
def test_every_percentage_in_a_picture_stands_in_its_table(language: str) -> None:
    """Whole percentages of small places apart: their rows hold the same with two decimals, and scales have no
    table.
    """
    for name, figure in figures(language).items():
        held = " ".join(cell for row in figure.table.rows for cell in row)
        for shape in (*figure.wide.shapes, *figure.narrow.shapes):
            if isinstance(shape, Letters):
                for number in re.findall(r"\d+[.,]\d\d", shape.text):
                    assert number in held, (name, shape.text)


@LANGUAGES
def test_all_rows_of_a_table_are_as_long_as_its_head(language: str) -> None:
    for figure in figures(language).values():
        assert {len(row) for row in figure.table.rows} == {len(figure.table.head)}
        assert all(0 < column < len(figure.table.head) for column in figure.table.numeric)


def test_a_figure_on_a_page_holds_caption_both_pictures_and_the_table() -> None:
    figure: Figure = figures("vi")["leaders"]
    text = str(MACROS.figure(figure, "x"))  # type: ignore[attr-defined]
    page = html5lib.parse(text, namespaceHTMLElements=False)
    assert page.find(".//figcaption").text == figure.caption  # type: ignore[union-attr]
    assert len(page.findall(f".//{SVG}svg")) == 2
    assert len(page.findall(".//tbody/tr")) == len(figure.table.rows)
    assert page.find(".//table/caption").attrib["id"] == "x-table"  # type: ignore[union-attr]


def test_lines_break_between_words_and_what_does_not_fit_ends_in_an_ellipsis() -> None:
    text = "Đảng ủy Ban Quản lý các khu công nghiệp và chế xuất"
    lines = wrapped(text, 140, 12, most=9)
    assert " ".join(lines) == text
    assert len(lines) > 2
    assert all(width_of(line, 12) <= 140 for line in lines)
    short = wrapped(text, 140, 12, most=2)
    assert len(short) == 2
    assert short[-1].endswith("…")
    assert width_of(short[-1], 12) <= 140
    assert cut("Nghĩa", 500, 12) == "Nghĩa"
    assert wrapped("x" * 200, 60, 12, most=3)[-1].endswith("…")
