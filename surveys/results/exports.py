"""Results as a table for a spreadsheet (results.csv). The same figures as everywhere else.

Danger: a name that begins like a formula would be run by a spreadsheet: such cells get an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from surveys.results.figures import ContestFigures, RoundFigures

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def neutral(text: str) -> str:
    """The text as a spreadsheet shows it and never runs it."""
    return "'" + text if text.startswith(_FORMULA) else text


def results_csv(round_figures: RoundFigures, level_ids: Sequence[str]) -> str:
    """UTF-8 text with a header; a row for each contest (`units` empty), then a row for each of its atoms."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        [
            "person",
            "name",
            "unit",
            "units",
            "summoned",
            "present",
            "issued",
            "returned",
            *level_ids,
            "not_marked",
            "denominator",
            "n",
            *(f"{level}_percent" for level in level_ids),
            "outcome",
            "watch",
            "withheld",
        ]
    )
    for contest in round_figures.contests:
        for row in _rows(contest, level_ids):
            writer.writerow([neutral(cell) for cell in row])
    return "\ufeff" + out.getvalue()


def _rows(contest: ContestFigures, level_ids: Sequence[str]) -> list[list[str]]:
    who = [contest.contest.person, contest.contest.name, contest.contest.unit]
    blank = [""] * len(level_ids)
    if contest.withheld is not None or contest.outcome is None:
        withheld = (contest.withheld or {}).get("vi", "")
        return [
            [
                *who,
                "",
                str(contest.turnout.summoned),
                "",
                "",
                "",
                *blank,
                "",
                "",
                "",
                *blank,
                "",
                "",
                withheld,
            ]
        ]
    turnout = contest.turnout
    rows = [
        [*who, "", *map(str, (turnout.summoned, turnout.present, turnout.issued, turnout.returned))]
        + [str(contest.levels[level]) for level in level_ids]
        + [str(contest.not_marked), contest.denominator, str(contest.n)]
        + [contest.percent[level] or "" for level in level_ids]
        + [contest.outcome.id, " ".join(contest.outcome.watch), ""]
    ]
    rows += [
        [*who, " ".join(atom.units), "", "", "", str(atom.returned)]
        + [str(atom.levels[level]) for level in level_ids]
        + [str(atom.not_marked), "", "", *blank, "", "", ""]
        for atom in contest.breakdown
    ]
    return rows
