"""What the verifier found, for people (Vietnamese or English) and for programs (JSON).

Danger: places and reasons quote the bundle, which is foreign: nothing of it may reach a terminal as markup or
as a control sequence.
"""

from __future__ import annotations

import json
from typing import IO, Literal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from surveys.audit.case import Signature
from surveys.audit.openings import Opened
from surveys.audit.receipt_words import RECEIPT_WORDS
from surveys.audit.receipts import Judged
from surveys.audit.titles import ASKED
from surveys.audit.verifier import Finding, Member, Report, Verdict
from surveys.instants import instant_text

Language = Literal["en", "vi"]

_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "check": "Check",
        "title": "What must hold",
        "verdict": "Verdict",
        "passed": "passed",
        "failed": "FAILED",
        "not reached": "not reached",
        "about": "Vote: {title}. Ballots on the board: {ballots}.",
        "compare": "Manifest {manifest}; board {board}. Compare both with what was announced and with the "
        "minutes.",
        "cosigned": "Agreed on board and plan before the opening, each at the time of their own clock:",
        "nobody": "Nobody was named absent from the opening.",
        "absent": "Named absent from the opening: {names}. Too few had agreed for the protocol to vouch "
        "alone: that "
        "these could not take part rests on people. Ask each of them.",
        "tracker": "Tracker: {tracker}. It must be the one that was shown before the check.",
        "opened": "The ballot held exactly these marks. It was never cast. Manifest {manifest}.",
        "unsigned": "The file is the certified minutes byte by byte; nobody has signed in it.",
        "signed": "Signed behind the certified minutes:",
        "signature": "{signer}; {at}; certificate {serial} of {issuer}, SHA-256 {certificate}; {trust}",
        "stamp": "time stamp of {signer}; {at}; certificate {serial} of {issuer}, SHA-256 {certificate}; {trust}",
        "own_clock": "{at} by the signer's own clock",
        "stamped": "{at} by a time stamp",
        "vouched": "a given authority vouches for it",
        "not_vouched": "who vouches for the certificate was not checked (--authorities)",
        "good": "All {n} checks hold: the results follow from the ballots on this board.",
        "other_file": "The bundle holds in all its own checks, but the file is not its typeset minutes "
        "(check 13.7).",
        "bad": "The bundle does not hold: check {first} failed ({failed} failed, {unreached} not reached, "
        "of {n}).",
    },
    "vi": {
        "check": "Mục",
        "title": "Điều phải đúng",
        "verdict": "Kết luận",
        "passed": "đạt",
        "failed": "KHÔNG ĐẠT",
        "not reached": "chưa xét tới",
        "about": "Đợt lấy phiếu: {title}. Số phiếu trên bảng: {ballots}.",
        "compare": "Mã bản kê {manifest}; mã bảng phiếu {board}. Hãy đối chiếu với mã đã công bố và với "
        "biên bản.",
        "cosigned": "Đã thống nhất bảng phiếu và phương án trước khi mở, giờ theo đồng hồ của từng người:",
        "nobody": "Không có ai được ghi là vắng khi mở kết quả.",
        "absent": "Được ghi là vắng khi mở kết quả: {names}. Số người thống nhất không đủ để riêng giao "
        "thức bảo đảm: "
        "việc những người này vắng chỉ dựa vào lời người. Hãy hỏi từng người.",
        "tracker": "Mã theo dõi: {tracker}. Mã này phải là mã đã hiện trước khi kiểm tra.",
        "opened": "Phiếu chứa đúng các dấu này. Phiếu này chưa hề được gửi. Mã bản kê {manifest}.",
        "unsigned": "Tệp đúng từng byte với biên bản đã xác nhận; trong tệp chưa có chữ ký số.",
        "signed": "Chữ ký số sau biên bản đã xác nhận:",
        "signature": "{signer}; {at}; chứng thư số {serial} do {issuer} cấp, SHA-256 {certificate}; {trust}",
        "stamp": "dấu thời gian của {signer}; {at}; chứng thư số {serial} do {issuer} cấp, "
        "SHA-256 {certificate}; {trust}",
        "own_clock": "{at} theo đồng hồ của người ký",
        "stamped": "{at} theo dấu thời gian",
        "vouched": "có tổ chức chứng thực đã cho bảo đảm",
        "not_vouched": "chưa kiểm tổ chức chứng thực (--authorities)",
        "good": "Cả {n} mục đều đạt: kết quả đúng là từ các phiếu trên bảng này.",
        "other_file": "Gói kiểm tra đạt mọi mục của nó, nhưng tệp này không phải là biên bản đã dàn trang "
        "của gói (mục 13.7).",
        "bad": "Gói kiểm tra không đạt: mục {first} sai ({failed} mục sai, {unreached} chưa xét tới, trên "
        "{n} mục).",
    },
}
_STYLES = {Verdict.PASSED: "green", Verdict.FAILED: "bold red", Verdict.NOT_REACHED: "yellow"}


