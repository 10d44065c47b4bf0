"""The votes that a server serves to voters: desks and boxes, found when they are first asked for.

A round that was confirmed after the server started is found too; once found, a desk or box stays in memory, so that a voter's
requests touch the roll or the box and never the app store. Danger: what is remembered must not outlive what it opens: state
and keys are read from roll and box at each request, not from here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from surveys.box.open_box import OpenBox
from surveys.box.receipts import load_box_key
from surveys.roll.desk import Desk
from surveys.roll.registrar import TokenKeys
from surveys.rounds import ledger
from surveys.rounds.errors import NoSuchRound
from surveys.rounds.states import State, has_reached
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores
from surveys.stores.exhibits import Exhibits

T = TypeVar("T")


class Found(Mapping[str, T], Generic[T]):
    """Survey id in hex → what serves it; made at the first question, None is asked again."""

    def __init__(self, find: Callable[[str], T | None]) -> None:
        self._find = find
        self._held: dict[str, T] = {}
        self._lock = threading.Lock()

    def __getitem__(self, survey: str) -> T:
        with self._lock:
            if survey not in self._held:
                made = self._find(survey)
                if made is None:
                    raise KeyError(survey)
                self._held[survey] = made
            return self._held[survey]

    def __contains__(self, survey: object) -> bool:
        try:
            return isinstance(survey, str) and self[survey] is not None
        except KeyError:
            return False

    def __iter__(self) -> Iterator[str]:
        return iter(dict(self._held))

    def __len__(self) -> int:
        return len(self._held)


def desks(stores: Stores, keyring: Keyring) -> Mapping[str, Desk]:
    """The registrar's desks of all confirmed rounds."""

    def find(survey: str) -> Desk | None:
        round_ = _confirmed(stores, keyring, survey)
        if round_ is None or round_.manifest is None:
            return None
        roll = stores.roll(survey)
        return Desk(round_.manifest.hash, roll, TokenKeys(roll, keyring))

    return Found(find)


def boxes(stores: Stores, keyring: Keyring) -> Mapping[str, OpenBox]:
    """The boxes of all confirmed rounds, sealed ones included: their trackers are looked up for ever."""

    def find(survey: str) -> OpenBox | None:
        round_ = _confirmed(stores, keyring, survey)
        if round_ is None or round_.manifest is None:
            return None
        box = stores.box(survey)
        return OpenBox(round_.manifest, box, load_box_key(box, keyring))

    return Found(find)


def exhibits(folder: Path) -> Mapping[str, Exhibits]:
    """What the leaders of each vote have left for the voters; asked only for votes that are served."""
    return Found(lambda survey: Exhibits(folder / survey))


def _confirmed(stores: Stores, keyring: Keyring, survey: str) -> ledger.Round | None:
    try:
        found = ledger.find(stores.app, keyring, survey)
    except NoSuchRound:
        return None
    return found if has_reached(found.state, State.CONFIRMED) else None
