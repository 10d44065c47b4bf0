"""The site: stores, doors and headers, put together. Wiring only.

No secret key and no session: nobody who reads public pages gets a cookie. Danger: a door that is hung without headers
would be an open one; `create_app` is the only place where an application is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import waitress
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from surveys.box.open_box import OpenBox, longest_ballot
from surveys.box.pages import voter as voter_box
from surveys.box.receipts import load_box_key
from surveys.results.pages import public as results_public
from surveys.results.shelf import PublicShelf
from surveys.roll.desk import Desk
from surveys.roll.pages import voter as voter_roll
from surveys.roll.pages.voter import ISSUE_BYTES
from surveys.roll.registrar import TokenKeys
from surveys.rounds import ledger
from surveys.rounds.states import State
from surveys.settings import Settings
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores
from surveys.web.doors import hang
from surveys.web.headers import protect
from surveys.web.languages import speak
from surveys.web.wire import wired

HERE = Path(__file__).resolve().parent


def create_app(settings: Settings, stores: Stores, keyring: Keyring) -> Flask:
    """The application over these stores. It opens no store by itself and writes nothing."""
    app = Flask("tin-nhiem", root_path=str(HERE), template_folder="templates", static_folder="static")
    protect(app, hosts=settings.hosts, https=settings.https)
    speak(app, HERE / "translations")
    hang(app, results_public.door(PublicShelf(stores.app, keyring)))
    app.jinja_env.globals["source_url"] = settings.source_url
    return app


def create_voter_app(settings: Settings, desks: Mapping[str, Desk], boxes: Mapping[str, OpenBox]) -> Flask:
    """The voter's application (docs/protocol.md §15), mounted at /b: an app of its own, without a secret key and without pages."""
    app = Flask("tin-nhiem-voter", root_path=str(HERE), static_folder=None, template_folder=None)
    protect(app, hosts=settings.hosts, https=settings.https)
    longest = max((longest_ballot(each.manifest) for each in boxes.values()), default=ISSUE_BYTES)
    wired(app, longest, voter_roll.wire(desks), voter_box.wire(boxes))
    return app


def with_voters(app: Flask, settings: Settings, stores: Stores, keyring: Keyring) -> DispatcherMiddleware:
    """The site with the voter's application under /b, for every round whose polls are not closed."""
    desks: dict[str, Desk] = {}
    boxes: dict[str, OpenBox] = {}
    for survey in ledger.surveys(stores.app):
        found = ledger.find(stores.app, keyring, survey)
        if found.manifest is not None and found.state in (State.CONFIRMED, State.OPEN):
            roll, box = stores.roll(survey), stores.box(survey)
            desks[survey] = Desk(found.manifest.hash, roll, TokenKeys(roll, keyring))
            boxes[survey] = OpenBox(found.manifest, box, load_box_key(box, keyring))
    return DispatcherMiddleware(app, {"/b": create_voter_app(settings, desks, boxes)})


def serve(settings: Settings, stores: Stores, keyring: Keyring) -> None:
    """Serve the site until the process is stopped."""
    waitress.serve(
        create_app(settings, stores, keyring), listen=f"{settings.listen}:{settings.port}", ident=None
    )
