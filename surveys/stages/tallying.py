"""The count: plan and sums from the sealed board, handed to the committee; then the tally (docs/protocol.md §11, §12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from surveys.box.board import Board
from surveys.committee import ceremony, counting
from surveys.committee.counting import Count
from surveys.committee.plans import plan_for
from surveys.protocol.ballot import Ballot, decode_ballot
from surveys.protocol.manifest import Manifest
from surveys.protocol.tally import Tally, ballots_by_panel, sums_of
from surveys.rounds import ledger
from surveys.rounds.states import State
from surveys.stores.engines import Stores


@dataclass(frozen=True, slots=True)
class Counting:
    """A count that has begun, with the decoded ballots that it is over."""

    count: Count
    ballots: tuple[Ballot, ...]


def propose(stores: Stores, manifest: Manifest, attempt: int, board: Board) -> Counting:
    """Compute plan and sums and begin the count. The same each time; raises SecondPlan for another board."""
    ballots = tuple(decode_ballot(raw, manifest, f"board[{i}]") for i, raw in enumerate(board.ballots))
    by_panel = ballots_by_panel(manifest, ballots)
    plan = plan_for(manifest, board.root, by_panel)
    count = Count(
        manifest,
        ceremony.finished(stores.app, manifest, attempt),
        plan,
        board.checkpoint.checkpoint.body(),
        sums_of(manifest, ballots, plan),
        by_panel,
    )
    counting.begin(stores.app, count)
    ledger.move(stores.app, manifest.definition.survey.hex(), State.COUNTING)
    return Counting(count, ballots)


def tally(stores: Stores, count: Count, on_solved: Callable[[], None] | None = None) -> Tally:
    """The tally from the shares that are in. Raises NotEnoughShares."""
    return counting.tally(stores.app, count, on_solved)
