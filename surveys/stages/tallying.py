"""The count: plan and sums from the sealed board, handed to the committee; then the tally (docs/protocol.md
§11, §12).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from surveys.audit.members import Content
from surveys.box.board import Board
from surveys.committee import ceremony, counting
from surveys.committee.counting import Count
from surveys.committee.plans import plan_for
from surveys.names import RoundId
from surveys.protocol.board import board_chunks
from surveys.protocol.issuance import encode_issuance
from surveys.protocol.manifest import Manifest
from surveys.protocol.tally import Tally, add_up
from surveys.roll import listing, registrar
from surveys.rounds import ledger
from surveys.rounds.states import State
from surveys.stages import binding
from surveys.stores.engines import Engines


def propose(engines: Engines, manifest: Manifest, attempt: int, board: Board) -> Count:
    """Compute plan and sums and begin the count. The same each time; raises SecondPlan for another board."""
    by_panel, sums = add_up(manifest, board.ballots)
    plan = plan_for(manifest, board.root, by_panel)
    count = Count(
        manifest,
        ceremony.finished(engines.app, manifest, attempt),
        plan,
        board.checkpoint.checkpoint.body(),
        sums.of(plan),
        by_panel,
    )
    counting.begin(engines.app, count)
    if ledger.move(engines.app, manifest.definition.round_id, State.COUNTING):
        binding.bind(engines, manifest.definition.round_id)
    return count


def tally(engines: Engines, count: Count, on_solved: Callable[[], None] | None = None) -> Tally:
    """The tally from the shares that are in. Raises NotEnoughShares."""
    return counting.tally(engines.app, count, on_solved)


def roll_members(engines: Engines, round_id: RoundId) -> Mapping[str, Content]:
    """The members that come out of the roll: it itself, without a name, and the issuance records."""
    roll_store = engines.roll(round_id)
    return {
        "roll.json": listing.read_roll(roll_store).encode(),
        "issuance.json": lambda: encode_issuance(registrar.requests_by_panel(roll_store)),
    }


def board_members(engines: Engines, count: Count, board: Board) -> Mapping[str, Content]:
    """What a member of the committee checks before it cosigns (11.3): the members of the bundle that are
    there by then.
    """
    return {
        "manifest.json": count.manifest.encode(),
        "ceremony.json": count.ceremony.encode(),
        **roll_members(engines, count.round_id),
        "board.bin": lambda: board_chunks(board.ballots),
        "checkpoint.txt": board.checkpoint.encode(),
        "plan.json": count.plan.encode(),
    }
