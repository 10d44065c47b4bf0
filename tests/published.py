"""A small published round in real stores, for tests that read results. Built by the room's own figures, without a vote.

Three committees below a bloc. Among the contests: an ordinary one, a unanimous group, a withheld one, one with an
outcome, and a name that is markup.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from surveys.protocol import canonical
from surveys.protocol.group import BASE
from surveys.protocol.manifest import Contest, Definition, Manifest, Panel, Unit
from surveys.protocol.plan import Plan
from surveys.protocol.tally import Tally
from surveys.results import ledger
from surveys.results.figures import figures
from surveys.results.ledger import Publication
from surveys.rounds import ledger as rounds
from surveys.rounds.states import State
from surveys.rules.preset import Preset
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores

SURVEY = "5a" * 16
OPENED = "2026-11-02T01:00:00Z"
CLOSED = "2026-11-02T10:00:00Z"
PUBLISHED = "2026-11-03T02:30:00Z"
MARKUP = "<script>alert(1)</script> & 'Tú'"
UNITS = (
    Unit("A", "K", "Đảng ủy Sở Nội vụ", "đảng ủy"),
    Unit("A1", "A", "Chi bộ Văn phòng", "chi bộ"),
    Unit("A2", "A", "Chi bộ Tổ chức biên chế", "chi bộ"),
    Unit("A3", "A", "Chi bộ Công chức viên chức", "chi bộ"),
    Unit("B", "K", "Đảng ủy Sở Tài chính", "đảng ủy"),
    Unit("B1", "B", "Chi bộ Ngân sách", "chi bộ"),
    Unit("C", "K", "Đảng ủy Sở Y tế", "đảng ủy"),
    Unit("C1", "C", "Chi bộ Nghiệp vụ Y", "chi bộ"),
    Unit("K", None, "Đảng bộ Khối các cơ quan tỉnh", "khối"),
)
PANELS = ("A1", "A2", "A3", "B1", "C1")
VOTERS = (12, 14, 3, 20, 4)
RETURNED = (10, 12, 2, 18, 3)
# (person, name, unit, titles, panels, atoms or None, counts an atom): sorted by unit, then person.
CONTESTS = (
    ("p1", "Nguyễn Văn Đạt", "A", ("Bí thư", "Giám đốc"), (0, 1, 2), ((0,), (1, 2)), ((10, 0, 0), (6, 5, 2))),
    ("p2", MARKUP, "A1", ("Bí thư chi bộ",), (0,), ((0,),), ((3, 4, 2),)),
    ("p3", "Trần Thị Hằng", "B1", ("Trưởng phòng",), (3,), ((3,),), ((4, 3, 10),)),
    ("p4", "Lê Quang Vinh", "C1", ("Phó bí thư",), (4,), None, ()),
)


def a_definition(visibility: str = "public", survey: str = SURVEY) -> Definition:
    """The definition of the round."""
    contests = tuple(
        Contest(person, name, unit, titles, panels) for person, name, unit, titles, panels, *_ in CONTESTS
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
    definition = Definition(
        survey=bytes.fromhex(survey),
        title_vi="Lấy phiếu tín nhiệm năm 2026",
        title_en="Confidence vote 2026",
        organisation=UNITS[-1].name,
        number="12-KH/ĐUK",
        place="Hội trường tầng 2",
        year=2026,
        opens=OPENED,
        closes=CLOSED,
        time_zone="Asia/Ho_Chi_Minh",
        rule=Preset.load("local-annual").as_json(),
        k=5,
        revoting=True,
        subjects_vote=True,
        slips="printed",
        visibility=visibility,
        threshold=2,
        trustees=("Ngô Hải", "Đỗ Mai", "Võ Long"),
        units=UNITS,
        panels=panels,
        contests=contests,
        box_key=bytes(32),
        software="tin-nhiem 0.1.0",
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
    return manifest, canonical.encode(made.as_json())


def a_publication(results: bytes, survey: str = SURVEY) -> Publication:
    """The entry for the ledger."""
    return Publication(survey, results, "bundle.zip", sha256(results).hexdigest(), PUBLISHED)


def published_round(folder: Path, visibility: str = "public") -> tuple[Stores, Keyring]:
    """Stores with one round, published."""
    stores = Stores(folder / "stores")
    stores.migrate_app()
    keyring = Keyring.load_or_create(folder / "keyring.json")
    add_round(stores, keyring, a_definition(visibility))
    return stores, keyring


def add_round(
    stores: Stores, keyring: Keyring, definition: Definition, upto: State = State.PUBLISHED
) -> None:
    """One more round, moved on as far as `upto`; published with its results if that is the end."""
    manifest, results = the_results(definition)
    survey = definition.survey.hex()
    rounds.add(stores.app, keyring, definition)
    rounds.keep_manifest(stores.app, keyring, manifest)
    for state in list(State)[2:]:
        rounds.move(stores.app, survey, state, at=OPENED if state is State.OPEN else CLOSED)
        if state is upto:
            break
    if upto is State.PUBLISHED:
        ledger.publish(stores.app, keyring, a_publication(results, survey))


def a_second_definition(survey: str, title: str) -> Definition:
    """Another round of the same people."""
    return replace(a_definition(survey=survey), title_vi=title, title_en=title, year=2025)
