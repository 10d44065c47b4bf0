"""A door is a way into the site for one audience. Each page of a door says who may come in and is held to
three moves: parse, one verb, render.

Danger: a page without an audience would be open to whoever finds it; so pages are made here and nowhere else,
and `tests/web/test_routes.py` lists every one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from io import BytesIO
from types import TracebackType
from typing import IO, Self, TypeAlias
from urllib.parse import urlencode

from flask import Blueprint, Flask, Request, Response, current_app, g, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException

from surveys.errors import SurveysError
from surveys.shipped import STATIC
from surveys.web.addresses import CodeConverter
from surveys.web.errors import (
    BadRequest,
    Broken,
    NoSuchPage,
    NotThisWay,
    StaleForm,
    TooLarge,
    TooManyRequests,
)
from surveys.web.languages import NAMES, Language, current
from surveys.web.sentences import Sentence, sentence
from surveys.web.tables import PageTable, V
from surveys.web.unchanging import unchanging

LANGUAGE = f"any({', '.join(Language)})"
MOST_BYTES = 16 * 1024
_REFUSAL = "tin-nhiem-refusal"
_BY_STATUS: dict[int, type[SurveysError]] = {
    404: NoSuchPage,
    405: NotThisWay,
    413: TooLarge,
    400: BadRequest,
    429: TooManyRequests,
}
View = Callable[..., Response]


class Audience(StrEnum):
    """Who a door is for."""

    PUBLIC = "public"
    STAFF = "staff"
    VOTER = "voter"
    LINK = "link"
    TOKEN = "token"  # noqa: S105  (the name of an audience)
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The page of a refusal."""

    title: str
    text: str
    status: int


ExcInfo: TypeAlias = tuple[type, BaseException, TracebackType | None] | tuple[None, None, None]


class InMemory(Request):
    """A request whose files are held in memory, within what its page takes: names of people never lie
    unsealed on the disk.
    """

    def _get_file_stream(self, *_: object, **__: object) -> IO[bytes]:
        return BytesIO()


class Discreet(Flask):
    """An application that writes down of a page that broke only which page it was: its address may hold a
    token or a tracker.

    Its static files are compressed once (`surveys.web.unchanging`).
    """

    def send_static_file(self, filename: str) -> Response:
        """A file of the static folder. Raises NotFound."""
        return unchanging(STATIC).answer(filename, request)

    def log_exception(self, exc_info: ExcInfo) -> None:
        """One line with the page's rule, and the traceback."""
        rule = request.url_rule.rule if request.url_rule else "no page"
        self.logger.error("Broken: %s [%s]", rule, request.method, exc_info=exc_info)


class Door:
    """The pages of one room for one audience; `blueprint` goes into the app."""

    def __init__(self, name: str, audience: Audience) -> None:
        self.audience = audience
        self.blueprint = Blueprint(name, __name__)

    def get(
        self, rule: str, *, roles: frozenset[str] = frozenset(), keeps: frozenset[str] = frozenset()
    ) -> Callable[[View], View]:
        """A page that only reads, at /<language><rule>. The view takes what the rule names, the language
        apart.

        `keeps` are the fields of the address that a public page answers, and so those that its link to the
        other language repeats.
        """

        def make(view: View) -> View:
            self._register(rule, "GET", view.__name__, view, roles, keeps=keeps)
            return view

        return make

    def open_to(self, pages: PageTable[Self], *given: object) -> None:
        """The pages of this table stand behind the door; each view is handed what is given, before what the
        door hands it.
        """
        pages.register(self, given)

    def _register(
        self,
        rule: str,
        method: str,
        name: str,
        view: View,
        roles: frozenset[str],
        most_bytes: int = MOST_BYTES,
        keeps: frozenset[str] = frozenset(),
    ) -> None:
        @wraps(view)
        def page(**values: object) -> Response:
            return view(**values)

        page.audience, page.roles, page.most_bytes = self.audience, roles, most_bytes  # type: ignore[attr-defined]
        page.keeps = keeps  # type: ignore[attr-defined]
        self.blueprint.add_url_rule(f"/<{LANGUAGE}:language>{rule}", name, page, methods=[method])


