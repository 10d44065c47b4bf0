"""Three published years over one organisation, for tests that read results: history on paper, gradings,
unified and separate posts; groups that agree, hidden and withheld ones, a leader excluded, a leader who
changed posts. Made without a vote.

`publish_year` publishes a round of any organisation with given marks, by the room's own figures and the real
plan of atoms.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from surveys.instants import read_instant
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.organisation.register import import_organisation
from surveys.organisation.values import (
    Grade,
    Grading,
    Organisation,
    PaperResult,
    Person,
    Post,
    PostKind,
    Scope,
    Unit,
)
from surveys.protocol.definition import Visibility
from surveys.protocol.group import BASE
from surveys.protocol.manifest import Contest, Definition, Manifest, Panel
from surveys.protocol.manifest import Unit as ManifestUnit
from surveys.protocol.plan import Plan
from surveys.protocol.tally import Tally
from surveys.results import publications as ledger
from surveys.results.figures import figures
from surveys.results.publications import Publication
from surveys.rounds import ledger as rounds
from surveys.rounds.contests import Electorate, plan_electorate
from surveys.rounds.states import State
from surveys.rules.preset import Preset
from surveys.rules.together import Electorates, plan_round
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Stores
from tests import votes
from tests.codes import by_unit
from tests.codes import units as codes

YEARS = (2024, 2025, 2026)
NEWEST = RoundId("26" * 16)
SURVEYS = {
    2024: RoundId(RoundId(RoundId("24" * 16))),
    2025: RoundId(RoundId(RoundId("25" * 16))),
    2026: NEWEST,
}
# Marks of one panel for one contest: (person, unit, panel, ballots returned) → counts by level.
Mark = Callable[[str, str, str, int], tuple[int, ...]]
SIZES = {
    UnitCode("A1"): 12,
    UnitCode("A2"): 14,
    UnitCode("A3"): 3,
    UnitCode("A4"): 15,
    UnitCode("B1"): 20,
    UnitCode("B2"): 9,
    UnitCode("C1"): 4,
    UnitCode("D1"): 11,
    UnitCode("D2"): 8,
    UnitCode("E1"): 10,
}
NAMES = {
    "K": "Đảng bộ Khối các cơ quan tỉnh",
    "A": "Đảng ủy Sở Nội vụ",
    "B": "Đảng ủy Sở Tài chính",
    "C": "Đảng ủy Sở Y tế",
    "D": "Đảng ủy Sở Tài nguyên và Môi trường",
    "E": "Đảng ủy Ban Quản lý các khu công nghiệp",
}


@dataclass(frozen=True)
class Year:
    """A counted round that is not in a store yet."""

    manifest: Manifest
    results: bytes


def a_year(
    organisation: Organisation,
    year: int,
    round_id: RoundId,
    mark: Mark,
    returned: Mapping[UnitCode, int],
    *,
    preset: str = "local-annual",
    visibility: Visibility = Visibility.HEADS,
    frozen: Collection[tuple[str, str]] = (),
    present: Mapping[UnitCode, int] | None = None,
) -> Year:
    """The round of this year with these marks; `returned` and `present` by panel, `frozen` are (unit,
    person).
    """
    rule = Preset.load(preset)
    electorate = plan_electorate(organisation, year, rule.level_ids)
    definition = _definition(organisation, electorate, year, round_id, rule, visibility)
    manifest = Manifest(definition, BASE, bytes(32))
    codes = [panel.unit for panel in definition.panels]
    held = [returned[code] for code in codes]
    contests = [(contest.person, contest.panels) for contest in definition.contests]
    atoms = plan_round(Electorates(contests, codes, definition.parents, definition.k), held)
    counts: list[tuple[int, ...]] = []
    for contest, groups in zip(definition.contests, atoms, strict=True):
        for group in groups or ():
            marks = [mark(contest.person, contest.unit, codes[p], held[p]) for p in group]
            counts.append(tuple(sum(column) for column in zip(*marks, strict=True)))
    plan = Plan(manifest.hash, bytes(32), sum(held), definition.k, atoms)
    there = held if present is None else [present[code] for code in codes]
    excluded = [
        c for c, contest in enumerate(definition.contests) if (contest.unit, contest.person) in frozen
    ]
    made = figures(
        manifest,
        plan,
        Tally(plan.digest, (), (), tuple(counts)),
        present=there,
        issued=held,
        returned=held,
        frozen=excluded,
    )
    return Year(manifest, made.book.encode())


def _definition(
    organisation: Organisation,
    electorate: Electorate,
    year: int,
    round_id: RoundId,
    rule: Preset,
    visibility: Visibility,
) -> Definition:
    units = sorted(organisation.units, key=lambda unit: unit.code.encode())
    index = {unit: p for p, unit in enumerate(electorate.panels)}
    contests = tuple(
        Contest(
            c.person,
            c.name,
            c.unit,
            c.titles,
            tuple(sorted(index[unit] for unit in c.electorate)),
            c.previous,
        )
        for c in electorate.contests
    )
    of_panel: dict[int, list[int]] = {p: [] for p in index.values()}
    for c, contest in enumerate(contests):
        for p in contest.panels:
            of_panel[p].append(c)
    definition = votes.a_definition(
        survey=bytes.fromhex(round_id),
        title_vi=f"Lấy phiếu tín nhiệm năm {year}",
        title_en=f"Confidence vote {year}",
        organisation=next(unit.name for unit in units if unit.parent is None),
        number="12-KH/ĐUK",
        place="Hội trường tầng 2",
        year=year,
        opens=read_instant(f"{year}-11-02T01:00:00Z"),
        closes=read_instant(f"{year}-11-02T10:00:00Z"),
        rule=rule.as_json(),
        k=5,
        visibility=visibility,
        trustees=("Ngô Hải", "Đỗ Mai", "Võ Long"),
        units=tuple(ManifestUnit(unit.code, unit.parent, unit.name, unit.kind) for unit in units),
        panels=tuple(
            Panel(unit, len(voters), bytes(32), bytes(294), tuple(of_panel[index[unit]]))
            for unit, voters in electorate.panels.items()
        ),
        contests=contests,
    )
    definition.check()
    return definition


def publish_year(stores: Stores, year: Year, upto: State = State.PUBLISHED) -> None:
    """Enter a round and move it on as far as `upto`; published with its results if that is the end."""
    definition = year.manifest.definition
    round_id = definition.round_id
    rounds.add(stores.app, definition)
    rounds.keep_manifest(stores.app, year.manifest)
    for state in list(State)[2:]:
        rounds.move(
            stores.engines.app,
            round_id,
            state,
            at=definition.opens if state is State.OPEN else definition.closes,
        )
        if state is upto:
            break
    if upto is State.PUBLISHED:
        digest = sha256(year.results).hexdigest()
        at = read_instant(f"{definition.year}-11-03T02:30:00Z")
        ledger.publish(stores.app, Publication(round_id, year.results, "bundle.zip", digest, at))


def by_standing(standing: Callable[[str, str], tuple[float, ...]], seed: int) -> Mark:
    """Marks drawn at random by each leader's standing: weights of the levels, then of a row not marked."""

    def mark(person: str, unit: str, panel: str, returned: int) -> tuple[int, ...]:
        draw = random.Random(f"{seed} {person} {unit} {panel}")
        weights = standing(person, unit)
        drawn = draw.choices(range(len(weights)), weights=weights, k=returned)
        return tuple(drawn.count(level) for level in range(len(weights) - 1))

    return mark


