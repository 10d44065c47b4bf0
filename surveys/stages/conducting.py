"""A round is conducted on the desk: present, open, extend, close; by hand, by the clock, with four eyes (docs/operations.md, "A round on the desk").

The state decides, the clock only triggers. There is no step back: what is opened is open, what is closed is closed for good, and time is
only ever added. Each verb writes the staff log first and may be run again after a kill. Danger: the turnout while polls are open is
coarse and of whole units of at least k voters; nothing finer leaves this module.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from surveys.accounts.roles import Staff, Tree, covers
from surveys.accounts.staff_log import CLOCK, COMMAND_LINE, Act, Actor, StaffLog
from surveys.box.board import returned
from surveys.protocol.manifest import Definition, Manifest
from surveys.roll import attendance
from surveys.roll.attendance import PanelAttendance
from surveys.roll.state import State as Issuing
from surveys.rounds import approvals, conduct, ledger
from surveys.rounds.approvals import Asked
from surveys.rounds.conduct import Conduct, PollsAct
from surveys.rounds.errors import IllegalMove, SecondPersonNeeded
from surveys.rounds.ledger import Round
from surveys.rounds.states import State
from surveys.rules.disclosure import coarse_turnout
from surveys.rules.preset import Preset, Quorum
from surveys.stages import closing, opening
from surveys.stages.errors import NoLaterEnd, ReasonNeeded
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores
from surveys.stores.instants import INSTANT

OPENED, EXTENDED, CLOSED = "opened", "extended", "closed"


@dataclass(frozen=True, slots=True)
class PanelThere:
    """A unit at the vote: who is there, whether the rule's quorum holds, whether papers are being issued."""

    panel: int
    unit: str
    name: str
    summoned: int
    present: int
    quorate: bool
    issuing: bool


@dataclass(frozen=True, slots=True)
class UnitTurnout:
    """The turnout of a whole unit, coarse; `percent` None where it has fewer than k voters."""

    unit: str
    name: str
    summoned: int
    percent: int | None


