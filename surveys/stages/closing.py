"""Polls close: the gate shuts, the box is sealed, the token keys are destroyed (docs/protocol.md §10).

open → closing → sealed. Each step may be run again; a ballot is in the box before the gate shuts, or it is refused.
"""

from __future__ import annotations

from surveys.box import board, gate, receipts, sealing
from surveys.box.board import Board
from surveys.protocol.manifest import Manifest
from surveys.roll import attendance, letters, registrar
from surveys.rounds import ledger
from surveys.rounds.states import State
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores


def close_polls(stores: Stores, manifest: Manifest, at: str) -> None:
    """No more papers, no more ballots; codes that went by e-mail are forgotten. `at` is the UTC instant kept as the time of closing."""
    survey = manifest.definition.survey.hex()
    attendance.close_issuing(stores.roll(survey))
    gate.shut(stores.box(survey))
    letters.forget(stores.app, survey)
    ledger.move(stores.app, survey, State.CLOSING, at=at)


def seal_box(stores: Stores, keyring: Keyring, manifest: Manifest) -> Board:
    """Seal the box, destroy the token keys, return the board with the box's checkpoint."""
    survey = manifest.definition.survey.hex()
    ballots = sealing.seal(stores.box(survey), manifest)
    registrar.destroy_token_keys(stores.roll(survey))
    ledger.move(stores.app, survey, State.SEALED)
    key = receipts.load_box_key(stores.box(survey), keyring)
    return board.board_of(ballots, manifest, key)