def an_organisation(year: int) -> Organisation:
    """The small bloc as it stood in this year: in 2024 the leader `A1-01` still led a cell of B."""
    units = [Unit(UnitCode("K"), None, NAMES["K"], "Bloc", "bloc")]
    units += [
        Unit(code, UnitCode("K"), NAMES[code], f"Committee {code}", "committee") for code in codes(*"ABCDE")
    ]
    units += [
        Unit(code, UnitCode(code[0]), f"Chi bộ {code}, {NAMES[code[0]][8:]}", None, "cell") for code in SIZES
    ]
    people = [
        Person(
            PersonCode(f"{cell}-{n:02}"), f"{_NAMES[(i * 7 + n) % len(_NAMES)]} {cell}{n}", cell, None, True
        )
        for i, (cell, size) in enumerate(SIZES.items())
        for n in range(1, size + 1)
    ]
    first = by_unit({"A": "A1", "B": "B1", "C": "C1", "D": "D1", "E": "E1"})
    posts = [
        Post(
            UnitCode("K"),
            PersonCode("B1-01"),
            "Bí thư Đảng ủy Khối",
            PostKind.PARTY,
            True,
            True,
            Scope.SUBTREE,
        )
    ]
    for code, cell in first.items():
        posts.append(
            Post(code, PersonCode(f"{cell}-01"), "Bí thư Đảng ủy", PostKind.PARTY, True, True, Scope.SUBTREE)
        )
        unified = code in "ACE"
        head = PersonCode(f"{cell}-01") if unified else PersonCode(f"{cell}-02")
        posts.append(Post(code, head, "Giám đốc Sở", PostKind.PROFESSIONAL, True, not unified, Scope.SUBTREE))
    posts += [
        Post(cell, PersonCode(f"{cell}-03"), "Bí thư chi bộ", PostKind.PARTY, True, True, Scope.SUBTREE)
        for cell in SIZES
    ]
    posts += [
        Post(
            cell, PersonCode(f"{cell}-03"), "Trưởng phòng", PostKind.PROFESSIONAL, True, False, Scope.SUBTREE
        )
        for cell in SIZES
    ]
    if year == 2024:
        posts = [post for post in posts if (post.unit, post.person) != ("A", "A1-01")]
        posts += [
            Post(
                UnitCode("A"),
                PersonCode("A2-01"),
                "Bí thư Đảng ủy",
                PostKind.PARTY,
                True,
                True,
                Scope.SUBTREE,
            ),
            Post(
                UnitCode("B2"),
                PersonCode("A1-01"),
                "Phó trưởng phòng",
                PostKind.PROFESSIONAL,
                False,
                True,
                Scope.SUBTREE,
            ),
        ]
    gradings = [
        Grading(UnitCode("A"), 2026, Grade.EXCELLENT),
        Grading(UnitCode("B"), 2026, Grade.GOOD),
        Grading(UnitCode("C"), 2026, Grade.COMPLETED),
        Grading(UnitCode("D"), 2026, Grade.EXCELLENT),
        Grading(UnitCode("A"), 2025, Grade.GOOD),
    ]
    history = [
        PaperResult(2023, PersonCode("A1-01"), UnitCode("B2"), 9, 8, 5, 2, 1, 0),
        PaperResult(2022, PersonCode("A1-01"), UnitCode("B2"), 9, 9, 9, 0, 0, 0),
        PaperResult(2021, PersonCode("A1-01"), UnitCode("B2"), None, 4, 4, 0, 0, 0),
        PaperResult(2023, PersonCode("B1-01"), UnitCode("K"), None, 80, 60, 15, 4, 1),
    ]
    return Organisation.of(units, people, posts, gradings, history)


