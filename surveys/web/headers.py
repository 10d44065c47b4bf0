"""The headers of every answer: nothing but our own files may run, be framed, be sniffed or be remembered.

A page may frame what it has made itself (the typeset minutes, out of bytes that it has hashed): such a frame
is under the same policy.

Danger: one page that needs an exception would open all of them; there is no way to ask for one here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.exceptions import SecurityError

from surveys.web.unchanging import FOR_EVER

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' blob:; script-src 'self'; connect-src 'self'; "
    "worker-src 'self'; "
    "frame-src blob:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
FEATURES = ("microphone", "geolocation", "payment", "usb", "browsing-topics")
FIXED = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # The camera for a slip or a sheet that is scanned inside a page; the browser asks the person each time.
    "Permissions-Policy": ", ".join([*(f"{feature}=()" for feature in FEATURES), "camera=(self)"]),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STATIC_SECONDS = 3600
UNLISTED = "noindex, nofollow"
FOREIGN_HOST = "Địa chỉ này không thuộc trang này. / This address does not belong to this site.\n"


def protect(app: Flask, *, hosts: tuple[str, ...], https: bool, remembered: bool = True) -> None:
    """Answer only under these host names, and put the headers on every answer, errors and static files
    included.

    A static file that is asked for by its hash is kept for ever; `remembered` lets browsers keep others for
    an hour, but not scripts, of which an old one would not start. No page is kept, and nothing of a vote.
    What is not remembered is for whoever was given its address, so no search engine may list it.
    """
    app.config["TRUSTED_HOSTS"] = list(hosts)
    if https:
        app.wsgi_app = _over_https(app.wsgi_app)  # type: ignore[assignment,method-assign]

    @app.errorhandler(SecurityError)
    def foreign_host(_: SecurityError) -> Response:
        # No template: every address in one would be built from the host name that is being refused.
        return Response(FOREIGN_HOST, status=400, mimetype="text/plain")

    @app.after_request
    def headers(answer: Response) -> Response:
        for name, value in FIXED.items():
            answer.headers[name] = value
        if https:
            answer.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        static = request.endpoint == "static" and answer.status_code in {200, 304}
        if static and answer.headers.get("Cache-Control") == FOR_EVER:
            pass
        elif static and remembered and not request.path.startswith("/static/build/"):
            answer.headers["Cache-Control"] = f"public, max-age={STATIC_SECONDS}"
        else:
            answer.headers["Cache-Control"] = "no-store"
        if not remembered:
            answer.headers["X-Robots-Tag"] = UNLISTED
        return answer


def _over_https(inner: WSGIApplication) -> WSGIApplication:
    """The proxy in front speaks TLS, and what reaches us is plain: addresses that we hand out, and the origin
    that passkeys are for, are https.
    """

    def answered(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return inner({**environ, "wsgi.url_scheme": "https"}, start_response)

    return answered
