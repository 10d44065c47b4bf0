"""The votes that a server serves to voters: desks and boxes, found when they are first asked for.

A round that was confirmed after the server started is found too; once found, a desk or box stays in memory,
so that a voter's requests touch the roll or the box and not the app store; once a minute one of them waits
until the round's stores are judged. Danger: what is remembered must not outlive what it opens: state and keys
are read from roll and box at each request, not from here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from surveys.box.open_box import OpenBox
from surveys.box.receipts import load_box_key
from surveys.names import RoundId
from surveys.protocol.codes import read_short, short_code
from surveys.roll.issuing import Issuer
from surveys.roll.registrar import TokenKeys
from surveys.rounds import ledger
from surveys.rounds.errors import NoSuchRound
from surveys.rounds.states import State, has_reached
from surveys.stages import binding
from surveys.stores.exhibits import Exhibits
from surveys.stores.store import Stores

T = TypeVar("T")


class Found(Mapping[RoundId, T], Generic[T]):
    """Survey id in hex → what serves it; made at the first question, None is asked again. `check` refuses
    what must not be served now.
    """

    def __init__(
        self, find: Callable[[RoundId], T | None], check: Callable[[RoundId], None] = lambda _: None
    ) -> None:
        self._find, self._check = find, check
        self._held: dict[RoundId, T] = {}
        self._lock = threading.Lock()

    def __getitem__(self, round_id: RoundId) -> T:
        if round_id in self._held:
            self._check(round_id)
        with self._lock:
            if round_id not in self._held:
                made = self._find(round_id)
                if made is None:
                    raise KeyError(round_id)
                self._held[round_id] = made
            return self._held[round_id]

    def __contains__(self, round_id: object) -> bool:
        try:
            return isinstance(round_id, str) and self[RoundId(round_id)] is not None
        except KeyError:
            return False

    def __iter__(self) -> Iterator[RoundId]:
        return iter(dict(self._held))

    def __len__(self) -> int:
        return len(self._held)


def desks(stores: Stores) -> Mapping[RoundId, Issuer]:
    """What issues the papers of all confirmed rounds."""

    def find(round_id: RoundId) -> Issuer | None:
        round_ = _confirmed(stores, round_id)
        if round_ is None or round_.manifest is None:
            return None
        roll = stores.engines.roll(round_id)
        return Issuer.of(round_.manifest, roll, TokenKeys(stores.roll(round_id)))

    return Found(find, partial(_refuse_stopped, stores))


def boxes(stores: Stores) -> Mapping[RoundId, OpenBox]:
    """The boxes of all confirmed rounds, sealed ones included: their trackers are looked up for ever."""

    def find(round_id: RoundId) -> OpenBox | None:
        round_ = _confirmed(stores, round_id)
        if round_ is None or round_.manifest is None:
            return None
        box = stores.engines.box(round_id)
        return OpenBox(round_.manifest, box, load_box_key(stores.box(round_id)))

    return Found(find, partial(_refuse_stopped, stores))


def by_short_code(stores: Stores) -> Callable[[str], RoundId]:
    """The id of the vote that a typed short code stands for (docs/protocol.md 6.2); anything else is given
    back as it is.

    Looked up once for each vote. A code that two votes have stands for none.
    """
    known: dict[str, RoundId] = {}

    def whole(typed: str) -> RoundId:
        short = read_short(typed)
        if short is None:
            return RoundId(typed)
        if short not in known:
            found = [
                each
                for each in ledger.round_ids(stores.engines.app)
                if short_code(bytes.fromhex(each)) == short
            ]
            if len(found) != 1:
                return RoundId(typed)
            known[short] = found[0]
        return known[short]

    return whole


def exhibits(folder: Path) -> Mapping[RoundId, Exhibits]:
    """What the leaders of each vote have left for the voters; asked only for votes that are served."""
    return Found(lambda round_id: Exhibits(folder / round_id))


def _confirmed(stores: Stores, round_id: RoundId) -> ledger.Round | None:
    try:
        found = ledger.find(stores.app, round_id)
    except NoSuchRound:
        return None
    if not has_reached(found.state, State.CONFIRMED):
        return None
    _refuse_stopped(stores, round_id, found)
    return found


def _refuse_stopped(stores: Stores, round_id: RoundId, found: ledger.Round | None = None) -> None:
    """Judge the round's stores, where that was not done within the last minute. Raises RoundStopped."""
    binding.why_stopped(stores, round_id, found)
    stores.engines.stops.check(round_id)
