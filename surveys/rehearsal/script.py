"""What the voters of a rehearsal do: read from a file of marks, or plausible and random.

A file of marks is CSV in UTF-8 with the columns voter, person, unit, level. A voter without rows does not
vote; one row `voter,,,issued` takes a ballot paper and never returns it; an empty level leaves that leader's
row unmarked.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from surveys.names import PersonCode, UnitCode
from surveys.rounds.contests import Electorate
from surveys.rules.preset import Preset
from surveys.stages.errors import BadMarks, MarksError

COLUMNS = ("voter", "person", "unit", "level")
ISSUED = "issued"
MOST_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Script:
    """Voter → choices in the order of the panel's contests (0 not marked, 1 … L), None for a paper never
    returned.
    """

    acts: Mapping[PersonCode, tuple[int, ...] | None]

    def issued(self, panels: Mapping[UnitCode, Sequence[PersonCode]]) -> tuple[int, ...]:
        """How many papers each panel will have issued."""
        return tuple(sum(voter in self.acts for voter in voters) for voters in panels.values())


def contests_of(electorate: Electorate) -> dict[UnitCode, tuple[tuple[UnitCode, PersonCode], ...]]:
    """Panel (unit) → its contests as (unit, person), in the order of the ballot."""
    found: dict[UnitCode, list[tuple[UnitCode, PersonCode]]] = {unit: [] for unit in electorate.panels}
    for contest in electorate.contests:
        for unit in contest.electorate:
            found[unit].append((contest.unit, contest.person))
    return {unit: tuple(contests) for unit, contests in found.items()}


def read_script(path: Path, electorate: Electorate, preset: Preset) -> Script:
    """Read a file of marks. Raises BadMarks with every error in it; OSError where the file cannot be read."""
    if path.stat().st_size > MOST_BYTES:
        raise BadMarks(path.name, [MarksError(1, "-", "tệp quá lớn", "the file is too large")])
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = error.object[: error.start].count(b"\n") + 1
        wrong = MarksError(
            where, "-", "không phải UTF-8: hãy lưu tệp dạng CSV UTF-8", "not UTF-8: save as CSV UTF-8"
        )
        raise BadMarks(path.name, [wrong]) from None
    return _Reader(path.name, electorate, preset).read(text)


class _Reader:
    def __init__(self, name: str, electorate: Electorate, preset: Preset) -> None:
        self._name = name
        self._levels = {level: j for j, level in enumerate(preset.level_ids, start=1)}
        self._panel_of = {voter: unit for unit, voters in electorate.panels.items() for voter in voters}
        self._contests = contests_of(electorate)
        self._everywhere = {(contest.unit, contest.person) for contest in electorate.contests}
        self._errors: list[MarksError] = []
        self._marks: dict[PersonCode, dict[tuple[UnitCode, PersonCode], int]] = {}
        self._issued: set[PersonCode] = set()

    def read(self, text: str) -> Script:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            header = [cell.strip() for cell in next(reader, [])]
            if header != list(COLUMNS):
                listed = ",".join(COLUMNS)
                self._wrong(1, "-", f"dòng đầu phải là {listed}", f"the first row must be {listed}")
                raise BadMarks(self._name, self._errors)
            for cells in reader:
                if cells:
                    self._row(reader.line_num, [cell.strip() for cell in cells])
        except csv.Error as error:
            self._wrong(reader.line_num, "-", f"không phải CSV ({error})", f"not CSV ({error})")
        if self._errors:
            raise BadMarks(self._name, self._errors)
        acts: dict[PersonCode, tuple[int, ...] | None] = dict.fromkeys(self._issued)
        for voter, marks in self._marks.items():
            acts[voter] = tuple(marks.get(contest, 0) for contest in self._contests[self._panel_of[voter]])
        return Script(acts)

    def _wrong(self, row: int, column: str, vi: str, en: str) -> None:
        self._errors.append(MarksError(row, column, vi, en))

    def _row(self, row: int, cells: list[str]) -> None:
        if len(cells) != len(COLUMNS):
            self._wrong(row, "-", "dòng phải có bốn ô", "a row has four cells")
            return
        voter, person = PersonCode(cells[0]), PersonCode(cells[1])
        unit, level = UnitCode(cells[2]), cells[3]
        panel = self._panel_of.get(voter)
        if panel is None:
            self._wrong(row, "voter", f"không có người ghi phiếu {voter!r}", f"there is no voter {voter!r}")
            return
        if level == ISSUED:
            if person or unit or voter in self._issued or voter in self._marks:
                vi = f"dòng '{ISSUED}' phải là dòng duy nhất của {voter}, không ghi person và unit"
                self._wrong(
                    row, "level", vi, f"'{ISSUED}' must be the only row of {voter}, without person and unit"
                )
            self._issued.add(voter)
            return
        self._mark(row, voter, panel, (unit, person), level)

    def _mark(
        self, row: int, voter: PersonCode, panel: UnitCode, contest: tuple[UnitCode, PersonCode], level: str
    ) -> None:
        unit, person = contest
        if contest not in self._contests[panel]:
            known = contest in self._everywhere
            vi = (
                f"{voter} không bỏ phiếu cho {person} ở {unit}"
                if known
                else f"không lấy phiếu {person} ở {unit}"
            )
            en = (
                f"{voter} does not vote on {person} in {unit}"
                if known
                else f"{person} in {unit} is not voted on"
            )
            self._wrong(row, "person", vi, en)
        elif level and level not in self._levels:
            words = ", ".join(self._levels)
            vi = f"{level!r} không phải là {words} hoặc để trống"
            self._wrong(row, "level", vi, f"{level!r} is none of {words} or empty")
        elif voter in self._issued:
            self._wrong(
                row, "voter", f"{voter} đã có dòng '{ISSUED}'", f"{voter} has a row '{ISSUED}' already"
            )
        elif contest in self._marks.setdefault(voter, {}):
            self._wrong(
                row, "person", f"{voter} đã ghi {person} ở {unit}", f"{voter} marks {person} in {unit} twice"
            )
        else:
            self._marks[voter][contest] = self._levels.get(level, 0)


def random_script(electorate: Electorate, preset: Preset, seed: int) -> Script:
    """Plausible marks: most come, most are content, each leader has a standing of their own. The same for the
    same seed.
    """
    rng = random.Random(seed)  # noqa: S311  (plays voters; no secret depends on it)
    levels = len(preset.levels)
    weights = {
        (contest.unit, contest.person): [0.02, *_standing(rng, levels)] for contest in electorate.contests
    }
    acts: dict[PersonCode, tuple[int, ...] | None] = {}
    contests = contests_of(electorate)
    for unit, voters in electorate.panels.items():
        for voter in voters:
            drawn = rng.random()
            if drawn < 0.03:
                continue
            if drawn < 0.04:
                acts[voter] = None
                continue
            acts[voter] = tuple(
                rng.choices(range(levels + 1), weights=weights[contest])[0] for contest in contests[unit]
            )
    return Script(acts)


def _standing(rng: random.Random, levels: int) -> list[float]:
    top = rng.betavariate(7, 2)
    rest = [rng.random() * 0.6**j for j in range(1, levels)]
    return [top, *((1 - top) * share / sum(rest) for share in rest)]
