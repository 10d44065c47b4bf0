"""A door is a way into the site for one audience. Each page of a door says who may come in and is held to three moves:
parse, one verb, render.

Danger: a page without an audience would be open to whoever finds it; so pages are made here and nowhere else, and
`tests/web/test_routes.py` lists every one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from io import BytesIO
from typing import IO, Any

from flask import Blueprint, Flask, Request, Response, current_app, g, render_template, request
from flask_wtf.csrf import CSRFError
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException

from surveys.errors import SurveysError
from surveys.web.codes import CodeConverter
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


@dataclass(frozen=True, slots=True)
class Refusal:
    """The page of a refusal."""

    title: str
    text: str
    status: int


class InMemory(Request):
    """A request whose files are held in memory, within what its page takes: names of people never lie unsealed on the disk."""

    def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
        return BytesIO()


class Discreet(Flask):
    """An application that writes down of a page that broke only which page it was: its address may hold a token or a tracker."""

    def log_exception(self, exc_info: Any) -> None:
        """One line with the page's rule, and the traceback."""
        rule = request.url_rule.rule if request.url_rule else "no page"
        self.logger.error("Broken: %s [%s]", rule, request.method, exc_info=exc_info)


class Door:
    """The pages of one room for one audience; `blueprint` goes into the app."""

    def __init__(self, name: str, audience: Audience) -> None:
        self.audience = audience
        self.blueprint = Blueprint(name, __name__)

    def get(self, rule: str, *, roles: frozenset[str] = frozenset()) -> Callable[[View], View]:
        """A page that only reads, at /<language><rule>. The view takes what the rule names, the language apart."""

        def make(view: View) -> View:
            self._hang(rule, "GET", view.__name__, view, roles)
            return view

        return make

    def _hang(
        self,
        rule: str,
        method: str,
        name: str,
        view: View,
        roles: frozenset[str],
        most_bytes: int = MOST_BYTES,
    ) -> None:
        @wraps(view)
        def page(**values: Any) -> Response:
            return view(**values)

        page.audience, page.roles, page.most_bytes = self.audience, roles, most_bytes  # type: ignore[attr-defined]
        self.blueprint.add_url_rule(f"/<{LANGUAGE}:language>{rule}", name, page, methods=[method])


def render(template: str, page: object, status: int = 200) -> Response:
    """The template, given one frozen dataclass."""
    return Response(render_template(template, page=page), status=status, mimetype="text/html")


def hang(app: Flask, *doors: Door, refusal: str = "web/refusal.html") -> None:
    """Put the doors into the app, with language and refusals the same behind each of them; `refusal` is the template of a refusal."""
    app.extensions[_REFUSAL] = refusal
    app.request_class = InMemory
    app.url_map.converters["code"] = CodeConverter
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.jinja_env.globals.update(in_language=_in_language)

    @app.before_request
    def take_no_more() -> None:
        """How much a page takes is its own affair, and is known before anything of the body is read."""
        view = app.view_functions.get(request.endpoint or "")
        request.max_content_length = getattr(view, "most_bytes", MOST_BYTES)

    @app.url_value_preprocessor
    def take_language(_: str | None, values: dict[str, Any] | None) -> None:
        if values and "language" in values:
            g.language = Language(values.pop("language"))

    @app.url_defaults
    def keep_language(endpoint: str, values: dict[str, Any]) -> None:
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
    return render(
        current_app.extensions[_REFUSAL], Refusal(words.title, words.text, said.status), said.status
    )


def _in_language(language: Language) -> str:
    """The address of this page in another language, with the same question."""
    first, _, rest = request.path.removeprefix("/").partition("/")
    path = f"{request.script_root}/{language}/{rest if first in NAMES else ''}"
    question = request.query_string.decode("ascii", "replace")
    return f"{path}?{question}" if question else path
