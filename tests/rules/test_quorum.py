"""Enough are present: compared on integers, in one place."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from surveys.rules.preset import Preset, Quorum
from surveys.rules.quorum import quorum_met

SURVEYS = Path(__file__).resolve().parents[2] / "surveys"


@pytest.mark.parametrize(
    ("present", "summoned", "met"),
    [(7, 12, False), (8, 12, True), (66, 100, False), (67, 100, True), (0, 0, True)],
)
def test_two_thirds_are_compared_on_integers(present: int, summoned: int, met: bool) -> None:
    assert quorum_met(Preset.load("local-annual"), present=present, summoned=summoned) is met
    assert Quorum(2, 3).met(present, summoned) is met


def test_a_rule_without_a_quorum_says_neither() -> None:
    assert quorum_met(Preset.load("nq96-2023"), present=0, summoned=5) is None


def comparing(text: str) -> list[int]:
    """The lines that multiply by a numerator or a denominator of something."""
    names = {"numerator", "denominator", "num", "den"}
    return [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)
        for side in (node.left, node.right)
        if (isinstance(side, ast.Attribute) and side.attr in names)
        or (isinstance(side, ast.Name) and side.id in names)
    ]


def test_the_quorum_is_compared_in_one_place() -> None:
    """Five places once did it, and one that rounds would open polls that the minutes call below quorum."""
    found = {
        path.relative_to(SURVEYS).as_posix()
        for path in SURVEYS.rglob("*.py")
        if comparing(path.read_text("utf-8"))
    }
    assert found == {"rules/preset.py"}


def test_a_second_comparison_is_seen() -> None:
    assert comparing("low = present * quorum.denominator < summoned * num") == [1, 1]