def print_opened(opened: Opened, language: Language, out: IO[str]) -> None:
    """What a challenged ballot held: tracker, then a line a contest."""
    words = _WORDS[language]
    console = Console(file=out, highlight=False, markup=False, emoji=False, soft_wrap=True)
    console.print(words["tracker"].format(tracker=opened.tracker))
    for contest, mark in opened.marks:
        console.print(harmless(f"{contest.name} ({contest.unit}): {mark[language]}"))
    console.print(words["opened"].format(manifest=opened.manifest.hex()))


def print_judged(judged: Judged, language: Language, out: IO[str]) -> None:
    """What a receipt is worth: the tracker, the verdict in words, and what to do."""
    console = Console(file=out, highlight=False, markup=False, emoji=False, soft_wrap=True)
    console.print(_WORDS[language]["tracker"].format(tracker=judged.tracker))
    said = RECEIPT_WORDS[language][judged.verdict.value]
    console.print(said.format(place=judged.place, size=judged.size))


def print_report(report: Report, language: Language, out: IO[str]) -> None:
    """The table of checks, what the bundle is about, and one closing sentence."""
    words = _WORDS[language]
    # Colours only on a terminal; never narrower than the words need, so that a log file is readable.
    console = Console(file=out, highlight=False, markup=False, emoji=False, soft_wrap=False)
    if not console.is_terminal:
        console.width = 120
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(words["check"], justify="right", no_wrap=True)
    table.add_column(words["title"])
    table.add_column(words["verdict"])
    for finding in report.findings:
        table.add_row(
            finding.check,
            finding.title_vi if language == "vi" else finding.title,
            Text(_verdict(finding, words), style=_STYLES[finding.verdict]),
        )
    console.print(table)
    facts = report.facts
    if facts["manifest"] is not None:
        title = harmless(str(facts["title_vi" if language == "vi" else "title_en"]))
        ballots = "?" if facts["ballots"] is None else facts["ballots"]
        console.print(words["about"].format(title=title, ballots=ballots))
    if facts["board"] is not None:
        console.print(words["compare"].format(manifest=facts["manifest"], board=facts["board"]))
    if report.cosigned is not None:
        console.print(words["cosigned"])
        for member in report.cosigned:
            console.print(f"  {_named(member)}: {_cosigned_at(member)}")
    if report.absent is not None:
        names = "; ".join(map(_named, report.absent))
        console.print(words["absent"].format(names=names) if names else words["nobody"])
    if report.signatures is not None:
        console.print(words["signed" if report.signatures else "unsigned"])
        for signature in report.signatures:
            console.print(f"  {_signature(signature, words)}")
    console.print(closing(report, language), style="bold green" if report.good else "bold red")


