"""The voter's wire: bytes in, bytes out (docs/protocol.md §15), and the shells of the pages that speak it. No cookie, no session, no log line.

Danger: every difference between two voters that shows on the wire is a trace. Requests and answers have one size for a given
vote, and an error tells what is wrong with the bytes, never whose they are. Addresses of visitors are counted in memory for
a minute, to slow down a flood, and are written nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, request
from flask_compress import Compress
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException

from surveys.errors import SurveysError
from surveys.protocol import canonical
from surveys.protocol.errors import Rejected
from surveys.web.clients import Clients
from surveys.web.doors import Audience, render
from surveys.web.errors import BadRequest, Broken, NoSuchPage, NotThisWay, TooLarge, TooManyRequests
from surveys.web.sentences import sentence

OCTETS = "application/octet-stream"
JSON = "application/json"
# A meeting room votes from behind one address: 600 a minute is ten people a second.
MOST_A_MINUTE = 600
_BY_STATUS: dict[int, type[SurveysError]] = {
    400: BadRequest,
    404: NoSuchPage,
    405: NotThisWay,
    413: TooLarge,
    429: TooManyRequests,
}
Answer = Callable[..., bytes]
Shell = Callable[..., object]


class Wire:
    """The addresses of one room for an audience that comes without an account, under /<where it is mounted>/<survey>."""

    def __init__(self, name: str, audience: Audience = Audience.VOTER) -> None:
        self.audience = audience
        self.blueprint = Blueprint(name, __name__)

    def get(self, rule: str, mimetype: str = OCTETS) -> Callable[[Answer], Answer]:
        """Something that is only read. The view takes the survey id and what the rule names."""
        return self._make(rule, "GET", mimetype)

    def post(self, rule: str, mimetype: str = OCTETS) -> Callable[[Answer], Answer]:
        """The view takes the survey id and the request's bytes."""
        return self._make(rule, "POST", mimetype)

    def page(self, rule: str, template: str) -> Callable[[Shell], Shell]:
        """The shell of a page; the view gives its one frozen dataclass."""

        def make(view: Shell) -> Shell:
            def answer(**values: Any) -> Response:
                return render(template, view(**values))

            self._add(rule, view.__name__, answer, "GET")
            return view

        return make

    def _make(self, rule: str, method: str, mimetype: str) -> Callable[[Answer], Answer]:
        def make(view: Answer) -> Answer:
            def answer(**values: Any) -> Response:
                if method == "POST":
                    values["raw"] = request.get_data(cache=False)
                return Response(view(**values), mimetype=mimetype)

            self._add(rule, view.__name__, answer, method)
            return view

        return make

    def _add(self, rule: str, name: str, answer: Callable[..., Response], method: str) -> None:
        answer.audience, answer.roles = self.audience, frozenset()  # type: ignore[attr-defined]
        self.blueprint.add_url_rule(f"/<survey>{rule}", name, answer, methods=[method])


def wired(app: Flask, most_bytes: int, clients: Clients, *wires: Wire) -> None:
    """Put the wires into an app without a secret key: it can set no cookie. Longer bodies are cut off unread."""
    app.config["MAX_CONTENT_LENGTH"] = most_bytes
    app.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    app.config["COMPRESS_MIMETYPES"] = ["text/html", "text/css", "text/javascript", JSON]
    app.config["RATELIMIT_HEADERS_ENABLED"] = False
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(clients=clients)
    app.register_error_handler(SurveysError, refused)
    app.register_error_handler(HTTPException, refused_http)
    for wire in wires:
        app.register_blueprint(wire.blueprint)
    limiter = Limiter(
        get_remote_address,
        app=app,
        application_limits=[f"{MOST_A_MINUTE} per minute"],
        storage_uri="memory://",
    )
    limiter.request_filter(lambda: request.endpoint == "static")
    Compress(app)


def bearer() -> str:
    """The token of the personal link with which this request comes (§16); empty where there is none."""
    given = request.authorization
    return given.token or "" if given is not None and given.type == "bearer" else ""


def script_root() -> str:
    """Where the voter's application is mounted, for addresses in a page."""
    return request.script_root


def refused_http(error: HTTPException) -> Response:
    """What Flask or the limiter refuses, told as this house's own refusals are."""
    return refused(_BY_STATUS.get(error.code or 500, Broken)())


def refused(error: SurveysError) -> Response:
    """A refusal for a program: the error's name, its check where it has one, and its sentence in both languages."""
    said = sentence(error)
    body = {
        "error": type(error).__name__,
        "check": error.check if isinstance(error, Rejected) else None,
        "vi": said.words["vi"].text,
        "en": said.words["en"].text,
    }
    return Response(canonical.encode(body), status=said.status, mimetype=JSON)
