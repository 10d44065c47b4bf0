"""One figure, one place: what every page and export says of a verified bundle is what an independent reading
of it says.

The oracle below reads the JSON of the results file and shares no code with the product.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from html import unescape
from typing import Any

import html5lib
import pytest

from surveys.accounts.roles import Role
from surveys.names import UnitCode
from surveys.results.book import open_book
from surveys.results.exports import results_csv
from tests.audit.build import a_vote
from tests.results.verified import a_verified_site
from tests.staff import Browser, everything

LANGUAGES = pytest.mark.parametrize("language", ["vi", "en"])
Span = tuple[int, int]
LEVELS = ("high", "plain", "low")


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Browser, dict[str, Any], str]]:
    """An auditor's browser over the published vote, its results file, and its id. The bundle is verified
    first.
    """
    held = a_verified_site(tmp_path_factory.mktemp("instance"))
    auditor = held.site.account("auditor", everything(Role.AUDITOR))
    yield held.site.browser(auditor), held.results, held.round_id
    held.site.stores.close()


def tables(page: str) -> dict[str, list[list[str]]]:
    """Caption → rows of cells, heads left out."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    found = {}
    for table in tree.iter("table"):
        heading, body = table.find("caption"), table.find("tbody")
        assert heading is not None
        assert body is not None
        caption = " ".join("".join(heading.itertext()).split())
        found[caption] = [[" ".join("".join(cell.itertext()).split()) for cell in row] for row in body]
    return found


def rounded(count: int, n: int) -> str:
    hundredths = (Fraction(count, n) * 10000 + Fraction(1, 2)).__floor__()
    return f"{hundredths // 100}.{hundredths % 100:02}"


def outwards(low: Fraction, high: Fraction) -> tuple[str, str]:
    down, up = (low * 10000).__floor__(), (high * 10000).__ceil__()
    return f"{down // 100}.{down % 100:02}", f"{up // 100}.{up % 100:02}"


def plain(cell: str) -> str:
    return cell.replace("\N{NO-BREAK SPACE}%", "").replace(" %", "").replace(",", ".")


