"""The atom plan that follows from a board (docs/protocol.md §11): proposed by the server, recomputed by each trustee."""

from __future__ import annotations

from collections.abc import Sequence

from surveys.protocol.manifest import Manifest
from surveys.protocol.plan import Plan
from surveys.rules.atoms import Withheld, plan_atoms


def plan_for(manifest: Manifest, board: bytes, ballots: Sequence[int]) -> Plan:
    """The one plan of this board: `board` is its root, `ballots` its number of ballots by panel."""
    definition = manifest.definition
    index = {panel.unit: p for p, panel in enumerate(definition.panels)}
    contests: list[tuple[tuple[int, ...], ...] | None] = []
    for contest in definition.contests:
        cast = {definition.panels[p].unit: ballots[p] for p in contest.panels}
        planned = plan_atoms(cast, definition.parents, definition.k)
        if isinstance(planned, Withheld):
            contests.append(None)
        else:
            atoms = (tuple(sorted(index[unit] for unit in atom.panels)) for atom in planned)
            contests.append(tuple(sorted(atoms)))
    return Plan(manifest.hash, board, sum(ballots), definition.k, tuple(contests))
