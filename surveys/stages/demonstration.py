"""The demo round of an instance: a whole vote over the demo organisation, verified and published. Made once.

Killed half-way, it leaves an unfinished round that is never shown; the next run makes another.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from surveys.organisation.demo import YEAR, demo_organisation
from surveys.organisation.errors import NoOrganisation
from surveys.organisation.export import write_workbook
from surveys.organisation.register import import_organisation, load_organisation
from surveys.organisation.sheets import read_organisation
from surveys.results.ledger import Publication, publish, published_surveys
from surveys.rounds import ledger
from surveys.rounds.contests import plan_electorate
from surveys.rounds.definition import Terms
from surveys.rounds.states import State
from surveys.rules.preset import DEFAULT, Preset
from surveys.stages import publishing
from surveys.stages.rehearsal import random_script, rehearse
from surveys.stages.rehearsal.run import Progress
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores


def bundle_path(bundles: Path) -> Path:
    """Where the demo round's audit bundle lies."""
    return bundles / "demo.zip"


def prepare(stores: Stores, keyring: Keyring, instance: Path, bundles: Path, progress: Progress) -> None:
    """Import the demo organisation into an empty store and hold its vote, unless results are published already.

    Killed at any moment and run again, it removes what an unfinished vote left and holds another one.
    """
    pending = instance / "demo.pending"
    done_before = published_surveys(stores.app)
    for survey in done_before:
        ledger.move(stores.app, survey, State.PUBLISHED)
    if pending.exists():
        _discard(stores, pending.read_text("ascii"), done_before)
        pending.unlink()
    if done_before:
        return
    try:
        organisation = load_organisation(stores.app, keyring)
    except NoOrganisation:
        write_workbook(instance / "demo.xlsx", demo_organisation())
        organisation = read_organisation(instance / "demo.xlsx")
        import_organisation(stores.app, keyring, organisation, confirmed=False)
    preset = Preset.load(DEFAULT)
    electorate = plan_electorate(organisation, YEAR, preset.level_ids)
    terms = Terms(
        survey=secrets.token_bytes(16),
        title_vi=f"Lấy phiếu tín nhiệm năm {YEAR} (minh họa)",
        title_en=f"Confidence vote {YEAR} (demo)",
        number="01-KH/ĐUK",
        place="Hội trường Đảng ủy Khối",
        year=YEAR,
        opens=f"{YEAR}-01-01T00:00:00Z",
        closes=f"{YEAR}-12-31T23:59:59Z",
        preset=preset,
        trustees=("Trưởng ban Kiểm phiếu", "Thành viên thứ nhất", "Thành viên thứ hai"),
        threshold=2,
        visibility="public",
    )
    pending.write_text(terms.survey.hex(), "ascii")
    bundles.mkdir(parents=True, exist_ok=True)
    path = bundle_path(bundles)
    script = random_script(electorate, preset, seed=YEAR)
    done = rehearse(stores, keyring, terms, organisation, electorate, script, path, progress=progress)
    progress.begin("verify", 1)
    publishing.verified(path)
    progress.step()
    publication = Publication(
        survey=terms.survey.hex(),
        results=done.papers.results,
        bundle=path.name,
        bundle_sha256=sha256(path.read_bytes()).hexdigest(),
        published_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    publish(stores.app, keyring, publication)
    publishing.publish(stores, done.manifest)
    pending.unlink()


def _discard(stores: Stores, survey: str, finished: Collection[str]) -> None:
    if survey in finished:
        return
    ledger.discard(stores.app, survey)
    for path in (stores.roll_path(survey), stores.box_path(survey)):
        for left in path.parent.glob(f"{path.name}*"):
            left.unlink()
