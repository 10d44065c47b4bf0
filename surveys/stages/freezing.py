"""Freezing a round: rolls, keys and contests become the definition that everything later is bound to
(docs/protocol.md 4.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from surveys.box import receipts
from surveys.organisation.values import Organisation
from surveys.protocol.manifest import Definition
from surveys.roll import listing
from surveys.roll.errors import RollFrozen, RollNotFrozen
from surveys.roll.listing import Entry, SealedTokenKey
from surveys.rounds import ledger
from surveys.rounds.contests import Electorate
from surveys.rounds.definition import Terms, define
from surveys.stages import binding
from surveys.stores.store import Stores


def freeze(
    stores: Stores,
    terms: Terms,
    organisation: Organisation,
    electorate: Electorate,
    entries: Iterable[Entry],
    token_keys: Mapping[int, SealedTokenKey],
) -> Definition:
    """Make roll and box key, freeze the roll, enter the round.

    Order: box store with its key, roll store (one transaction), round (one transaction). Killed in between
    and run again with the same survey and slips, it goes on with the roll that is frozen; a frozen round is
    never changed. Raises the roll's errors (RollFrozen: with other slips), Inconsistent (4.2) or
    AnotherRound.
    """
    round_id, entries = terms.round_id, tuple(entries)
    stores.engines.create_box(round_id)
    box_key = receipts.make_box_key(stores.box(round_id))
    roll_store = stores.engines.create_roll(round_id)
    try:
        roll = listing.read_roll(roll_store)
        if sorted(key for keys in roll.panels for key in keys) != sorted(entry.key for entry in entries):
            raise RollFrozen("this roll is frozen already, with other slips")
    except RollNotFrozen:
        roll = listing.freeze_roll(stores.roll(round_id), entries, token_keys)
    public = listing.public_token_keys(roll_store)
    units = list(electorate.panels)
    definition = define(
        terms,
        organisation,
        electorate,
        slip_keys=dict(zip(units, roll.panels, strict=True)),
        token_keys=dict(zip(units, public, strict=True)),
        box_key=box_key.public,
    )
    ledger.add(stores.app, definition)
    binding.bind(stores.engines, round_id)
    return definition
