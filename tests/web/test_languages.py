"""Everything people see stands in Vietnamese and in English."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from surveys.web.languages import Language, voice_of
from tests.published import SURVEY

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = sorted((ROOT / "translations" / "vi").glob("*.po"))


def _shown() -> Mapping[str, str | None]:
    """Singular → plural of every text in the templates and in the pages' own code."""
    found: dict[str, str | None] = {}
    templates = extract_from_dir(
        ROOT / "templates",
        method_map=[("**.html", "jinja2.ext:babel_extract")],
        options_map={"**.html": {"newstyle_gettext": "true", "silent": "false"}},
    )
    code = extract_from_dir(
        ROOT / "surveys", method_map=[("**.py", "python")], keywords={"say": None, "noted": None}
    )
    for _, _, message, _, _ in [*templates, *code]:
        texts = (message,) if isinstance(message, str) else message
        found[texts[0]] = texts[1] if len(texts) > 1 else None
    return found


def _messages(path: Path) -> list[Message]:
    with path.open("rb") as file:
        read = read_po(file)
    assert not read.obsolete, path.name
    return [message for message in read if message.id]


def _id(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def test_every_text_has_one_vietnamese_translation_and_none_is_left_over() -> None:
    messages = [message for path in CATALOGUES for message in _messages(path)]
    translated = [
        _id(message)
        for message in messages
        if not message.fuzzy
        and message.string
        and all([message.string] if isinstance(message.string, str) else message.string)
    ]
    held = [_id(message) for message in messages]
    assert sorted(held) == sorted(set(held)), "a text stands in two catalogues"
    assert sorted(translated) == sorted(held)
    assert set(held) == set(_shown())


def test_a_translation_keeps_the_placeholders() -> None:
    # In pages' code a text without a named place is no format, so a sign % stands for itself there.
    wrong = {
        _id(message): list(message.check())
        for path in CATALOGUES
        for message in _messages(path)
        if list(message.check())
    }
    assert wrong == {}


def test_words_in_templates_outside_the_catalogue_are_only_names() -> None:
    """A text that somebody forgot to mark would be English on the Vietnamese page."""
    import re

    # The attributes that a component gives to a field, or a door to its page, are no text.
    attributes = re.compile(r'[\w-]+="[^"]*"')
    allowed = {"Tín Nhiệm", "surveys verify bundle.zip", "required", "Android", "iPhone"}
    stray = set()
    for path in (ROOT / "templates").rglob("*.html"):
        if path.parent.name == "print":  # paper has no switch: it says everything in both languages
            continue
        if path.name == "lost.html":  # nor has this page: a switch would repeat the address (8.12)
            assert '{% extends "doors/plain.html" %}' in path.read_text("utf-8")
            assert '<section lang="en">' in path.read_text("utf-8")
            continue
        text = re.sub(
            r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!doctype html>", "", path.read_text("utf-8"), flags=re.DOTALL
        )
        # The voter's door says what it must say in both languages, each marked as what it is.
        marked = re.compile(r'<p[^>]* lang="(vi|en)"[^>]*>[^<>]+</p>')
        said = marked.findall(text)
        assert said.count("vi") == said.count("en"), path.name
        for found in re.findall(r">([^<>]+)<", marked.sub("", text)):
            words = " ".join(attributes.sub("", found).split())
            if words.strip(" ·–+():;,.") and words not in allowed | {"– Tín Nhiệm"}:
                stray.add((path.name, words))
    assert stray == set()


@pytest.mark.parametrize(
    ("accepted", "wanted"),
    [
        ("", "vi"),
        ("en", "en"),
        ("vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("en-GB,en;q=0.9", "en"),
        ("fr,de;q=0.5", "vi"),
        ("*", "vi"),
    ],
)
def test_the_front_door_sends_to_the_readers_language(
    client: FlaskClient, accepted: str, wanted: str
) -> None:
    answer = client.get("/", headers={"Accept-Language": accepted} if accepted else {})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/{wanted}/")
    assert answer.headers["Vary"] == "Accept-Language"


def test_the_page_says_its_language_and_offers_the_other_with_the_same_question(client: FlaskClient) -> None:
    page = client.get(f"/en/rounds/{SURVEY}?q=dat&unit=A").text
    assert '<html lang="en">' in page
    assert f'href="/vi/rounds/{SURVEY}?q=dat&amp;unit=A" hreflang="vi"' in page


def test_numbers_are_written_as_the_language_writes_them(client: FlaskClient) -> None:
    assert "66,67\N{NO-BREAK SPACE}%" in client.get(f"/vi/rounds/{SURVEY}").text
    assert "66.67\N{NO-BREAK SPACE}%" in client.get(f"/en/rounds/{SURVEY}").text


def test_times_are_local_with_their_zone(client: FlaskClient) -> None:
    assert "09 giờ 30 ngày 03/11/2026" in client.get(f"/vi/rounds/{SURVEY}").text
    assert "09:30 on 3 November 2026" in client.get(f"/en/rounds/{SURVEY}").text


def test_a_refusal_speaks_the_language_of_its_address(client: FlaskClient) -> None:
    assert "Không tìm thấy" in client.get("/vi/nothing").text
    assert "Not found" in client.get("/en/nothing").text
    assert "Không tìm thấy" in client.get("/nothing").text


def test_the_kinds_of_units_in_the_organisations_template_are_words_and_others_stand_as_written() -> None:
    columns = tomllib.loads((ROOT / "surveys" / "organisation" / "columns.toml").read_text("utf-8"))
    written = [row[-1] for row in columns["units"]["examples"]]
    vietnamese, english = (voice_of(language, ROOT / "translations") for language in Language)
    assert [vietnamese.kind(word) for word in written] == ["Khối", "Đảng ủy", "Chi bộ"]
    assert [english.kind(word) for word in written] == ["Bloc", "Party committee", "Party cell"]
    assert vietnamese.kind("Tổ dân phố") == english.kind("Tổ dân phố") == "Tổ dân phố"


def test_no_page_and_no_letter_names_a_time_zone() -> None:
    """A time is that of the place where the vote is held; `Asia/Ho_Chi_Minh` is for the one field where it is
    set.
    """
    asked = {"templates/desk/point_calendar.html", "surveys/console/preparation/forms.py"}
    asked |= {"surveys/settings.py", "surveys/rounds/definition.py"}
    for folder, kind in (("templates", "*.html"), ("surveys", "*.py")):
        for path in (ROOT / folder).rglob(kind):
            text = path.read_text("utf-8")
            here = path.relative_to(ROOT).as_posix()
            assert "Ho_Chi_Minh" not in text or here in asked, here
            assert not re.search(r"\{[^}]*\b(time_)?zone\}|\(UTC\)\"\)|time_zone \}\}", text), here
