"""The voter's wire: bytes in, bytes out (docs/protocol.md §15). No page, no cookie, no session, no log line.

Danger: every difference between two voters that shows on the wire is a trace. Requests and answers have one size for a given
vote, and an error tells what is wrong with the bytes, never whose they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException

from surveys.errors import SurveysError
from surveys.protocol import canonical
from surveys.protocol.errors import Rejected
from surveys.web.doors import Audience
from surveys.web.errors import BadRequest, Broken, NoSuchPage, NotThisWay, TooLarge
from surveys.web.sentences import sentence

OCTETS = "application/octet-stream"
_BY_STATUS: dict[int, type[SurveysError]] = {404: NoSuchPage, 405: NotThisWay, 413: TooLarge, 400: BadRequest}
Answer = Callable[..., bytes]


class Wire:
    """The addresses of one room for voters, under /b/<survey>."""

    def __init__(self, name: str) -> None:
        self.blueprint = Blueprint(name, __name__)

    def get(self, rule: str, mimetype: str = OCTETS) -> Callable[[Answer], Answer]:
        """Something that is only read. The view takes the survey id and what the rule names."""
        return self._make(rule, "GET", mimetype)

    def post(self, rule: str) -> Callable[[Answer], Answer]:
        """The view takes the survey id and the request's bytes."""
        return self._make(rule, "POST", OCTETS)

    def _make(self, rule: str, method: str, mimetype: str) -> Callable[[Answer], Answer]:
        def make(view: Answer) -> Answer:
            def answer(**values: Any) -> Response:
                if method == "POST":
                    values["raw"] = request.get_data(cache=False)
                return Response(view(**values), mimetype=mimetype)

            answer.audience, answer.roles = Audience.VOTER, frozenset()  # type: ignore[attr-defined]
            self.blueprint.add_url_rule(f"/<survey>{rule}", view.__name__, answer, methods=[method])
            return view

        return make


def wired(app: Flask, most_bytes: int, *wires: Wire) -> None:
    """Put the wires into an app without a secret key: it can set no cookie. Longer bodies are cut off unread."""
    app.config["MAX_CONTENT_LENGTH"] = most_bytes
    app.register_error_handler(SurveysError, _refuse)
    app.register_error_handler(HTTPException, _http)
    for wire in wires:
        app.register_blueprint(wire.blueprint)


def _http(error: HTTPException) -> Response:
    return _refuse(_BY_STATUS.get(error.code or 500, Broken)())


def _refuse(error: SurveysError) -> Response:
    said = sentence(error)
    body = {
        "error": type(error).__name__,
        "check": error.check if isinstance(error, Rejected) else None,
        "vi": said.words["vi"].text,
        "en": said.words["en"].text,
    }
    return Response(canonical.encode(body), status=said.status, mimetype="application/json")
