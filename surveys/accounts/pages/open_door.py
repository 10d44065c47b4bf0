"""Pages of the staff's site for whoever has no account yet, or cannot get into theirs. Danger: nobody is
known here.
"""

from __future__ import annotations

from collections.abc import Callable

from surveys.web.doors import Door, View
from surveys.web.tables import PageTable, V


class OpenDoor(Door):
    """Pages that are open to whoever comes, with forms."""

    def post(self, rule: str) -> Callable[[View], View]:
        """The form that was sent."""

        def make(view: View) -> View:
            self._register(rule, "POST", view.__name__, view, frozenset())
            return view

        return make


class OpenPages(PageTable[OpenDoor]):
    """A table of pages that are open to whoever comes."""

    def get(self, rule: str) -> Callable[[V], V]:
        """As `OpenDoor.get` takes it."""
        return self._enter(lambda door: door.get(rule))

    def post(self, rule: str) -> Callable[[V], V]:
        """As `OpenDoor.post` takes it."""
        return self._enter(lambda door: door.post(rule))
