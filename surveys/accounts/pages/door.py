"""The staff's door: pages for signed-in accounts with a role over the unit that a page is about.

Each page names its roles and how far they must reach (`Reach`); the door looks at both before the page is
asked. In this order: signed in (else to the sign-in), a second factor set up (else to its set-up), a role,
the unit. Danger: a page about a unit or a round that forgot to say how far its roles must reach would show
one committee to another; such a page cannot be made here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Any, Protocol

from flask import Flask, Response, current_app, flash, g, redirect, request, session, url_for
from flask_login import current_user
from flask_security.utils import check_and_update_authn_fresh

from surveys.accounts.datastore import SignedIn
from surveys.accounts.errors import NotYours
from surveys.accounts.roles import EVERYWHERE, Role, Staff, Tree, require, require_touching
from surveys.names import RoundId, UnitCode
from surveys.web.doors import MOST_BYTES, Audience, Door, View
from surveys.web.languages import say
from surveys.web.tables import PageTable, V

EVERYBODY = frozenset(Role)
VOUCHED = "second_factor_elsewhere"
"""In a session whose sign-in the organisation vouches for, second factor included."""
_ABOUT = re.compile(r"<(\w+:)?(unit|round_id)>")
StaffView = Callable[..., Response]


class AccessScope(Protocol):
    """Where units and rounds lie: handed in by whoever sees those rooms."""

    def parents(self) -> Tree:
        """Every unit → its parent."""

    def root_of(self, round_id: RoundId) -> UnitCode:
        """The unit at the top of a round or draft. Raises NoSuchRound."""


class _Once:
    """A scope that is asked each question once: as it was when a request came in."""

    def __init__(self, scope: AccessScope) -> None:
        self.parents = cache(scope.parents)
        self.root_of = cache(scope.root_of)


def _once(scope: AccessScope) -> AccessScope:
    if "scope" not in g:
        g.scope = _Once(scope)
    held: AccessScope = g.scope
    return held


class Reach(Enum):
    """How far a role must reach for a page."""

    OWN = "own"
    """The page is about no unit: its verb shows only what the account's roles cover."""
    COVERS = "covers"
    """The role is over the unit (the round's top unit) or above it."""
    TOUCHES = "touches"
    """The role is over the round's top unit, above it, or over a part of it: the verb shows only that
    part.
    """


class StaffDoor(Door):
    """The pages of one room for staff. A view takes the account (`staff`) and what its rule names."""

    def __init__(self, name: str, scope: AccessScope) -> None:
        super().__init__(name, Audience.STAFF)
        self._scope = scope

    def get(  # type: ignore[override]
        self,
        rule: str,
        *,
        roles: frozenset[Role],
        reach: Reach | None = None,
        unfinished: bool = False,
        fresh: str = "",
    ) -> Callable[[StaffView], StaffView]:
        """A page that only reads. Without `reach`: COVERS where the rule names a unit or a round, else OWN.

        `unfinished`: also for an account that has no second factor yet. `fresh`: only for whoever has just
        signed in or confirmed that it is they; the page to come back to afterwards.
        """

        def make(view: StaffView) -> StaffView:
            page = self._guarded(rule, view, roles, reach, unfinished, fresh)
            self._register(rule, "GET", view.__name__, page, roles)
            return view

        return make

    def post(
        self,
        rule: str,
        *,
        roles: frozenset[Role],
        reach: Reach | None = None,
        most_bytes: int = MOST_BYTES,
        fresh: str = "",
    ) -> Callable[[StaffView], StaffView]:
        """A form that was sent; a request without the form's CSRF token is refused before the view is asked.
        `fresh` as in `get`.
        """

        def make(view: StaffView) -> StaffView:
            page = self._guarded(rule, view, roles, reach, fresh=fresh)
            self._register(rule, "POST", view.__name__, page, roles, most_bytes)
            return view

        return make

    def _guarded(
        self,
        rule: str,
        view: StaffView,
        roles: frozenset[Role],
        reach: Reach | None,
        unfinished: bool = False,
        fresh: str = "",
    ) -> View:
        reach = reach_of(rule, roles, reach)

        def page(**values: object) -> Response:
            gone = elsewhere(unfinished=unfinished)
            if gone is not None:
                return gone
            staff = signed_in()
            assert staff is not None
            admit(_once(self._scope), staff, roles, reach, values)
            gone = unconfirmed(fresh) if fresh else None
            return view(staff=staff, **values) if gone is None else gone

        page.reach = reach  # type: ignore[attr-defined]
        return page


