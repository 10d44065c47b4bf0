"""A new key for all encrypted columns of all rooms (docs/operations.md). Killed at any step, it is run again."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from surveys.accounts.register import reseal_accounts
from surveys.accounts.staff_log import reseal_staff_log
from surveys.box import receipts
from surveys.organisation.pieces import reseal_pieces
from surveys.organisation.register import reseal_organisation
from surveys.organisation.waiting import reseal_heads
from surveys.results.ledger import reseal_results
from surveys.roll import listing
from surveys.roll.errors import RollNotFrozen
from surveys.roll.letters import reseal_letters
from surveys.roll.letters.reminders import reseal_reminders
from surveys.rounds import drafts, ledger
from surveys.rounds.approvals import reseal_approvals
from surveys.rounds.conduct import reseal_conduct
from surveys.rounds.questions import reseal_questions
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores


def rotate(path: Path, stores: Stores) -> int:
    """Add a key, re-seal every column of every store, then drop the old keys; returns the new key's number.

    The ring with the new key is on disk before anything is sealed with it, and the old keys leave it only when nothing is
    sealed with them any more. A run that was killed is finished by the next one. Rolls and boxes are found by their files:
    a survey whose freezing was stopped half-way has them before its round is entered. Raises BadKeyring or Unreadable; then
    no key is dropped.
    """
    keyring = Keyring.load(path).with_new_key()
    keyring.save(path)
    reseal_organisation(stores.app, keyring)
    reseal_heads(stores.app, keyring)
    reseal_pieces(stores.app, keyring)
    ledger.reseal_rounds(stores.app, keyring)
    reseal_results(stores.app, keyring)
    reseal_letters(stores.app, keyring)
    reseal_reminders(stores.app, keyring)
    drafts.reseal_drafts(stores.app, keyring)
    reseal_conduct(stores.app, keyring)
    reseal_approvals(stores.app, keyring)
    reseal_questions(stores.app, keyring)
    reseal_accounts(stores.app, keyring)
    reseal_staff_log(stores.app, keyring)
    for survey in stores.surveys():
        with suppress(RollNotFrozen):
            listing.reseal_roll(stores.create_roll(survey), keyring)
        receipts.reseal_box_key(stores.create_box(survey), keyring)
    for number in sorted(keyring.keys)[:-1]:
        keyring = keyring.without(number)
    keyring.save(path)
    return keyring.current
