"""A new key for all encrypted columns of all rooms (docs/operations.md). Killed at any step, it is
run again.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from surveys.accounts.keeping import reseal_accounts
from surveys.accounts.staff_log import reseal_staff_log
from surveys.box import receipts
from surveys.instance.backups import fingerprint
from surveys.letters.mailings import reseal_letters
from surveys.letters.member_letters import reseal_member_letters
from surveys.letters.reminders import reseal_reminders
from surveys.organisation.pieces import reseal_pieces
from surveys.organisation.register import reseal_organisation
from surveys.organisation.waiting import reseal_heads
from surveys.results.publications import reseal_results
from surveys.roll import listing
from surveys.roll.errors import RollNotFrozen
from surveys.rounds import drafts, ledger
from surveys.rounds.approvals import reseal_approvals
from surveys.rounds.conduct import reseal_conduct
from surveys.rounds.questions import reseal_questions
from surveys.rounds.states import State
from surveys.stages import binding
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.origin import is_keyring_known
from surveys.stores.store import Stores


def rotate(path: Path, engines: Engines) -> int:
    """Add a key, re-seal every column of every store, then drop the old keys; returns the new key's number.

    The ring with the new key is on disk before anything is sealed with it, and the old keys leave it only
    when nothing is sealed with them any more. A run that was killed is finished by the next one. Rolls and
    boxes are found by their files: a survey whose freezing was stopped half-way has them before its round is
    entered. Raises BadKeyring, Unreadable, or RoundStopped where the stores of a round that is under way are
    not all right; then no key is dropped.
    """
    keyring = Keyring.load(path)
    for heading in ledger.headings(engines.app):
        # What is put in its place later was sealed with a key that would be gone.
        if heading.state is not State.PUBLISHED:
            binding.look(Stores(engines, keyring), heading.round_id)
            engines.stops.check(heading.round_id)
    keyring = keyring.with_new_key()
    keyring.save(path)
    if engines.database:  # from now on no host may open the stores with the old file
        is_keyring_known(engines.app, fingerprint(keyring), keyring.keys)
    stores = Stores(engines, keyring)
    reseal_organisation(stores.app)
    reseal_heads(stores.app)
    reseal_pieces(stores.app)
    ledger.reseal_rounds(stores.app)
    reseal_results(stores.app)
    reseal_letters(stores.app)
    reseal_reminders(stores.app)
    reseal_member_letters(stores.app)
    drafts.reseal_drafts(stores.app)
    reseal_conduct(stores.app)
    reseal_approvals(stores.app)
    reseal_questions(stores.app)
    reseal_accounts(stores.app)
    reseal_staff_log(stores.app)
    for round_id in engines.round_ids():
        if engines.has_roll(round_id):
            with suppress(RollNotFrozen):
                listing.reseal_roll(stores.roll(round_id))
        if engines.has_box(round_id):
            receipts.reseal_box_key(stores.box(round_id))
    for number in sorted(keyring.keys)[:-1]:
        keyring = keyring.without(number)
    keyring.save(path)
    return keyring.current