def closing(report: Report, language: Language) -> str:
    """The one sentence that says whether the bundle is good."""
    words, n = _WORDS[language], len(report.findings)
    if report.good:
        return words["good"].format(n=n)
    if report.failed == (*ASKED,):
        return words["other_file"]
    unreached = sum(finding.verdict is Verdict.NOT_REACHED for finding in report.findings)
    return words["bad"].format(first=report.failed[0], failed=len(report.failed), unreached=unreached, n=n)


def _verdict(finding: Finding, words: dict[str, str]) -> str:
    word = words[finding.verdict.value]
    if finding.verdict is not Verdict.FAILED:
        return word
    return f"{word}: {harmless(finding.where)}: {harmless(finding.why)}"


def _cosigned_at(member: Member) -> str:
    return "?" if member.at is None else f"{member.at:%Y-%m-%d %H:%M:%S} UTC"


def _signature(given: Signature, words: dict[str, str]) -> str:
    at = "?" if given.at is None else f"{given.at:%Y-%m-%d %H:%M:%S} UTC"
    return words["stamp" if given.stamp else "signature"].format(
        signer=harmless(given.signer),
        at=words["stamped" if given.stamped else "own_clock"].format(at=at),
        serial=given.serial,
        issuer=harmless(given.issuer),
        certificate=given.certificate,
        trust=words["vouched" if given.trusted else "not_vouched"],
    )


def _named(member: Member) -> str:
    return f"{member.trustee}. {harmless(member.name)}"


def harmless(text: str, most: int = 300) -> str:
    """Foreign text as it may be shown: no control characters, no reordering marks, not endless."""
    shown = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)
    return shown if len(shown) <= most else shown[:most] + "…"


def as_json(report: Report) -> str:
    """One JSON document.

    {"good": true or false, "survey", "title_vi", "title_en", "manifest", "board": text or null, "ballots":
    integer or null, "cosigned": [{"trustee": 1, "name", "at"}, …] or null, "absent": [{"trustee", "name"}, …]
    or null, "signatures": [{"signer", "issuer", "serial", "certificate", "field", "at": text or null,
    "stamped", "stamp", "trusted": true, false or null}, …] or null, "checks": [{"check": "8.5", "title",
    "title_vi", "verdict": "passed" | "failed" | "not reached", "where": text or null, "why": text or null},
    …]}   in the order of docs/protocol.md 14.2; `where` and `why` are null unless the check failed.
    """
    checks = [
        {
            "check": finding.check,
            "title": finding.title,
            "title_vi": finding.title_vi,
            "verdict": finding.verdict.value,
            "where": harmless(finding.where) if finding.verdict is Verdict.FAILED else None,
            "why": harmless(finding.why) if finding.verdict is Verdict.FAILED else None,
        }
        for finding in report.findings
    ]
    facts = {name: harmless(fact) if isinstance(fact, str) else fact for name, fact in report.facts.items()}
    people = {"cosigned": _listed(report.cosigned), "absent": _listed(report.absent)}
    signatures = None if report.signatures is None else [_as_written(each) for each in report.signatures]
    document = {"good": report.good, **facts, **people, "signatures": signatures, "checks": checks}
    return json.dumps(document, ensure_ascii=False, indent=2)


def _as_written(given: Signature) -> dict[str, str | bool | None]:
    return {
        **{
            name: harmless(getattr(given, name))
            for name in ("signer", "issuer", "serial", "certificate", "field")
        },
        "at": None if given.at is None else instant_text(given.at),
        "stamped": given.stamped,
        "stamp": given.stamp,
        "trusted": given.trusted,
    }


def _listed(members: tuple[Member, ...] | None) -> list[dict[str, int | str]] | None:
    if members is None:
        return None
    found = []
    for member in members:
        said: dict[str, int | str] = {"trustee": member.trustee, "name": harmless(member.name)}
        if member.at is not None:
            said["at"] = instant_text(member.at)
        found.append(said)
    return found
