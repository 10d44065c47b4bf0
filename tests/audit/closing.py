"""The papers of a count in a small vote: attendance, results, minutes, and the committee's certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from surveys.audit.checks_minutes import absent_of
from surveys.instants import read_instant
from surveys.papers.minutes import Attendance, Conference, Hashes, Minutes
from surveys.protocol import canonical
from surveys.protocol.manifest import Manifest
from surveys.protocol.plan import Plan
from surveys.protocol.roll_list import Roll
from surveys.protocol.secret.deal import Sheet
from surveys.protocol.tally import Tally
from surveys.protocol.transcript import transcript
from surveys.results import figures
from surveys.rounds.stated import By, Complaint, FrozenContest, Polls, PollsAct

CONFERENCE = Conference(
    log=(
        PollsAct(read_instant("2026-11-02T01:00:00Z"), Polls.OPENED, By.CLOCK),
        PollsAct(
            read_instant("2026-11-02T09:00:00Z"),
            Polls.EXTENDED,
            until=read_instant("2026-11-02T10:30:00Z"),
            reason="Mất điện",
        ),
        PollsAct(read_instant("2026-11-02T10:30:00Z"), Polls.CLOSED),
    ),
    chair="Ngô Thị Chín",
    secretary="Đỗ Văn Mười",
    custodian="Văn phòng Khối",
    frozen=(FrozenContest(2, "Thông báo nghỉ hưu ngày 02/11"),),
    incidents=("Mất điện 5 phút",),
    complaints=(
        Complaint("Đơn của ông A", "Không có cơ sở"),
        Complaint("Đơn của bà B", ""),
    ),
)
"""What the committee of the small vote states."""


def closing_papers(
    manifest: Manifest,
    plan: Plan,
    tally: Tally,
    sheets: Sequence[Sheet],
    *,
    present: Sequence[int],
    issued: Sequence[int],
    returned: Sequence[int],
    roll: Roll,
    conference: Conference = CONFERENCE,
) -> dict[str, bytes]:
    """Attendance, results, minutes and certificate of a count."""
    definition = manifest.definition
    found = figures.figures(
        manifest, plan, tally, present=present, issued=issued, returned=returned, frozen=conference.excluded
    )
    files = {
        "attendance.json": Attendance(tuple(present), definition.trustees[0], conference).encode(),
        "results.json": found.book.encode(),
    }
    hashes = Hashes(
        manifest.hash,
        manifest.ceremony,
        plan.board,
        plan.digest,
        sha256(files["results.json"]).digest(),
        sha256(roll.encode()).digest(),
        len(roll.replaced),
    )
    names = tuple(definition.trustees[share.trustee - 1] for share in tally.shares)
    absent = tuple(definition.trustees[i - 1] for i in absent_of(tally.shares))
    minutes = Minutes(hashes, found.turnout, conference, names, absent, bytes(range(32)))
    files["minutes.json"] = minutes.encode(definition)
    files["minutes.txt"] = minutes.text(definition, found.book)
    return files | {"certificate.json": certified(manifest, plan, files, sheets)}


def certified(manifest: Manifest, plan: Plan, files: Mapping[str, bytes], sheets: Sequence[Sheet]) -> bytes:
    """The certificate of these files (13.6)."""
    named = {"results": "results.json", "attendance": "attendance.json"}
    named |= {"minutes": "minutes.json", "text": "minutes.txt"}
    digests = {name: sha256(files[member]).digest() for name, member in named.items()}
    message = transcript("certificate", manifest.hash, plan.board, plan.digest, *digests.values())
    document = {name: each.hex() for name, each in digests.items()}
    signatures = [{"trustee": sheet.trustee, "signature": sheet.sign(message).hex()} for sheet in sheets]
    return canonical.encode({**document, "format": "tin-nhiem/certificate/2", "signatures": signatures})
