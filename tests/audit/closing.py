"""The papers of a count in a small vote: attendance, results, minutes, and the certificate of the committee's head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from surveys.protocol import canonical
from surveys.protocol.manifest import Manifest
from surveys.protocol.plan import Plan
from surveys.protocol.roll_list import Roll
from surveys.protocol.secret.deal import Sheet
from surveys.protocol.tally import Tally
from surveys.protocol.transcript import transcript
from surveys.results import figures, minutes


def closing_papers(
    manifest: Manifest,
    plan: Plan,
    tally: Tally,
    head: Sheet,
    *,
    present: Sequence[int],
    issued: Sequence[int],
    returned: Sequence[int],
    roll: Roll,
) -> dict[str, bytes]:
    """Attendance, results, minutes and certificate of a count."""
    conference = minutes.Conference(
        log=(
            minutes.PollsAct("2026-11-02T01:00:00Z", "opened", "clock"),
            minutes.PollsAct(
                "2026-11-02T09:00:00Z", "extended", until="2026-11-02T10:00:00Z", reason="Mất điện"
            ),
            minutes.PollsAct("2026-11-02T10:00:00Z", "closed"),
        ),
        chair="Ngô Thị Chín",
        secretary="Đỗ Văn Mười",
        custodian="Văn phòng Khối",
        frozen=(minutes.FrozenContest(2, "Thông báo nghỉ hưu ngày 02/11"),),
        incidents=("Mất điện 5 phút",),
        complaints=(
            minutes.Complaint("Đơn của ông A", "Không có cơ sở"),
            minutes.Complaint("Đơn của bà B", ""),
        ),
    )
    attendance = minutes.attendance_json(manifest, present, conference)
    found = figures.figures(
        manifest, plan, tally, present=present, issued=issued, returned=returned, frozen=conference.excluded
    )
    files = {
        "attendance.json": canonical.encode(attendance),
        "results.json": canonical.encode(found.as_json()),
    }
    hashes = minutes.Hashes(
        manifest.hash,
        manifest.ceremony,
        plan.board,
        plan.digest,
        sha256(files["results.json"]).digest(),
        sha256(roll.encode()).digest(),
        len(roll.replaced),
    )
    names = [manifest.definition.trustees[share.trustee - 1] for share in tally.shares]
    values = minutes.minutes_json(manifest, found, hashes, conference, names, bytes(range(32)))
    files["minutes.json"] = canonical.encode(values)
    files["minutes.txt"] = minutes.minutes_text(manifest, found, values).encode()
    return files | {"certificate.json": certified(manifest, plan, files, head)}


def certified(manifest: Manifest, plan: Plan, files: Mapping[str, bytes], head: Sheet) -> bytes:
    """The certificate of these files (13.6)."""
    named = {"results": "results.json", "attendance": "attendance.json"}
    named |= {"minutes": "minutes.json", "text": "minutes.txt"}
    digests = {name: sha256(files[member]).digest() for name, member in named.items()}
    message = transcript("certificate", manifest.hash, plan.board, plan.digest, *digests.values())
    document = {name: each.hex() for name, each in digests.items()}
    document |= {"format": "tin-nhiem/certificate/1", "signature": head.sign(message).hex()}
    return canonical.encode({**document, "trustee": head.trustee})
