"""minutes.txt, every byte of it, out of the other members of the bundle (docs/protocol.md 13.5).

Whoever draws the minutes up and whoever verifies them ask here; the second verifier has its own. Danger:
nothing may come in that depends on the machine: no clock, no zone of its database, no upper-casing, no
sorting by a locale.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from surveys.instants import read_instant
from surveys.protocol.definition import Definition
from surveys.protocol.files import Act, MinutesFile, Result, Withheld
from surveys.protocol.stationery import head_lines
from surveys.rules.preset import Preset, Quorum

NONE = "không / none"
_BLANK = "…"
ACTS = {
    "opened": "Mở bỏ phiếu / Opened",
    "extended": "Gia hạn / Extended",
    "closed": "Đóng bỏ phiếu / Closed",
}
BY = {"hand": "thủ công / by hand", "clock": "theo giờ / by the clock"}
_DENOMINATORS = {
    "returned": "số phiếu thu về / ballots returned",
    "summoned": "tổng số người được triệu tập / all persons summoned",
}


def text_of(definition: Definition, contests: Sequence[Result | Withheld], minutes: MinutesFile) -> bytes:
    """The file: `contests` as in results.json with their outcomes, `minutes` as in minutes.json (`pdf` is not
    asked for).
    """
    rule = Preset.from_json(definition.rule)
    lines = [
        *head_lines(definition.papers),
        definition.organisation,
        f"Số / Number: {minutes['number'] or _BLANK}",
        f"Nơi lập / Place: {minutes['place'] or _BLANK}",
        f"Ngày / Date: {_local(minutes['closed'], definition.utc_offset)}",
        "",
        "BIÊN BẢN KIỂM PHIẾU / COUNTING MINUTES",
        f"{definition.title_vi} / {definition.title_en}",
        "",
        f"Căn cứ / Legal basis: {rule.name}: {rule.source['vi']} / {rule.source['en']}",
        *(_act(act, definition.utc_offset) for act in minutes["log"]),
        *_people(rule.quorum, minutes),
        "",
        *_ballots(minutes),
        "",
        "KẾT QUẢ / RESULTS",
        f"Mẫu số / Denominator: {_DENOMINATORS[rule.denominator]}",
        *(contest_line(i, entry, definition.levels) for i, entry in enumerate(contests, 1)),
        "",
        *_happened(minutes),
        "",
        *_sealed(definition, minutes),
        "",
        "TRƯỞNG BAN KIỂM PHIẾU / HEAD OF THE COMMITTEE        CHỦ TRÌ / CHAIR        THƯ KÝ / SECRETARY",
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def contest_line(number: int, entry: Result | Withheld, levels: Sequence[str]) -> str:
    """The line of a contest with this number, counted from 1."""
    head = f"#{number} {entry['name']}; {entry['unit']}; "
    if entry["withheld"] is not None:
        return head + "withheld"
    counted = ", ".join(
        f"{level} {entry['levels'][level]} ({entry['percent'][level] or '-'} %)" for level in levels
    )
    return (
        f"{head}returned {entry['returned']}; {counted}; not marked {entry['not_marked']}; "
        f"denominator {entry['denominator']['name']} {entry['denominator']['n']}; {entry['outcome']}"
    )


def _people(quorum: Quorum | None, minutes: MinutesFile) -> Iterator[str]:
    summoned, present = minutes["summoned"], minutes["present"]
    yield f"Được triệu tập / Summoned: {summoned}"
    yield f"Có mặt / Present: {present}"
    yield f"Vắng mặt / Absent: {summoned - present}"
    yield f"Đủ số người tối thiểu / Quorum: {_quorum(quorum, present, summoned)}"
    yield f"Chủ trì / Chair: {minutes['chair'] or _BLANK}"
    yield f"Thư ký / Secretary: {minutes['secretary'] or _BLANK}"
    yield f"Ban kiểm phiếu / Counting committee: {_list(minutes['committee'])}"
    yield f"Người tham gia kiểm phiếu / Counted by: {_list(minutes['counted_by'])}"
    yield f"Thành viên vắng khi mở kết quả / Members absent from the opening: {_list(minutes['absent'])}"


def _ballots(minutes: MinutesFile) -> Iterator[str]:
    issued, returned = minutes["issued"], minutes["returned"]
    yield f"Giấy mời được thay / Slips replaced: {minutes['replaced']}"
    yield f"Số phiếu phát ra / Ballots issued: {issued}"
    yield f"Số phiếu thu về / Ballots returned: {returned}"
    yield f"Số phiếu không thu về / Not returned: {issued - returned}"
    yield f"Số phiếu hợp lệ / Valid ballots: {returned}"
    # A malformed ballot is refused when it is cast; a row without a mark is counted apart (13.2).
    yield "Số phiếu không hợp lệ / Invalid ballots: 0"


def _happened(minutes: MinutesFile) -> Iterator[str]:
    frozen = (f"#{each['contest'] + 1}: {each['reason']}" for each in minutes["frozen"])
    yield f"Đưa ra khỏi danh sách sau khi mở / Excluded after opening: {_list(frozen)}"
    yield f"Sự cố / Incidents: {_list(minutes['incidents'])}"
    said = (f"{each['complaint']} → {each['ruling'] or _BLANK}" for each in minutes["complaints"])
    yield f"Khiếu nại / Complaints: {_list(said)}"


def _sealed(definition: Definition, minutes: MinutesFile) -> Iterator[str]:
    yield "NIÊM PHONG / SEALING"
    yield f"Phần mềm / Software: {definition.software}"
    for name, sha in definition.clients:
        yield f"Mã ứng dụng / Client: {name} {sha.hex()}"
    yield f"Mã bản kê / Manifest: {minutes['manifest']}"
    yield f"Mã buổi tạo khóa / Ceremony: {minutes['ceremony']}"
    yield f"Mã hòm phiếu / Board root: {minutes['board']}"
    yield f"Mã phương án cộng / Plan: {minutes['plan']}"
    yield f"Mã kết quả / Results: {minutes['results']}"
    yield f"Mã danh sách / Roll: {minutes['roll']}"
    yield f"Người giữ / Custodian: {minutes['custodian'] or _BLANK}"
    yield (
        "Lưu trữ / Retention: niêm phong 6 tháng; khiếu nại trong 15 ngày làm việc"
        " / sealed for 6 months; complaints within 15 working days"
    )


def _act(act: Act, offset: int) -> str:
    until = "" if act["until"] is None else f" → {_local(act['until'], offset)}"
    reason = f": {act['reason']}" if act["reason"] else ""
    return f"{ACTS[act['act']]}: {_local(act['at'], offset)}{until} ({BY[act['by']]}){reason}"


def _local(instant: str, offset: int) -> str:
    at = read_instant(instant)
    sign, minutes = ("-" if offset < 0 else "+"), abs(offset)
    try:
        shown = f"{(at + timedelta(minutes=offset)):%d/%m/%Y %H:%M:%S}"
    except OverflowError:  # the last hours of the year 9999, the first of the year 1
        shown = f"{at:%d/%m/%Y %H:%M:%S}"  # as it is (13.5)
    return f"{shown} (UTC{sign}{minutes // 60:02}:{minutes % 60:02})"


def _quorum(quorum: Quorum | None, present: int, summoned: int) -> str:
    if quorum is None:
        return "không quy định / none required"
    num, den = quorum.numerator, quorum.denominator
    verdict = "đạt / met" if quorum.met(present, summoned) else "không đạt / not met"
    return f"{present}/{summoned} (≥ {num}/{den}): {verdict}"


def _list(items: Iterable[str]) -> str:
    return "; ".join(items) or NONE
