"""Polls close: the gate shuts, the box is sealed, the token keys are destroyed (docs/protocol.md §10).

open → closing → sealed. Each step may be run again; a ballot is in the box before the gate shuts, or it is
refused.
"""

from __future__ import annotations

from surveys.box import board, gate, receipts, sealing
from surveys.box.board import Board
from surveys.instants import Instant
from surveys.letters import mailings as letters
from surveys.protocol.manifest import Manifest
from surveys.roll import attendance, registrar
from surveys.rounds import ledger
from surveys.rounds.states import State
from surveys.stages import binding
from surveys.stores.engines import Engines
from surveys.stores.store import Stores


def close_polls(engines: Engines, manifest: Manifest, at: Instant) -> None:
    """No more papers, no more ballots; codes that went by e-mail are forgotten. `at` is the instant kept
    as the time of closing. Raises RoundStopped.
    """
    round_id = manifest.definition.round_id
    with binding.coarse_act(engines, manifest.definition):
        attendance.close_issuing(engines.roll(round_id))
        gate.shut(engines.box(round_id))
        letters.forget(engines.app, round_id)
        ledger.move(engines.app, round_id, State.CLOSING, at=at)


def seal_box(stores: Stores, manifest: Manifest) -> Board:
    """Seal the box, destroy the token keys, return the board with the box's checkpoint. Raises
    RoundStopped.
    """
    round_id = manifest.definition.round_id
    with binding.coarse_act(stores.engines, manifest.definition):
        sealing.seal(stores.engines.box(round_id), manifest)
        registrar.destroy_token_keys(stores.engines.roll(round_id))
        ledger.move(stores.engines.app, round_id, State.SEALED)
    key = receipts.load_box_key(stores.box(round_id))
    return board.read_board(stores.engines.box(round_id), manifest, key)