def spans(contest: Mapping[str, Any]) -> list[Span]:
    """What may be known of a contest's marks: counts, or what "at least 90 %" and "at most 10 %" mean of so
    many ballots.
    """
    marks = [*(contest["levels"][level] for level in LEVELS), contest["not_marked"]]
    whole = contest["returned"]
    if whole - max(marks) > 1:
        return [(count, count) for count in marks]
    tenths = 10 * (whole - 1) // whole
    return [
        (-(-whole * tenths // 10), whole) if count == max(marks) else (0, whole * (10 - tenths) // 10)
        for count in marks
    ]


@LANGUAGES
def test_the_levels_of_every_leader_are_those_of_the_results_file(
    read: tuple[Browser, dict[str, Any], str], language: str
) -> None:
    browser, results, round_id = read
    exact = 0
    for contest in results["contests"]:
        page = browser.get(f"/{language}/results/{round_id}/leaders/{contest['person']}").get_data(
            as_text=True
        )
        named = "Mức tín nhiệm của" if language == "vi" else "Marks for"
        rows = tables(page).get(f"{named} {contest['name']}")
        if contest["withheld"] is not None:
            assert rows is None
            assert contest["withheld"][language] in unescape(page)
            continue
        assert rows is not None
        marks = [*(contest["levels"][level] for level in LEVELS), contest["not_marked"]]
        if any(low != high for low, high in spans(contest)):
            assert all(re.fullmatch(r"[≥≤] \d+ %", row[-1].replace("\xa0", " ")) for row in rows)
            continue
        exact += 1
        assert [int(row[1]) for row in rows[: len(marks)]] == marks
        n = contest["denominator"]["n"]
        assert [plain(row[2]) for row in rows[: len(marks)]] == [rounded(count, n) for count in marks]
        assert [plain(row[2]) for row in rows[: len(marks) - 1]] == [
            contest["percent"][level] for level in LEVELS
        ]
    assert exact >= 2


@LANGUAGES
def test_what_units_got_together_is_the_sum_over_their_leaders(
    read: tuple[Browser, dict[str, Any], str], language: str
) -> None:
    browser, results, round_id = read
    parents = a_vote().manifest.definition.parents
    caption = (
        "Lãnh đạo và tỷ lệ tham gia, từng đơn vị" if language == "vi" else "Leaders and turnout, unit by unit"
    )
    names = {unit.name: unit.code for unit in a_vote().manifest.definition.units}
    compared = 0
    for above in ("BLOC", "C-1"):
        page = browser.get(f"/{language}/results/{round_id}/units/{above}").get_data(as_text=True)
        for name, counted, best, lowest, *_ in tables(page)[caption]:
            inside = [
                contest
                for contest in results["contests"]
                if names[name] in lineage(contest["unit"], parents)
                and contest["withheld"] is None
                and contest["outcome"] not in ("no_quorum", "frozen")
            ]
            assert int(counted) == len(inside)
            n = sum(contest["denominator"]["n"] for contest in inside)
            for cell, level in ((best, 0), (lowest, -2)):
                if not inside:
                    assert cell == "–"
                    continue
                low = sum(spans(contest)[level][0] for contest in inside)
                high = sum(spans(contest)[level][1] for contest in inside)
                expected = (
                    rounded(low, n)
                    if low == high
                    else "–".join(outwards(Fraction(low, n), Fraction(high, n)))
                )
                assert plain(cell) == expected
                compared += 1
    assert compared >= 2


def lineage(unit: UnitCode, parents: Mapping[UnitCode, UnitCode | None]) -> list[str]:
    line: list[str] = []
    at: UnitCode | None = unit
    while at is not None:
        line.append(at)
        at = parents[at]
    return line


def test_ballots_by_unit_are_sums_of_the_atoms_of_the_results_file(
    read: tuple[Browser, dict[str, Any], str],
) -> None:
    browser, results, round_id = read
    names = {unit.name: unit.code for unit in a_vote().manifest.definition.units}
    parents = a_vote().manifest.definition.parents
    told = 0
    for contest in results["contests"]:
        if contest["withheld"] is not None:
            continue
        page = browser.get(f"/en/results/{round_id}/leaders/{contest['person']}").get_data(as_text=True)
        for name, _, returned, *cells in tables(page).get(f"Ballots by unit for {contest['name']}", []):
            unit = names[name.lstrip("› ")]
            inside = [
                atom
                for atom in contest["breakdown"]
                if all(unit in lineage(panel, parents) for panel in atom["units"])
            ]
            if returned == "–":
                touched = [
                    atom
                    for atom in contest["breakdown"]
                    if any(unit in lineage(panel, parents) for panel in atom["units"])
                ]
                assert touched != inside
                continue
            assert int(returned) == sum(atom["returned"] for atom in inside)
            if all(cell.isdigit() for cell in cells[:-1]):
                marks = [
                    [*(atom["levels"][level] for level in LEVELS), atom["not_marked"]] for atom in inside
                ]
                assert [int(cell) for cell in cells[:-1]] == [
                    sum(column) for column in zip(*marks, strict=True)
                ]
                told += 1
    assert told >= 2


def test_a_figure_that_is_off_by_one_would_be_seen(read: tuple[Browser, dict[str, Any], str]) -> None:
    browser, results, round_id = read
    contest = next(
        each for each in results["contests"] if each["withheld"] is None and each["unit"] == "BLOC"
    )
    page = browser.get(f"/en/results/{round_id}/leaders/{contest['person']}").get_data(as_text=True)
    row = tables(page)[f"Marks for {contest['name']}"][0]
    high = contest["levels"]["high"]
    assert int(row[1]) == high != high + 1
    assert plain(row[2]) != rounded(high + 1, contest["denominator"]["n"])


def test_the_file_for_a_spreadsheet_says_the_same() -> None:
    vote = a_vote()
    book = open_book(vote.manifest, vote.members["results.json"])
    rows = list(csv.DictReader(io.StringIO(results_csv(book).lstrip("\ufeff"))))
    for contest in json.loads(vote.members["results.json"])["contests"]:
        line = next(row for row in rows if row["person"] == contest["person"] and not row["units"])
        if contest["withheld"] is None:
            assert {level: int(line[level]) for level in contest["levels"]} == contest["levels"]
            assert [line[f"{level}_percent"] for level in LEVELS] == [
                contest["percent"][level] for level in LEVELS
            ]
