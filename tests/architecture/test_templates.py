"""Templates: one door each, one `page` whose fields they use, nothing inline, nothing unescaped."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, nodes

from surveys.box.pages.voter import Shell
from surveys.committee.pages import trustee
from surveys.results.pages.public import ResultsPage, RoundsPage
from surveys.roll.pages import office
from surveys.roll.slip_sheets import Sheets
from surveys.web.doors import Refusal

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
NAMES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))
PAGES = {
    "results/rounds.html": RoundsPage,
    "results/round.html": ResultsPage,
    "web/refusal.html": Refusal,
    "box/booth.html": Shell,
    "box/check.html": Shell,
    "box/projector.html": Shell,
    "roll/slips.html": office.Shell,
    "committee/trustee.html": trustee.Shell,
}
HANDED_ON = {
    "results/contest.html": ResultsPage,
    "doors/voter.html": Shell,
    "doors/script.html": Shell,
    "print/slips.html": Sheets,
}
# Written to the organizer's own disk and never served: no policy of ours reaches it, so its style stands in it.
NEVER_SERVED = {"print/slips.html": re.compile(r"<style>.*?</style>", re.DOTALL)}
ENVIRONMENT = Environment(loader=FileSystemLoader(TEMPLATES), extensions=["jinja2.ext.i18n"], autoescape=True)
FORBIDDEN = re.compile(
    r"\|\s*safe\b|Markup|autoescape|<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|<script(?![^>]*\ssrc=\")|https?://",
    re.IGNORECASE,
)


def _used(name: str) -> set[str]:
    """The attributes of `page` that a template reads."""
    tree = ENVIRONMENT.parse((TEMPLATES / name).read_text("utf-8"))
    return {
        node.attr
        for node in tree.find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name) and node.node.name == "page"
    }


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_inline_unescaped_or_from_elsewhere(name: str) -> None:
    text = (TEMPLATES / name).read_text("utf-8")
    assert FORBIDDEN.search(NEVER_SERVED[name].sub("", text) if name in NEVER_SERVED else text) is None


@pytest.mark.parametrize(
    "text",
    [
        "{{ x | safe }}",
        "<p style='a'>",
        "<a onclick=x>",
        "<script>x</script>",
        '<a href="javascript:x">',
        "<style>",
    ],
)
def test_something_inline_is_seen(text: str) -> None:
    assert FORBIDDEN.search(text)


def test_a_page_extends_one_door_and_nothing_else_does() -> None:
    extending = {
        name
        for name in NAMES
        if not name.startswith("doors/")
        and '{% extends "doors/' in (TEMPLATES / name).read_text("utf-8").split("\n")[0]
    }
    assert extending == set(PAGES)


@pytest.mark.parametrize(("name", "page"), [*PAGES.items(), *HANDED_ON.items()])
def test_a_template_uses_only_fields_of_its_page(name: str, page: type) -> None:
    assert _used(name) <= {field.name for field in dataclasses.fields(page)}


def test_each_field_of_a_page_is_used() -> None:
    assert _used("results/round.html") | _used("results/contest.html") == {
        f.name for f in dataclasses.fields(ResultsPage)
    }
    assert _used("results/rounds.html") == {f.name for f in dataclasses.fields(RoundsPage)}
    assert _used("doors/voter.html") | _used("doors/script.html") == {
        f.name for f in dataclasses.fields(Shell)
    }
    assert _used("roll/slips.html") | _used("doors/script.html") == {
        f.name for f in dataclasses.fields(office.Shell)
    }
    assert _used("committee/trustee.html") | _used("doors/script.html") == {
        f.name for f in dataclasses.fields(trustee.Shell)
    }
    assert _used("print/slips.html") == {f.name for f in dataclasses.fields(Sheets)}
    assert _used("web/refusal.html") == {f.name for f in dataclasses.fields(Refusal)}
