"""The demo organisation: a provincial bloc of 57 committees and 410 cells, with invented names.

It has exactly the shape of the source document (40 and 356 unified posts, grading 48 excellent and 9 good)
and about 5 000 voters. Everything follows from the seed: the same seed gives the same organisation.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from surveys.names import PersonCode, UnitCode
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
from surveys.rehearsal.demo_names import (
    AGENCIES,
    FAMILIES,
    GIVEN_HERS,
    GIVEN_HIS,
    MIDDLES_HERS,
    MIDDLES_HIS,
    OFFICES,
)

YEAR = 2026
SEED = 2026
COMMITTEES, CELLS, VOTERS = 57, 410, 5000
UNIFIED_COMMITTEES, UNIFIED_CELLS = 40, 356
EXCELLENT = 48
ROOT = UnitCode("KHOI")
BLOC_TITLES = (
    "Bí thư Đảng ủy Khối",
    "Phó Bí thư Thường trực Đảng ủy Khối",
    "Phó Bí thư Đảng ủy Khối",
    "Chủ nhiệm Ủy ban Kiểm tra",
    "Trưởng Ban Tổ chức",
)


def demo_organisation(seed: int = SEED) -> Organisation:
    """The demo organisation of this seed."""
    return _Demo(random.Random(seed)).build()  # noqa: S311  (invented data)


@dataclass
class _Demo:
    rng: random.Random
    units: list[Unit] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    history: list[PaperResult] = field(default_factory=list)
    voters: dict[str, int] = field(default_factory=dict)

    def build(self) -> Organisation:
        self.units.append(
            Unit(
                ROOT,
                None,
                "Đảng ủy Khối các cơ quan và doanh nghiệp tỉnh",
                "Bloc of Provincial Agencies and Enterprises",
                "bloc",
            )
        )
        cells = self._spread(CELLS, COMMITTEES, 3, 14)
        sizes = self._spread(VOTERS, CELLS, 6, 20)
        unified_committees = set(self.rng.sample(range(COMMITTEES), UNIFIED_COMMITTEES))
        unified_cells = set(self.rng.sample(range(CELLS), UNIFIED_CELLS))
        number = 0
        for c, (name, english) in enumerate(AGENCIES):
            code = UnitCode(f"DU{c + 1:02}")
            self.units.append(
                Unit(code, ROOT, f"Đảng ủy {name}", f"Party Committee of the {english}", "committee")
            )
            self.voters[code] = sum(sizes[number : number + cells[c]])
            first = UnitCode(f"{code}-C01")
            for i in range(cells[c]):
                self._cell(code, i, name, english, sizes[number], unified=number in unified_cells)
                number += 1
            self._committee(code, first, unified=c in unified_committees)
        self.voters[ROOT] = sum(sizes)
        for p, title in enumerate(BLOC_TITLES):
            person = self._member(UnitCode(f"DU{p + 1:02}-C02"), p + 1)
            self._post(ROOT, person, title, PostKind.PARTY, head=p == 0)
        for post in self.posts:
            if post.subject:
                self._earlier(post)
        committees = [unit.code for unit in self.units if unit.kind == "committee"]
        excellent = set(self.rng.sample(committees, EXCELLENT))
        gradings = [
            Grading(code, YEAR, Grade.EXCELLENT if code in excellent else Grade.GOOD) for code in committees
        ]
        return Organisation.of(self.units, self.people, self.posts, gradings, self.history)

    def _spread(self, total: int, parts: int, low: int, high: int) -> list[int]:
        """`parts` whole numbers from low to high with this total."""
        numbers = [self.rng.randint(low, high) for _ in range(parts)]
        while sum(numbers) != total:
            i = self.rng.randrange(parts)
            step = 1 if sum(numbers) < total else -1
            if low <= numbers[i] + step <= high:
                numbers[i] += step
        return numbers

    def _cell(
        self, committee: UnitCode, i: int, name: str, english: str, size: int, *, unified: bool
    ) -> None:
        office, office_english = OFFICES[i]
        code = UnitCode(f"{committee}-C{i + 1:02}")
        self.units.append(
            Unit(
                code,
                committee,
                f"Chi bộ {office}, {name}",
                f"Party Cell of {office_english}, {english}",
                "cell",
            )
        )
        self.voters[code] = size
        for n in range(size):
            self.people.append(Person(self._member(code, n + 1), self._name(), code, None, True))
        secretary = self._member(code, size)
        self._post(code, secretary, "Bí thư chi bộ", PostKind.PARTY)
        head = secretary if unified else self._member(code, size - 1)
        self._post(code, head, "Trưởng phòng", PostKind.PROFESSIONAL, head=True, subject=not unified)

    def _committee(self, code: UnitCode, cell: UnitCode, *, unified: bool) -> None:
        """Secretary, two deputies and, where the post is not unified, a head of their own; they vote in the
        first cell.
        """
        secretary = self._member(cell, 1)
        self._post(code, secretary, "Bí thư Đảng ủy", PostKind.PARTY)
        self._post(code, self._member(cell, 2), "Phó Bí thư Thường trực", PostKind.PARTY)
        self._post(code, self._member(cell, 3), "Phó Bí thư Đảng ủy", PostKind.PARTY)
        head = secretary if unified else self._member(cell, 4)
        self._post(code, head, "Thủ trưởng cơ quan", PostKind.PROFESSIONAL, head=True, subject=not unified)

    def _member(self, cell: UnitCode, number: int) -> PersonCode:
        return PersonCode(f"{cell}-{number:02}")

    def _post(
        self,
        unit: UnitCode,
        person: PersonCode,
        title: str,
        kind: PostKind,
        *,
        head: bool = False,
        subject: bool = True,
    ) -> None:
        electorate: Scope = Scope.SUBTREE
        self.posts.append(Post(unit, person, title, kind, head, subject, electorate))

    def _name(self) -> str:
        hers = self.rng.random() < 0.45
        middle, given = (MIDDLES_HERS, GIVEN_HERS) if hers else (MIDDLES_HIS, GIVEN_HIS)
        return " ".join(self.rng.choice(words) for words in (FAMILIES, middle, given))

    def _earlier(self, post: Post) -> None:
        """Results of the two years before, near each other as they are in life; a few people stand badly."""
        low_share = 0.55 if self.rng.random() < 0.01 else self.rng.betavariate(1.2, 12)
        high_share = (1 - low_share) * self.rng.betavariate(6, 2)
        for year in (YEAR - 2, YEAR - 1):
            summoned = self.voters[post.unit]
            returned = summoned - sum(self.rng.random() < 0.05 for _ in range(summoned))
            counts = [0, 0, 0, 0]
            weights = [high_share, max(0.0, 1 - high_share - low_share), low_share, 0.01]
            for level in self.rng.choices(range(4), weights=weights, k=returned):
                counts[level] += 1
            high, plain, low, not_marked = counts
            counted = summoned, returned, high, plain, low, not_marked
            self.history.append(PaperResult(year, post.person, post.unit, *counted, title=post.title))
