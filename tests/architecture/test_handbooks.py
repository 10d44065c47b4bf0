"""The handbooks say the same in both languages: the same pages, of the same shape, with the same figures and
commands.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HANDBOOK = Path(__file__).resolve().parents[2] / "docs" / "handbook"
PAGES = sorted(path.name for path in (HANDBOOK / "en").glob("*.md"))


def _shape(text: str) -> list[str]:
    """What each line is, without its words: headings, items, rows with their number of cells, paragraphs,
    code.
    """
    shape: list[str] = []
    for block in re.split(r"\n{2,}", text.strip()):
        for line in block.split("\n"):
            if heading := re.match(r"#+ ", line):
                shape.append(heading[0])
            elif item := re.match(r"(- |\d+\. |!\[)", line):
                shape.append(item[0])
            elif line.startswith("|"):
                shape.append("|" * line.count("|"))
            elif not line.startswith("  ") and (
                not shape or shape[-1] != "p" or line is block.split("\n")[0]
            ):
                shape.append("p")
    return shape


def _fixed(text: str) -> list[str]:
    """What no language changes: commands, settings, numbers of days and of members, links."""
    text = " ".join(text.split()).replace("/pictures/vi/", "/pictures/en/")
    return sorted(re.findall(r"`[^`]+`|\bD[+-]\d+|\*[ntkq]\*|\]\([^)]+\)", text))


def test_both_languages_have_the_same_pages() -> None:
    assert sorted(path.name for path in (HANDBOOK / "vi").glob("*.md")) == PAGES
    contents = (HANDBOOK / "README.md").read_text("utf-8")
    assert [page for page in PAGES if f"(en/{page})" not in contents or f"(vi/{page})" not in contents] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_the_same_shape_and_the_same_figures_in_both_languages(page: str) -> None:
    english, vietnamese = ((HANDBOOK / language / page).read_text("utf-8") for language in ("en", "vi"))
    assert _shape(english) == _shape(vietnamese)
    assert _fixed(english) == _fixed(vietnamese)


def test_another_shape_is_seen() -> None:
    assert _shape("# A\n\n- b\n- c") != _shape("# A\n\n- b")
    assert _shape("| a | b |") != _shape("| a |")
    assert _fixed("on D-20, *t* members") != _fixed("ngày D-10, *t* thành viên")
