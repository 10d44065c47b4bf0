"""Vietnamese and English: catalogues, and numbers and times as each language writes them.

The texts in templates, and in `say(…)` of the pages, are English; `translations/vi/<room>.po` hold the
Vietnamese and are read at start, so there is no compiled file that could be old (docs/decisions/0002). The
language is the first part of the address: no cookie.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
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


_CATALOGUES, _ZONE = "tin-nhiem-catalogues", "tin-nhiem-zone"
NAMES = {Language.VI: "Tiếng Việt", Language.EN: "English"}


def noted(text: str) -> str:
    """A text that is said later, by whoever shows it: noted here for the catalogue."""
    return text


KINDS = {"bloc": noted("Bloc"), "committee": noted("Party committee"), "cell": noted("Party cell")}


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


@dataclass(frozen=True, slots=True)
class Voice:
    """A language with its texts: what says something in it, on a page or on paper."""

    language: Language
    texts: NullTranslations

    def say(self, text: str, **values: object) -> str:
        """A text in this language, with its named places (`%(name)s`) filled in."""
        said = self.texts.gettext(text)
        return said % values if values else said

    def both(self, texts: Mapping[str, str]) -> str:
        """The text of a {"vi", "en"} pair."""
        return texts[self.language.value]

    def kind(self, word: str) -> str:
        """A kind of unit: the three of the organisation's template in this language, any other word as the
        organisation writes it.
        """
        return self.say(KINDS[word]) if word in KINDS else word

    def number(self, value: int) -> str:
        """A whole number with the language's grouping."""
        return format_decimal(value, locale=self.language.value)

    def decimal(self, value: str) -> str:
        """A number given as text ("-66.60"), as the language writes it."""
        value = value.replace("-", "\N{MINUS SIGN}")
        return value.replace(".", ",") if self.language is Language.VI else value

    def percent(self, value: str | None) -> str:
        """A percentage given as text with two decimals ("66.60"); a dash for None."""
        return "–" if value is None else f"{self.decimal(value)}\N{NO-BREAK SPACE}%"


def voice_of(language: Language, translations: Path) -> Voice:
    """The voice of a language outside a page."""
    return Voice(language, catalogue(translations / "vi") if language is Language.VI else NullTranslations())


def current() -> Language:
    """The language of the page being made; Vietnamese where the address names none."""
    language: Language = g.get("language", Language.VI)
    return language


def percent(value: str | None) -> str:
    """A percentage given as text with two decimals ("66.60"), as the language writes it; a dash for None."""
    return voice().percent(value)


def share(value: int) -> str:
    """A whole percentage."""
    return f"{value}\N{NO-BREAK SPACE}%"


def number(value: int) -> str:
    """A whole number with the language's grouping."""
    return voice().number(value)


def moment(value: datetime, zone: str | None = None) -> str:
    """A time to the minute as the clock in a zone shows it: the round's own, or the installation's."""
    return moment_in(current(), value, zone or current_app.extensions[_ZONE])


def moment_in(language: Language, value: datetime, zone: str) -> str:
    """The same in a given language. Nobody reads the name of a zone: it is the time of the place where the
    vote is held.
    """
    return clock_in(language, value.astimezone(ZoneInfo(zone)))


def clock(value: datetime) -> str:
    """A time of that place already."""
    return clock_in(current(), value)


def clock_in(language: Language, value: datetime) -> str:
    """The same in a given language: 17 giờ 00 ngày 31/12/2026."""
    if language is Language.VI:
        return f"{value:%H} giờ {value:%M} ngày {value:%d/%m/%Y}"
    return f"{value:%H:%M} on {value.day} {value:%B %Y}"


def day(value: date) -> str:
    """A day as the language writes it."""
    return f"{value:%d/%m/%Y}" if current() is Language.VI else f"{value:%d %B %Y}"


def both(texts: Mapping[str, str]) -> str:
    """The text of a {"vi", "en"} pair in the current language."""
    return voice().both(texts)


def kind(word: str) -> str:
    """A kind of unit in the current language."""
    return voice().kind(word)


def say(text: str, **values: object) -> str:
    """A text of a page's own code in the current language, with its named places (`%(name)s`) filled in."""
    return voice().say(text, **values)


def voice() -> Voice:
    """The voice of the page being made."""
    return Voice(current(), _catalogue())


def _gettext(text: str) -> str:
    return _catalogue().gettext(text)


def _catalogue() -> NullTranslations:
    catalogues: Mapping[Language, NullTranslations] = current_app.extensions[_CATALOGUES]
    return catalogues[current()]


def use_translations(app: Flask, translations: Path, zone: str) -> None:
    """Give the templates of this app their two languages, and the time zone of the installation."""
    app.extensions[_ZONE] = zone
    app.extensions[_CATALOGUES] = {
        Language.VI: catalogue(translations / "vi"),
        Language.EN: NullTranslations(),
    }

    def ngettext(one: str, many: str, n: int) -> str:
        return _catalogue().ngettext(one, many, n)

    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(_gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters.update(
        number=number,
        share=share,
        percent=percent,
        moment=moment,
        clock=clock,
        day=day,
        both=both,
        kind=kind,
    )
    app.jinja_env.globals.update(language=current, languages=NAMES)