@dataclass(frozen=True, slots=True)
class AtTheVote:
    """A round as its organizer sees it. `closes` is the time of closing with extensions, a UTC instant."""

    round: Round
    conduct: Conduct
    closes: str
    panels: tuple[PanelThere, ...]
    waiting: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class PollsDesk:
    """The polls of an instance. `on_change` is told of a round whose voters should know more (another time of closing)."""

    stores: Stores
    keyring: Keyring
    log: StaffLog
    now: Callable[[], datetime]
    on_change: Callable[[str], None] = lambda _: None

    def look(self, survey: str) -> AtTheVote:
        """How it stands. Stores nothing. Raises NoSuchRound."""
        found = ledger.find(self.stores.app, self.keyring, survey)
        held = conduct.find(self.stores.app, self.keyring, survey)
        return AtTheVote(
            found,
            held,
            held.facts.extended_to or found.definition.closes,
            self._panels(found.definition),
            approvals.waiting(self.stores.app, self.keyring, survey),
        )

    def turnout(self, found: Round, tree: Tree, over: str) -> tuple[UnitTurnout, ...]:
        """While polls are open: the unit `over` and the units right below it, coarse, where they have voters. Stores nothing."""
        if found.state is not State.OPEN:
            return ()
        definition = found.definition
        numbers = returned(self.stores.box(found.survey), len(definition.panels))
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

    def record_present(self, by: Staff, survey: str, panel: int, present: int) -> None:
        """How many of a unit are there; while polls are open papers are issued as soon as the quorum holds.

        May be corrected until the polls close. Raises UnknownPanel, ImpossibleAttendance or IssuingClosed; nothing is changed then.
        """
        found = ledger.find(self.stores.app, self.keyring, survey)
        unit = found.definition.panels[panel].unit if 0 <= panel < len(found.definition.panels) else None
        with self.log.acting(
            Actor.of(by), Act.ROUND_ATTENDANCE, unit=unit, survey=survey, panel=panel, present=present
        ):
            attendance.record_present(self.stores.roll(survey), panel, present)
        if found.state is State.OPEN:
            opening.issue_where_quorate(self.stores, found.definition, [panel])

    def open(self, by: Staff, survey: str) -> bool:
        """Open the polls, or ask a second person to; whether they are open now. Raises IllegalMove before the ceremony is finished."""
        found = self._at(survey, State.CONFIRMED)
        if self._ask(by, found, Asked(OPENED, by.id, by.name, self._instant())):
            return False
        self._open(Actor.of(by), found, "hand")
        return True

    def extend(self, by: Staff, survey: str, until: str, reason: str) -> bool:
        """More time, or ask a second person for it. Raises IllegalMove unless polls are open, NoLaterEnd for an end that is not later."""
        found = self._at(survey, State.OPEN)
        self._later(found, until)
        if not reason:
            raise ReasonNeeded("an extension has a reason")
        if self._ask(by, found, Asked(EXTENDED, by.id, by.name, self._instant(), until, reason)):
            return False
        self._extend(Actor.of(by), found, until, reason)
        return True

    def close(self, by: Staff, survey: str, reason: str) -> bool:
        """Close the polls for good, or, before their time, ask a second person to. Raises IllegalMove, or ReasonNeeded before the time."""
        found = self._at(survey, State.OPEN)
        early = self._instant() < self._closes(found)
        if early and not reason:
            raise ReasonNeeded("closing before the time has a reason")
        asked = Asked(CLOSED, by.id, by.name, self._instant(), None, reason)
        if early and self._ask(by, found, asked):
            return False
        self._close(Actor.of(by), found, "hand", reason)
        return True

    def open_at_the_server(self, survey: str) -> None:
        """Open the polls for whoever sits at the server, who has nobody to ask. Raises IllegalMove, or SecondPersonNeeded."""
        found = self._at(survey, State.CONFIRMED)
        self._alone(survey)
        self._open(COMMAND_LINE, found, "hand")

    def close_at_the_server(self, survey: str) -> None:
        """Close the polls for whoever sits at the server. Raises IllegalMove, or SecondPersonNeeded before the time."""
        found = self._at(survey, State.OPEN)
        if self._instant() < self._closes(found):
            self._alone(survey)
        self._close(COMMAND_LINE, found, "hand", "")

    def approve(self, by: Staff, survey: str, act: str) -> None:
        """Do what somebody else has asked for. Raises NothingAsked, OwnApproval, and what the act refuses; then it still waits."""
        asked = approvals.approve(self.stores.app, self.keyring, survey, act, by.id)
        found = ledger.find(self.stores.app, self.keyring, survey)
        actor = Actor(by.id, f"{by.name} + {asked.name}")
        if act == OPENED:
            self._open(actor, self._at(survey, State.CONFIRMED), "hand")
        elif act == EXTENDED:
            self._later(found, asked.until or "")
            self._extend(actor, self._at(survey, State.OPEN), asked.until or "", asked.reason)
        else:
            self._close(actor, self._at(survey, State.OPEN), "hand", asked.reason)
        approvals.withdraw(self.stores.app, survey, act)

    def withdraw(self, by: Staff, survey: str, act: str) -> None:
        """What was asked is not wanted any more. May be run again."""
        root = ledger.root_of(self.stores.app, survey)
        with self.log.acting(
            Actor.of(by), Act.ROUND_ASKED, unit=root, survey=survey, act=act, how="withdrawn"
        ):
            approvals.withdraw(self.stores.app, survey, act)

    def beat(self) -> None:
        """One look of the clock: open and close what its rounds let it. A beat that is missed or doubled changes nothing."""
        now = self._instant()
        for heading in ledger.headings(self.stores.app):
            if heading.state not in (State.CONFIRMED, State.OPEN):
                continue
            if not conduct.find(self.stores.app, self.keyring, heading.survey).settings.by_clock:
                continue
            found = ledger.find(self.stores.app, self.keyring, heading.survey)
            if found.state is State.CONFIRMED and found.definition.opens <= now < self._closes(found):
                self._open(CLOCK, found, "clock")
            elif found.state is State.OPEN and self._closes(found) <= now:
                self._close(CLOCK, found, "clock", "")

    def _open(self, actor: Actor, found: Round, by: str) -> None:
        survey, at = found.survey, self._instant()
        everybody = conduct.find(self.stores.app, self.keyring, survey).settings.presence == "everybody"
        with self.log.acting(actor, Act.ROUND_OPENED, unit=_root(found.definition), survey=survey, by=by):
            opening.open_conducted(self.stores, _manifest(found), at, everybody=everybody)
            conduct.note_act(self.stores.app, self.keyring, survey, PollsAct(at, OPENED, by))
        self.on_change(survey)

    def _extend(self, actor: Actor, found: Round, until: str, reason: str) -> None:
        act = PollsAct(self._instant(), EXTENDED, "hand", until, reason)
        with self.log.acting(
            actor,
            Act.ROUND_EXTENDED,
            unit=_root(found.definition),
            survey=found.survey,
            reason=reason,
            until=until,
        ):
            conduct.note_act(self.stores.app, self.keyring, found.survey, act)
        self.on_change(found.survey)

    def _close(self, actor: Actor, found: Round, by: str, reason: str) -> None:
        survey, at = found.survey, self._instant()
        with self.log.acting(
            actor, Act.ROUND_CLOSED, unit=_root(found.definition), survey=survey, reason=reason, by=by
        ):
            closing.close_polls(self.stores, _manifest(found), at)
            conduct.note_act(self.stores.app, self.keyring, survey, PollsAct(at, CLOSED, by, None, reason))
        self.on_change(survey)

    def _ask(self, by: Staff, found: Round, asked: Asked) -> bool:
        """Where the round wants four eyes, let it wait for a second person."""
        if not conduct.find(self.stores.app, self.keyring, found.survey).settings.four_eyes:
            return False
        root = _root(found.definition)
        with self.log.acting(
            Actor.of(by),
            Act.ROUND_ASKED,
            unit=root,
            survey=found.survey,
            reason=asked.reason,
            act=asked.act,
            until=asked.until or "",
        ):
            approvals.ask(self.stores.app, self.keyring, found.survey, asked)
        return True

    def _alone(self, survey: str) -> None:
        if conduct.find(self.stores.app, self.keyring, survey).settings.four_eyes:
            raise SecondPersonNeeded(survey)

    def _at(self, survey: str, state: State) -> Round:
        found = ledger.find(self.stores.app, self.keyring, survey)
        if found.state is not state:
            raise IllegalMove(survey, found.state.value, f"what only a round that is {state.value} allows")
        return found

    def _closes(self, found: Round) -> str:
        facts = conduct.find(self.stores.app, self.keyring, found.survey).facts
        return facts.extended_to or found.definition.closes

    def _later(self, found: Round, until: str) -> None:
        if not until > max(self._closes(found), self._instant()):
            raise NoLaterEnd(until)

    def _panels(self, definition: Definition) -> tuple[PanelThere, ...]:
        quorum = Preset.from_json(definition.rule).quorum
        names = {unit.code: unit.name for unit in definition.units}
        numbers = attendance.attendance(self.stores.roll(definition.survey.hex()))
        return tuple(
            PanelThere(
                p,
                panel.unit,
                names[panel.unit],
                there.summoned,
                there.present,
                _quorate(there, quorum),
                there.state is Issuing.ISSUING,
            )
            for p, (panel, there) in enumerate(zip(definition.panels, numbers, strict=True))
        )

    def _instant(self) -> str:
        return self.now().strftime(INSTANT)


def _quorate(there: PanelAttendance, quorum: Quorum | None) -> bool:
    return quorum is None or there.present * quorum.denominator >= there.summoned * quorum.numerator


def _root(definition: Definition) -> str:
    return next(unit.code for unit in definition.units if unit.parent is None)


def _manifest(found: Round) -> Manifest:
    if found.manifest is None:
        raise IllegalMove(found.survey, found.state.value, "open before the ceremony is finished")
    return found.manifest