class StaffPages(PageTable[StaffDoor]):
    """A table of pages for staff."""

    def get(
        self,
        rule: str,
        *,
        roles: frozenset[Role],
        reach: Reach | None = None,
        unfinished: bool = False,
        fresh: str = "",
    ) -> Callable[[V], V]:
        """As `StaffDoor.get` takes it."""
        return self._enter(
            lambda door: door.get(rule, roles=roles, reach=reach, unfinished=unfinished, fresh=fresh)
        )

    def post(
        self,
        rule: str,
        *,
        roles: frozenset[Role],
        reach: Reach | None = None,
        most_bytes: int = MOST_BYTES,
        fresh: str = "",
    ) -> Callable[[V], V]:
        """As `StaffDoor.post` takes it."""
        return self._enter(
            lambda door: door.post(rule, roles=roles, reach=reach, most_bytes=most_bytes, fresh=fresh)
        )


def reach_of(rule: str, roles: frozenset[Role], reach: Reach | None) -> Reach:
    """How far the roles of a page must reach. Raises ValueError for one about a unit or a round that does not
    say it, or without roles.
    """
    about = _ABOUT.search(rule) is not None
    if reach is None:
        reach = Reach.COVERS if about else Reach.OWN
    if about == (reach is Reach.OWN):
        raise ValueError(
            f"{rule}: a page about a unit or a round, and no other, says how far its roles must reach"
        )
    if not roles:
        raise ValueError(f"{rule}: a page without roles")
    return reach


class Guarded(Protocol):
    """A page of staff, with whom its door lets in."""

    roles: frozenset[Role]
    reach: Reach


def admit(
    scope: AccessScope, staff: Staff, roles: frozenset[Role], reach: Reach, values: Mapping[str, object]
) -> None:
    """Passes for an account whose roles reach as far as the page's `values` (of its address) want. Raises
    NotYours or NoSuchRound.
    """
    if reach is Reach.OWN:
        if not staff.has(roles):
            raise NotYours(tuple(sorted(roles)), EVERYWHERE)
        return
    if "unit" in values:
        unit = UnitCode(str(values["unit"]))
    else:
        unit = scope.root_of(RoundId(str(values["round_id"])))
    (require if reach is Reach.COVERS else require_touching)(staff, roles, unit, scope.parents())


def lets_in(scope: AccessScope, staff: Staff, view: Guarded, values: Mapping[str, object]) -> bool:
    """Whether the door of a page of staff lets this account in. Raises NoSuchRound."""
    try:
        admit(scope, staff, view.roles, view.reach, values)
    except NotYours:
        return False
    return True


def unconfirmed(back: str) -> Response | None:
    """Where somebody goes who has not signed in or confirmed that it is they of late, and then `back`; None
    for who has.
    """
    config = current_app.config
    within, grace = config["SECURITY_FRESHNESS"], config["SECURITY_FRESHNESS_GRACE_PERIOD"]
    if check_and_update_authn_fresh(within, grace):
        return None
    flash(say("Confirm that it is you, please."), "error")
    return _to(url_for("security.verify", next=url_for(back)))


def elsewhere(*, unfinished: bool = False) -> Response | None:
    """Where somebody has to go first: to the sign-in, or to set up a second factor."""
    account = _account()
    if not isinstance(account, SignedIn):
        asked = request.full_path.rstrip("?") if request.method == "GET" else None
        return _to(url_for("security.login", next=None if asked is None else request.script_root + asked))
    if not (unfinished or with_second_factor()):
        return _to(url_for("account.second_factor"))
    return None


def signed_in() -> Staff | None:
    """The account that is signed in, if one is."""
    account = _account()
    return account.staff if isinstance(account, SignedIn) else None


def with_second_factor() -> bool:
    """Whether the account that is signed in has a second factor, or the organisation's sign-in has asked for
    one.
    """
    account = _account()
    return isinstance(account, SignedIn) and (account.has_second_factor or session.get(VOUCHED) is True)


def to(endpoint: str, **values: str | int | None) -> Response:
    """Send the browser on to a page, after a form was taken (303: a reload sends nothing again)."""
    parts: dict[str, Any] = dict(values)
    return _to(url_for(endpoint, **parts))


def _to(address: str) -> Response:
    return redirect(address, code=303)  # type: ignore[return-value]


def _account() -> object:
    return current_user._get_current_object()


def add_template_globals(app: Flask, scope: AccessScope) -> None:
    """What every page of staff may use: who is signed in, what they may open, where they are."""

    def may_open(endpoint: str, **values: object) -> bool:
        """Whether the door of a page would let them in, so that no page offers what is refused; `values` as
        for its address.
        """
        view: Any = app.view_functions.get(endpoint)
        staff = signed_in()
        return view is not None and staff is not None and lets_in(_once(scope), staff, view, values)

    def here(endpoint: str) -> bool:
        return (request.endpoint or "").split(".")[0] == endpoint.split(".")[0]

    def asked_next() -> str:
        return request.args.get("next", "")

    app.jinja_env.globals.update(signed_in=signed_in, may_open=may_open, here=here, asked_next=asked_next)
