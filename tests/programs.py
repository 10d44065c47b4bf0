"""Programs with tokens, at the door of published results, beside browsers of the same accounts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app import Services, create_api_app
from surveys.accounts.pages.token_door import Pace
from surveys.accounts.roles import Grant, Staff
from surveys.accounts.tokens import make_token
from surveys.settings import Settings
from tests.staff import StaffSite

UNHURRIED = Pace(100_000, 100_000)


@dataclass(frozen=True, slots=True)
class Program:
    """A program; without a token where `secret` is empty."""

    client: FlaskClient
    secret: str = ""

    def get(self, path: str, **headers: str) -> Any:
        """What stands at this address, after /v1."""
        return self.client.get(f"/v1{path}", headers={**self.authorization, **headers})

    @property
    def authorization(self) -> dict[str, str]:
        """The header that carries the token."""
        return {"Authorization": f"Bearer {self.secret}"} if self.secret else {}


def api_over(site: StaffSite, pace: Pace = UNHURRIED) -> Flask:
    """The application for programs over the stores of a staff's site."""
    return create_api_app(Services(Settings(), site.stores), pace)


def program(site: StaffSite, app: Flask, owner: Staff, held: Collection[Grant] | None = None) -> Program:
    """A program with a token of this account, with all its roles where none are named."""
    grants = owner.grants if held is None else held
    _, secret = make_token(site.stores.app, owner.id, "t", grants, 1, datetime.now(UTC))
    return Program(app.test_client(), secret)
