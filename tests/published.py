"""A small published round in real stores, for tests that read results. Built by the room's own figures,
without a vote.

Three committees below a bloc. Among the contests: an ordinary one, a unanimous group, a withheld one, one
with an outcome, and a name that is markup.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from surveys.instants import read_instant
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.protocol.definition import Visibility
from surveys.protocol.group import BASE
from surveys.protocol.manifest import Contest, Definition, Manifest, Panel, Unit
from surveys.protocol.plan import Plan
from surveys.protocol.tally import Tally
from surveys.results import publications as ledger
from surveys.results.figures import figures
from surveys.results.publications import Publication
from surveys.rounds import ledger as rounds
from surveys.rounds.states import State
from surveys.rules.preset import Preset
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Stores
from tests import votes
from tests.codes import units

SURVEY = RoundId("5a" * 16)
OPENED = read_instant("2026-11-02T01:00:00Z")
CLOSED = read_instant("2026-11-02T10:00:00Z")
PUBLISHED = read_instant("2026-11-03T02:30:00Z")
MARKUP = "<script>alert(1)</script> & 'Tú'"
UNITS = (
    Unit(UnitCode("A"), UnitCode("K"), "Đảng ủy Sở Nội vụ", "đảng ủy"),
    Unit(UnitCode("A1"), UnitCode("A"), "Chi bộ Văn phòng", "chi bộ"),
    Unit(UnitCode("A2"), UnitCode("A"), "Chi bộ Tổ chức biên chế", "chi bộ"),
    Unit(UnitCode("A3"), UnitCode("A"), "Chi bộ Công chức viên chức", "chi bộ"),
    Unit(UnitCode("B"), UnitCode("K"), "Đảng ủy Sở Tài chính", "đảng ủy"),
    Unit(UnitCode("B1"), UnitCode("B"), "Chi bộ Ngân sách", "chi bộ"),
    Unit(UnitCode("C"), UnitCode("K"), "Đảng ủy Sở Y tế", "đảng ủy"),
    Unit(UnitCode("C1"), UnitCode("C"), "Chi bộ Nghiệp vụ Y", "chi bộ"),
    Unit(UnitCode("K"), None, "Đảng bộ Khối các cơ quan tỉnh", "khối"),
)
PANELS = units("A1", "A2", "A3", "B1", "C1")
VOTERS = (12, 14, 3, 20, 4)
RETURNED = (10, 12, 2, 18, 3)
# (person, name, unit, titles, panels, atoms or None, counts an atom): sorted by unit, then person.
CONTESTS = (
    ("p1", "Nguyễn Văn Đạt", "A", ("Bí thư", "Giám đốc"), (0, 1, 2), ((0,), (1, 2)), ((10, 0, 0), (6, 5, 2))),
    ("p2", MARKUP, "A1", ("Bí thư chi bộ",), (0,), ((0,),), ((3, 4, 2),)),
    ("p3", "Trần Thị Hằng", "B1", ("Trưởng phòng",), (3,), ((3,),), ((4, 3, 10),)),
    ("p4", "Lê Quang Vinh", "C1", ("Phó bí thư",), (4,), None, ()),
)


def a_definition(visibility: Visibility = Visibility.PUBLIC, round_id: RoundId = SURVEY) -> Definition:
    """The definition of the round."""
    contests = tuple(
        Contest(PersonCode(person), name, UnitCode(unit), titles, panels)
        for person, name, unit, titles, panels, *_ in CONTESTS
    )
    panels = tuple(
        Panel(
            unit,
            VOTERS[p],
            bytes(32),
            bytes(294),
            tuple(c for c, held in enumerate(contests) if p in held.panels),
        )
        for p, unit in enumerate(PANELS)
    )
    definition = votes.a_definition(
        survey=bytes.fromhex(round_id),
        organisation=UNITS[-1].name,
        number="12-KH/ĐUK",
        place="Hội trường tầng 2",
        opens=OPENED,
        closes=CLOSED,
        rule=Preset.load("local-annual").as_json(),
        k=5,
        visibility=visibility,
        trustees=("Ngô Hải", "Đỗ Mai", "Võ Long"),
        units=UNITS,
        panels=panels,
        contests=contests,
    )
    definition.check()
    return definition


def the_results(definition: Definition) -> tuple[Manifest, bytes]:
    """Manifest and results file of the round, as the count would give them."""
    manifest = Manifest(definition, BASE, bytes(32))
    plan = Plan(manifest.hash, bytes(32), sum(RETURNED), 5, tuple(atoms for *_, atoms, _ in CONTESTS))
    counts = tuple(count for *_, held in CONTESTS for count in held)
    tally = Tally(plan.digest, (), (), counts)
    made = figures(manifest, plan, tally, present=RETURNED, issued=RETURNED, returned=RETURNED)
    return manifest, made.book.encode()


def a_publication(results: bytes, round_id: RoundId = SURVEY) -> Publication:
    """The entry for the ledger."""
    return Publication(round_id, results, "bundle.zip", sha256(results).hexdigest(), PUBLISHED)


def published_round(folder: Path, visibility: Visibility = Visibility.PUBLIC) -> Stores:
    """Stores with one round, published."""
    stores = Stores(Engines(folder / "stores"), Keyring.load_or_create(folder / "keyring.json"))
    stores.engines.migrate_app()
    add_round(stores, a_definition(visibility))
    return stores


def add_round(stores: Stores, definition: Definition, upto: State = State.PUBLISHED) -> None:
    """One more round, moved on as far as `upto`; published with its results if that is the end."""
    manifest, results = the_results(definition)
    round_id = definition.round_id
    rounds.add(stores.app, definition)
    rounds.keep_manifest(stores.app, manifest)
    for state in list(State)[2:]:
        rounds.move(stores.engines.app, round_id, state, at=OPENED if state is State.OPEN else CLOSED)
        if state is upto:
            break
    if upto is State.PUBLISHED:
        ledger.publish(stores.app, a_publication(results, round_id))


def a_second_definition(round_id: RoundId, title: str) -> Definition:
    """Another round of the same people."""
    return replace(a_definition(round_id=round_id), title_vi=title, title_en=title, year=2025)
