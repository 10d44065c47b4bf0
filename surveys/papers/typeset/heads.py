"""The head and the end of a paper: letterhead, number, place and date; whom it goes to.

36-HD/VPTW (Party) and Decree 30/2020/NĐ-CP (state) name the parts, their places and sizes; the sizes stand in
paper.typ and `surveys.papers.word`. No body is named twice: one that is its own superior stands there once.
"""

from __future__ import annotations

from collections.abc import Iterable

from surveys.papers.minutes_record import MinutesRecord
from surveys.papers.typeset.blocks import Block, Head, Heading, Recipients, Runs, Sheet, plainly
from surveys.papers.typeset.letters import hash_groups, local, plain
from surveys.papers.typeset.tongue import Tongue
from surveys.protocol.manifest import Unit
from surveys.protocol.stationery import NATIONAL, PARTY, USUAL, Letterhead, Stationery

DOTS = "…………"
INTERNAL = ("LƯU HÀNH NỘI BỘ", "INTERNAL")
RESTRICTED = ("HẠN CHẾ LƯU HÀNH", "RESTRICTED")
_MOTTOES = {
    Letterhead.PARTY: (PARTY, ("COMMUNIST PARTY OF VIET NAM",)),
    Letterhead.STATE: (NATIONAL, ("SOCIALIST REPUBLIC OF VIET NAM", "Independence - Freedom - Happiness")),
}
Names = tuple[str, str]
"""In Vietnamese and in English."""


def stationery(record: MinutesRecord) -> Stationery:
    """How the papers of this round are headed."""
    return record.definition.papers or USUAL


def tongue(record: MinutesRecord) -> Tongue:
    """The language of the papers of this round."""
    return Tongue(stationery(record).language)


def above(record: MinutesRecord, unit: Unit) -> str:
    """The body above a unit: of the one at the top the organisation's superior, which may be empty."""
    if unit.parent is None:
        return plain(stationery(record).superior)
    return plain(record.book.units[unit.parent].name)


def head(
    record: MinutesRecord,
    bodies: tuple[str, str],
    sign: str,
    mark: Names | None,
    name: Names,
    subjects: Iterable[str],
    to: str = "",
) -> Head:
    """The head of a paper: `bodies` are the superior and who issues it, `sign` the letters of its kind
    (BB, BC).
    """
    says, chosen = tongue(record), stationery(record)
    superior, issuer = (body.upper() for body in bodies)
    motto = _MOTTOES[chosen.letterhead][says.english]
    closed = local(record.conference.log[-1].at, record.definition.utc_offset)
    state = chosen.letterhead is Letterhead.STATE
    number = says(f"Số{':' if state else ''} {DOTS}{'/' if state else '-'}{sign}", f"No. {DOTS}/{sign}")
    return Head(
        letterhead=chosen.letterhead.value,
        motto=motto,
        above="" if superior == issuer else superior,
        by=issuer,
        number=number,
        dated=f"{plain(chosen.issued_at) or DOTS}, {says.day(closed)}",
        mark="" if mark is None else says(*mark),
        name=says(*name),
        subjects=tuple(subjects),
        to=to,
    )


def sheet(record: MinutesRecord, title: str, foot: str, above_all: Head, body: Iterable[Block]) -> Sheet:
    """The paper; its foot names the ballots that it is about."""
    says = tongue(record)
    begins = hash_groups(record.hashes.board).split(" ")[0]
    return Sheet(
        language=says.language.value,
        title=plain(title),
        author=plain(record.definition.organisation),
        foot=f"{foot} {says('Mã hòm phiếu', 'Board root')} {begins}…",
        head=above_all,
        body=tuple(body),
    )


def recipients(
    record: MinutesRecord, first: Iterable[str], signs: tuple[str, str] | None = None, *, others: bool = True
) -> Recipients:
    """To whom it goes, nobody twice, and last the files; `others` are those to whom the minutes go."""
    says = tongue(record)
    names = list(
        dict.fromkeys(
            plain(each) for each in (*first, *(stationery(record).recipients if others else ())) if each
        )
    )
    names = [each for each in names if each.casefold() not in {"lưu", "file", "files"}]
    return Recipients(
        label=says("Nơi nhận", "Recipients"),
        names=(*names, says("Lưu", "Files")),
        signs=signs,
        how=says("(ký, ghi rõ họ tên)", "(signature, full name)"),
    )


def section(record: MinutesRecord, number: str, vi: str, en: str) -> Heading:
    """The heading of a section."""
    return Heading(2, f"{number}. {tongue(record)(vi, en).upper()}")


def filled(value: str) -> Runs:
    """The value, or dots to fill in."""
    return plainly(plain(value) or DOTS * 3)
