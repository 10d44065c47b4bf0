"""What programs read of a verified bundle is what an independent reading of its results file says, and what
the pages say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from surveys.accounts.roles import Role
from tests.audit.build import a_vote
from tests.programs import Program, api_over, program
from tests.results.test_one_figure import LEVELS, lineage, plain, spans, tables
from tests.results.verified import a_verified_site
from tests.staff import Browser, everything, over, said
from tests.three_years import NEWEST, three_years

NAMES = (*LEVELS, "not_marked")


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Browser, dict[str, Any], str]]:
    """An auditor's program and browser over the published vote, its results file, and its id. The bundle is
    verified first.
    """
    held = a_verified_site(tmp_path_factory.mktemp("instance"))
    account = held.site.account("auditor", everything(Role.AUDITOR))
    mine = program(held.site, api_over(held.site), account)
    yield mine, held.site.browser(account), held.results, held.round_id
    held.site.stores.close()


def test_counts_percentages_and_ranges_are_those_of_the_results_file(
    read: tuple[Program, Browser, dict[str, Any], str],
) -> None:
    mine, _, results, round_id = read
    exact = withheld = 0
    for number, contest in enumerate(results["contests"], start=1):
        leader = mine.get(f"/rounds/{round_id}/leaders/{contest['person']}").get_json()
        held = next(each["contest"] for each in leader["contests"] if each["contest"]["number"] == number)
        inside = mine.get(f"/rounds/{round_id}/units/{contest['unit']}").get_json()["contests"]
        assert held in inside
        if contest["withheld"] is not None:
            withheld += 1
            assert (held["withheld"], held["result"]) == (contest["withheld"], None)
            continue
        result = held["result"]
        assert [result[name] for name in ("present", "issued", "returned")] == [
            contest[name] for name in ("present", "issued", "returned")
        ]
        assert result["denominator"] == contest["denominator"]
        assert result["outcome"]["id"] == contest["outcome"]
        if any(low != high for low, high in spans(contest)):
            assert (result["marks"]["shown"], result["percent"]) == ("range", None)
            continue
        exact += 1
        counts = {**contest["levels"], "not_marked": contest["not_marked"]}
        assert result["marks"] == {"shown": "exact", "values": counts}
        assert result["percent"] == contest["percent"]
        (year,) = (each for each in leader["years"] if each["unit"]["code"] == contest["unit"])
        assert year["percent"] == {
            level: {"least": contest["percent"][level], "most": contest["percent"][level]} for level in LEVELS
        }
    assert exact >= 2
    assert withheld == 1


def test_marks_by_unit_are_sums_of_the_atoms_of_the_results_file_or_less_than_them(
    read: tuple[Program, Browser, dict[str, Any], str],
) -> None:
    mine, _, results, round_id = read
    parents = a_vote().manifest.definition.parents
    told = hidden = 0
    for number, contest in enumerate(results["contests"], start=1):
        leader = mine.get(f"/rounds/{round_id}/leaders/{contest['person']}").get_json()
        held = next(each for each in leader["contests"] if each["contest"]["number"] == number)
        for row in held["by_unit"]:
            inside = [
                atom
                for atom in contest["breakdown"]
                if all(row["unit"]["code"] in lineage(panel, parents) for panel in atom["units"])
            ]
            sums = {
                name: sum({**atom["levels"], "not_marked": atom["not_marked"]}[name] for atom in inside)
                for name in NAMES
            }
            if row["returned"] is None:
                hidden += 1
                assert (row["marks"]["shown"], row["hidden"]) == ("hidden", "merged")
                continue
            assert row["returned"] == sum(atom["returned"] for atom in inside)
            if row["marks"]["shown"] == "exact":
                told += 1
                assert row["marks"]["values"] == sums
                agreeing = [atom for atom in inside if atom["returned"] - max(atom["levels"].values()) <= 1]
                assert len(agreeing) != 1 or len(inside) > 1
            elif row["marks"]["shown"] == "between":
                ends = row["marks"]["values"]
                assert all(ends[name]["least"] <= sums[name] <= ends[name]["most"] for name in NAMES)
    assert told >= 2
    assert hidden >= 1


def test_a_leader_s_answer_says_what_the_leader_s_page_says(
    read: tuple[Program, Browser, dict[str, Any], str],
) -> None:
    mine, browser, results, round_id = read
    for contest in results["contests"]:
        leader = mine.get(f"/rounds/{round_id}/leaders/{contest['person']}").get_json()
        shown = tables(
            browser.get(f"/en/results/{round_id}/leaders/{contest['person']}").get_data(as_text=True)
        )
        for held in leader["contests"]:
            rows = shown.get(f"Ballots by unit for {contest['name']}", [])
            if not rows:
                assert len(held["by_unit"]) <= 1
                continue
            assert [name.lstrip("› ") for name, *_ in rows] == [
                row["unit"]["name"] for row in held["by_unit"]
            ]
            for (_, summoned, returned, *cells), row in zip(rows, held["by_unit"], strict=True):
                assert int(summoned) == row["summoned"]
                assert returned == ("–" if row["returned"] is None else str(row["returned"]))
                assert [cell.replace("\xa0", " ") for cell in cells[:-1]] == written(row["marks"])


def written(marks: dict[str, Any]) -> list[str]:
    """Marks as the page writes them."""
    if marks["shown"] == "hidden":
        return ["–"] * len(NAMES)
    values = [marks["values"][name] for name in NAMES]
    if marks["shown"] == "between":
        return [
            str(each["least"]) if each["least"] == each["most"] else f"{each['least']}–{each['most']}"
            for each in values
        ]
    return [str(each) for each in values]


def test_turnout_of_a_unit_is_what_its_map_says(read: tuple[Program, Browser, dict[str, Any], str]) -> None:
    mine, browser, _, round_id = read
    units = mine.get(f"/rounds/{round_id}").get_json()["units"]
    below = [unit for unit in units if unit["parent"] == "BLOC"]
    page = browser.get(f"/en/results/{round_id}/units/BLOC").get_data(as_text=True)
    shown = {
        name: (summoned, returned)
        for name, _, _, _, summoned, returned in tables(page)["Leaders and turnout, unit by unit"]
    }
    assert len(below) >= 2
    for unit in below:
        turnout = unit["turnout"]
        assert shown[unit["name"]] == (
            str(turnout["summoned"]),
            "–" if turnout["returned"] is None else str(turnout["returned"]),
        )
        assert (turnout["returned"] is None) is (turnout["hidden"] is not None)


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Browser]]:
    stores = three_years(tmp_path_factory.mktemp("instance"))
    site = over(stores)
    account = site.account("head", everything(Role.AUTHORITY))
    yield program(site, api_over(site), account), site.browser(account)
    stores.close()


@pytest.mark.parametrize("unit", ["K", "B", "E", "E1"])
def test_a_unit_s_answer_is_byte_for_byte_its_page_s_export(
    years: tuple[Program, Browser], unit: str
) -> None:
    mine, browser = years
    taken = browser.get(f"/en/results/{NEWEST}/units/{unit}/results.json").data
    assert mine.get(f"/rounds/{NEWEST}/units/{unit}").data == taken


@pytest.mark.parametrize("unit", ["K", "B", "D"])
def test_the_focus_list_names_the_same_leaders_for_the_same_reasons(
    years: tuple[Program, Browser], unit: str
) -> None:
    mine, browser = years
    answer = mine.get(f"/rounds/{NEWEST}/units/{unit}/focus").get_json()
    page = said(browser.get(f"/en/results/{NEWEST}/units/{unit}/focus"))
    at = 0
    for entry in answer["entries"]:
        at = page.index(entry["name"], at)
        for reason in entry["reasons"]:
            if reason["verdict"] is not None:
                at = page.index(reason["verdict"]["en"], at)
            elif reason["kind"] == "turnout":
                at = page.index(reason["size"]["least"], at)
    assert f"{answer['looked_at']} results looked at, {answer['withheld']} of them withheld" in page
    assert len(answer["entries"]) == page.count("Low confidence:")


def test_a_leader_s_years_are_those_of_the_page_s_table(years: tuple[Program, Browser]) -> None:
    mine, browser = years
    seen = set()
    for person in ("A1-01", "B1-01", "D1-03", "E1-01", "E1-03", "C1-01"):
        answer = mine.get(f"/rounds/{NEWEST}/leaders/{person}").get_json()
        page = browser.get(f"/en/results/{NEWEST}/leaders/{person}").get_data(as_text=True)
        rows = tables(page)[f"{answer['name']} over the years"]
        assert len(rows) == len(answer["years"])
        for row, year in zip(rows, answer["years"], strict=True):
            assert int(row[0]) == year["year"]
            cells = [plain(cell) for cell in row[2:5]]
            if year["percent"] is None:
                assert cells == ["–"] * 3
                assert year["hidden"] is not None
                seen.add(year["hidden"])
            else:
                ends = [year["percent"][level] for level in LEVELS]
                assert cells == [
                    each["least"] if each["least"] == each["most"] else f"{each['least']}–{each['most']}"
                    for each in ends
                ]
                seen.add("range" if ends[0]["least"] != ends[0]["most"] else "exact")
    assert {"range", "exact", "small", "withheld"} <= seen


def test_a_group_that_agrees_is_a_range_in_every_answer(years: tuple[Program, Browser]) -> None:
    """E1-03 was marked high by all of E1 in 2025: eight of eight stands in none of the answers."""
    mine, _ = years
    round_id = "25" * 16
    leader = mine.get(f"/rounds/{round_id}/leaders/E1-03").get_json()
    (held,) = leader["contests"]
    assert held["contest"]["result"]["marks"]["values"]["high"] == "≥ 80 %"
    assert [row["marks"]["shown"] for row in held["by_unit"]] == ["range"]
    (year,) = (each for each in leader["years"] if each["year"] == 2025)
    assert (year["percent"]["high"]["least"], year["percent"]["high"]["most"]) == ("87.50", "100.00")
