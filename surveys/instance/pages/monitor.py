"""Whether this process answers, and figures of operation, for the programs that watch a machine
(docs/operations.md).

`/healthz` is open and says one word. `/metrics` is for whoever has the operator's token; where none is set
there is no such page. Danger: both are asked every few seconds and the answers are kept; what may stand in
them is decided in `surveys.instance.totals`.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint, Response
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import NotFound, Unauthorized

from surveys.instance.totals import MEDIA_TYPE, answers, totals
from surveys.jobs.queue import Jobs
from surveys.stores.engines import Engines
from surveys.stores.store import Stores
from surveys.web.doors import Audience
from surveys.web.wire import bearer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ADDRESSES = frozenset({"/healthz", "/metrics"})


def health(engines: Engines) -> Response:
    answers(engines)
    return Response("ok\n", mimetype="text/plain")


def metrics(stores: Stores, jobs: Jobs, token: str) -> Response:
    if not token:
        raise NotFound
    if not hmac.compare_digest(bearer().encode(), token.encode()):
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer"))
    return Response(totals(stores, jobs), content_type=MEDIA_TYPE)


def door(stores: Stores, jobs: Jobs, token: str) -> Blueprint:
    """Both addresses, over these stores."""
    made = Blueprint("monitor", __name__)
    _register(made, "/healthz", "health", partial(health, stores.engines))
    _register(made, "/metrics", "metrics", partial(metrics, stores, jobs, token))
    return made


def beside(site: WSGIApplication, watching: WSGIApplication) -> WSGIApplication:
    """The site, with the two addresses of its monitor answered by that one."""

    def answered(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return (watching if environ["PATH_INFO"] in ADDRESSES else site)(environ, start_response)

    return answered


def _register(blueprint: Blueprint, rule: str, name: str, view: Callable[[], Response]) -> None:
    view.audience, view.roles = Audience.OPERATOR, frozenset()  # type: ignore[attr-defined]
    blueprint.add_url_rule(rule, name, view, methods=["GET"], provide_automatic_options=False)
