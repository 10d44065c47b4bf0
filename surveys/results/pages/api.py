"""The interface for programs: published results as JSON, for whoever has a token (docs/api.md).

The addresses let in whom the readers' pages let in, and give what those pages show. Danger: an answer of this door is read by a
program and copied on; so it says what is hidden, and why, and never leaves a figure out in silence.
"""

from __future__ import annotations

from surveys.accounts.pages.door import Land, Reach
from surveys.accounts.pages.token_door import TokenDoor
from surveys.accounts.roles import Staff
from surveys.accounts.tokens import Tokens
from surveys.results.api import documents
from surveys.results.shelf import Shelf
from surveys.results.visibility import READERS


def door(shelf: Shelf, land: Land, tokens: Tokens) -> TokenDoor:
    """The addresses over this shelf."""
    entrance = TokenDoor("api", land, tokens)

    @entrance.open("/v1/openapi.json")
    def description() -> bytes:
        return documents.description()

    @entrance.get("/v1/rounds", roles=READERS)
    def rounds(staff: Staff) -> bytes:
        return documents.rounds(shelf, staff, land.parents())

    @entrance.get("/v1/rounds/<survey>", roles=READERS, reach=Reach.TOUCHES)
    def one_round(staff: Staff, survey: str) -> bytes:
        return documents.one_round(shelf, staff, land.parents(), survey)

    @entrance.get("/v1/rounds/<survey>/units/<unit>", roles=READERS)
    def unit(staff: Staff, survey: str, unit: str) -> bytes:
        return documents.one_unit(shelf, staff, survey, unit)

    @entrance.get("/v1/rounds/<survey>/units/<unit>/focus", roles=READERS)
    def focus(staff: Staff, survey: str, unit: str) -> bytes:
        return documents.focus_list(shelf, staff, survey, unit)

    @entrance.get("/v1/rounds/<survey>/leaders/<path:person>", roles=READERS, reach=Reach.TOUCHES)
    def leader(staff: Staff, survey: str, person: str) -> bytes:
        return documents.one_leader(shelf, staff, survey, person)

    return entrance