_NAMES = (
    "Nguyễn Thị Hương",
    "Trần Văn Đạt",
    "Lê Quang Vinh",
    "Phạm Thu Hằng",
    "Huỳnh Khánh Quỳnh",
    "Đỗ Hữu Nghĩa",
)


def _standing(year: int) -> Callable[[str, str], tuple[float, ...]]:
    def standing(person: str, unit: str) -> tuple[float, ...]:
        if (person, unit) == ("B1-02", "B"):  # most are against, two years running
            return (0.1, 0.2, 0.7, 0.0) if year >= 2025 else (0.5, 0.3, 0.2, 0.0)
        if (person, unit) == ("D1-03", "D1"):  # loses much
            return (0.9, 0.1, 0.0, 0.0) if year < 2026 else (0.1, 0.6, 0.2, 0.1)
        if (person, unit) in {("E1-01", "E"), ("E1-03", "E1"), ("A1-03", "A1")}:  # all agree
            return (1.0, 0.0, 0.0, 0.0)
        if (person, unit) == ("A1-01", "A"):  # one cell agrees, the other does not
            return (0.75, 0.2, 0.05, 0.0)
        return (0.7, 0.2, 0.08, 0.02)

    return standing


def _mark(year: int) -> Mark:
    drawn = by_standing(_standing(year), year)

    def mark(person: str, unit: str, panel: str, returned: int) -> tuple[int, ...]:
        if (person, unit, panel) == ("A1-01", "A", "A1"):
            return (returned, 0, 0)
        return drawn(person, unit, panel, returned)

    return mark


def the_year(year: int, visibility: Visibility = Visibility.HEADS) -> Year:
    """One of the three years: A3 and C1 return few ballots; in 2026 the leader `D1-02` was excluded, and E1
    hardly came.
    """
    returned = {cell: size - (2 if size > 8 else 1) for cell, size in SIZES.items()}
    if year == 2026:
        returned[UnitCode("E1")] = 5
    return a_year(
        an_organisation(year),
        year,
        SURVEYS[year],
        _mark(year),
        returned,
        visibility=visibility,
        frozen=[("D", "D1-02")] if year == 2026 else (),
    )


def three_years(folder: Path, visibility: Visibility = Visibility.HEADS) -> Stores:
    """Stores with the organisation as it is in 2026 and the three years, published."""
    stores = Stores(Engines(folder / "stores"), Keyring.load_or_create(folder / "keyring.json"))
    stores.engines.migrate_app()
    import_organisation(stores.app, an_organisation(2026), confirmed=False)
    for year in YEARS:
        publish_year(stores, the_year(year, visibility))
    return stores
