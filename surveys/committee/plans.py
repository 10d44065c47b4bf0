"""The atom plan that follows from a board (docs/protocol.md §11): proposed by the server, recomputed by each
trustee.
"""

from __future__ import annotations

from collections.abc import Sequence

from surveys.protocol.manifest import Definition, Manifest
from surveys.protocol.plan import Plan
from surveys.rules.together import Electorates, plan_round


def electorates_of(definition: Definition) -> Electorates:
    """What the plan follows from, beside the numbers of ballots."""
    return Electorates(
        contests=[(contest.person, contest.panels) for contest in definition.contests],
        units=[panel.unit for panel in definition.panels],
        parents=definition.parents,
        k=definition.k,
    )


def plan_for(manifest: Manifest, board: bytes, ballots: Sequence[int]) -> Plan:
    """The one plan of this board: `board` is its root, `ballots` its number of ballots by panel."""
    definition = manifest.definition
    contests = plan_round(electorates_of(definition), ballots)
    return Plan(manifest.hash, board, sum(ballots), definition.k, contests)
