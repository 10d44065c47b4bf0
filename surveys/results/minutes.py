"""The counting minutes (biên bản kiểm phiếu) as values and as text (docs/protocol.md 13.4, 13.5).

The figures come from `figures` alone; the lines that begin with '#' are fixed to the letter, so that a verifier can hold
them against the results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from surveys.protocol.manifest import Manifest
from surveys.results.figures import ContestFigures, RoundFigures
from surveys.rules.denominators import LABELS

ATTENDANCE_FORMAT = "tin-nhiem/attendance/1"
MINUTES_FORMAT = "tin-nhiem/minutes/1"
ACTS = {
    "opened": "Mở bỏ phiếu / Opened",
    "extended": "Gia hạn / Extended",
    "closed": "Đóng bỏ phiếu / Closed",
}
BY = {"hand": "thủ công / by hand", "clock": "theo giờ / by the clock"}
MOTTO = "ĐẢNG CỘNG SẢN VIỆT NAM"


@dataclass(frozen=True, slots=True)
class Hashes:
    """What the minutes are about, in 32-byte hashes: M, X, board root, P, SHA-256 of results file and roll file.

    `replaced` is the number of slips that were replaced (6.4).
    """

    manifest: bytes
    ceremony: bytes
    board: bytes
    plan: bytes
    results: bytes
    roll: bytes
    replaced: int


@dataclass(frozen=True, slots=True)
class PollsAct:
    """What was done with the polls: `act` is opened, extended or closed, `by` hand or clock; `at` and `until` are UTC instants."""

    at: str
    act: str
    by: str = "hand"
    until: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FrozenContest:
    """A contest (by index) whose leader was excluded after the polls opened."""

    contest: int
    reason: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint and what was ruled on it; the ruling may be empty."""

    complaint: str
    ruling: str


@dataclass(frozen=True, slots=True)
class Conference:
    """What the committee states (13.1): who led, what was done with the polls, what happened.

    `log` begins with the opening and ends with the closing.
    """

    log: tuple[PollsAct, ...]
    chair: str = ""
    secretary: str = ""
    custodian: str = ""
    frozen: tuple[FrozenContest, ...] = ()
    incidents: tuple[str, ...] = ()
    complaints: tuple[Complaint, ...] = ()

    @property
    def excluded(self) -> frozenset[int]:
        """The indices of the frozen contests."""
        return frozenset(each.contest for each in self.frozen)

    def as_json(self) -> dict[str, Any]:
        """What attendance and minutes say of it alike."""
        return {
            "chair": self.chair,
            "secretary": self.secretary,
            "custodian": self.custodian,
            "opened": self.log[0].at,
            "closed": self.log[-1].at,
            "log": [asdict(act) for act in self.log],
            "frozen": [asdict(each) for each in self.frozen],
            "incidents": list(self.incidents),
            "complaints": [asdict(each) for each in self.complaints],
        }


def attendance_json(manifest: Manifest, present: Sequence[int], conference: Conference) -> dict[str, Any]:
    """The value of attendance.json (13.1); `present` is by panel."""
    return {
        "format": ATTENDANCE_FORMAT,
        "panels": list(present),
        "head": manifest.definition.trustees[0],
        **conference.as_json(),
    }


def minutes_json(
    manifest: Manifest,
    round_figures: RoundFigures,
    hashes: Hashes,
    conference: Conference,
    counted_by: Sequence[str],
    pdf: bytes | None = None,
) -> dict[str, Any]:
    """The value of minutes.json (13.4); `pdf` is the SHA-256 of the typeset minutes."""
    definition, turnout = manifest.definition, round_figures.turnout
    return {
        "format": MINUTES_FORMAT,
        "manifest": hashes.manifest.hex(),
        "ceremony": hashes.ceremony.hex(),
        "board": hashes.board.hex(),
        "plan": hashes.plan.hex(),
        "results": hashes.results.hex(),
        "roll": hashes.roll.hex(),
        "replaced": hashes.replaced,
        "software": definition.software,
        "rule": round_figures.preset,
        "organisation": definition.organisation,
        "number": definition.number,
        "place": definition.place,
        "summoned": turnout.summoned,
        "present": turnout.present,
        "issued": turnout.issued,
        "returned": turnout.returned,
        "committee": list(definition.trustees),
        "counted_by": list(counted_by),
        "pdf": None if pdf is None else pdf.hex(),
        **conference.as_json(),
    }


def contest_line(number: int, contest: ContestFigures, level_ids: Sequence[str]) -> str:
    """The line of 13.5 for the contest with this number, counted from 1."""
    head = f"#{number} {contest.contest.name}; {contest.contest.unit}; "
    if contest.withheld is not None or contest.outcome is None:
        return head + "withheld"
    levels = ", ".join(
        f"{level} {contest.levels[level]} ({contest.percent[level] or '-'} %)" for level in level_ids
    )
    return (
        f"{head}returned {contest.turnout.returned}; {levels}; not marked {contest.not_marked}; "
        f"denominator {contest.denominator} {contest.n}; {contest.outcome.id}"
    )


