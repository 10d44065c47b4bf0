"""Contests on one person are cut together (11.1): what they open together singles nobody out; cut apart, they
do.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from surveys.names import PersonCode, UnitCode
from surveys.rules.atoms import Withheld, plan_atoms
from surveys.rules.disclosure import prove
from surveys.rules.errors import Leak
from surveys.rules.together import Atoms, Electorates, plan_round

TREE: dict[UnitCode, UnitCode | None] = {
    UnitCode("G"): None,
    UnitCode("C"): UnitCode("G"),
    UnitCode("U"): UnitCode("G"),
}
ALL_AND_ONE = Electorates(
    [(PersonCode("L"), (0, 1)), (PersonCode("L"), (1,))], (UnitCode("C"), UnitCode("U")), TREE, 5
)


def cut_apart(electorates: Electorates, ballots: Sequence[int]) -> list[Atoms | None]:
    """What version 1 did: each contest by itself."""
    found: list[Atoms | None] = []
    for _, panels in electorates.contests:
        index = {electorates.units[p]: p for p in panels}
        cast = {unit: ballots[p] for unit, p in index.items()}
        atoms = plan_atoms(cast, electorates.parents, electorates.k)
        found.append(
            None
            if isinstance(atoms, Withheld)
            else tuple(tuple(index[unit] for unit in atom.panels) for atom in atoms)
        )
    return found


def proved(planned: Sequence[Atoms | None], ballots: Sequence[int], k: int) -> None:
    """Raises Leak where the sums of one person's contests single out fewer than k, a voter marking alike in
    all of them.
    """
    figures = [[UnitCode(str(p)) for p in atom] for atoms in planned for atom in atoms or ()]
    prove(figures, {UnitCode(str(p)): number for p, number in enumerate(ballots)}, k)


def test_three_voters_do_not_follow_from_all_minus_one() -> None:
    planned = plan_round(ALL_AND_ONE, (3, 9))
    assert planned == (((0, 1),), None)
    proved(planned, (3, 9), 5)


def test_the_twin_three_voters_follow_where_contests_are_cut_apart() -> None:
    planned = cut_apart(ALL_AND_ONE, (3, 9))
    assert planned == [((0, 1),), ((1,),)]
    with pytest.raises(Leak) as leak:
        proved(planned, (3, 9), 5)
    assert leak.value.ballots == 3


@pytest.mark.parametrize("seed", range(200))
def test_no_computation_on_a_persons_figures_isolates_fewer_than_k(seed: int) -> None:
    draw = Random(seed)
    k, panels = draw.randint(3, 6), draw.randint(1, 9)
    units = tuple(UnitCode(f"P{p}") for p in range(panels))
    parents: dict[UnitCode, UnitCode | None] = {UnitCode("K"): None, UnitCode("M"): UnitCode("K")}
    parents |= {unit: draw.choice([UnitCode("K"), UnitCode("M"), *units[:p]]) for p, unit in enumerate(units)}
    ballots = tuple(draw.choice([0, 1, k - 1, k, 2 * k]) for _ in units)
    contests = [
        (PersonCode("L"), tuple(sorted(draw.sample(range(panels), draw.randint(1, panels)))))
        for _ in range(draw.randint(1, 5))
    ]
    planned = plan_round(Electorates(contests, units, parents, k), ballots)
    proved(planned, ballots, k)
    returned = [sum(ballots[p] for p in of) for _, of in contests]
    for (_, of), atoms in zip(contests, planned, strict=True):
        if atoms is not None:
            assert sorted(p for atom in atoms for p in atom) == list(of)
            assert all(sum(ballots[p] for p in atom) >= k for atom in atoms)
    assert max(returned) < k or any(planned)
