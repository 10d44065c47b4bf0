"""Vietnamese and English: catalogues, and numbers and times as each language writes them.

The texts in templates, and in `say(…)` of the pages, are English; `translations/vi/<room>.po` hold the Vietnamese and are read at
start, so there is no compiled file that could be old (docs/decisions/0002). The language is the first part of the address: no cookie.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from flask import Flask, current_app, g


class Language(StrEnum):
    """The two languages of the interface."""

    VI = "vi"
    EN = "en"


_CATALOGUES = "tin-nhiem-catalogues"
NAMES = {Language.VI: "Tiếng Việt", Language.EN: "English"}


def catalogue(folder: Path) -> NullTranslations:
    """The translations of all .po files in a folder, a text in one of them only."""
    whole = NullTranslations()
    for path in sorted(folder.glob("*.po")):
        compiled = io.BytesIO()
        with path.open("rb") as file:
            write_mo(compiled, read_po(file))
        compiled.seek(0)
        whole.add_fallback(GNUTranslations(compiled))
    return whole


def current() -> Language:
    """The language of the page being made; Vietnamese where the address names none."""
    language: Language = g.get("language", Language.VI)
    return language


def percent(value: str | None) -> str:
    """A percentage given as text with two decimals ("66.60"), as the language writes it; a dash for None."""
    if value is None:
        return "–"
    return f"{value.replace('.', ',') if current() is Language.VI else value}\N{NO-BREAK SPACE}%"


def share(value: int) -> str:
    """A whole percentage."""
    return f"{value}\N{NO-BREAK SPACE}%"


def number(value: int) -> str:
    """A whole number with the language's grouping."""
    return format_decimal(value, locale=current().value)


def moment(value: datetime, zone: str) -> str:
    """A time in the round's own zone, to the minute, with the zone's name."""
    local = value.astimezone(ZoneInfo(zone))
    return (
        f"{local:%d/%m/%Y %H:%M} ({zone})"
        if current() is Language.VI
        else f"{local:%d %B %Y, %H:%M} ({zone})"
    )


def both(texts: Mapping[str, str]) -> str:
    """The text of a {"vi", "en"} pair in the current language."""
    return texts[current().value]


def say(text: str, **values: object) -> str:
    """A text of a page's own code in the current language, with its named places (`%(name)s`) filled in."""
    return _gettext(text) % values if values else _gettext(text)


def noted(text: str) -> str:
    """A text that is said later, by whoever shows it: noted here for the catalogue."""
    return text


def _gettext(text: str) -> str:
    return _catalogue().gettext(text)


def _catalogue() -> NullTranslations:
    catalogues: Mapping[Language, NullTranslations] = current_app.extensions[_CATALOGUES]
    return catalogues[current()]


def speak(app: Flask, translations: Path) -> None:
    """Give the templates of this app their two languages."""
    app.extensions[_CATALOGUES] = {
        Language.VI: catalogue(translations / "vi"),
        Language.EN: NullTranslations(),
    }

    def ngettext(one: str, many: str, n: int) -> str:
        return _catalogue().ngettext(one, many, n)

    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(_gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters.update(number=number, share=share, percent=percent, moment=moment, both=both)
    app.jinja_env.globals.update(language=current, languages=NAMES)
