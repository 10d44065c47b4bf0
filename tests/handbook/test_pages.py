"""The handbooks as pages: all of them, in both languages, sound, with the words of the documents and links
that stay in the house.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from surveys.handbook.blocks import Block, NotAHandbook, Span, blocks_of
from surveys.handbook.contents import NAMES, handbook
from surveys.shipped import HANDBOOK
from tests.web.markup import faults

BOTH = [(language, name) for language in ("vi", "en") for name in NAMES]


def _words(markdown: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{3,}", re.sub(r"\]\([^)]*\)", "", markdown)))


def test_every_document_of_the_handbook_is_offered() -> None:
    assert {path.stem for path in (HANDBOOK / "en").glob("*.md")} == set(NAMES)


@pytest.mark.parametrize(("language", "name"), BOTH)
def test_a_handbook_is_a_sound_page_with_all_its_words(client: FlaskClient, language: str, name: str) -> None:
    page = client.get(f"/{language}/help/{name}").text
    assert faults(page) == []
    missing = _words((HANDBOOK / language / f"{name}.md").read_text("utf-8")) - _words(page)
    assert missing == set()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_list_leads_to_each_and_every_page_leads_to_the_list(client: FlaskClient, language: str) -> None:
    listed = client.get(f"/{language}/help").text
    assert faults(listed) == []
    assert re.findall(rf'<h2><a href="/{language}/help/(\w+)"', listed) == list(NAMES)
    assert f'href="/{language}/help"' in client.get(f"/{language}/").text


def test_a_link_to_another_handbook_leads_there_and_one_to_another_document_only_names_it(
    client: FlaskClient,
) -> None:
    page = client.get("/en/help/operator").text
    assert '<a href="/en/help/privacy">Privacy</a>' in page
    assert "operations.md" not in page
    assert ">Operations has every setting" in page or "Operations has every setting" in page


def test_what_is_no_handbook_is_refused_in_words(client: FlaskClient) -> None:
    for name in ("nothing", "..", "README", "voter.md"):
        assert client.get(f"/vi/help/{name}").status_code == 404


def test_markup_in_a_document_is_text(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "voter.md").write_text("# A\n\n<script>alert(1)</script> & *b*\n", "utf-8")
    book = handbook(tmp_path, "en", "voter")
    assert book.blocks == (Block("p", (Span("<script>alert(1)</script> & "), Span("b", "em"))),)


@pytest.mark.parametrize("markdown", ["> quoted", "- a\n\n  b", "---", "a  \nb", "a ![x](y.png)"])
def test_what_no_value_is_for_does_not_load(markdown: str) -> None:
    with pytest.raises(NotAHandbook):
        blocks_of(markdown)
