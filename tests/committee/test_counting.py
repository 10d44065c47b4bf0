"""The count: what a trustee refuses to open, and what the server refuses to take (docs/protocol.md §11, §12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import pytest

from surveys.committee import counting
from surveys.committee.counting import Count
from surveys.committee.errors import ForeignTrustee, NotEnoughShares, RefusedByTrustee, SecondPlan
from surveys.committee.plans import plan_for
from surveys.committee.trustee import Contribution, Trustee
from surveys.protocol.ballot import Ballot, decode_ballot
from surveys.protocol.checkpoint import Checkpoint
from surveys.protocol.errors import Rejected
from surveys.protocol.group import BASE
from surveys.protocol.tally import ballots_by_panel, sums_of
from surveys.stores.engines import Stores
from tests.audit.build import Vote, a_vote


@dataclass(frozen=True)
class Scene:
    """A counted vote with its trustees, and a store for the count."""

    vote: Vote
    count: Count
    ballots: tuple[Ballot, ...]
    checkpoint: Checkpoint
    trustees: tuple[Trustee, ...]
    stores: Stores

    def contribution(self, trustee: int) -> Contribution:
        return self.trustees[trustee - 1].count(
            self.vote.manifest, self.vote.ceremony, self.ballots, self.checkpoint, self.count.plan
        )


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    vote = a_vote()
    stores = Stores(tmp_path)
    stores.migrate_app()
    ballots = tuple(decode_ballot(raw, vote.manifest) for raw in vote.ballots)
    by_panel = ballots_by_panel(vote.manifest, ballots)
    checkpoint = vote.checkpoint.checkpoint
    plan = plan_for(vote.manifest, checkpoint.root, by_panel)
    count = Count(
        vote.manifest, vote.ceremony, plan, checkpoint.body(), sums_of(vote.manifest, ballots, plan), by_panel
    )
    counting.begin(stores.app, count)
    trustees = tuple(Trustee(sheet._seed, sheet.trustee) for sheet in vote.sheets)
    yield Scene(vote, count, ballots, checkpoint, trustees, stores)
    stores.close()


def test_every_two_of_three_open_the_same_counts_and_one_alone_cannot(scene: Scene) -> None:
    given = {i: scene.contribution(i) for i in (1, 2, 3)}
    for pair in combinations(given, 2):
        with_pair = replace(scene, stores=Stores(scene.stores.root / f"pair-{pair[0]}{pair[1]}"))
        with_pair.stores.migrate_app()
        counting.begin(with_pair.stores.app, scene.count)
        first, second = pair
        counting.accept_share(with_pair.stores.app, scene.count, given[first].share, given[first].cosignature)
        with pytest.raises(NotEnoughShares):
            counting.tally(with_pair.stores.app, scene.count)
        counting.accept_share(
            with_pair.stores.app, scene.count, given[second].share, given[second].cosignature
        )
        assert counting.tally(with_pair.stores.app, scene.count).counts == scene.vote.tally.counts
        with_pair.stores.close()


def test_a_share_given_twice_counts_once(scene: Scene) -> None:
    given = scene.contribution(1)
    for _ in range(2):
        counting.accept_share(scene.stores.app, scene.count, given.share, given.cosignature)
    with pytest.raises(NotEnoughShares):
        counting.tally(scene.stores.app, scene.count)


def test_a_wrong_share_is_named_and_the_count_goes_on_without_it(scene: Scene) -> None:
    bad = scene.contribution(1)
    moved = replace(bad.share, points=(bad.share.points[0] + BASE, *bad.share.points[1:]))
    with pytest.raises(Rejected) as caught:
        counting.accept_share(scene.stores.app, scene.count, moved, bad.cosignature)
    assert (caught.value.check, caught.value.where.split(".")[0]) == ("12.3", "shares[1]")
    for i in (2, 3):
        given = scene.contribution(i)
        counting.accept_share(scene.stores.app, scene.count, given.share, given.cosignature)
    assert counting.tally(scene.stores.app, scene.count).counts == scene.vote.tally.counts


def test_a_share_in_another_trustees_name_is_refused(scene: Scene) -> None:
    given = scene.contribution(1)
    with pytest.raises(Rejected):
        counting.accept_share(
            scene.stores.app, scene.count, replace(given.share, trustee=2), given.cosignature
        )
    with pytest.raises(ForeignTrustee):
        counting.accept_share(
            scene.stores.app, scene.count, replace(given.share, trustee=9), given.cosignature
        )


def test_a_second_plan_is_refused_by_the_server(scene: Scene) -> None:
    counting.begin(scene.stores.app, scene.count)
    finer = replace(scene.count.plan, contests=(None, *scene.count.plan.contests[1:]))
    with pytest.raises(SecondPlan):
        counting.begin(scene.stores.app, replace(scene.count, plan=finer))


def test_a_trustee_opens_only_the_plan_that_follows_from_the_board(scene: Scene) -> None:
    atoms = scene.count.plan.contests[0]
    assert atoms is not None
    split = (*((panel,) for panel in atoms[0]), *atoms[1:])
    finer = replace(scene.count.plan, contests=(split, *scene.count.plan.contests[1:]))
    with pytest.raises(RefusedByTrustee, match="plan"):
        scene.trustees[0].count(
            scene.vote.manifest, scene.vote.ceremony, scene.ballots, scene.checkpoint, finer
        )


@pytest.mark.parametrize("change", ["dropped", "twice", "swapped"])
def test_a_trustee_opens_no_board_that_is_not_the_checkpoints(scene: Scene, change: str) -> None:
    ballots = list(scene.ballots)
    if change == "dropped":
        del ballots[3]
    elif change == "twice":
        ballots.insert(3, ballots[3])
    else:
        ballots[2], ballots[3] = ballots[3], ballots[2]
    with pytest.raises(RefusedByTrustee, match="board"):
        scene.trustees[0].count(
            scene.vote.manifest, scene.vote.ceremony, ballots, scene.checkpoint, scene.count.plan
        )


def test_a_trustee_never_opens_two_boards_of_one_vote(scene: Scene) -> None:
    """With another board under the same manifest, the difference of two results would show single ballots."""
    scene.contribution(1)
    fewer = scene.ballots[:-1]
    by_panel = ballots_by_panel(scene.vote.manifest, fewer)
    from surveys.protocol import merkle

    other = replace(scene.checkpoint, size=len(fewer), root=merkle.root([ballot.raw for ballot in fewer]))
    plan = plan_for(scene.vote.manifest, other.root, by_panel)
    with pytest.raises(RefusedByTrustee, match="another plan"):
        scene.trustees[0].count(scene.vote.manifest, scene.vote.ceremony, fewer, other, plan)
    fresh = Trustee(scene.trustees[0]._seed, 1)
    assert fresh.count(scene.vote.manifest, scene.vote.ceremony, fewer, other, plan).share.points


def test_a_sheet_of_another_ceremony_signs_nothing(scene: Scene) -> None:
    with pytest.raises(RefusedByTrustee, match="sheet"):
        Trustee(bytes(32), 1).count(
            scene.vote.manifest, scene.vote.ceremony, scene.ballots, scene.checkpoint, scene.count.plan
        )


def test_the_same_count_gives_the_same_contribution(scene: Scene) -> None:
    assert scene.contribution(1) == scene.contribution(1)
