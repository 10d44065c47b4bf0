"""A round is conducted on the desk: present, open, extend, close; by hand, by the clock, with four eyes
(docs/operations.md, "A round on the desk").

The state decides, the clock only triggers. There is no step back: what is opened is open, what is closed is
closed for good, and time is only ever added. Each verb writes the staff log first and may be run again after
a kill. Danger: the turnout while polls are open is coarse and of whole units of at least k voters; nothing
finer leaves this module.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from surveys.accounts.roles import Staff, Tree, covers
from surveys.accounts.staff_log import CLOCK, COMMAND_LINE, Act, Actor, StaffLog
from surveys.instants import Instant, instant, instant_text
from surveys.names import RoundId, UnitCode
from surveys.protocol.manifest import Manifest
from surveys.rounds import approvals, conduct, ledger
from surveys.rounds.approvals import Asked
from surveys.rounds.conduct import Conduct, Incident, IncidentKind
from surveys.rounds.definition import Presence
from surveys.rounds.errors import IllegalMove, SecondPersonNeeded
from surveys.rounds.ledger import Round
from surveys.rounds.stated import By, Polls, PollsAct
from surveys.rounds.states import State
from surveys.rules.disclosure import coarse_turnout
from surveys.stages import attending, binding, closing, opening
from surveys.stages.attending import PanelThere, panels_there
from surveys.stages.errors import NoLaterEnd, ReasonNeeded
from surveys.stores.stops import Stop
from surveys.stores.store import Stores

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class UnitTurnout:
    """The turnout of a whole unit, coarse; `percent` None where it has fewer than k voters."""

    unit: UnitCode
    name: str
    summoned: int
    percent: int | None


@dataclass(frozen=True, slots=True)
class AtTheVote:
    """A round as its organizer sees it. `closes` is the time of closing with extensions. Of a round that is
    stopped no unit is shown.
    """

    round: Round
    conduct: Conduct
    closes: Instant
    panels: tuple[PanelThere, ...]
    waiting: tuple[Asked, ...]
    stopped: Stop | None = None


@dataclass(frozen=True, slots=True)
class Conducting:
    """The polls of an instance. `on_change` is told of a round whose voters should know more (another time of
    closing).
    """

    stores: Stores
    log: StaffLog
    now: Callable[[], datetime]
    on_change: Callable[[Round], None] = lambda _: None

    def look(self, round_id: RoundId) -> AtTheVote:
        """How it stands. Stores nothing. Raises NoSuchRound."""
        found = ledger.find(self.stores.app, round_id)
        held = conduct.find(self.stores.app, round_id)
        stopped = binding.why_stopped(self.stores, round_id, found)
        return AtTheVote(
            found,
            held,
            held.facts.extended_to or found.definition.closes,
            () if stopped else panels_there(self.stores.engines, found.definition),
            approvals.waiting(self.stores.app, round_id),
            stopped,
        )

    def turnout(self, found: Round, tree: Tree, over: UnitCode) -> tuple[UnitTurnout, ...]:
        """While polls are open: the unit `over` and the units right below it, coarse, where they have voters.
        Stores nothing.
        """
        if found.state is not State.OPEN or self.stores.engines.stops.of(found.round_id) is not None:
            return ()
        definition = found.definition
        numbers = attending.ballots_returned(self.stores.engines, definition)
        names = {unit.code: unit.name for unit in definition.units}
        wanted = [over, *(unit.code for unit in definition.units if unit.parent == over)]
        rows = []
        for unit in wanted:
            panels = [p for p, panel in enumerate(definition.panels) if covers(tree, unit, panel.unit)]
            summoned = sum(definition.panels[p].voters for p in panels)
            if unit in names and summoned:
                percent = coarse_turnout(sum(numbers[p] for p in panels), summoned, definition.k)
                rows.append(UnitTurnout(unit, names[unit], summoned, percent))
        return tuple(rows)

    def record_present(self, by: Staff, round_id: RoundId, panel: int, present: int) -> None:
        """How many of a unit are there; while polls are open papers are issued as soon as the quorum holds.

        May be corrected until the polls close. Raises UnknownPanel, ImpossibleAttendance or IssuingClosed;
        nothing is changed then.
        """
        found = ledger.find(self.stores.app, round_id)
        unit = found.definition.panels[panel].unit if 0 <= panel < len(found.definition.panels) else None
        with self.log.acting(
            Actor.of(by), Act.ROUND_ATTENDANCE, unit=unit, round_id=round_id, panel=panel, present=present
        ):
            attending.record_present(self.stores.engines, found, panel, present)

    def open(self, by: Staff, round_id: RoundId) -> bool:
        """Open the polls, or ask a second person to; whether they are open now. Raises IllegalMove before the
        ceremony is finished.
        """
        found = self._at(round_id, State.CONFIRMED)
        if self._ask(by, found, Asked(Polls.OPENED, by.id, by.name, self._instant())):
            return False
        self._open(Actor.of(by), found, By.HAND)
        return True

    def extend(self, by: Staff, round_id: RoundId, until: Instant, reason: str) -> bool:
        """More time, or ask a second person for it. Raises IllegalMove unless polls are open, NoLaterEnd for
        an end that is not later.
        """
        found = self._at(round_id, State.OPEN)
        self._later(found, until)
        if not reason:
            raise ReasonNeeded("an extension has a reason")
        if self._ask(by, found, Asked(Polls.EXTENDED, by.id, by.name, self._instant(), until, reason)):
            return False
        self._extend(Actor.of(by), found, until, reason)
        return True

    def close(self, by: Staff, found: Round, reason: str) -> bool:
        """Close the polls for good, or, before their time, ask a second person to. Raises IllegalMove, or
        ReasonNeeded before the time.
        """
        _must_be(found, State.OPEN)
        early = self._instant() < self._closes(found)
        if early and not reason:
            raise ReasonNeeded("closing before the time has a reason")
        asked = Asked(Polls.CLOSED, by.id, by.name, self._instant(), None, reason)
        if early and self._ask(by, found, asked):
            return False
        self._close(Actor.of(by), found, By.HAND, reason)
        return True

    def open_at_the_server(self, round_id: RoundId) -> None:
        """Open the polls for whoever sits at the server, who has nobody to ask. Raises IllegalMove, or
        SecondPersonNeeded.
        """
        found = self._at(round_id, State.CONFIRMED)
        self._alone(round_id)
        self._open(COMMAND_LINE, found, By.HAND)

    def close_at_the_server(self, round_id: RoundId) -> None:
        """Close the polls for whoever sits at the server. Raises IllegalMove, or SecondPersonNeeded before
        the time.
        """
        found = self._at(round_id, State.OPEN)
        if self._instant() < self._closes(found):
            self._alone(round_id)
        self._close(COMMAND_LINE, found, By.HAND, "")

    def accept_at_the_server(self, round_id: RoundId, reason: str) -> None:
        """Take the stores of a stopped round as they are; it stands in the minutes. Raises
        NotTheWholeVote.
        """
        root = ledger.root_of(self.stores.engines.app, round_id)
        with self.log.acting(COMMAND_LINE, Act.ROUND_RESTORED, unit=root, round_id=round_id, reason=reason):
            if binding.look(self.stores, round_id) is not None:
                binding.accept(self.stores, round_id)
                incident = Incident(self._instant(), IncidentKind.RESTORED, reason)
                conduct.record_incident(self.stores.app, round_id, incident)

    def approve(self, by: Staff, round_id: RoundId, act: str) -> None:
        """Do what somebody else has asked for. Raises NothingAsked, OwnApproval, and what the act refuses;
        then it still waits.
        """
        asked = approvals.approve(self.stores.app, round_id, act, by.id)
        found = ledger.find(self.stores.app, round_id)
        actor = Actor(by.id, f"{by.name} + {asked.name}")
        if act == Polls.OPENED:
            _must_be(found, State.CONFIRMED)
            self._open(actor, found, By.HAND)
        elif act == Polls.EXTENDED:
            assert asked.until is not None  # an extension was asked for with its end
            self._later(found, asked.until)
            _must_be(found, State.OPEN)
            self._extend(actor, found, asked.until, asked.reason)
        else:
            _must_be(found, State.OPEN)
            self._close(actor, found, By.HAND, asked.reason)
        approvals.withdraw(self.stores.engines.app, round_id, act)

    def withdraw(self, by: Staff, round_id: RoundId, act: str) -> None:
        """What was asked is not wanted any more. May be run again."""
        root = ledger.root_of(self.stores.engines.app, round_id)
        with self.log.acting(
            Actor.of(by), Act.ROUND_ASKED, unit=root, round_id=round_id, act=act, how="withdrawn"
        ):
            approvals.withdraw(self.stores.engines.app, round_id, act)

    def beat(self) -> None:
        """One look of the clock: open and close what its rounds let it, but for those that are stopped. A
        beat that is missed or doubled changes nothing, and what fails in one round is told and leaves the
        others be.
        """
        for heading in ledger.headings(self.stores.engines.app):
            if heading.state not in (State.CONFIRMED, State.OPEN):
                continue
            if self.stores.engines.stops.of(heading.round_id) is not None:
                continue
            try:
                self._beat(heading.round_id)
            except Exception:
                _log.exception("the clock goes on after the round %s failed", heading.round_id)

    def _beat(self, round_id: RoundId) -> None:
        now = self._instant()
        if not conduct.find(self.stores.app, round_id).settings.by_clock:
            return
        found = ledger.find(self.stores.app, round_id)
        if found.state is State.CONFIRMED and found.definition.opens <= now < self._closes(found):
            self._open(CLOCK, found, By.CLOCK)
        elif found.state is State.OPEN and self._closes(found) <= now:
            self._close(CLOCK, found, By.CLOCK, "")

    def _open(self, actor: Actor, found: Round, by: By) -> None:
        round_id, at = found.round_id, self._instant()
        everybody = conduct.find(self.stores.app, round_id).settings.presence == Presence.EVERYBODY
        with self.log.acting(actor, Act.ROUND_OPENED, unit=found.definition.top, round_id=round_id, by=by):
            opening.open_conducted(self.stores.engines, _manifest(found), at, everybody=everybody)
            conduct.note_act(self.stores.app, round_id, PollsAct(at, Polls.OPENED, by))
        self.on_change(found)

    def _extend(self, actor: Actor, found: Round, until: Instant, reason: str) -> None:
        act = PollsAct(self._instant(), Polls.EXTENDED, By.HAND, until, reason)
        with self.log.acting(
            actor,
            Act.ROUND_EXTENDED,
            unit=found.definition.top,
            round_id=found.round_id,
            reason=reason,
            until=instant_text(until),
        ):
            conduct.note_act(self.stores.app, found.round_id, act)
        self.on_change(found)

    def _close(self, actor: Actor, found: Round, by: By, reason: str) -> None:
        round_id, at = found.round_id, self._instant()
        with self.log.acting(
            actor, Act.ROUND_CLOSED, unit=found.definition.top, round_id=round_id, reason=reason, by=by
        ):
            closing.close_polls(self.stores.engines, _manifest(found), at)
            conduct.note_act(self.stores.app, round_id, PollsAct(at, Polls.CLOSED, by, None, reason))
        self.on_change(found)

    def _ask(self, by: Staff, found: Round, asked: Asked) -> bool:
        """Where the round wants four eyes, let it wait for a second person."""
        if not conduct.find(self.stores.app, found.round_id).settings.four_eyes:
            return False
        root = found.definition.top
        with self.log.acting(
            Actor.of(by),
            Act.ROUND_ASKED,
            unit=root,
            round_id=found.round_id,
            reason=asked.reason,
            act=asked.act,
            until="" if asked.until is None else instant_text(asked.until),
        ):
            approvals.ask(self.stores.app, found.round_id, asked)
        return True

    def _alone(self, round_id: RoundId) -> None:
        if conduct.find(self.stores.app, round_id).settings.four_eyes:
            raise SecondPersonNeeded(round_id)

    def _at(self, round_id: RoundId, state: State) -> Round:
        found = ledger.find(self.stores.app, round_id)
        _must_be(found, state)
        return found

    def _closes(self, found: Round) -> Instant:
        facts = conduct.find(self.stores.app, found.round_id).facts
        return facts.extended_to or found.definition.closes

    def _later(self, found: Round, until: Instant) -> None:
        if not until > max(self._closes(found), self._instant()):
            raise NoLaterEnd(until)

    def _instant(self) -> Instant:
        return instant(self.now())


def _must_be(found: Round, state: State) -> None:
    if found.state is not state:
        raise IllegalMove(
            found.round_id, found.state.value, f"what only a round that is {state.value} allows"
        )


def _manifest(found: Round) -> Manifest:
    if found.manifest is None:
        raise IllegalMove(found.round_id, found.state.value, "open before the ceremony is finished")
    return found.manifest
