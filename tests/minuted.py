"""The four members that minutes are made from, of a small counted round without ballots, and what a PDF says.

The units and people of `tests.published`, in a bloc of three committees: a unanimous group, a withheld
result, an outcome with a watch flag, a leader excluded after opening whose unit was below quorum, and a name
that is markup. Always the same bytes.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

from pypdf import PdfReader

from surveys.instants import read_instant
from surveys.papers.minutes import Attendance, Conference, Hashes, Minutes
from surveys.papers.minutes_record import MinutesRecord, read_record
from surveys.protocol import canonical
from surveys.protocol.definition import Definition, Previous, Visibility
from surveys.protocol.group import BASE
from surveys.protocol.manifest import Manifest
from surveys.protocol.plan import Plan
from surveys.protocol.stationery import Stationery
from surveys.protocol.tally import Tally
from surveys.results.figures import figures
from surveys.rounds.stated import By, Complaint, FrozenContest, Polls, PollsAct
from surveys.rules.preset import Preset
from tests.published import CONTESTS, RETURNED, a_definition

VOTERS = (18, 14, 3, 20, 4)
PRESENT = (11, 13, 2, 19, 4)
ISSUED = (10, 13, 2, 19, 3)
CONFERENCE = Conference(
    log=(
        PollsAct(read_instant("2026-11-02T01:00:00Z"), Polls.OPENED, By.CLOCK),
        PollsAct(
            read_instant("2026-11-02T09:00:00Z"),
            Polls.EXTENDED,
            until=read_instant("2026-11-02T10:00:00Z"),
            reason="Mất điện",
        ),
        PollsAct(read_instant("2026-11-02T10:00:00Z"), Polls.CLOSED),
    ),
    chair="Ngô Thị Chín",
    secretary="Đỗ Văn Mười",
    custodian="Văn phòng Khối",
    frozen=(FrozenContest(1, "Thông báo nghỉ hưu ngày 02/11"),),
    incidents=("Mất điện 5 phút",),
    complaints=(Complaint("Đơn của ông A", "Không có cơ sở"), Complaint("Đơn của bà B", "")),
)


def definition_of(preset: str = "local-annual") -> Definition:
    """The round's definition, to be altered."""
    definition, rule = a_definition(Visibility.HEADS), Preset.load(preset)
    last_year = Previous(2025, 18, 20, {"high": 2, "plain": 2, "low": 14})
    return replace(
        definition,
        rule=rule.as_json(),
        panels=tuple(replace(p, voters=n) for p, n in zip(definition.panels, VOTERS, strict=True)),
        contests=tuple(
            replace(contest, previous=last_year)
            if contest.unit == "B1" and "low" in rule.level_ids and len(rule.level_ids) == 3
            else contest
            for contest in definition.contests
        ),
        clients=(("booth", sha256(b"booth").digest()),),
    )


def headed(papers: Stationery, preset: str = "local-annual") -> Definition:
    """The definition with papers like these."""
    return replace(definition_of(preset), papers=papers)


def sources(definition: Definition | None = None, preset: str = "local-annual") -> dict[str, bytes]:
    """manifest, results, attendance and minutes of the round."""
    manifest = Manifest(definition or definition_of(preset), BASE, bytes(32))
    plan = Plan(manifest.hash, bytes(32), sum(RETURNED), 5, tuple(atoms for *_, atoms, _ in CONTESTS))
    levels = len(manifest.definition.levels)
    tally = Tally(plan.digest, (), (), tuple(_fit(row, levels) for *_, rows in CONTESTS for row in rows))
    found = figures(
        manifest, plan, tally, present=PRESENT, issued=ISSUED, returned=RETURNED, frozen=CONFERENCE.excluded
    )
    results = found.book.encode()
    roll = sha256(b"roll").digest()
    hashes = Hashes(
        manifest.hash, manifest.ceremony, plan.board, plan.digest, sha256(results).digest(), roll, 1
    )
    names = manifest.definition.trustees
    minutes = Minutes(hashes, found.turnout, CONFERENCE, (names[0], names[2]))
    return {
        "manifest.json": manifest.encode(),
        "results.json": results,
        "attendance.json": Attendance(PRESENT, names[0], CONFERENCE).encode(),
        "minutes.json": minutes.encode(manifest.definition),
    }


def _fit(counts: tuple[int, ...], levels: int) -> tuple[int, ...]:
    """Marks of three levels as marks of so many."""
    if levels < 3:
        return (*counts[: levels - 1], sum(counts[levels - 1 :]))
    return (*counts, *(0,) * (levels - 3))


def a_record(definition: Definition | None = None, preset: str = "local-annual") -> MinutesRecord:
    """The record of these sources."""
    return read_record(sources(definition, preset))


def altered(members: dict[str, bytes], name: str, change: Callable[[Any], object]) -> dict[str, bytes]:
    """The members with one document changed."""
    document = json.loads(members[name])
    change(document)
    return {**members, name: canonical.encode(document)}


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page, with single spaces and without places where a line may break."""
    read = (page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return [" ".join(text.replace("\u200b", "").split()) for text in read]
