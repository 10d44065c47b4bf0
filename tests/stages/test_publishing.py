"""Nothing is drawn up whose figures would single somebody out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from surveys.committee.counting import Count
from surveys.committee.plans import plan_for
from surveys.protocol.ballot import decode_ballot
from surveys.protocol.tally import ballots_by_panel, sums_of
from surveys.rules.errors import Leak
from surveys.stages.publishing import prove_figures
from tests.audit.build import a_vote


def a_count() -> Count:
    vote = a_vote()
    ballots = tuple(decode_ballot(raw, vote.manifest) for raw in vote.ballots)
    by_panel = ballots_by_panel(vote.manifest, ballots)
    plan = plan_for(vote.manifest, vote.checkpoint.checkpoint.root, by_panel)
    body = vote.checkpoint.checkpoint.body()
    return Count(vote.manifest, vote.ceremony, plan, body, sums_of(vote.manifest, ballots, plan), by_panel)


def test_the_figures_of_the_plan_single_nobody_out() -> None:
    prove_figures(a_count())


def test_figures_over_a_finer_plan_are_refused_with_the_panels_they_would_show() -> None:
    count = a_count()
    atoms = count.plan.contests[0]
    assert atoms is not None
    split = tuple((panel,) for group in atoms for panel in group)
    with pytest.raises(Leak) as caught:
        prove_figures(replace(count, plan=replace(count.plan, contests=(split, *count.plan.contests[1:]))))
    assert caught.value.ballots < count.manifest.definition.k
