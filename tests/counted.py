"""A small vote that was really held: ballots, seal, count, certificate, bundle, in the stores of an instance.
Published, or not yet.

Names that people gave are markup here, so that every page which shows them is held to escaping them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from surveys.names import RoundId
from surveys.protocol.manifest import Manifest
from surveys.rehearsal import random_script, rehearse
from surveys.rounds.contests import plan_electorate
from surveys.rules.preset import DEFAULT, Preset
from surveys.settings import Settings
from surveys.stages import publishing
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Stores
from tests.organisations import a_bloc, some_terms
from tests.published import MARKUP

VOTED = bytes(range(100, 116))


@dataclass(frozen=True)
class Counted:
    """The vote's instance."""

    settings: Settings
    stores: Stores
    manifest: Manifest
    bundle: Path

    @property
    def round_id(self) -> RoundId:
        """Its id in hex."""
        return RoundId(VOTED.hex())


def counted_vote(folder: Path, visibility: str = "public", *, published: bool = True) -> Counted:
    """Hold the vote of the small bloc. Its bundle is not verified here: tests do that."""
    settings = Settings(instance=folder)
    stores = Stores(Engines(settings.stores), Keyring.load_or_create(folder / "keyring.json"))
    stores.engines.migrate_app()
    preset, organisation = Preset.load(DEFAULT), a_bloc()
    electorate = plan_electorate(organisation, 2026, preset.level_ids)
    terms = some_terms(
        VOTED, preset=preset, visibility=visibility, title_vi=MARKUP, trustees=(MARKUP, "Hai", "Ba")
    )
    settings.bundles.mkdir(parents=True)
    bundle = settings.bundles / f"{VOTED.hex()}.zip"
    script = random_script(electorate, preset, seed=2)
    done = rehearse(stores, terms, organisation, electorate, script, bundle, jobs=1)
    if published:
        publishing.publish(stores, done.manifest, done.papers.results, bundle)
    return Counted(settings, stores, done.manifest, bundle)
