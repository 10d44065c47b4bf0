"""The end of the counting minutes: custody, hashes, how to verify, who signs (docs/protocol.md 13.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import version

from surveys.papers.minutes_record import MinutesRecord
from surveys.papers.typeset.blocks import Block, Codes, Facts, Paragraph, Run, Signatures, plainly, strongly
from surveys.papers.typeset.heads import filled, recipients, section, tongue
from surveys.papers.typeset.letters import hash_groups, plain

TYPESET_BY = f"tin-nhiem {version('tin-nhiem')}, typst {version('typst')}"


def head_of(record: MinutesRecord) -> str:
    """Who leads the committee at the count: its head, or the member who stands in."""
    return record.head or record.definition.trustees[0]


def sealing(record: MinutesRecord, *, whole: bool) -> Iterator[Block]:
    """VII: custody, retention, hashes, how to verify."""
    says = tongue(record)
    yield section(record, "VII", "Niêm phong, lưu trữ và kiểm chứng", "Sealing, retention, verification")
    retention = says(
        "niêm phong 6 tháng; nhận khiếu nại trong 15 ngày làm việc; tiêu hủy theo quyết định bằng văn bản",
        "sealed for 6 months; complaints within 15 working days; destroyed by recorded decision",
    )
    yield Facts(
        (
            (says("Người giữ hồ sơ niêm phong", "Custodian"), filled(record.conference.custodian)),
            (says("Lưu trữ", "Retention"), plainly(retention)),
            (says("Phần mềm", "Software"), plainly(plain(record.definition.software))),
            (says("Dàn trang", "Typeset by"), plainly(TYPESET_BY)),
        )
    )
    yield Paragraph(strongly(says("Mã niêm phong (SHA-256)", "Seals (SHA-256)")), leads=True)
    yield codes(record)
    this = (
        says("chính tài liệu này", "this very document")
        if whole
        else says("biên bản toàn đợt", "the whole minutes")
    )
    confirmed = says(
        "{}, Trưởng ban kiểm phiếu hoặc ủy viên thay, và các ủy viên ký số vào mã của tệp kết quả, bản ghi có mặt, tệp"
        " biên bản (trong đó có mã của {}) và lời văn biên bản; chữ ký số nằm trong gói kiểm tra.",
        "{}, head of the committee or standing in, and its members sign the hashes of results, attendance, minutes"
        " (which name {} by its hash) and their text; those signatures lie in the audit bundle.",
    ).format(plain(head_of(record)), this)
    yield Paragraph((*strongly(says("Xác nhận. ", "Certified. ")), *plainly(confirmed)))
    verified = says(
        " kiểm toàn bộ số liệu từ gói kiểm tra, không cần máy chủ; ",
        " checks every figure from the audit bundle, without the server; ",
    )
    again = says(" dàn trang lại biên bản và so mã.", " sets the minutes anew and compares the hash.")
    yield Paragraph(
        (
            *strongly(says("Kiểm chứng. ", "Verification. ")),
            Run("surveys verify", code=True),
            Run(verified),
            Run("surveys minutes", code=True),
            Run(again),
        )
    )


def codes(record: MinutesRecord) -> Codes:
    """What ties a paper to the bundle."""
    says, hashes, definition = tongue(record), record.hashes, record.definition
    named = (
        (says("Mã đợt", "Round"), definition.survey),
        (says("Bản kê", "Manifest"), hashes.manifest),
        (says("Buổi tạo khóa", "Ceremony"), hashes.ceremony),
        (says("Danh sách người ghi phiếu", "Roll"), hashes.roll),
        (says("Hòm phiếu niêm phong", "Board root"), hashes.board),
        (says("Phương án kiểm phiếu", "Plan"), hashes.plan),
        (says("Tệp kết quả", "Results"), hashes.results),
        *((f"{says('Chương trình', 'Client')} {plain(name)}", sha) for name, sha in definition.clients),
    )
    return Codes(tuple((label, hash_groups(raw)) for label, raw in named))


def signing(record: MinutesRecord, first: Sequence[str]) -> Iterator[Block]:
    """Who signs, nobody as two members of the committee, and to whom it goes."""
    says, stated, head = tongue(record), record.conference, head_of(record)
    others = [name for name in record.definition.trustees if name != head]
    offices = (
        ("Thư ký", "Secretary", stated.secretary),
        ("Chủ trì", "Chair", stated.chair),
        ("Trưởng ban kiểm phiếu", "Head of the committee", head),
        *(("Ủy viên", "Member of the committee", name) for name in others),
        ("Người giữ hồ sơ", "Custodian", stated.custodian),
    )
    places = tuple((says(vi, en).upper(), plain(name), en) for vi, en, name in offices)
    yield Signatures(places, says("(ký, ghi rõ họ tên)", "(signature, full name)"))
    yield recipients(record, first)
