"""What the models declare: understood whole, of every claim, on clauses that exist; each proof has a twin
that breaks it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.model.declared import MODELS, Kind, Model, models, read

ROOT = MODELS.parents[1]
ALL = models()


def _name(model: Model) -> str:
    return model.name


def test_each_of_the_four_claims_has_a_model() -> None:
    assert {model.claim for model in ALL} == {1, 2, 3, 4}


def test_each_claim_of_the_specification_names_its_models() -> None:
    text = (ROOT / "docs/protocol.md").read_text("utf-8")
    claims = text[text.index("**Claims.**") : text.index("**Contents.**")]
    parts = re.split(r"(?m)^(\d)\. ", claims)[1:]
    named = {
        int(number): set(re.findall(r"`([a-z-]+)`", words))
        for number, words in zip(parts[::2], parts[1::2], strict=True)
    }
    assert named == {claim: {one.name for one in ALL if one.claim == claim} for claim in (1, 2, 3, 4)}


@pytest.mark.parametrize("model", ALL, ids=_name)
def test_a_model_rests_on_clauses_that_exist(model: Model) -> None:
    specification = (ROOT / "docs/protocol.md").read_text("utf-8")
    for clause in model.clauses:
        assert re.search(rf"(?m)^(\| |\*\*)?{re.escape(clause)}[. ]", specification), clause


@pytest.mark.parametrize("model", ALL, ids=_name)
def test_a_proof_has_a_twin_for_which_the_attack_is_found(model: Model) -> None:
    twins = [variant for variant in model.variants if variant.kind is Kind.TWIN]
    broken = {name for twin in twins for name in twin.turns}
    names = {query.name for query in model.queries}
    assert {query.name for query in model.queries if query.kind is Kind.HOLDS} <= broken
    assert broken <= names


@pytest.mark.parametrize("model", ALL, ids=_name)
def test_a_twin_changes_lines_of_the_model_and_leaves_its_queries(model: Model) -> None:
    for variant in model.variants:
        assert model.varied(variant) not in model.source
        for query in model.queries:
            assert query.name in model.varied(variant)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(*@ holds seen:", "(*@ hold seen:"),
        ("(*@ twin free-text:", "(*@ twin:"),
        ("   claim: 3\n", ""),
        ("breaks text\n", ""),
    ],
)
def test_a_declaration_that_is_not_understood_is_refused(tmp_path: Path, old: str, new: str) -> None:
    source = (MODELS / "certificate.pv").read_text("utf-8")
    assert old in source
    copy = tmp_path / "certificate.pv"
    copy.write_text(source.replace(old, new), "utf-8")
    with pytest.raises(ValueError, match=r"certificate\.pv"):
        read(copy)


def test_a_twin_whose_line_is_not_in_the_model_is_refused(tmp_path: Path) -> None:
    source = (MODELS / "certificate.pv").read_text("utf-8")
    copy = tmp_path / "certificate.pv"
    copy.write_text(source.replace("- let signs = m in", "- let signs = n in"), "utf-8")
    model = read(copy)
    with pytest.raises(ValueError, match="0 lines are"):
        model.varied(model.variants[0])
