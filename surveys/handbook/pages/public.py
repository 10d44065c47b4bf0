"""The public door of the handbooks: their list, and each of them. Nothing is read but files of the
program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response

from surveys.handbook.contents import Handbook, handbook, titles
from surveys.shipped import HANDBOOK
from surveys.web.doors import Audience, Door, Pages, render
from surveys.web.languages import current


@dataclass(frozen=True, slots=True)
class ContentsPage:
    """The list of handbooks: name → title."""

    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HandbookPage:
    """One handbook, and the others beside it."""

    book: Handbook
    titles: Mapping[str, str]


HANDBOOK_PAGES = Pages()


@HANDBOOK_PAGES.get("/help")
def list_handbooks() -> Response:
    return render("handbook/contents.html", ContentsPage(titles(HANDBOOK, current().value)))


@HANDBOOK_PAGES.get("/help/<name>")
def show_handbook(name: str) -> Response:
    language = current().value
    book = handbook(HANDBOOK, language, name)
    return render("handbook/book.html", HandbookPage(book, titles(HANDBOOK, language)))


def door() -> Door:
    """The pages of the handbooks."""
    entrance = Door("handbook", Audience.PUBLIC)
    entrance.open_to(HANDBOOK_PAGES)
    return entrance
