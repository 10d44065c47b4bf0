"""How a round's papers are headed, in which language, and to whom they go: the field `papers` of
docs/protocol.md 4.1.

It is bound like everything else in the definition, so that whoever has the bundle sets the same papers.
Danger: a definition may lack it, as those of 0.2.0 do; its bytes must then stay as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from surveys.json_types import JsonObject
from surveys.protocol.canonical import Fields

MOST_RECIPIENTS = 20
NATIONAL = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
PARTY = ("ĐẢNG CỘNG SẢN VIỆT NAM",)


class Letterhead(StrEnum):
    """Whose rule the papers follow: the Party's (36-HD/VPTW) or the state's (Decree 30/2020/NĐ-CP)."""

    PARTY = "party"
    STATE = "state"


class PaperLanguage(StrEnum):
    """The one language of the papers."""

    VI = "vi"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Stationery:
    """`issued_at` is the place of issue, a town or province; `superior` the body above the organisation; both
    may be empty. `recipients` are those to whom the minutes go, in order.
    """

    letterhead: Letterhead = Letterhead.PARTY
    language: PaperLanguage = PaperLanguage.VI
    issued_at: str = ""
    superior: str = ""
    recipients: tuple[str, ...] = ()

    def as_json(self) -> JsonObject:
        """The object of 4.1."""
        return {
            "letterhead": self.letterhead.value,
            "language": self.language.value,
            "issued_at": self.issued_at,
            "superior": self.superior,
            "recipients": list(self.recipients),
        }


USUAL = Stationery()
"""What holds where a definition says nothing."""


def read_stationery(fields: Fields) -> Stationery:
    """The object of 4.1. Raises Malformed under the check of `fields`."""
    stationery = Stationery(
        Letterhead(_one_of(fields, "letterhead", tuple(Letterhead))),
        PaperLanguage(_one_of(fields, "language", tuple(PaperLanguage))),
        fields.text("issued_at", 300, empty=True),
        fields.text("superior", 300, empty=True),
        tuple(fields.texts("recipients", MOST_RECIPIENTS, 300)),
    )
    fields.done()
    return stationery


def _one_of(fields: Fields, name: str, words: tuple[str, ...]) -> str:
    word = fields.text(name, 30)
    if word not in words:
        fields.refuse(name, f"not one of {', '.join(words)}")
    return word


def head_lines(stationery: Stationery | None) -> tuple[str, ...]:
    """The first lines of the minutes' text (13.5)."""
    return NATIONAL if stationery is not None and stationery.letterhead is Letterhead.STATE else PARTY
