"""The sheets of docs/security: every requirement once, and every path and test that they name exists."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHEETS = sorted((ROOT / "docs/security").glob("*.md"))
VERDICTS = {"met", "met in part", "not met", "does not apply", "the operator's"}
DEFINED = {
    name
    for path in (ROOT / "tests").rglob("*.py")
    for name in re.findall(r"(?m)^def (test_\w+)", path.read_text("utf-8"))
}


def _read(name: str) -> str:
    return (ROOT / "docs/security" / name).read_text("utf-8")


def _items(text: str) -> list[str]:
    """The points of a sheet's lists, each on one line."""
    return [" ".join(each.split()) for each in re.split(r"(?m)^- ", text)[1:]]


def _nowhere(text: str) -> list[str]:
    named = re.findall(r"`([^`]+)`", text)
    tests = [name for name in named if name.startswith("test_") and name not in DEFINED]
    paths = [name for name in named if "/" in name and " " not in name and not name.startswith("/")]
    return tests + [path for path in paths if not (ROOT / path).exists()]


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_every_path_and_test_of_a_sheet_exists(path: Path) -> None:
    assert _nowhere(path.read_text("utf-8")) == []


def test_what_does_not_exist_is_seen() -> None:
    assert _nowhere("`tests/none.py` `test_that_nobody_wrote` `docs/protocol.md` `/s` `'none'`") == [
        "test_that_nobody_wrote",
        "tests/none.py",
    ]


@pytest.mark.parametrize(
    ("name", "number"), [("asvs.md", r"\*\*\d+\.\d+\.\d+\*\*"), ("coe.md", r"^\*\*\d+\*\*")]
)
def test_the_numbers_on_top_of_a_sheet_are_those_of_its_lines(name: str, number: str) -> None:
    counted: Counter[str] = Counter()
    for each in _items(_read(name)):
        verdict = re.search(rf"(?:\(\d\) |: )({'|'.join(sorted(VERDICTS, key=len, reverse=True))}): ", each)
        if verdict is not None and re.match(r"\*\*\d", each):
            counted[verdict.group(1)] += len(re.findall(number, each))
    told = {what: int(many) for what, many in re.findall(r"(?m)^- ([a-z' ]+): (\d+)$", _read(name))}
    assert counted == told


def test_the_sheet_of_asvs_has_every_requirement_of_two_levels_once_with_a_verdict() -> None:
    found = [
        (number, level, each)
        for each in _items(_read("asvs.md"))
        for number, level in re.findall(r"\*\*(\d+\.\d+\.\d+)\*\* \(([12])\)", each)
    ]
    assert len({number for number, _, _ in found}) == len(found)
    levels = [level for _, level, _ in found]
    assert (levels.count("1"), levels.count("2")) == (70, 183)
    for number, _, each in found:
        verdict = re.search(r"\(\d\) ([a-z' ]+): ", each)
        assert verdict is not None, number
        assert verdict.group(1) in VERDICTS, number
        assert not verdict.group(1).startswith("met") or "`" in each or number == "6.4.2", number


def test_the_sheet_of_the_council_of_europe_has_49_standards_with_a_verdict() -> None:
    found = [re.match(r"\*\*(\d+)\*\* [^:]+: ([a-z' ]+): ", each) for each in _items(_read("coe.md"))]
    told = [(int(each.group(1)), each.group(2)) for each in found if each is not None]
    assert [number for number, _ in told] == list(range(1, 50))
    assert {verdict for _, verdict in told} <= VERDICTS


def test_every_attack_has_a_test_that_refuses_it_and_a_twin_that_lets_it_through() -> None:
    attacks = [each for each in _items(_read("attacks.md")) if each.startswith("**")]
    assert len(attacks) >= 45
    for each in attacks:
        refused, _, twin = each.partition(" Twin: ")
        assert "`test_" in refused, each
        assert twin.startswith(("`test_", "in the same test")), each