def minutes_text(manifest: Manifest, round_figures: RoundFigures, values: Mapping[str, Any]) -> str:
    """minutes.txt: Vietnamese with the English term beside, every field of the minutes, then the signatures."""
    definition, turnout = manifest.definition, round_figures.turnout
    rule = definition.rule
    lines = [
        MOTTO,
        definition.organisation.upper(),
        f"Số / Number: {definition.number or '…'}",
        f"Nơi lập / Place: {definition.place or '…'}",
        f"Ngày / Date: {_local(values['closed'], definition.time_zone)}",
        "",
        "BIÊN BẢN KIỂM PHIẾU / COUNTING MINUTES",
        f"{definition.title_vi} / {definition.title_en}",
        "",
        f"Căn cứ / Legal basis: {rule['name']}: {rule['source']['vi']} / {rule['source']['en']}",
        *(_act(act, definition.time_zone) for act in values["log"]),
        f"Được triệu tập / Summoned: {turnout.summoned}",
        f"Có mặt / Present: {turnout.present}",
        f"Vắng mặt / Absent: {turnout.summoned - turnout.present}",
        f"Đủ số người tối thiểu / Quorum: {_quorum(rule, turnout.present, turnout.summoned)}",
        f"Chủ trì / Chair: {values['chair'] or '…'}",
        f"Thư ký / Secretary: {values['secretary'] or '…'}",
        "Ban kiểm phiếu / Counting committee: " + "; ".join(definition.trustees),
        "Người tham gia kiểm phiếu / Counted by: " + "; ".join(values["counted_by"]),
        "",
        f"Giấy mời được thay / Slips replaced: {values['replaced']}",
        f"Số phiếu phát ra / Ballots issued: {turnout.issued}",
        f"Số phiếu thu về / Ballots returned: {turnout.returned}",
        f"Số phiếu không thu về / Not returned: {turnout.issued - turnout.returned}",
        f"Số phiếu hợp lệ / Valid ballots: {turnout.returned}",
        "Số phiếu không hợp lệ / Invalid ballots: 0 (phiếu sai bị từ chối khi gửi; dòng không đánh dấu được đếm riêng"
        " / a malformed ballot is refused when cast; rows not marked are counted apart)",
        "",
        "KẾT QUẢ / RESULTS",
        f"Mẫu số / Denominator: {LABELS[rule['denominator']]['vi']} / {LABELS[rule['denominator']]['en']}",
    ]
    lines += [
        contest_line(i, contest, definition.levels)
        for i, contest in enumerate(round_figures.contests, start=1)
    ]
    lines += [
        "",
        "Đưa ra khỏi danh sách sau khi mở / Excluded after opening: "
        + (
            "; ".join(f"#{each['contest'] + 1}: {each['reason']}" for each in values["frozen"])
            or "không / none"
        ),
        "Sự cố / Incidents: " + ("; ".join(values["incidents"]) or "không / none"),
        "Khiếu nại / Complaints: "
        + (
            "; ".join(f"{each['complaint']} → {each['ruling'] or '…'}" for each in values["complaints"])
            or "không / none"
        ),
        "",
        "NIÊM PHONG / SEALING",
        f"Phần mềm / Software: {definition.software}",
        *(f"Mã ứng dụng / Client: {name} {sha.hex()}" for name, sha in definition.clients),
        f"Mã bản kê / Manifest: {values['manifest']}",
        f"Mã lễ tạo khóa / Ceremony: {values['ceremony']}",
        f"Mã hòm phiếu / Board root: {values['board']}",
        f"Mã phương án cộng / Plan: {values['plan']}",
        f"Mã kết quả / Results: {values['results']}",
        f"Mã danh sách / Roll: {values['roll']}",
        f"Người giữ / Custodian: {values['custodian'] or '…'}",
        "Lưu trữ / Retention: niêm phong 6 tháng; khiếu nại trong 15 ngày làm việc"
        " / sealed for 6 months; complaints within 15 working days",
        "",
        "TRƯỞNG BAN KIỂM PHIẾU / HEAD OF THE COMMITTEE        CHỦ TRÌ / CHAIR        THƯ KÝ / SECRETARY",
        "",
    ]
    return "\n".join(lines)


def _act(act: Mapping[str, Any], zone: str) -> str:
    done, by = ACTS[act["act"]], BY[act["by"]]
    until = "" if act["until"] is None else f" → {_local(act['until'], zone)}"
    reason = f": {act['reason']}" if act["reason"] else ""
    return f"{done}: {_local(act['at'], zone)}{until} ({by}){reason}"


def _local(instant: str, zone: str) -> str:
    at = datetime.fromisoformat(instant.replace("Z", "+00:00")).astimezone(ZoneInfo(zone))
    return f"{at:%d/%m/%Y %H:%M} ({zone})"


def _quorum(rule: Mapping[str, Any], present: int, summoned: int) -> str:
    quorum = rule["quorum"]
    if quorum is None:
        return "không quy định / none required"
    num, den = quorum["numerator"], quorum["denominator"]
    met = present * den >= summoned * num
    verdict = "đạt / met" if met else "không đạt / not met"
    return f"{present}/{summoned} (≥ {num}/{den}): {verdict}"
