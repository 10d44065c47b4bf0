"""The door for programs: addresses that only read, for whoever comes with a token (docs/api.md).

In this order: the address and its method, how many requests came, no question behind the address, the token,
its roles and how far they reach, the view. No cookie, no session, no log line. Danger: a program sees no page
that could warn its owner; so everything that is refused is refused with its name and status, and nothing is
answered by half.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from flask import Blueprint, Flask, Response, request
from flask_compress import Compress
from flask_limiter import ApplicationLimit, Limiter
from flask_limiter.util import get_remote_address
from werkzeug.exceptions import HTTPException

from surveys.accounts.errors import TokenNeeded
from surveys.accounts.pages.door import AccessScope, Reach, admit, reach_of
from surveys.accounts.roles import Role
from surveys.accounts.tokens import Tokens
from surveys.errors import SurveysError
from surveys.web.doors import Audience
from surveys.web.errors import TakesNoQuestion
from surveys.web.tables import PageTable, V
from surveys.web.wire import JSON, bearer, refused, refused_http

Answer = Callable[..., bytes]
REALM = 'Bearer realm="tin-nhiem"'


@dataclass(frozen=True, slots=True)
class Pace:
    """How many requests are taken in a minute: with one token, and from one address with whatever token."""

    of_a_token: int = 120
    of_an_address: int = 600

    def shared(self, processes: int) -> Pace:
        """The share of one of so many processes, each of which counts by itself."""
        return Pace(max(1, self.of_a_token // processes), max(1, self.of_an_address // processes))


class TokenDoor:
    """The addresses of one room for programs. A view takes the account with the token's rights (`staff`) and
    what its rule names.
    """

    def __init__(self, name: str, scope: AccessScope, tokens: Tokens) -> None:
        self.blueprint = Blueprint(name, __name__)
        self._scope, self._tokens = scope, tokens

    def get(
        self, rule: str, *, roles: frozenset[Role], reach: Reach | None = None
    ) -> Callable[[Answer], Answer]:
        """What is read with a token. Without `reach`: COVERS where the rule names a unit or a round, else
        OWN.
        """
        reach = reach_of(rule, roles, reach)

        def make(view: Answer) -> Answer:
            def answer(**values: object) -> Response:
                _without_question()
                secret = bearer()
                if not secret:
                    raise TokenNeeded("a request without a token")
                staff = self._tokens.bearer(secret)
                admit(self._scope, staff, roles, reach, values)
                return Response(view(staff=staff, **values), mimetype=JSON)

            self._register(rule, view.__name__, answer, Audience.TOKEN, roles)
            return view

        return make

    def open(self, rule: str) -> Callable[[Answer], Answer]:
        """What anybody may read."""

        def make(view: Answer) -> Answer:
            def answer() -> Response:
                _without_question()
                return Response(view(), mimetype=JSON)

            self._register(rule, view.__name__, answer, Audience.PUBLIC, frozenset())
            return view

        return make

    def open_to(self, pages: PageTable[Self], *given: object) -> None:
        """The addresses of this table stand behind the door; each view is handed what is given, before the
        account.
        """
        pages.register(self, given)

    def _register(
        self,
        rule: str,
        name: str,
        answer: Callable[..., Response],
        audience: Audience,
        roles: frozenset[Role],
    ) -> None:
        answer.audience, answer.roles = audience, roles  # type: ignore[attr-defined]
        self.blueprint.add_url_rule(rule, name, answer, methods=["GET"], provide_automatic_options=False)


class TokenPages(PageTable[TokenDoor]):
    """A table of addresses for programs."""

    def get(self, rule: str, *, roles: frozenset[Role], reach: Reach | None = None) -> Callable[[V], V]:
        """As `TokenDoor.get` takes it."""
        return self._enter(lambda door: door.get(rule, roles=roles, reach=reach))

    def open(self, rule: str) -> Callable[[V], V]:
        """As `TokenDoor.open` takes it."""
        return self._enter(lambda door: door.open(rule))


def answer_programs(app: Flask, pace: Pace, *doors: TokenDoor) -> None:
    """Put the doors into an app without a secret key: it can set no cookie. Requests are counted in memory
    for a minute, and written nowhere.
    """
    app.config.update(
        MAX_CONTENT_LENGTH=0,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_MIMETYPES=[JSON],
        RATELIMIT_HEADERS_ENABLED=False,
    )
    limiter = Limiter(
        _whose,
        app=app,
        # One address may come with many tokens, made up or real, and one token from many addresses.
        application_limits=[
            _limit(pace.of_an_address, get_remote_address, "address"),
            _limit(pace.of_a_token, _whose, "token"),
        ],
        storage_uri="memory://",
    )

    def refuse(error: SurveysError) -> Response:
        answer = refused(error)
        if answer.status_code == 401:
            wrong = "" if isinstance(error, TokenNeeded) else ', error="invalid_token"'
            answer.headers["WWW-Authenticate"] = REALM + wrong
        return answer

    def http(error: HTTPException) -> Response:
        answer = refused_http(error)
        if error.code == 405:
            answer.headers["Allow"] = "GET, HEAD"
        if error.code == 429:
            limit = limiter.current_limit
            seconds = 60 if limit is None else min(60, max(1, limit.reset_at - int(time.time())))
            answer.headers["Retry-After"] = str(seconds)
        return answer

    app.register_error_handler(SurveysError, refuse)
    app.register_error_handler(HTTPException, http)
    for door in doors:
        app.register_blueprint(door.blueprint)
    Compress(app)


def _limit(most: int, key: Callable[[], str], scope: str) -> ApplicationLimit:
    return ApplicationLimit(limit_provider=f"{most} per minute", key_function=key, scope=scope)


def _whose() -> str:
    """What requests are counted by: the token they come with, of which nothing but a digest is kept; else
    where they come from.
    """
    secret = bearer()
    return hashlib.sha256(secret.encode()).hexdigest() if secret else get_remote_address()


def _without_question() -> None:
    """There is nothing to ask for behind an address: a question that was passed over would look answered.
    Raises TakesNoQuestion.
    """
    for name in request.args:
        raise TakesNoQuestion(name)
