"""Everything that any one trustee could rewrite in version 1 while both verifiers passed (docs/protocol.md
13.1 – 13.6).

Each value is changed three ways. In its own file, signed again by t members: the check of the value names it.
In every file that follows from it, but signed by one member, as in version 1: the certificate names it. The
twin is a verifier for which one signature is enough: it calls that bundle good.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from surveys.instants import read_instant
from surveys.papers.minutes import Attendance, Conference
from surveys.rounds.stated import By, Complaint, FrozenContest, PollsAct
from tests.audit.build import NUMBERS, Vote, a_roll, a_vote, ballots_by_panel
from tests.audit.closing import CONFERENCE, certified, closing_papers
from tests.audit.verdicts import QUICK, failed, without

PRESENT = tuple(present for *_, present in NUMBERS)
OPENED, EXTENDED, CLOSED = CONFERENCE.log
LONGER = read_instant("2026-11-02T10:29:00Z")


@dataclass(frozen=True)
class Stated:
    """What the committee says instead: attendance, and who was present in each panel."""

    conference: Conference = CONFERENCE
    present: tuple[int, ...] = PRESENT


def _log(*acts: PollsAct) -> Stated:
    return Stated(replace(CONFERENCE, log=acts))


def _of(**values: object) -> Stated:
    return Stated(replace(CONFERENCE, **values))  # type: ignore[arg-type]


FREE: Mapping[str, tuple[str, Stated]] = {
    "freezing: another contest too": (
        "13.3",
        _of(frozen=(FrozenContest(0, "Nghỉ hưu"), *CONFERENCE.frozen)),
    ),
    "freezing: every contest that is counted": (
        "13.3",
        _of(frozen=tuple(FrozenContest(c, "Nghỉ hưu") for c in range(4))),
    ),
    "freezing: none": ("13.3", _of(frozen=())),
    "freezing: another contest instead": ("13.3", _of(frozen=(FrozenContest(1, "Nghỉ hưu"),))),
    "freezing: its reason": ("13.4", _of(frozen=(FrozenContest(2, "Khác"),))),
    "presence: one more": ("13.2", Stated(present=(4, *PRESENT[1:]))),
    "presence: one less": ("13.2", Stated(present=(2, *PRESENT[1:]))),
    # Every contest has both panels: nothing else says it, and it stands on t signatures alone.
    "presence: in another panel": ("", Stated(present=(2, 5, *PRESENT[2:]))),
    "times: opened a minute later": (
        "13.4",
        _log(replace(OPENED, at=read_instant("2026-11-02T01:01:00Z")), EXTENDED, CLOSED),
    ),
    "times: closed a minute later": (
        "13.4",
        _log(OPENED, EXTENDED, replace(CLOSED, at=read_instant("2026-11-02T10:31:00Z"))),
    ),
    "times: extended a minute later": (
        "13.4",
        _log(OPENED, replace(EXTENDED, at=read_instant("2026-11-02T09:01:00Z")), CLOSED),
    ),
    "extension: none, closed at the end": ("13.4", _log(OPENED, CLOSED)),
    "extension: a minute shorter": ("13.4", _log(OPENED, replace(EXTENDED, until=LONGER), CLOSED)),
    "extension: a second one": (
        "13.4",
        _log(
            OPENED,
            replace(EXTENDED, at=read_instant("2026-11-02T08:00:00Z"), until=LONGER),
            EXTENDED,
            CLOSED,
        ),
    ),
    "extension: its reason": ("13.4", _log(OPENED, replace(EXTENDED, reason="Theo yêu cầu"), CLOSED)),
    "log: opened by hand": ("13.4", _log(replace(OPENED, by=By.HAND), EXTENDED, CLOSED)),
    "log: closed by the clock": ("13.4", _log(OPENED, EXTENDED, replace(CLOSED, by=By.CLOCK))),
    "log: a reason where there was none": (
        "13.4",
        _log(OPENED, EXTENDED, replace(CLOSED, reason="Đủ phiếu")),
    ),
    "the chair": ("13.4", _of(chair="Người khác")),
    "the secretary": ("13.4", _of(secretary="")),
    "the custodian": ("13.4", _of(custodian="Người khác")),
    "an incident hidden": ("13.4", _of(incidents=())),
    "an incident more": ("13.4", _of(incidents=("Mất điện 5 phút", "Mất mạng"))),
    "a complaint hidden": ("13.4", _of(complaints=CONFERENCE.complaints[:1])),
    "a ruling": ("13.4", _of(complaints=(CONFERENCE.complaints[0], Complaint("Đơn của bà B", "Bác đơn")))),
}


def _in_its_file(vote: Vote, stated: Stated) -> Mapping[str, bytes]:
    attendance = Attendance(
        tuple(stated.present), vote.manifest.definition.trustees[0], stated.conference
    ).encode()
    assert attendance != vote.members["attendance.json"]
    members = {**vote.members, "attendance.json": attendance}
    return {**members, "certificate.json": certified(vote.manifest, vote.plan, members, vote.sheets[:2])}


def _everywhere(vote: Vote, stated: Stated, signers: int) -> Mapping[str, bytes]:
    papers = closing_papers(
        vote.manifest,
        vote.plan,
        vote.tally,
        vote.sheets[:signers],
        present=stated.present,
        issued=[issued for _, issued, *_ in NUMBERS],
        returned=ballots_by_panel(vote.manifest, vote.ballots),
        roll=a_roll(vote),
        conference=stated.conference,
    )
    return {**vote.members, **papers}


TEXTS: Mapping[str, Callable[[str], str]] = {
    "a number sign that is full-width": lambda text: text.replace("#1 ", "\uff03" + "1 "),
    "a number sign that is small": lambda text: text.replace("#1 ", "\ufe5f1 "),
    "a musical sharp": lambda text: text.replace("#1 ", "\u266f1 "),
    "a line with a look-alike more": lambda text: text.replace("#1 ", "\uff031 A; B; returned 9\n#1 ", 1),
    "a zero-width space": lambda text: text.replace("#1 ", "\u200b#1 "),
    "a zero-width joiner": lambda text: text.replace("returned", "re\u200dturned", 1),
    "a word joiner": lambda text: text.replace("returned", "\u2060returned", 1),
    "a byte order mark inside": lambda text: text.replace("#2", "\ufeff#2"),
    "a NUL": lambda text: text.replace("#1 ", "\x00#1 "),
    "a NUL at the end": lambda text: text + "\x00",
    "a line behind a NUL": lambda text: text + "\x00\n#1 A; B; withheld\n",
    "a mark that turns the direction": lambda text: text.replace("returned 1", "returned \u202e1", 1),
    "a backspace": lambda text: text.replace("returned 1", "returned 9\x081", 1),
    "a line dropped": lambda text: text.replace("#2", "", 1),
    "two lines exchanged": lambda text: (
        text.replace("#1 ", "#x ").replace("#2 ", "#1 ").replace("#x ", "#2 ")
    ),
    "a figure": lambda text: text.replace("returned 17;", "returned 18;"),
    "an outcome": lambda text: text.replace("; none\n", "; removed\n", 1),
    "a line end that some viewers show": lambda text: text.replace("; none\n", "; none\u2028", 1),
}


def test_every_value_that_was_free_in_version_1_is_held_by_a_check(tmp_path: Path) -> None:
    vote = a_vote()
    wrong = {}
    for name, (check, stated) in FREE.items():
        found = failed(_in_its_file(vote, stated), tmp_path, QUICK)
        if found[:1] != ((check,) if check else ()):
            wrong[f"{name}, in its file"] = (check, found)
        alone = failed(_everywhere(vote, stated, signers=1), tmp_path, QUICK)
        if alone != ("13.6",):
            wrong[f"{name}, by one member"] = ("13.6", alone)
    true = vote.members["minutes.txt"].decode()
    for name, change in TEXTS.items():
        text = change(true).encode()
        assert text.decode() != true, name
        members = {**vote.members, "minutes.txt": text}
        members["certificate.json"] = certified(vote.manifest, vote.plan, members, vote.sheets[:2])
        found = failed(members, tmp_path, QUICK)
        if found != ("13.5",):
            wrong[f"text: {name}"] = ("13.5", found)
    assert wrong == {}


@pytest.mark.parametrize("name", FREE)
def test_the_twin_for_which_one_signature_is_enough_calls_them_good(name: str, tmp_path: Path) -> None:
    vote = a_vote()
    members = _everywhere(vote, FREE[name][1], signers=1)
    assert len(json.loads(members["certificate.json"])["signatures"]) == 1
    assert failed(members, tmp_path, without("13.6")) == ()
