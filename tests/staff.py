"""A staff's site over stores with one account for each role, and browsers that are signed in. Real sign-ins
where a test is about them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from unicodedata import normalize

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Cookie
from werkzeug.wrappers import Response as Answer

from app import STAFF, Services, create_staff_app
from surveys.accounts import keeping as register
from surveys.accounts.datastore import SignedIn
from surveys.accounts.keeping import Secrets
from surveys.accounts.roles import Grant, Role, Staff
from surveys.accounts.staff_log import StaffLog
from surveys.console.background import background_work
from surveys.instance.mailing_job import Outgoing
from surveys.jobs.queue import Jobs
from surveys.names import PersonCode, UnitCode
from surveys.settings import Settings
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Stores

PASSWORD = "ba con mèo trên mái"
HASHED = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(normalize("NFKD", PASSWORD))


@dataclass(frozen=True, slots=True)
class StaffSite:
    """The application with what it works over."""

    app: Flask
    stores: Stores

    def account(
        self, name: str, *grants: Grant, person: PersonCode | None = None, factor: bool = True
    ) -> Staff:
        """An account that has accepted its invitation; its address is <name>@example.org."""
        made = register.add_account(
            self.stores.app,
            name=name,
            email=f"{name}@example.org",
            person=person,
            given=grants,
        )
        with self.app.app_context():
            key = self.app.extensions["security"].totp_factory.generate_totp_secret()
        kept = Secrets(HASHED, key if factor else None, ())
        register.keep_secrets(self.stores.app, made.id, kept)
        return made

    def browser(self, staff: Staff | None = None) -> Browser:
        """A browser, signed in where an account is given."""
        browser = Browser(self.app.test_client())
        if staff is not None:
            account = SignedIn(register.find_account(self.stores.app, staff.id))
            with browser.client.session_transaction(base_url=f"http://localhost{STAFF}") as session:
                session.update(
                    {
                        "_user_id": account.fs_uniquifier,
                        "number": secrets.token_hex(16),
                        "begun": int(time.time()),
                        "_fresh": True,
                        "fs_cc": "set",
                        "fs_paa": time.time(),
                        "identity.id": account.fs_uniquifier,
                        "identity.auth_type": "session",
                    }
                )
        return browser

    def code(self, staff: Staff, step: int = 0) -> str:
        """The code that the account's authenticator app shows now, or so many steps later."""
        held = register.find_account(self.stores.app, staff.id).secrets.totp
        with self.app.app_context():
            key = self.app.extensions["security"].totp_factory.get_totp_b32_key(held)
        return totp(key, step)


@dataclass(frozen=True, slots=True)
class Browser:
    """A test client at /s that sends the forms of the pages it sees."""

    client: FlaskClient

    def cookies(self) -> list[Cookie]:
        """What a real browser is given to be signed in as this one is."""
        held = self.client._cookies
        assert held is not None
        return list(held.values())

    def get(self, address: str, **headers: str) -> Any:
        """A page."""
        return self.client.get(
            address.removeprefix(STAFF), base_url=f"http://localhost{STAFF}", headers=headers
        )

    def token(self, page: str = "/en/account/login") -> str:
        """The token of this session's forms."""
        text = self.get(page).get_data(as_text=True)
        found = re.search(r'name="csrf_token" value="([^"]+)"', text)
        assert found, f"no form on {page}"
        return found[1]

    def post(
        self,
        address: str,
        form: Mapping[str, Any] | None = None,
        *,
        at: str | None = None,
        token: bool = True,
    ) -> Any:
        """Send a form; its token is taken from the page `at` (the same address where none is named)."""
        values = dict(form or {})
        if token:
            values["csrf_token"] = self.token(at or address)
        return self.client.post(address.removeprefix(STAFF), base_url=f"http://localhost{STAFF}", data=values)


def staff_site(folder: Path, settings: Settings | None = None) -> StaffSite:
    """A site over new stores."""
    stores = Stores(Engines(folder / "stores"), Keyring.load_or_create(folder / "keyring.json"))
    stores.engines.migrate_app()
    return over(stores, settings)


def over(stores: Stores, settings: Settings | None = None) -> StaffSite:
    """A site over these stores."""
    settings = replace(settings or Settings(), instance=stores.engines.root.parent)
    jobs = Jobs(settings.jobs)
    log = StaffLog(stores.app, lambda: datetime.now(UTC))
    jobs.teach(background_work(stores, log, Outgoing.of(settings)))
    app = create_staff_app(Services(settings, stores, jobs))
    return StaffSite(app, stores)


def quick(app: Flask) -> None:
    """Hash passwords in no time, where a test is about who is let in."""
    app.extensions["security"].pwd_context.update(
        argon2__time_cost=1, argon2__memory_cost=64, argon2__parallelism=1
    )


def totp(key: str, step: int = 0) -> str:
    """The code of RFC 6238 for a key in base32: six digits, half-minute steps."""
    key = key.replace("-", "").replace(" ", "")
    raw = base64.b32decode(key + "=" * (-len(key) % 8))
    mac = hmac.new(raw, struct.pack(">Q", int(time.time()) // 30 + step), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def said(answer: Answer) -> str:
    """What a page says, as plain text."""
    text = re.sub(r"<(script|style).*?</\1>", " ", answer.get_data(as_text=True), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def everything(role: Role) -> Grant:
    """A role over the whole organisation."""
    return Grant(role, UnitCode("*"))


def options_of(page: str) -> dict[str, Any]:
    """The options for a passkey that a page holds."""
    found = re.search(r'data-options="([^"]+)"', page)
    assert found
    read: dict[str, Any] = json.loads(unescape(found[1]))
    return read
