"""Where units and rounds of an instance lie, for the staff's doors (`surveys.accounts.pages.door.Land`)."""

from __future__ import annotations

from surveys.accounts.roles import EVERYWHERE, Tree
from surveys.organisation.register import unit_tree
from surveys.rounds import ledger
from surveys.stores.engines import Stores


class InstanceLand:
    """Over the app store of an instance."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def parents(self) -> Tree:
        """The units as they stand now."""
        return unit_tree(self._stores.app)

    def root_of(self, survey: str) -> str:
        """The top unit of a round or draft; only roles over everything reach one whose unit is not known. Raises NoSuchRound."""
        return ledger.root_of(self._stores.app, survey) or EVERYWHERE
