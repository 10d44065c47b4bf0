"""The demo round of an instance: a whole vote over the demo organisation, verified and published. Made once.

Killed half-way, it leaves an unfinished round that is never shown; the next run makes another.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from surveys.jobs.progress import Progress
from surveys.organisation.demo import YEAR, demo_organisation
from surveys.organisation.errors import NoOrganisation
from surveys.organisation.export import write_workbook
from surveys.organisation.parts import subtree
from surveys.organisation.register import import_organisation, load_organisation
from surveys.organisation.sheets import read_organisation
from surveys.organisation.values import Organisation
from surveys.protocol.codes import write_sheet
from surveys.results.ledger import published_surveys
from surveys.roll.slip_sheets import paper_slip, printed, sheets
from surveys.rounds import ledger
from surveys.rounds.contests import Electorate, plan_electorate
from surveys.rounds.definition import Terms
from surveys.rounds.states import State
from surveys.rules.preset import DEFAULT, Preset
from surveys.stages import publishing
from surveys.stages.rehearsal import OpenPolls, open_vote, random_script, rehearse
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores
from surveys.web.clients import built_clients


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
        clients=built_clients().named,
    )
    pending.write_text(terms.survey.hex(), "ascii")
    bundles.mkdir(parents=True, exist_ok=True)
    path = bundle_path(bundles)
    script = random_script(electorate, preset, seed=YEAR)
    done = rehearse(stores, keyring, terms, organisation, electorate, script, path, progress=progress)
    progress.begin("verify", 1)
    publishing.verified(path)
    progress.step()
    publishing.publish(stores, keyring, done.manifest, done.papers.results, path)
    pending.unlink()


@dataclass(frozen=True, slots=True)
class TryOut:
    """An open vote to try out: its id, where its slips and the trustees' sheets lie, and one slip's code."""

    survey: str
    slips: Path
    sheets: tuple[Path, ...]
    code: str = field(repr=False)


def open_try_out(
    stores: Stores, keyring: Keyring, instance: Path, address: str, progress: Progress
) -> TryOut:
    """An open vote over one committee of the demo organisation, for whoever wants to cast and count. Made once.

    Its slips and sheets lie beside the stores, as they never would in a real vote. Killed half-way and run again, another one is made.
    """
    folder = instance / "try-out"
    if (folder / "ready").exists():
        return _try_out((folder / "ready").read_text("ascii"), folder)
    if (folder / "pending").exists():
        _discard(stores, (folder / "pending").read_text("ascii"), ())
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    organisation = one_committee(load_organisation(stores.app, keyring))
    preset = Preset.load(DEFAULT)
    electorate = plan_electorate(organisation, YEAR, preset.level_ids)
    terms = Terms(
        survey=secrets.token_bytes(16),
        title_vi=f"Bỏ phiếu thử năm {YEAR}",
        title_en=f"Try-out vote {YEAR}",
        number="02-KH/ĐUK",
        place="Hội trường Đảng ủy Khối",
        year=YEAR,
        opens=f"{YEAR}-01-01T00:00:00Z",
        closes="2099-12-31T10:00:00Z",
        preset=preset,
        trustees=("Trưởng ban Kiểm phiếu", "Thành viên thứ nhất", "Thành viên thứ hai"),
        threshold=2,
        visibility="public",
        clients=built_clients().named,
    )
    survey = terms.survey.hex()
    (folder / "pending").write_text(survey, "ascii")
    present = [len(panel) for panel in electorate.panels.values()]
    polls = open_vote(
        stores, keyring, terms, organisation, electorate, present, progress, os.cpu_count() or 1
    )
    _hand_out(folder, organisation, electorate, polls, f"{address.rstrip('/')}/b/{survey}/")
    (folder / "pending").replace(folder / "ready")
    return _try_out(survey, folder)


def one_committee(organisation: Organisation) -> Organisation:
    """The first committee with its cells, as an organisation of its own."""
    top = {unit.code for unit in organisation.units if unit.parent is None}
    first = min(
        (unit for unit in organisation.units if unit.parent in top), key=lambda unit: unit.code, default=None
    )
    return organisation if first is None else subtree(organisation, first.code)


def _hand_out(
    folder: Path, organisation: Organisation, electorate: Electorate, polls: OpenPolls, booth: str
) -> None:
    definition = polls.manifest.definition
    people = {person.code: person.name for person in organisation.people}
    units = {unit.code: unit.name for unit in organisation.units}
    panels = list(electorate.panels)
    papers = [
        paper_slip(people[slip.voter.code], units[panels[slip.voter.panel]], slip.code, booth)
        for slip in polls.slips
    ]
    page = sheets(
        definition.title_vi,
        booth,
        definition.opens,
        definition.closes,
        definition.time_zone,
        dict(definition.clients)["booth"].hex(),
        papers,
    )
    (folder / "slips.html").write_text(printed(page), "utf-8")
    (folder / "a-slip.txt").write_text(papers[0].code, "ascii")
    for number, sheet in enumerate(polls.sheets, 1):
        path = folder / f"sheet-{number}.txt"
        path.touch(0o600)
        path.write_text("\n".join(write_sheet(sheet)) + "\n", "ascii")


def _try_out(survey: str, folder: Path) -> TryOut:
    written = tuple(sorted(folder.glob("sheet-*.txt")))
    return TryOut(survey, folder / "slips.html", written, (folder / "a-slip.txt").read_text("ascii"))


def _discard(stores: Stores, survey: str, finished: Collection[str]) -> None:
    if survey in finished:
        return
    ledger.discard(stores.app, survey)
    for path in (stores.roll_path(survey), stores.box_path(survey)):
        for left in path.parent.glob(f"{path.name}*"):
            left.unlink()
