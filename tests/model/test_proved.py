"""ProVerif's verdicts are the declared ones: what holds is proved, what is weakened breaks. Skipped, and said
so, without ProVerif.
"""

from __future__ import annotations

import pytest

from tests.model.declared import Model, Variant, models
from tests.model.prover import ask, prover

ALL = models()
VARIED = [(model, variant) for model in ALL for variant in model.variants]
pytestmark = pytest.mark.skipif(
    prover() is None, reason="NO MODEL WAS CHECKED: ProVerif 2.05 is not on the path (docs/model/README.md)"
)


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.name)
def test_the_queries_of_a_model_come_out_as_declared(model: Model) -> None:
    assert ask(model) == {query.name: query.expected for query in model.queries}


@pytest.mark.parametrize(
    ("model", "variant"), VARIED, ids=[f"{model.name}-{one.name}" for model, one in VARIED]
)
def test_an_attack_is_found_where_a_check_is_left_out(model: Model, variant: Variant) -> None:
    verdicts = ask(model, variant)
    assert {name: verdicts[name] for name in variant.turns} == variant.turns
