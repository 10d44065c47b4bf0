"""How a round is conducted, beside its definition: what was decided, what was done with the polls, what the committee states.

Each verb is one transaction, and refuses once the papers are certified. All of it ends in the minutes (docs/protocol.md 13.1), so nothing is taken back: an act stays in the log
of the polls, a frozen contest stays frozen, an incident stays on record. What may still be corrected until the papers are certified are
the names of chair, secretary and custodian, and the rulings on complaints.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from surveys.rounds.errors import IllegalMove, NoSuchComplaint, NoSuchContest, NoSuchRound, StatedMeanwhile
from surveys.rounds.models import conduct, rounds
from surveys.rounds.states import State, has_reached
from surveys.stores.columns import Keyring, key_number
from surveys.stores.engines import reading

_SETTINGS = ("conduct", "settings")
_FACTS = ("conduct", "facts")


@dataclass(frozen=True, slots=True)
class Settings:
    """What was decided before freezing that the definition does not hold (`surveys.rounds.definition.Terms`)."""

    presence: str = "everybody"
    by_clock: bool = False
    four_eyes: bool = False


@dataclass(frozen=True, slots=True)
class PollsAct:
    """What was done with the polls: `act` is opened, extended or closed, `by` hand or clock; `at` and `until` are UTC instants."""

    at: str
    act: str
    by: str = "hand"
    until: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FrozenContest:
    """A contest (by index) whose leader was excluded after the polls opened."""

    contest: int
    reason: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint and what was ruled on it; the ruling may be empty."""

    complaint: str
    ruling: str


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that happened: `kind` is missing_voter, wrong_unit, lost_slip, more_ballots or other; `at` a UTC instant."""

    at: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What has happened and what is stated so far."""

    log: tuple[PollsAct, ...] = ()
    chair: str = ""
    secretary: str = ""
    custodian: str = ""
    frozen: tuple[FrozenContest, ...] = ()
    incidents: tuple[Incident, ...] = ()
    complaints: tuple[Complaint, ...] = ()

    @property
    def extended_to(self) -> str | None:
        """The time of closing by the last extension, None without one."""
        return next((act.until for act in reversed(self.log) if act.act == "extended"), None)


@dataclass(frozen=True, slots=True)
class Conduct:
    """Settings and facts of a round."""

    settings: Settings = field(default_factory=Settings)
    facts: Facts = field(default_factory=Facts)


def begin(engine: Engine, keyring: Keyring, survey: str, settings: Settings) -> None:
    """Enter what was decided, when the round is frozen. What is entered already stands; may be run again."""
    with engine.begin() as connection:
        if connection.scalar(select(conduct.c.survey).where(conduct.c.survey == survey)) is None:
            _insert(connection, keyring, survey, settings, Facts())


def find(engine: Engine, keyring: Keyring, survey: str) -> Conduct:
    """Settings and facts; the plain ones for a round that was not frozen on the desk."""
    with reading(engine) as connection:
        return _read(connection, keyring, survey) or Conduct()


def note_act(engine: Engine, keyring: Keyring, survey: str, act: PollsAct) -> Facts:
    """Write down what was done with the polls. The opening and the closing stand once: the first one stays."""

    def noted(facts: Facts) -> Facts:
        once = act.act in ("opened", "closed") and any(each.act == act.act for each in facts.log)
        return facts if once else replace(facts, log=(*facts.log, act))

    return _change(engine, keyring, survey, noted)


def state_names(
    engine: Engine, keyring: Keyring, survey: str, chair: str, secretary: str, custodian: str
) -> Facts:
    """Who led the conference, who wrote, who keeps the sealed papers."""
    return _change(
        engine,
        keyring,
        survey,
        lambda facts: replace(facts, chair=chair, secretary=secretary, custodian=custodian),
    )


def freeze_contest(
    engine: Engine, keyring: Keyring, survey: str, frozen: FrozenContest, contests: int
) -> Facts:
    """A leader was excluded: the contest stays on the ballot, its counts stand, nothing follows from them (13.3).

    A contest that is frozen stays so with its first reason. Raises NoSuchContest.
    """
    if not 0 <= frozen.contest < contests:
        raise NoSuchContest(frozen.contest)

    def changed(facts: Facts) -> Facts:
        if any(each.contest == frozen.contest for each in facts.frozen):
            return facts
        return replace(facts, frozen=tuple(sorted((*facts.frozen, frozen), key=lambda each: each.contest)))

    return _change(engine, keyring, survey, changed)


def record_incident(engine: Engine, keyring: Keyring, survey: str, incident: Incident) -> Facts:
    """One more incident. The same one again changes nothing."""

    def changed(facts: Facts) -> Facts:
        if any((each.kind, each.text) == (incident.kind, incident.text) for each in facts.incidents):
            return facts
        return replace(facts, incidents=(*facts.incidents, incident))

    return _change(engine, keyring, survey, changed)


