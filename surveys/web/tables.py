"""Tables of pages: a module writes its views down with their addresses, and a door opens them once what they
work on is there.

So a view is a function of its module, which whoever searches for its name finds. Each kind of door has a
table of its own kind, so that no page comes behind a door that would not ask what the page wants asked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any, Generic, TypeVar

D = TypeVar("D")
V = TypeVar("V", bound=Callable[..., object])


class PageTable(Generic[D]):
    """The views of a table, each with the way in that it asks of the door, in the order in which they were
    entered.
    """

    def __init__(self) -> None:
        self._entries: list[
            tuple[Callable[[D], Callable[[Callable[..., Any]], object]], Callable[..., Any]]
        ] = []

    def register(self, door: D, given: tuple[object, ...]) -> None:
        """Behind a door: each view takes what is given before what the door hands it."""
        for way, view in self._entries:
            way(door)(update_wrapper(partial(view, *given), view))

    def _enter(self, way: Callable[[D], Callable[[Callable[..., Any]], object]]) -> Callable[[V], V]:
        def make(view: V) -> V:
            self._entries.append((way, view))
            return view

        return make
