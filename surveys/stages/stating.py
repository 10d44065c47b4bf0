"""What the committee states about a round, for the minutes: incidents, leaders excluded after opening, complaints, names (13.1).

Whoever organizes the round or heads its committee states it, until the papers are certified; afterwards nothing changes. Each verb
writes the staff log first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from surveys.accounts.roles import Staff
from surveys.accounts.staff_log import Act, Actor, StaffLog
from surveys.protocol.manifest import Definition
from surveys.results import minutes
from surveys.results.minutes import Conference
from surveys.rounds import conduct, ledger
from surveys.rounds.conduct import Facts, FrozenContest, Incident
from surveys.rounds.errors import IllegalMove
from surveys.rounds.ledger import Round
from surveys.rounds.states import State, has_reached
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores
from surveys.stores.instants import INSTANT

KINDS = {
    "missing_voter": "Người ghi phiếu không có trong danh sách / Voter missing from the list",
    "wrong_unit": "Ghi sai đơn vị / Wrong unit",
    "lost_slip": "Mất giấy mời / Lost slip",
    "more_ballots": "Thu về nhiều hơn phát ra / More returned than issued",
    "other": "Việc khác / Other",
}


@dataclass(frozen=True, slots=True)
class StatingDesk:
    """Statements about the rounds of an instance. `on_change` is told of a round whose voters should know more."""

    stores: Stores
    keyring: Keyring
    log: StaffLog
    now: Callable[[], datetime]
    on_change: Callable[[str], None] = lambda _: None

    def incident(self, by: Staff, survey: str, kind: str, text: str) -> Facts:
        """Record what happened. Raises NoSuchRound, or IllegalMove once the papers are certified."""
        found = self._open(survey)
        with self.log.acting(
            Actor.of(by), Act.ROUND_INCIDENT, unit=_root(found), survey=survey, reason=text, kind=kind
        ):
            at = self.now().strftime(INSTANT)
            return conduct.record_incident(self.stores.app, self.keyring, survey, Incident(at, kind, text))

    def freeze_contest(self, by: Staff, survey: str, contest: int, reason: str) -> Facts:
        """A leader is excluded after opening: the contest is frozen and annotated, never dropped. Raises NoSuchContest or IllegalMove."""
        found = self._open(survey)
        if not has_reached(found.state, State.OPEN):
            raise IllegalMove(survey, found.state.value, "a round with excluded leaders before it is open")
        contests = found.definition.contests
        unit = contests[contest].unit if 0 <= contest < len(contests) else None
        with self.log.acting(
            Actor.of(by), Act.ROUND_CONTEST_FROZEN, unit=unit, survey=survey, reason=reason, contest=contest
        ):
            frozen = FrozenContest(contest, reason)
            facts = conduct.freeze_contest(self.stores.app, self.keyring, survey, frozen, len(contests))
        self.on_change(survey)
        return facts

    def names(self, by: Staff, survey: str, chair: str, secretary: str, custodian: str) -> Facts:
        """Who led the conference, who wrote, who keeps the papers. Raises IllegalMove once the papers are certified."""
        found = self._open(survey)
        with self.log.acting(Actor.of(by), Act.ROUND_STATED, unit=_root(found), survey=survey, what="names"):
            return conduct.state_names(self.stores.app, self.keyring, survey, chair, secretary, custodian)

    def complain(self, by: Staff, survey: str, complaint: str) -> Facts:
        """Record a complaint. Raises IllegalMove once the papers are certified."""
        found = self._open(survey)
        with self.log.acting(
            Actor.of(by), Act.ROUND_STATED, unit=_root(found), survey=survey, what="complaint"
        ):
            return conduct.complain(self.stores.app, self.keyring, survey, complaint)

    def rule_on(self, by: Staff, survey: str, number: int, ruling: str) -> Facts:
        """Record what was ruled. Raises NoSuchComplaint, or IllegalMove once the papers are certified."""
        found = self._open(survey)
        with self.log.acting(Actor.of(by), Act.ROUND_STATED, unit=_root(found), survey=survey, what="ruling"):
            return conduct.rule_on(self.stores.app, self.keyring, survey, number, ruling)

    def _open(self, survey: str) -> Round:
        found = ledger.find(self.stores.app, self.keyring, survey)
        if has_reached(found.state, State.CERTIFIED):
            raise IllegalMove(survey, found.state.value, "stated otherwise")
        return found


def conference(found: Round, facts: Facts, below_quorum: tuple[str, ...]) -> Conference:
    """What the minutes say (13.1): opening and closing are those of the round itself, with what is noted of each."""
    noted = {act.act: act for act in facts.log}
    opened, closed = noted.get("opened"), noted.get("closed")
    log = (
        minutes.PollsAct(found.opened or "", "opened", "hand" if opened is None else opened.by),
        *(
            minutes.PollsAct(act.at, act.act, act.by, act.until, act.reason)
            for act in facts.log
            if act.act == "extended"
        ),
        minutes.PollsAct(
            found.closed or "",
            "closed",
            "hand" if closed is None else closed.by,
            None,
            "" if closed is None else closed.reason,
        ),
    )
    return Conference(
        log=log,
        chair=facts.chair,
        secretary=facts.secretary,
        custodian=facts.custodian,
        frozen=tuple(minutes.FrozenContest(each.contest, each.reason) for each in facts.frozen),
        incidents=(*below_quorum, *(f"{KINDS[each.kind]}: {each.text}" for each in facts.incidents)),
        complaints=tuple(minutes.Complaint(each.complaint, each.ruling) for each in facts.complaints),
    )


def _root(found: Round) -> str:
    return root_of(found.definition)


def root_of(definition: Definition) -> str:
    """The unit at the top."""
    return next(unit.code for unit in definition.units if unit.parent is None)
