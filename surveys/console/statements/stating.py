"""What the committee states about a round, for the minutes: incidents, leaders excluded after opening,
complaints, names (13.1).

Whoever organizes the round or heads its committee states it, until the papers are certified; afterwards
nothing changes. Each verb writes the staff log first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from surveys.accounts.roles import Staff
from surveys.accounts.staff_log import Act, Actor, StaffLog
from surveys.instants import instant
from surveys.names import RoundId
from surveys.rounds import conduct, ledger
from surveys.rounds.conduct import Facts, Incident, IncidentKind
from surveys.rounds.errors import IllegalMove
from surveys.rounds.ledger import Round
from surveys.rounds.stated import FrozenContest
from surveys.rounds.states import State, has_reached
from surveys.stores.store import Stores


@dataclass(frozen=True, slots=True)
class Stating:
    """Statements about the rounds of an instance. `on_change` is told of a round whose voters should know
    more.
    """

    stores: Stores
    log: StaffLog
    now: Callable[[], datetime]
    on_change: Callable[[Round], None] = lambda _: None

    def incident(self, by: Staff, round_id: RoundId, kind: IncidentKind, text: str) -> Facts:
        """Record what happened. Raises NoSuchRound, or IllegalMove once the papers are certified."""
        found = self._open(round_id)
        with self.log.acting(
            Actor.of(by),
            Act.ROUND_INCIDENT,
            unit=found.definition.top,
            round_id=round_id,
            reason=text,
            kind=kind,
        ):
            at = instant(self.now())
            return conduct.record_incident(self.stores.app, round_id, Incident(at, kind, text))

    def freeze_contest(self, by: Staff, round_id: RoundId, contest: int, reason: str) -> Facts:
        """A leader is excluded after opening: the contest is frozen and annotated, never dropped. Raises
        NoSuchContest or IllegalMove.
        """
        found = self._open(round_id)
        if not has_reached(found.state, State.OPEN):
            raise IllegalMove(round_id, found.state.value, "a round with excluded leaders before it is open")
        contests = found.definition.contests
        unit = contests[contest].unit if 0 <= contest < len(contests) else None
        with self.log.acting(
            Actor.of(by),
            Act.ROUND_CONTEST_FROZEN,
            unit=unit,
            round_id=round_id,
            reason=reason,
            contest=contest,
        ):
            frozen = FrozenContest(contest, reason)
            facts = conduct.freeze_contest(self.stores.app, round_id, frozen, len(contests))
        self.on_change(found)
        return facts

    def names(self, by: Staff, round_id: RoundId, chair: str, secretary: str, custodian: str) -> Facts:
        """Who led the conference, who wrote, who keeps the papers. Raises IllegalMove once the papers are
        certified.
        """
        found = self._open(round_id)
        with self.log.acting(
            Actor.of(by), Act.ROUND_STATED, unit=found.definition.top, round_id=round_id, what="names"
        ):
            return conduct.state_names(self.stores.app, round_id, chair, secretary, custodian)

    def complain(self, by: Staff, round_id: RoundId, complaint: str) -> Facts:
        """Record a complaint. Raises IllegalMove once the papers are certified."""
        found = self._open(round_id)
        with self.log.acting(
            Actor.of(by), Act.ROUND_STATED, unit=found.definition.top, round_id=round_id, what="complaint"
        ):
            return conduct.complain(self.stores.app, round_id, complaint)

    def rule_on(self, by: Staff, round_id: RoundId, number: int, ruling: str) -> Facts:
        """Record what was ruled. Raises NoSuchComplaint, or IllegalMove once the papers are certified."""
        found = self._open(round_id)
        with self.log.acting(
            Actor.of(by), Act.ROUND_STATED, unit=found.definition.top, round_id=round_id, what="ruling"
        ):
            return conduct.rule_on(self.stores.app, round_id, number, ruling)

    def _open(self, round_id: RoundId) -> Round:
        found = ledger.find(self.stores.app, round_id)
        if has_reached(found.state, State.CERTIFIED):
            raise IllegalMove(round_id, found.state.value, "stated otherwise")
        return found
