"""The count: what a member refuses to cosign and to open, and what the server refuses to take
(docs/protocol.md §11, §12).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import pytest

from surveys.committee import counting
from surveys.committee.checking import Examined, examine
from surveys.committee.counting import Count
from surveys.committee.errors import (
    ForeignTrustee,
    LookUpTime,
    NotEnoughShares,
    RefusedByTrustee,
    SecondPlan,
    TooFewCosigned,
)
from surveys.committee.plans import plan_for
from surveys.committee.trustee import Cosigning, Trustee
from surveys.instants import read_instant
from surveys.protocol.agreement import Cosigners
from surveys.protocol.ballot import decode_ballot
from surveys.protocol.errors import Rejected
from surveys.protocol.group import BASE
from surveys.protocol.shares import Share
from surveys.protocol.tally import ballots_by_panel, sums_of
from surveys.stores.engines import Engines
from tests.attacks.forger import recounted
from tests.audit.build import Vote, a_vote, another_fixed_plan, board_bytes
from tests.opening import AT, LATER, board_of, opened_by


@dataclass(frozen=True)
class Scene:
    """A vote that is sealed, with its trustees, and a store for the count."""

    vote: Vote
    count: Count
    examined: Examined
    trustees: tuple[Trustee, ...]
    engines: Engines

    def cosign(self, *numbers: int) -> None:
        for i in numbers:
            given = self.trustees[i - 1].cosign(self.examined, AT)
            counting.accept_cosignature(self.engines.app, self.count, given.cosignature, given.checkpoint)

    def share(self, trustee: int, absent: tuple[int, ...] = ()) -> Share:
        agreement = counting.agreement_in(self.engines.app, self.count)
        return opened_by(self.trustees[trustee - 1], self.examined, agreement, absent)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    vote = a_vote()
    engines = Engines(tmp_path)
    engines.migrate_app()
    ballots = tuple(decode_ballot(raw, vote.manifest) for raw in vote.ballots)
    by_panel = ballots_by_panel(vote.manifest, ballots)
    checkpoint = vote.checkpoint.checkpoint
    plan = plan_for(vote.manifest, checkpoint.root, by_panel)
    count = Count(
        vote.manifest, vote.ceremony, plan, checkpoint.body(), sums_of(vote.manifest, ballots, plan), by_panel
    )
    counting.begin(engines.app, count)
    trustees = tuple(Trustee(sheet._seed, sheet.trustee) for sheet in vote.sheets)
    yield Scene(vote, count, examine(board_of(vote.members)), trustees, engines)
    engines.close()


def test_any_two_of_three_shares_open_the_same_counts(scene: Scene, tmp_path: Path) -> None:
    scene.cosign(1, 2, 3)
    agreement = counting.agreement_in(scene.engines.app, scene.count)
    given = {i: scene.share(i) for i in (1, 2, 3)}
    for first, second in combinations(given, 2):
        engines = Engines(tmp_path / f"{first}{second}")
        engines.migrate_app()
        for each in scene.trustees:
            said = each.cosign(scene.examined, AT)
            counting.accept_cosignature(engines.app, scene.count, said.cosignature, said.checkpoint)
        counting.accept_share(engines.app, scene.count, given[first])
        with pytest.raises(NotEnoughShares):
            counting.tally(engines.app, scene.count)
        counting.accept_share(engines.app, scene.count, given[second])
        assert counting.tally(engines.app, scene.count).counts == scene.vote.tally.counts
        engines.close()
    assert [each.trustee for each in agreement] == [1, 2, 3]


def test_a_share_given_twice_counts_once(scene: Scene) -> None:
    scene.cosign(1, 2, 3)
    for _ in range(2):
        counting.accept_share(scene.engines.app, scene.count, scene.share(1))
    with pytest.raises(NotEnoughShares):
        counting.tally(scene.engines.app, scene.count)


def test_a_wrong_share_is_named_and_the_count_goes_on_without_it(scene: Scene) -> None:
    scene.cosign(1, 2, 3)
    bad = scene.share(1)
    moved = replace(bad, points=(bad.points[0] + BASE, *bad.points[1:]))
    with pytest.raises(Rejected) as caught:
        counting.accept_share(scene.engines.app, scene.count, moved)
    assert (caught.value.check, caught.value.where.split(".")[0]) == ("12.3", "shares[1]")
    for i in (2, 3):
        counting.accept_share(scene.engines.app, scene.count, scene.share(i))
    assert counting.tally(scene.engines.app, scene.count).counts == scene.vote.tally.counts


def test_a_share_in_another_trustees_name_is_refused(scene: Scene) -> None:
    scene.cosign(1, 2, 3)
    given = scene.share(1)
    with pytest.raises(Rejected):
        counting.accept_share(scene.engines.app, scene.count, replace(given, trustee=2))
    with pytest.raises(ForeignTrustee):
        counting.accept_share(scene.engines.app, scene.count, replace(given, trustee=9))


def test_a_cosignature_of_another_board_in_another_name_or_by_nobody_is_refused(scene: Scene) -> None:
    other = examine(board_of(recounted(scene.vote, scene.vote.ballots[1:]).members))
    elsewhere = Trustee(scene.trustees[0]._seed, 1).cosign(other, AT)
    own = scene.trustees[0].cosign(scene.examined, AT)

    def refused(given: Cosigning) -> str:
        with pytest.raises(Rejected) as caught:
            counting.accept_cosignature(scene.engines.app, scene.count, given.cosignature, given.checkpoint)
        return caught.value.check

    assert refused(elsewhere) == "11.3"
    assert refused(replace(own, cosignature=replace(own.cosignature, trustee=2))) == "11.3"
    assert refused(replace(own, checkpoint=elsewhere.checkpoint)) == "10.4"
    with pytest.raises(ForeignTrustee):
        counting.accept_cosignature(
            scene.engines.app, scene.count, replace(own.cosignature, trustee=4), own.checkpoint
        )
    assert counting.agreement_in(scene.engines.app, scene.count) == ()


def test_a_second_cosignature_of_one_trustee_changes_nothing(scene: Scene) -> None:
    scene.cosign(1)
    again = scene.trustees[0].cosign(scene.examined, LATER)
    assert not counting.accept_cosignature(
        scene.engines.app, scene.count, again.cosignature, again.checkpoint
    )
    assert [each.at for each in counting.agreement_in(scene.engines.app, scene.count)] == [AT]


def test_a_share_that_goes_by_a_cosignature_that_is_not_in_is_refused(scene: Scene) -> None:
    scene.cosign(1, 2, 3)
    given = scene.share(1)
    with scene.engines.app.begin() as connection:
        connection.exec_driver_sql("DELETE FROM committee_messages WHERE kind = 'agreement' AND trustee = 3")
    with pytest.raises(Rejected) as caught:
        counting.accept_share(scene.engines.app, scene.count, given)
    assert caught.value.check == "12.2"
    assert scene.count.context.plan == scene.count.plan.digest


def test_a_member_opens_only_when_q_have_cosigned_or_the_missing_are_named(scene: Scene) -> None:
    with pytest.raises(RefusedByTrustee, match="not cosigned"):
        scene.share(1)
    scene.cosign(1)
    with pytest.raises(TooFewCosigned) as alone:
        scene.share(1, absent=(2, 3))
    assert alone.value.missing == (2, 3)
    scene.cosign(2)
    with pytest.raises(TooFewCosigned) as caught:
        scene.share(1)
    assert caught.value.missing == (3,)
    assert scene.share(1, absent=(3,)).cosigners == Cosigners((1, 2), (3,))
    scene.cosign(3)
    assert scene.share(1, absent=(3,)).cosigners == Cosigners((1, 2, 3), ())


def test_nothing_is_opened_while_voters_look_their_ballots_up(scene: Scene) -> None:
    scene.cosign(1, 2, 3)
    agreement = counting.agreement_in(scene.engines.app, scene.count)
    with pytest.raises(LookUpTime) as caught:
        scene.trustees[0].open(scene.examined, agreement, now=read_instant("2026-11-02T11:29:00Z"), since=AT)
    assert caught.value.seconds == 60
    assert (
        scene.trustees[0]
        .open(scene.examined, agreement, now=read_instant("2026-11-02T11:30:00Z"), since=AT)
        .points
    )


def test_a_second_plan_is_refused_by_the_server(scene: Scene) -> None:
    counting.begin(scene.engines.app, scene.count)
    finer = replace(scene.count.plan, contests=(None, *scene.count.plan.contests[1:]))
    with pytest.raises(SecondPlan):
        counting.begin(scene.engines.app, replace(scene.count, plan=finer))


def test_a_member_cosigns_only_the_plan_that_follows_from_the_board(scene: Scene) -> None:
    members = {**board_of(scene.vote.members), "plan.json": another_fixed_plan(scene.vote)}
    with pytest.raises(Rejected) as caught:
        examine(members)
    assert caught.value.check == "11.1"


@pytest.mark.parametrize(
    ("change", "check"), [("dropped", "10.2"), ("twice", "10.1"), ("swapped", "10.1"), ("cut", "8.2")]
)
def test_a_member_cosigns_no_board_that_is_not_the_checkpoints(scene: Scene, change: str, check: str) -> None:
    ballots = list(scene.vote.ballots)
    if change == "dropped":
        del ballots[3]
    elif change == "twice":
        ballots.insert(3, ballots[3])
    elif change == "swapped":
        ballots[2], ballots[3] = ballots[3], ballots[2]
    board = board_bytes(ballots)
    members = {**board_of(scene.vote.members), "board.bin": board[:-1] if change == "cut" else board}
    with pytest.raises(Rejected) as caught:
        examine(members)
    assert caught.value.check == check


def test_a_member_never_cosigns_two_boards_of_one_vote(scene: Scene) -> None:
    """With another board under the same manifest, the difference of two results would show single ballots."""
    scene.cosign(1)
    other = examine(board_of(recounted(scene.vote, scene.vote.ballots[1:]).members))
    with pytest.raises(RefusedByTrustee, match="another board"):
        scene.trustees[0].cosign(other, AT)
    with pytest.raises(RefusedByTrustee, match="another board"):
        scene.trustees[0].open(other, (), now=LATER, since=AT)
    assert Trustee(scene.trustees[0]._seed, 1).cosign(other, AT).checkpoint


def test_a_sheet_of_another_ceremony_signs_nothing(scene: Scene) -> None:
    with pytest.raises(RefusedByTrustee, match="sheet"):
        Trustee(bytes(32), 1).cosign(scene.examined, AT)


def test_the_same_opening_gives_the_same_share(scene: Scene) -> None:
    scene.cosign(1, 2, 3)
    assert scene.share(1) == scene.share(1)
