"""The counting minutes (biên bản kiểm phiếu) as values and as text (docs/protocol.md 13.4, 13.5).

The figures come from `figures` alone; the lines that begin with '#' are fixed to the letter, so that a verifier can hold
them against the results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from surveys.protocol.manifest import Manifest
from surveys.results.figures import ContestFigures, RoundFigures
from surveys.rules.denominators import LABELS

MINUTES_FORMAT = "tin-nhiem/minutes/1"
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
class Conference:
    """What the committee states: who led, when polls were open (UTC), what happened."""

    chair: str
    secretary: str
    opened: str
    closed: str
    incidents: tuple[str, ...]


def minutes_json(
    manifest: Manifest,
    round_figures: RoundFigures,
    hashes: Hashes,
    conference: Conference,
    counted_by: Sequence[str],
) -> dict[str, Any]:
    """The value of minutes.json (13.4)."""
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
        "opened": conference.opened,
        "closed": conference.closed,
        "summoned": turnout.summoned,
        "present": turnout.present,
        "issued": turnout.issued,
        "returned": turnout.returned,
        "chair": conference.chair,
        "secretary": conference.secretary,
        "committee": list(definition.trustees),
        "counted_by": list(counted_by),
        "incidents": list(conference.incidents),
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
        f"Mở bỏ phiếu / Opened: {_local(values['opened'], definition.time_zone)}",
        f"Đóng bỏ phiếu / Closed: {_local(values['closed'], definition.time_zone)}",
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
        "Khiếu nại, sự cố / Complaints, incidents: " + ("; ".join(values["incidents"]) or "không / none"),
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
        "Lưu trữ / Retention: niêm phong 6 tháng; khiếu nại trong 15 ngày làm việc"
        " / sealed for 6 months; complaints within 15 working days",
        "",
        "TRƯỞNG BAN KIỂM PHIẾU / HEAD OF THE COMMITTEE        CHỦ TRÌ / CHAIR        THƯ KÝ / SECRETARY",
        "",
    ]
    return "\n".join(lines)


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
