"""What all voters of a round are told, worked out of what is stored: answers, the last extension, excluded
leaders (docs/protocol.md 15.7).

In both languages at once, because every voter gets the same bytes and chooses the language in the booth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from unicodedata import normalize

from surveys.protocol.manifest import Definition
from surveys.rounds.calendar import ANSWERS, is_late
from surveys.rounds.conduct import Facts
from surveys.rounds.questions import Question
from surveys.rounds.stated import FrozenContest, Polls, PollsAct
from surveys.stores.notices import Announcements, Answer, Notice
from surveys.web.languages import Language, moment_in

MOST_REASON = 500
EXTENDED = {
    Language.VI: "Thời gian bỏ phiếu được gia hạn đến {until}. Lý do: {reason}",
    Language.EN: "The time to vote is extended until {until}. Reason: {reason}",
}
EXCLUDED = {
    Language.VI: "{name} ({unit}) được đưa ra khỏi danh sách lấy phiếu sau khi đã mở bỏ phiếu. Lý do: "
    "{reason}",
    Language.EN: "{name} ({unit}) was excluded from the vote after the polls had opened. Reason: {reason}",
}


def told_of(definition: Definition, facts: Facts, asked: Sequence[Question]) -> Announcements:
    """What voters are told. A question without an answer is not; of several extensions the last one is."""
    answers = tuple(
        Answer(each.contest, each.question, each.paragraphs, is_late(definition, ANSWERS, each.answered))
        for each in asked
        if each.answered is not None
    )
    extensions = [act for act in facts.log if act.act == Polls.EXTENDED]
    notices = [
        *(_extended(definition, act) for act in extensions[-1:]),
        *(_excluded(definition, each) for each in facts.frozen),
    ]
    return Announcements(answers, tuple(notices), facts.extended_to)


def _extended(definition: Definition, act: PollsAct) -> Notice:
    until = act.until or definition.closes
    local = {each: moment_in(each, until, definition.time_zone) for each in Language}
    return _notice(None, EXTENDED, {each: {"until": local[each]} for each in Language}, act.reason)


def _excluded(definition: Definition, frozen: FrozenContest) -> Notice:
    held = definition.contests[frozen.contest]
    unit = next(unit.name for unit in definition.units if unit.code == held.unit)
    named = {"name": held.name, "unit": unit}
    return _notice(frozen.contest, EXCLUDED, dict.fromkeys(Language, named), frozen.reason)


def _notice(
    contest: int | None,
    words: Mapping[Language, str],
    values: Mapping[Language, Mapping[str, str]],
    reason: str,
) -> Notice:
    said = {each: words[each].format(**values[each], reason=_plain(reason)) for each in Language}
    return Notice(contest, said[Language.VI], said[Language.EN])


def _plain(reason: str) -> str:
    """A reason as a notice can hold it: what a form would not have taken must not keep a notice from the
    voters.
    """
    text = "".join(letter if letter.isprintable() else " " for letter in normalize("NFC", reason)).strip()
    if not text:
        return "–"
    return text if len(text) <= MOST_REASON else f"{text[: MOST_REASON - 1]}…"
