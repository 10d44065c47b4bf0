"""The site: stores, doors and headers, put together. Wiring only.

No secret key and no session: nobody who reads public pages gets a cookie. Danger: a door that is hung without headers
would be an open one; `create_app` is the only place where an application is made.
"""

from __future__ import annotations

from pathlib import Path

import waitress
from flask import Flask

from surveys.results.pages import public as results_public
from surveys.results.shelf import PublicShelf
from surveys.settings import Settings
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores
from surveys.web.doors import hang
from surveys.web.headers import protect
from surveys.web.languages import speak

HERE = Path(__file__).resolve().parent


def create_app(settings: Settings, stores: Stores, keyring: Keyring) -> Flask:
    """The application over these stores. It opens no store by itself and writes nothing."""
    app = Flask("tin-nhiem", root_path=str(HERE), template_folder="templates", static_folder="static")
    protect(app, hosts=settings.hosts, https=settings.https)
    speak(app, HERE / "translations")
    hang(app, results_public.door(PublicShelf(stores.app, keyring)))
    app.jinja_env.globals["source_url"] = settings.source_url
    return app


def serve(settings: Settings, stores: Stores, keyring: Keyring) -> None:
    """Serve the site until the process is stopped."""
    waitress.serve(
        create_app(settings, stores, keyring), listen=f"{settings.listen}:{settings.port}", ident=None
    )
