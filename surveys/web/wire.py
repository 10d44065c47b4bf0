"""The voter's wire: bytes in, bytes out (docs/protocol.md §15), and the shells of the pages that speak it. No
cookie, no session, no log line.

Danger: every difference between two voters that shows on the wire is a trace. Requests and answers have one
size for a given vote, and an error tells what is wrong with the bytes, never whose they are. Addresses of
visitors are counted in memory for a minute, to slow down a flood, and are written nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from flask import Blueprint, Flask, Response, current_app, request
from flask_compress import Compress
from flask_limiter import ApplicationLimit, Limiter
from flask_limiter.util import get_remote_address
from werkzeug.exceptions import HTTPException

from surveys.errors import SurveysError
from surveys.protocol import canonical
from surveys.protocol.errors import Rejected
from surveys.web.clients import Clients
from surveys.web.doors import Audience, prepare_templates, render
from surveys.web.errors import BadRequest, Broken, NoSuchPage, NotThisWay, TooLarge, TooManyRequests
from surveys.web.sentences import sentence
from surveys.web.tables import PageTable, V
from surveys.web.unchanging import packed

OCTETS = "application/octet-stream"
JSON = "application/json"
# A meeting room votes from behind one address: 600 a minute is ten people a second.
MOST_A_MINUTE = 600
# What comes with a good slip or paper is counted by that and not by the address. Nobody needs 30 a minute.
MOST_OF_ONE = 30
_LOST = "TIN_NHIEM_LOST"
_BY_STATUS: dict[int, type[SurveysError]] = {
    400: BadRequest,
    404: NoSuchPage,
    405: NotThisWay,
    413: TooLarge,
    429: TooManyRequests,
}
Answer = Callable[..., bytes]
Shell = Callable[..., object]


@dataclass(frozen=True, slots=True)
class Lost:
    """The page for an address that leads nowhere: it knows nothing of the address."""


class Wire:
    """The addresses of one room for an audience that comes without an account, under /<where it is
    mounted>/<survey>.
    """

    def __init__(self, name: str, audience: Audience = Audience.VOTER) -> None:
        self.audience = audience
        self.blueprint = Blueprint(name, __name__)

    def get(self, rule: str, mimetype: str = OCTETS, *, lasts: bool = False) -> Callable[[Answer], Answer]:
        """Something that is only read. The view takes the round's id and what the rule names; what `lasts` is
        the same for everybody and for ever, and is compressed once.
        """
        return self._make(rule, "GET", mimetype, lasts=lasts)

    def post(
        self, rule: str, mimetype: str = OCTETS, *, whose: slice | None = None
    ) -> Callable[[Answer], Answer]:
        """The view takes the round's id and the request's bytes, of which `whose` is the public key of a slip
        or a paper: while it is answered well, requests are counted by it and not by the address.
        """
        return self._make(rule, "POST", mimetype, whose)

    def page(self, rule: str, template: str) -> Callable[[Shell], Shell]:
        """The shell of a page; the view gives its one frozen dataclass."""

        def make(view: Shell) -> Shell:
            def answer(**values: object) -> Response:
                return render(template, view(**values))

            answer.is_page = True  # type: ignore[attr-defined]
            self._add(rule, view.__name__, answer, "GET")
            return view

        return make

    def open_to(self, pages: PageTable[Self], *given: object) -> None:
        """The addresses of this table are answered here; each view is handed what is given, before what the
        wire hands it.
        """
        pages.register(self, given)

    def _make(
        self, rule: str, method: str, mimetype: str, whose: slice | None = None, *, lasts: bool = False
    ) -> Callable[[Answer], Answer]:
        def make(view: Answer) -> Answer:
            def answer(**values: object) -> Response:
                if method == "POST":
                    values["raw"] = request.get_data()  # kept: the limit has looked whose it is
                body = view(**values)
                return packed(body, mimetype).answer(request) if lasts else Response(body, mimetype=mimetype)

            answer.whose = whose  # type: ignore[attr-defined]
            self._add(rule, view.__name__, answer, method)
            return view

        return make

    def _add(self, rule: str, name: str, answer: Callable[..., Response], method: str) -> None:
        answer.audience, answer.roles = self.audience, frozenset()  # type: ignore[attr-defined]
        # No redirect to the address with its last slash: it would repeat an address that may hold a code.
        self.blueprint.add_url_rule(
            f"/<round_id>{rule}", name, answer, methods=[method], strict_slashes=False
        )


class WirePages(PageTable[Wire]):
    """A table of a wire's addresses."""

    def get(self, rule: str, mimetype: str = OCTETS, *, lasts: bool = False) -> Callable[[V], V]:
        """As `Wire.get` takes it."""
        return self._enter(lambda wire: wire.get(rule, mimetype, lasts=lasts))

    def post(self, rule: str, mimetype: str = OCTETS, *, whose: slice | None = None) -> Callable[[V], V]:
        """As `Wire.post` takes it."""
        return self._enter(lambda wire: wire.post(rule, mimetype, whose=whose))

    def page(self, rule: str, template: str) -> Callable[[V], V]:
        """As `Wire.page` takes it."""
        return self._enter(lambda wire: wire.page(rule, template))


