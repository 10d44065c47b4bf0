"""The kinds of work that an instance does in the background (`surveys.jobs`), each safe to run again."""

from __future__ import annotations

from collections.abc import Mapping

from surveys.jobs.queue import Work
from surveys.stages.office import FREEZE, freezing
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores


def works(stores: Stores, keyring: Keyring) -> Mapping[str, Work]:
    """Kind → what it does."""
    return {FREEZE: freezing(stores, keyring)}
