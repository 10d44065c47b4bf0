"""Make the instance that a release leaves behind: `python -m tests.releases tests/releases/0.2.0.tar.xz`,
once, with the code of that release, on the day it is published.

Three rounds over a small bloc: polls open, polls closed and not yet sealed, counted and published. Slips and
sheets lie beside them, which no real instance has, so that a test can go on with the open one.
"""

from __future__ import annotations

import json
import sys
import tarfile
import tempfile
from pathlib import Path

from surveys.instants import read_instant
from surveys.jobs.progress import Silent
from surveys.organisation.register import import_organisation
from surveys.protocol.definition import Visibility
from surveys.rehearsal import random_script, rehearse
from surveys.rehearsal.run import OpenPolls, _acts, open_vote
from surveys.rehearsal.voters import Place, vote
from surveys.rounds.contests import plan_electorate
from surveys.rules.preset import DEFAULT, Preset
from surveys.settings import Settings
from surveys.stages import closing, publishing
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Stores
from tests.organisations import a_bloc, some_terms

OPEN, CLOSED, COUNTED = (bytes([number]) * 16 for number in (1, 2, 3))
VOTED = 9
CLOSED_AT = read_instant("2026-11-02T10:00:00Z")


def make(folder: Path) -> None:
    """The instance, in an empty folder."""
    settings = Settings(instance=folder)
    keyring = Keyring.load_or_create(folder / "keyring.json")
    stores = Stores(Engines(settings.stores), keyring)
    stores.engines.migrate_app()
    organisation, preset = a_bloc(), Preset.load(DEFAULT)
    import_organisation(stores.app, organisation, confirmed=False)
    electorate = plan_electorate(organisation, 2026, preset.level_ids)
    present = [len(panel) for panel in electorate.panels.values()]
    secrets = {}
    for number in (OPEN, CLOSED):
        terms = some_terms(number, preset=preset)
        polls = open_vote(stores, terms, organisation, electorate, present, Silent(), 1)
        script = random_script(electorate, preset, seed=number[0])
        acts = _acts(electorate, script, polls.slips)
        place = Place(settings.stores, keyring, polls.manifest)
        for act in acts[:VOTED]:
            vote(place, act)
        secrets[number.hex()] = _secrets(polls)
        if number is CLOSED:
            closing.close_polls(stores.engines, polls.manifest, CLOSED_AT)
    settings.bundles.mkdir()
    terms = some_terms(COUNTED, preset=preset, visibility=Visibility.PUBLIC)
    bundle = settings.bundles / f"{COUNTED.hex()}.zip"
    script = random_script(electorate, preset, seed=3)
    done = rehearse(stores, terms, organisation, electorate, script, bundle, jobs=1)
    publishing.publish(stores, done.manifest, done.papers.results, bundle)
    stores.close()
    (folder / "secrets.json").write_text(json.dumps(secrets), "ascii")


def _secrets(polls: OpenPolls) -> dict[str, list[object]]:
    return {
        "sheets": [sheet.hex() for sheet in polls.sheets],
        "slips": [[slip.voter.panel, slip.voter.code, slip.code.hex()] for slip in polls.slips],
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name, tarfile.open(sys.argv[1], "x:xz") as archive:
        make(Path(name))
        archive.add(name, "instance")