def register_wires(
    app: Flask,
    most_bytes: int,
    clients: Clients,
    *wires: Wire,
    processes: int = 1,
    lost: str | None = None,
) -> None:
    """Put the wires into an app without a secret key: it can set no cookie. Longer bodies are cut off unread.

    Of `processes` that serve the same, each lets its share of every limit through. `lost` is the template for
    a person whose address leads nowhere (docs/protocol.md 8.12); without one they get what programs get.
    """
    app.config[_LOST] = lost
    app.url_map.merge_slashes = False  # it would redirect, and so repeat an address that may hold a code
    app.config["MAX_CONTENT_LENGTH"] = most_bytes
    app.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    app.config["COMPRESS_MIMETYPES"] = ["text/html", "text/css", "text/javascript", JSON]
    app.config["RATELIMIT_HEADERS_ENABLED"] = False
    prepare_templates(app)
    app.jinja_env.globals.update(clients=clients)
    app.register_error_handler(SurveysError, refused)
    app.register_error_handler(HTTPException, refused_http)
    for wire in wires:
        app.register_blueprint(wire.blueprint)
    limiter = Limiter(
        get_remote_address,
        app=app,
        application_limits=[
            ApplicationLimit(
                f"{max(1, MOST_A_MINUTE // processes)} per minute", deduct_when=_counts_for_the_address
            ),
            ApplicationLimit(
                f"{max(8, MOST_OF_ONE // processes)} per minute",
                _whose,
                scope="one",
                exempt_when=lambda: _bytes_of_whose() is None,
            ),
        ],
        storage_uri="memory://",
    )
    limiter.request_filter(lambda: request.endpoint == "static")
    Compress(app)


def _bytes_of_whose() -> bytes | None:
    """The key with which this request comes; None where the address takes none, or the body is no length for
    one.
    """
    whose = getattr(current_app.view_functions.get(request.endpoint or ""), "whose", None)
    key = b"" if whose is None else request.get_data()[whose]
    return key if whose is not None and len(key) == whose.stop - whose.start else None


def _whose() -> str:
    return (_bytes_of_whose() or b"").hex()


def _counts_for_the_address(answer: Response) -> bool:
    """Whoever is answered well with a slip or a paper of this vote is told apart by it: a whole province may
    come from one address. Whatever is refused counts, or made-up slips would cost nothing.
    """
    return answer.status_code != 200 or _bytes_of_whose() is None


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
    """A refusal for a program: the error's name, its check where it has one, and its sentence in both
    languages.

    A person whose address leads nowhere gets a page, where the application has one.
    """
    said = sentence(error)
    lost = current_app.config.get(_LOST)
    if lost is not None and said.status == 404 and _is_for_a_person():
        return render(lost, Lost(), 404)
    body = {
        "error": type(error).__name__,
        "check": error.check if isinstance(error, Rejected) else None,
        "vi": said.words["vi"].text,
        "en": said.words["en"].text,
    }
    return Response(canonical.encode(body), status=said.status, mimetype=JSON)


def _is_for_a_person() -> bool:
    """A page that is not there, or an address that is none: programs ask only for what they know."""
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method in {"GET", "HEAD"} and (view is None or getattr(view, "is_page", False))
