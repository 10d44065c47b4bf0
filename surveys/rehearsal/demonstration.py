"""The demo round of an instance: a whole vote over the demo organisation, verified and published. Made once.

Killed half-way, it leaves an unfinished round that is never shown; the next run makes another.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from surveys.instants import read_instant
from surveys.jobs.progress import Progress
from surveys.names import RoundId
from surveys.organisation.errors import NoOrganisation
from surveys.organisation.export import write_workbook
from surveys.organisation.parts import subtree
from surveys.organisation.register import import_organisation, load_organisation
from surveys.organisation.sheets import read_organisation
from surveys.organisation.values import Organisation
from surveys.protocol.codes import write_sheet
from surveys.protocol.definition import Visibility
from surveys.protocol.stationery import Stationery
from surveys.rehearsal import OpenPolls, open_vote, random_script, rehearse
from surveys.rehearsal.demo_organisation import YEAR, demo_organisation
from surveys.results.publications import published_rounds
from surveys.roll.slip_sheets import paper_slip, printed, sheets
from surveys.rounds import ledger
from surveys.rounds.contests import Electorate, plan_electorate
from surveys.rounds.definition import Terms
from surveys.rounds.states import State
from surveys.rules.preset import DEFAULT, Preset
from surveys.stages import publishing
from surveys.stores.engines import Engines
from surveys.stores.origin import require_demonstration
from surveys.stores.store import Stores
from surveys.web.clients import built_clients

# People, not offices: minutes say beside each name which office it is.
COMMITTEE = ("Phùng Thế Kiên", "Nghiêm Thu Cúc", "Tạ Hữu Khánh")
PAPERS = Stationery(issued_at="Hà Nội", recipients=("Ban Thường vụ Đảng ủy Khối", "Ủy ban Kiểm tra"))


def bundle_path(bundles: Path) -> Path:
    """Where the demo round's audit bundle lies."""
    return bundles / "demo.zip"


def prepare(
    stores: Stores,
    instance: Path,
    bundles: Path,
    progress: Progress,
    *,
    small: bool = False,
) -> None:
    """Import the demo organisation into an empty store and hold its vote, unless results are published
    already.

    `small`: only its first committee, for whoever has seconds and not minutes.

    Raises NotTheDemonstrations where the instance was not claimed for it (`claim_for_demonstration`).
    Killed at any moment and run again, it removes what an unfinished vote left and holds another one.
    """
    require_demonstration(stores.engines.app)
    pending = instance / "demo.pending"
    done_before = published_rounds(stores.engines.app)
    for round_id in done_before:
        ledger.move(stores.engines.app, round_id, State.PUBLISHED)
    if pending.exists():
        _discard(stores.engines, RoundId(pending.read_text("ascii")), done_before)
        pending.unlink()
    if done_before:
        return
    try:
        organisation = load_organisation(stores.app)
    except NoOrganisation:
        whole = demo_organisation()
        write_workbook(instance / "demo.xlsx", one_committee(whole) if small else whole)
        organisation = read_organisation(instance / "demo.xlsx")
        import_organisation(stores.app, organisation, confirmed=False, by_demonstration=True)
    preset = Preset.load(DEFAULT)
    electorate = plan_electorate(organisation, YEAR, preset.level_ids)
    terms = Terms(
        survey=secrets.token_bytes(16),
        title_vi=f"Lấy phiếu tín nhiệm năm {YEAR} (minh họa)",
        title_en=f"Confidence vote {YEAR} (demo)",
        number="01-KH/ĐUK",
        place="Hội trường Đảng ủy Khối",
        year=YEAR,
        opens=read_instant(f"{YEAR}-01-01T00:00:00Z"),
        closes=read_instant(f"{YEAR}-12-31T23:59:59Z"),
        preset=preset,
        trustees=COMMITTEE,
        threshold=2,
        look_up=0,
        visibility=Visibility.PUBLIC,
        clients=built_clients().named,
        papers=PAPERS,
    )
    pending.write_text(terms.round_id, "ascii")
    bundles.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = bundle_path(bundles)
    script = random_script(electorate, preset, seed=YEAR)
    done = rehearse(stores, terms, organisation, electorate, script, path, progress=progress)
    progress.begin("verify", 1)
    publishing.verified(path)
    progress.step()
    publishing.publish(stores, done.manifest, done.papers.results, path)
    pending.unlink()


@dataclass(frozen=True, slots=True)
class TryOut:
    """An open vote to try out: its id, where its slips and the trustees' sheets lie, and one slip's code."""

    round_id: RoundId
    slips: Path
    sheets: tuple[Path, ...]
    code: str = field(repr=False)


def open_try_out(stores: Stores, instance: Path, address: str, progress: Progress) -> TryOut:
    """An open vote over one committee of the demo organisation, for whoever wants to cast and count. Made
    once.

    Its slips and sheets lie beside the stores, as they never would in a real vote. Killed half-way and run
    again, another one is made.
    """
    require_demonstration(stores.engines.app)
    folder = instance / "try-out"
    if (folder / "ready").exists():
        return _try_out(RoundId((folder / "ready").read_text("ascii")), folder)
    if (folder / "pending").exists():
        _discard(stores.engines, RoundId((folder / "pending").read_text("ascii")), ())
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    organisation = load_organisation(stores.app)
    if len({unit.parent for unit in organisation.units}) > 2:
        organisation = one_committee(organisation)
    preset = Preset.load(DEFAULT)
    electorate = plan_electorate(organisation, YEAR, preset.level_ids)
    terms = Terms(
        survey=secrets.token_bytes(16),
        title_vi=f"Bỏ phiếu thử năm {YEAR}",
        title_en=f"Try-out vote {YEAR}",
        number="02-KH/ĐUK",
        place="Hội trường Đảng ủy Khối",
        year=YEAR,
        opens=read_instant(f"{YEAR}-01-01T00:00:00Z"),
        closes=read_instant("2099-12-31T10:00:00Z"),
        preset=preset,
        trustees=COMMITTEE,
        threshold=2,
        look_up=0,
        visibility=Visibility.PUBLIC,
        clients=built_clients().named,
        papers=PAPERS,
    )
    round_id = terms.round_id
    (folder / "pending").write_text(round_id, "ascii")
    present = [len(panel) for panel in electorate.panels.values()]
    polls = open_vote(stores, terms, organisation, electorate, present, progress, os.cpu_count() or 1)
    _hand_out(folder, organisation, electorate, polls, f"{address.rstrip('/')}/b/{round_id}/")
    (folder / "pending").replace(folder / "ready")
    return _try_out(round_id, folder)


def one_committee(organisation: Organisation) -> Organisation:
    """The first committee with its cells, as an organisation of its own."""
    top = organisation.top
    first = min(
        (unit for unit in organisation.units if unit.parent == top), key=lambda unit: unit.code, default=None
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
        paper_slip(
            people[slip.voter.code], units[panels[slip.voter.panel]], slip.voter.code, slip.code, booth
        )
        for slip in polls.slips
    ]
    page = sheets(
        definition.title_vi,
        booth.removesuffix(f"{definition.survey.hex()}/"),
        definition.survey,
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


def _try_out(round_id: RoundId, folder: Path) -> TryOut:
    written = tuple(sorted(folder.glob("sheet-*.txt")))
    return TryOut(round_id, folder / "slips.html", written, (folder / "a-slip.txt").read_text("ascii"))


def _discard(engines: Engines, round_id: RoundId, finished: Collection[str]) -> None:
    if round_id in finished:
        return
    ledger.discard(engines.app, round_id)
    engines.discard(round_id)
