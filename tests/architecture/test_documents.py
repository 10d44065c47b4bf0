"""The documents: lines that fit a page, contents that are the headings, links and clause numbers that lead
somewhere.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_COLUMNS = 100
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "docs/model").glob("*.pv*")])
PAGES = [path for path in DOCUMENTS if path.suffix == ".md"]
LONG = 8
"""From so many headings on a document has its contents on top."""
CLAUSES = set(
    re.findall(
        r"(?m)^(?:[-|] )?(?:\*\*)?(\d{1,2}\.\d{1,2})[. ]", (ROOT / "docs/protocol.md").read_text("utf-8")
    )
)
PARTS = set(re.findall(r"(?m)^## (\d+)\. ", (ROOT / "docs/protocol.md").read_text("utf-8")))
FENCED = re.compile(r"^```.*?^```", re.M | re.S)


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _anchor(heading: str) -> str:
    """The address of a heading within its page, as hosts of repositories make it."""
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("*", "").strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def _headings(text: str, least: int = 1) -> list[str]:
    found = re.findall(r"(?m)^(#{1,6}) (.+)$", FENCED.sub("", text))
    return [title for marks, title in found if len(marks) >= least]


def _broken_links(page: Path, text: str) -> list[str]:
    broken = []
    for address in re.findall(r"(?<!\!)\[[^]]*\]\(([^)]+)\)|!\[[^]]*\]\(([^)]+)\)", FENCED.sub("", text)):
        target = "".join("".join(address).split())
        if re.match(r"[a-z]+:", target):
            continue
        where, _, part = target.partition("#")
        path = (page.parent / where).resolve() if where else page
        if not path.exists() or (
            part and part not in {_anchor(title) for title in _headings(path.read_text("utf-8"))}
        ):
            broken.append(target)
    return broken


def _unknown_clauses(text: str) -> list[str]:
    """Numbers that say they are clauses: alone in brackets, or after `protocol`, `clause` or `§`, and are
    none.
    """
    plain = " ".join(FENCED.sub("", text).split())
    told = re.findall(r"\(((?:\d{1,2}\.[1-9]\d?)(?:, \d{1,2}\.[1-9]\d?)*)\)", plain)
    told += re.findall(r"(?:[Pp]rotocol(?:\.md)?`?\)?|[Cc]lauses?|check) §?(\d{1,2}\.[1-9]\d?)\b", plain)
    numbers = [number for group in told for number in group.split(", ")]
    parts = re.findall(r"protocol\.md`?\)?,? §(\d+)\b(?!\.\d)", plain)
    return [number for number in numbers if number not in CLAUSES] + [
        part for part in parts if part not in PARTS
    ]


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_a_line_has_at_most_100_columns(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    long = [
        number
        for number, line in enumerate(lines, 1)
        if len(line) > MOST_COLUMNS and "](http" not in line and not line.startswith("![")
    ]
    assert long == [], "wrap these lines"


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_a_long_page_has_its_contents_on_top(path: Path) -> None:
    text = path.read_text("utf-8")
    titles = list(re.findall(r"(?m)^## (.+)$", FENCED.sub("", text)))
    if path.name == "CHANGELOG.md" or len(titles) < LONG:
        return
    told = text[: text.index("\n## ")]
    assert re.findall(r"\]\(#([^)]+)\)", told) == [_anchor(title) for title in titles]


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_every_link_to_a_file_or_a_heading_leads_there(path: Path) -> None:
    assert _broken_links(path, path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_every_clause_that_is_named_exists(path: Path) -> None:
    assert _unknown_clauses(path.read_text("utf-8")) == []


def test_what_leads_nowhere_is_seen() -> None:
    page = ROOT / "README.md"
    assert _broken_links(page, "[a](docs/none.md) [b](#none) [c](docs/protocol.md#none)") == [
        "docs/none.md",
        "#none",
        "docs/protocol.md#none",
    ]
    assert _broken_links(page, "[a](docs/protocol.md#9-the-box) [b](https://example.org/none)") == []
    assert _unknown_clauses("as it says (99.1), clause 9.99, protocol 6.4, docs/protocol.md §99") == [
        "99.1",
        "9.99",
        "99",
    ]


def test_each_decision_has_a_number_of_its_own_and_says_it() -> None:
    paths = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [path.name.split("-")[0] for path in paths]
    assert [number for number in numbers if numbers.count(number) > 1] == []
    assert [
        path.name for path in paths if not path.read_text("utf-8").startswith(f"# {path.name[:4]} ")
    ] == []
