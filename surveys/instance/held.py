"""An instance as a process holds it: its stores, the keyring they were sealed with, the witness outside
them.
"""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy.exc import DBAPIError, NoResultFound

from surveys.disk import make_folder
from surveys.errors import SurveysError
from surveys.instance.backups import fingerprint
from surveys.instance.restoring import RestoreUnfinished, is_unfinished
from surveys.settings import Settings
from surveys.stages import binding
from surveys.stores.columns import Keyring, KeyringMissing
from surveys.stores.engines import Engines
from surveys.stores.migrating import StoreTooNew, is_damage
from surveys.stores.origin import is_keyring_known
from surveys.stores.store import Stores
from surveys.stores.witness import AbsentWitness, Witness

_log = logging.getLogger(__name__)


class AppStoreMissing(SurveysError):
    """There are rolls, boxes or a witness of rounds, and not the app store that knows them."""

    def __init__(self, stores: Path) -> None:
        super().__init__(
            f"the app store is missing in {stores}, and there is what belongs to it. Put it back from its "
            f"backup (surveys restore); no new one was made"
        )


class KeyringOfAnotherHost(SurveysError):
    """The stores lie in a database, and what is sealed in them was sealed with another keyring."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"the keyring {path} is not the newest one of this database: copy the file from the host whose "
            f"keyring was made first, or whose keys were rotated last"
        )


class AppStoreDamaged(SurveysError):
    """The app store cannot be read."""

    def __init__(self, stores: Path) -> None:
        super().__init__(
            f"the app store in {stores} is damaged. Put it back from its backup (surveys restore)"
        )


def open_stores(settings: Settings, *, alone: bool = False) -> Stores:
    """The stores of an instance; held until the process ends or `engines.close`. All are brought to the
    newest schema; a roll or box that cannot be is left as it is, and stops its round.

    App store and keyring are made for a new instance only. Raises InstanceBusy or DatabaseBusy when somebody
    holds it alone, or, with `alone`, when anybody else holds it; KeyringMissing where there are stores
    without their keyring, AppStoreMissing where there is anything else without the app store,
    AppStoreDamaged, StoreTooNew, BadKeyring, KeyringOfAnotherHost, and RestoreUnfinished.
    """
    make_folder(settings.instance, 0o700)  # as a parent it would be made for everybody to read
    engines = Engines(settings.stores, settings.database)
    try:
        engines.hold(alone=alone)
        return _opened(settings, engines)
    except BaseException:
        engines.close()
        raise


def _opened(settings: Settings, engines: Engines) -> Stores:
    if is_unfinished(settings):
        raise RestoreUnfinished(settings.instance)
    if engines.are_made() and not settings.keyring.exists():
        raise KeyringMissing(settings.keyring)
    keyring = Keyring.load_or_create(settings.keyring)
    elsewhere = settings.serve == "voter" and settings.database and not settings.witness_file.exists()
    engines.witness = AbsentWitness() if elsewhere else Witness(settings.witness_file, keyring.witness_key())
    if not engines.has_app():
        _refuse_what_is_left(engines)
    try:
        engines.migrate_app()
    except DBAPIError as error:
        if is_damage(error):
            raise AppStoreDamaged(settings.stores) from None
        raise
    if settings.database and not is_keyring_known(engines.app, fingerprint(keyring), keyring.keys):
        raise KeyringOfAnotherHost(settings.keyring)
    for round_id in engines.round_ids():
        for there, migrate in (
            (engines.has_roll, engines.migrate_roll),
            (engines.has_box, engines.migrate_box),
        ):
            try:
                if there(round_id):
                    migrate(round_id)
            except (DBAPIError, NoResultFound, StoreTooNew) as error:
                # Whoever serves this round judges it, and says so (`surveys/stages/binding.py`).
                _log.warning("a store of %s could not be migrated: %s", round_id, type(error).__name__)
    return Stores(engines, keyring)


def _refuse_what_is_left(engines: Engines) -> None:
    """Raises AppStoreMissing where rounds are known otherwise."""
    if engines.round_ids() or binding.witnessed(engines):
        raise AppStoreMissing(engines.root)
