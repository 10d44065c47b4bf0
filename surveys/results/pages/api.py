"""The interface for programs: published results as JSON, for whoever has a token (docs/api.md).

The addresses let in whom the readers' pages let in, and give what those pages show. Danger: an answer of this
door is read by a program and copied on; so it says what is hidden, and why, and never leaves a figure out in
silence.
"""

from __future__ import annotations

from surveys.accounts.pages.door import AccessScope, Reach
from surveys.accounts.pages.token_door import TokenDoor, TokenPages
from surveys.accounts.roles import Staff
from surveys.accounts.tokens import Tokens
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.results.api import documents
from surveys.results.shelf import Shelf
from surveys.results.visibility import READERS

API_PAGES = TokenPages()


@API_PAGES.open("/v1/openapi.json")
def description(shelf: Shelf, scope: AccessScope) -> bytes:
    return documents.description()


@API_PAGES.get("/v1/rounds", roles=READERS)
def rounds(shelf: Shelf, scope: AccessScope, staff: Staff) -> bytes:
    return documents.rounds(shelf, staff, scope.parents())


@API_PAGES.get("/v1/rounds/<round_id>", roles=READERS, reach=Reach.TOUCHES)
def one_round(shelf: Shelf, scope: AccessScope, staff: Staff, round_id: RoundId) -> bytes:
    return documents.one_round(shelf, staff, scope.parents(), round_id)


@API_PAGES.get("/v1/rounds/<round_id>/units/<unit>", roles=READERS)
def unit(shelf: Shelf, scope: AccessScope, staff: Staff, round_id: RoundId, unit: UnitCode) -> bytes:
    return documents.one_unit(shelf, staff, round_id, unit)


@API_PAGES.get("/v1/rounds/<round_id>/units/<unit>/focus", roles=READERS)
def focus(shelf: Shelf, scope: AccessScope, staff: Staff, round_id: RoundId, unit: UnitCode) -> bytes:
    return documents.focus_list(shelf, staff, round_id, unit)


@API_PAGES.get("/v1/rounds/<round_id>/leaders/<path:person>", roles=READERS, reach=Reach.TOUCHES)
def leader(shelf: Shelf, scope: AccessScope, staff: Staff, round_id: RoundId, person: PersonCode) -> bytes:
    return documents.one_leader(shelf, staff, round_id, person)


def door(shelf: Shelf, scope: AccessScope, tokens: Tokens) -> TokenDoor:
    """The addresses over this shelf."""
    entrance = TokenDoor("api", scope, tokens)
    entrance.open_to(API_PAGES, shelf, scope)
    return entrance
