"""Pictures in a real browser: every text lies inside its picture and none lies on another, in both languages
and widths.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from surveys.pictures.drawing import Letters, Picture, svg
from tests.results.pictures import figures

MEASURE = """([width, height]) => {
  const texts = [...document.querySelectorAll("text")];
  const boxes = texts.map(text => text.getBBox());
  const wrong = [];
  boxes.forEach((box, i) => {
    if (box.x < 0 || box.y < 0 || box.x + box.width > width || box.y + box.height > height)
      wrong.push("outside: " + texts[i].textContent);
    for (let j = 0; j < i; j++) {
      const other = boxes[j];
      const across = Math.min(box.x + box.width, other.x + other.width) - Math.max(box.x, other.x);
      const down = Math.min(box.y + box.height, other.y + other.height) - Math.max(box.y, other.y);
      if (across > 1 && down > 5) wrong.push(texts[i].textContent + " lies on " + texts[j].textContent);
    }
  });
  return wrong;
}"""


def _wrong(page: Page, picture: Picture) -> list[str]:
    page.set_content(svg(picture))
    found: list[str] = page.evaluate(MEASURE, [picture.width, picture.height])
    return found


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_every_text_has_its_place(page: Page, language: str, width: str) -> None:
    wrong = {
        name: found
        for name, figure in figures(language).items()
        if (found := _wrong(page, getattr(figure, width)))
    }
    assert wrong == {}


def test_a_text_that_sticks_out_or_lies_on_another_is_seen(page: Page) -> None:
    broken = Picture(100, 40, "t", "d", (Letters(60, 20, "Đảng ủy Sở"), Letters(62, 22, "Nội vụ")))
    assert len(_wrong(page, broken)) >= 2
