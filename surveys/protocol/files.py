"""The shapes of the files of docs/protocol.md 13 as JSON: what is written, and what a reader has shown to
hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict


class Act(TypedDict):
    """An entry of `log` (13.1)."""

    at: str
    act: str
    by: str
    until: str | None
    reason: str


class Frozen(TypedDict):
    """An entry of `frozen` (13.1): a contest by its index, and why."""

    contest: int
    reason: str


class Complained(TypedDict):
    """An entry of `complaints` (13.1)."""

    complaint: str
    ruling: str


class Denominator(TypedDict):
    """What percentages are of (13.2)."""

    name: str
    n: int


class Counted(TypedDict):
    """An entry of `breakdown` (13.2): units counted together."""

    units: Sequence[str]
    returned: int
    levels: Mapping[str, int]
    not_marked: int


class Withheld(TypedDict):
    """An entry of `contests` that is withheld (13.2)."""

    person: str
    name: str
    unit: str
    summoned: int
    present: None
    issued: None
    returned: None
    levels: None
    not_marked: None
    denominator: None
    percent: None
    outcome: None
    watch: None
    withheld: Mapping[str, str]
    breakdown: Sequence[Counted]


class Result(TypedDict):
    """An entry of `contests` that is not withheld (13.2)."""

    person: str
    name: str
    unit: str
    summoned: int
    present: int
    issued: int
    returned: int
    levels: Mapping[str, int]
    not_marked: int
    denominator: Denominator
    percent: Mapping[str, str | None]
    outcome: str
    watch: Sequence[str]
    withheld: None
    breakdown: Sequence[Counted]


class Results(TypedDict):
    """results.json (13.2)."""

    survey: str
    preset: str
    year: int
    k: int
    contests: Sequence[Result | Withheld]


class Stated(TypedDict):
    """What attendance and minutes both state of the conference (13.1, 13.4)."""

    chair: str
    secretary: str
    custodian: str
    opened: str
    closed: str
    log: Sequence[Act]
    frozen: Sequence[Frozen]
    incidents: Sequence[str]
    complaints: Sequence[Complained]


class Hashed(TypedDict):
    """What the minutes are about (13.4): hashes in hex, and how many slips were replaced."""

    manifest: str
    ceremony: str
    board: str
    plan: str
    results: str
    roll: str
    replaced: int


class MinutesFile(Stated, Hashed):
    """minutes.json (13.4)."""

    format: str
    software: str
    rule: str
    organisation: str
    number: str
    place: str
    summoned: int
    present: int
    issued: int
    returned: int
    committee: Sequence[str]
    counted_by: Sequence[str]
    absent: Sequence[str]
    pdf: str | None