class Pages(PageTable[Door]):
    """A table of pages that only read."""

    def get(self, rule: str, *, keeps: frozenset[str] = frozenset()) -> Callable[[V], V]:
        """As `Door.get` takes it."""
        return self._enter(lambda door: door.get(rule, keeps=keeps))


def render(template: str, page: object, status: int = 200) -> Response:
    """The template, given one frozen dataclass."""
    return Response(render_template(template, page=page), status=status, mimetype="text/html")


def prepare_templates(app: Flask) -> None:
    """What all templates go by: a misspelt name is an error, and `static_file` finds our own files."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(static_file=_static_file)


def register_doors(app: Flask, *doors: Door, refusal: str = "web/refusal.html") -> None:
    """Put the doors into the app, with language and refusals the same behind each of them; `refusal` is the
    template of a refusal.
    """
    app.extensions[_REFUSAL] = refusal
    app.request_class = InMemory
    app.url_map.converters["code"] = CodeConverter
    prepare_templates(app)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.jinja_env.globals.update(in_language=_in_language)

    @app.before_request
    def take_no_more() -> None:
        """How much a page takes is its own affair, and is known before anything of the body is read."""
        view = app.view_functions.get(request.endpoint or "")
        request.max_content_length = getattr(view, "most_bytes", MOST_BYTES)

    @app.url_value_preprocessor
    def take_language(_: str | None, values: dict[str, object] | None) -> None:
        if values and "language" in values:
            g.language = Language(str(values.pop("language")))

    @app.url_defaults
    def keep_language(endpoint: str, values: dict[str, object]) -> None:
        if app.url_map.is_endpoint_expecting(endpoint, "language"):
            values.setdefault("language", current().value)

    @app.get("/")
    def front() -> Response:
        chosen = request.accept_languages.best_match(list(Language), default=Language.VI)
        answer = Response(status=302, headers={"Location": f"{request.script_root}/{chosen}/"})
        answer.vary.add("Accept-Language")
        return answer

    front.audience, front.roles = Audience.PUBLIC, frozenset()  # type: ignore[attr-defined]
    app.register_error_handler(SurveysError, lambda error: _refuse(sentence(error)))
    app.register_error_handler(HTTPException, _http)
    for door in doors:
        app.register_blueprint(door.blueprint)


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    _language_of_the_address()
    kind = StaleForm if isinstance(error, CSRFError) else _BY_STATUS.get(error.code, Broken)
    answer = _refuse(sentence(kind()))
    if error.code == 405:
        answer.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    return answer


def _language_of_the_address() -> None:
    """An address without a page still begins with a language."""
    first = request.path.split("/")[1]
    if "language" not in g and first in set(Language):
        g.language = Language(first)


def _refuse(said: Sentence) -> Response:
    words = said.words[current().value]
    g.refused = True
    return render(
        current_app.extensions[_REFUSAL], Refusal(words.title, words.text, said.status), said.status
    )


def _in_language(language: Language) -> str:
    """The address of this page in another language, with the same question; where there is no such page, that
    language's front page.

    A public page's link repeats of the question only what the page answers, and nothing where it was refused:
    a visitor may have brought anything, a receipt code too, and whoever follows the link would write it into
    one log more (docs/protocol.md 15.5).
    """
    first, _, rest = request.path.removeprefix("/").partition("/")
    view = current_app.view_functions.get(request.endpoint or "")
    path = f"{request.script_root}/{language}/{rest if first in NAMES and view is not None else ''}"
    question = request.query_string.decode("ascii", "replace")
    if getattr(view, "audience", Audience.PUBLIC) is Audience.PUBLIC:
        kept: frozenset[str] = frozenset() if g.get("refused", False) else getattr(view, "keeps", frozenset())
        question = urlencode([(name, value) for name, value in request.args.items() if name in kept])
    return f"{path}?{question}" if question else path


def _static_file(name: str) -> str:
    """The address of a static file, with its hash; an application without files of its own shows those of the
    front.
    """
    digits = unchanging(STATIC).digits(name)
    if current_app.has_static_folder:
        return url_for("static", filename=name, h=digits)
    return f"/static/{name}?h={digits}"
