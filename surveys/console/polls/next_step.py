"""What is next in a round, of which one thing stands on top of its page: what it is, and for whom it waits.

Stores nothing. Danger: whom a count waits for is told by the committee's names, never by who has voted: while
polls are open it waits for "the voters", whichever they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from surveys.console.polls.committees import MemberThere
from surveys.console.polls.conducting import AtTheVote
from surveys.rounds.definition import Presence
from surveys.rounds.states import State

CEREMONY_STEPS = 3


class StepKind(StrEnum):
    """What is next; the words stand in templates/components/next_step.html."""

    STOPPED = "stopped"
    CEREMONY = "ceremony"
    PRESENT = "present"
    APPROVE = "approve"
    CLOCK = "clock"
    OPEN = "open"
    VOTERS = "voters"
    OVER = "over"
    SEALING = "sealing"
    COUNT = "count"
    PUBLISH = "publish"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Step:
    """What is next. `page` is the endpoint where it is done, empty where there is nothing to do at the desk;
    `people` are the names of those it waits for, where they are known.
    """

    kind: StepKind
    page: str = ""
    people: tuple[str, ...] = ()


_AFTERWARDS = {
    State.CLOSING: Step(StepKind.SEALING),
    State.SEALED: Step(StepKind.SEALING),
    State.CERTIFIED: Step(StepKind.PUBLISH),
    State.PUBLISHED: Step(StepKind.READ, "readers.listed"),
}


def next_step(there: AtTheVote, members: Sequence[MemberThere], now: datetime) -> Step:
    """The one next step of a round that is frozen or further; `now` is in UTC."""
    if there.stopped is not None:
        return Step(StepKind.STOPPED)
    state = there.round.state
    if state is State.FROZEN:
        behind = tuple(member.name for member in members if member.steps < CEREMONY_STEPS)
        return Step(StepKind.CEREMONY, "rounds.committee", behind)
    if there.waiting:
        return Step(StepKind.APPROVE, "rounds.polls")
    if state is State.CONFIRMED:
        return _before_opening(there, now)
    if state is State.OPEN:
        over = there.closes <= now
        return Step(StepKind.OVER, "rounds.polls") if over else Step(StepKind.VOTERS)
    if state is State.COUNTING:
        return Step(StepKind.COUNT, "rounds.committee", there.round.definition.trustees)
    return _AFTERWARDS[state]


def _before_opening(there: AtTheVote, now: datetime) -> Step:
    settings = there.conduct.settings
    if settings.presence == Presence.RECORDED and not any(panel.quorate for panel in there.panels):
        return Step(StepKind.PRESENT, "rounds.attendance")
    if settings.by_clock and now < there.round.definition.opens:
        return Step(StepKind.CLOCK)
    return Step(StepKind.OPEN, "rounds.polls")