def complain(engine: Engine, keyring: Keyring, survey: str, complaint: str) -> Facts:
    """One more complaint, not ruled on yet."""
    return _change(
        engine,
        keyring,
        survey,
        lambda facts: replace(facts, complaints=(*facts.complaints, Complaint(complaint, ""))),
    )


def rule_on(engine: Engine, keyring: Keyring, survey: str, number: int, ruling: str) -> Facts:
    """What was ruled on the complaint with this number, counted from 0. Raises NoSuchComplaint."""

    def changed(facts: Facts) -> Facts:
        if not 0 <= number < len(facts.complaints):
            raise NoSuchComplaint(number)
        ruled = replace(facts.complaints[number], ruling=ruling)
        return replace(facts, complaints=(*facts.complaints[:number], ruled, *facts.complaints[number + 1 :]))

    return _change(engine, keyring, survey, changed)


def settle(connection: Connection, keyring: Keyring, survey: str, facts: Facts) -> None:
    """The papers that tell these facts are certified: the round moves on, and nothing is stated any more.

    In the caller's transaction, with the certificate itself. May be run again. Raises NoSuchRound, IllegalMove before the count, or
    StatedMeanwhile where something else is stated by now.
    """
    state = _state(connection, survey)
    if has_reached(state, State.CERTIFIED):
        return
    if state is not State.COUNTING:
        raise IllegalMove(survey, state.value, State.CERTIFIED.value)
    held = _read(connection, keyring, survey)
    if (Facts() if held is None else held.facts) != facts:
        raise StatedMeanwhile(survey)
    connection.execute(update(rounds).where(rounds.c.survey == survey).values(state=State.CERTIFIED.value))


def reseal_conduct(engine: Engine, keyring: Keyring) -> None:
    """Seal settings and facts with the ring's newest key, one round a transaction; may be killed and run again."""
    with reading(engine) as connection:
        surveys = connection.scalars(select(conduct.c.survey)).all()
    for survey in surveys:
        with engine.begin() as connection:
            row = connection.execute(select(conduct).where(conduct.c.survey == survey)).one()
            values = {
                place[1]: keyring.seal(*place, survey, keyring.open(*place, survey, sealed))
                for place in (_SETTINGS, _FACTS)
                if key_number(sealed := getattr(row, place[1])) != keyring.current
            }
            if values:
                connection.execute(update(conduct).where(conduct.c.survey == survey).values(**values))


def _change(engine: Engine, keyring: Keyring, survey: str, changed: Callable[[Facts], Facts]) -> Facts:
    with engine.begin() as connection:
        state = _state(connection, survey)
        if has_reached(state, State.CERTIFIED):
            raise IllegalMove(survey, state.value, "stated otherwise")
        held = _read(connection, keyring, survey)
        facts = changed(Facts() if held is None else held.facts)
        if held is None:
            # A round that was frozen on the command line is conducted on the desk too.
            _insert(connection, keyring, survey, Settings(), facts)
        elif facts != held.facts:
            sealed = keyring.seal(*_FACTS, survey, json.dumps(asdict(facts)).encode())
            connection.execute(update(conduct).where(conduct.c.survey == survey).values(facts=sealed))
        return facts


def _state(connection: Connection, survey: str) -> State:
    """The round's state, which no other transaction changes before this one ends."""
    state = connection.scalar(select(rounds.c.state).where(rounds.c.survey == survey).with_for_update())
    if state is None:
        raise NoSuchRound(survey)
    return State(state)


def _insert(connection: Connection, keyring: Keyring, survey: str, settings: Settings, facts: Facts) -> None:
    connection.execute(
        insert(conduct).values(
            survey=survey,
            settings=keyring.seal(*_SETTINGS, survey, json.dumps(asdict(settings)).encode()),
            facts=keyring.seal(*_FACTS, survey, json.dumps(asdict(facts)).encode()),
        )
    )


def _read(connection: Connection, keyring: Keyring, survey: str) -> Conduct | None:
    row = connection.execute(select(conduct).where(conduct.c.survey == survey)).one_or_none()
    if row is None:
        return None
    facts: dict[str, Any] = json.loads(keyring.open(*_FACTS, survey, row.facts))
    return Conduct(
        Settings(**json.loads(keyring.open(*_SETTINGS, survey, row.settings))),
        Facts(
            log=tuple(PollsAct(**each) for each in facts["log"]),
            chair=facts["chair"],
            secretary=facts["secretary"],
            custodian=facts["custodian"],
            frozen=tuple(FrozenContest(**each) for each in facts["frozen"]),
            incidents=tuple(Incident(**each) for each in facts["incidents"]),
            complaints=tuple(Complaint(**each) for each in facts["complaints"]),
        ),
    )
