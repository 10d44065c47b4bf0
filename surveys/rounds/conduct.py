"""How a round is conducted, beside its definition: what was decided, what was done with the polls, what the
committee states.

Each verb is one transaction, and refuses once the papers are certified. All of it ends in the minutes
(docs/protocol.md 13.1), so nothing is taken back: an act stays in the log of the polls, a frozen contest
stays frozen, an incident stays on record. What may still be corrected until the papers are certified are the
names of chair, secretary and custodian, and the rulings on complaints.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import TypedDict

from sqlalchemy import Connection, insert, select, update

from surveys.instants import Instant, instant_text, read_instant
from surveys.names import RoundId
from surveys.protocol.files import Act, Complained, Frozen
from surveys.rounds.definition import Presence
from surveys.rounds.errors import IllegalMove, NoSuchComplaint, NoSuchContest, NoSuchRound, StatedMeanwhile
from surveys.rounds.models import conduct, rounds
from surveys.rounds.stated import Complaint, FrozenContest, Polls, PollsAct
from surveys.rounds.states import State, has_reached
from surveys.stores.columns import Keyring, key_number
from surveys.stores.store import Store

_SETTINGS = ("conduct", "settings")
_FACTS = ("conduct", "facts")


class IncidentKind(StrEnum):
    """What happened."""

    MISSING_VOTER = "missing_voter"
    WRONG_UNIT = "wrong_unit"
    LOST_SLIP = "lost_slip"
    MORE_BALLOTS = "more_ballots"
    RESTORED = "restored"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Settings:
    """What was decided before freezing that the definition does not hold
    (`surveys.rounds.definition.Terms`).
    """

    presence: Presence = Presence.EVERYBODY
    by_clock: bool = False
    four_eyes: bool = False


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that happened."""

    at: Instant
    kind: IncidentKind
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
    def extended_to(self) -> Instant | None:
        """The time of closing by the last extension, None without one."""
        return next((act.until for act in reversed(self.log) if act.act == Polls.EXTENDED), None)


@dataclass(frozen=True, slots=True)
class Conduct:
    """Settings and facts of a round."""

    settings: Settings = field(default_factory=Settings)
    facts: Facts = field(default_factory=Facts)


def begin(store: Store, round_id: RoundId, settings: Settings) -> None:
    """Enter what was decided, when the round is frozen. What is entered already stands; may be run again."""
    with store.begin() as connection:
        if connection.scalar(select(conduct.c.survey).where(conduct.c.survey == round_id)) is None:
            _insert(connection, store.keyring, round_id, settings, Facts())


def find(store: Store, round_id: RoundId) -> Conduct:
    """Settings and facts; the plain ones for a round that was not frozen on the desk."""
    with store.reading() as connection:
        return _read(connection, store.keyring, round_id) or Conduct()


def note_act(store: Store, round_id: RoundId, act: PollsAct) -> Facts:
    """Write down what was done with the polls. The opening and the closing stand once: the first one
    stays.
    """

    def noted(facts: Facts) -> Facts:
        once = act.act != Polls.EXTENDED and any(each.act == act.act for each in facts.log)
        return facts if once else replace(facts, log=(*facts.log, act))

    return _change(store, round_id, noted)


def state_names(store: Store, round_id: RoundId, chair: str, secretary: str, custodian: str) -> Facts:
    """Who led the conference, who wrote, who keeps the sealed papers."""
    return _change(
        store,
        round_id,
        lambda facts: replace(facts, chair=chair, secretary=secretary, custodian=custodian),
    )


def freeze_contest(store: Store, round_id: RoundId, frozen: FrozenContest, contests: int) -> Facts:
    """A leader was excluded: the contest stays on the ballot, its counts stand, nothing follows from them
    (13.3).

    A contest that is frozen stays so with its first reason. Raises NoSuchContest.
    """
    if not 0 <= frozen.contest < contests:
        raise NoSuchContest(frozen.contest)

    def changed(facts: Facts) -> Facts:
        if any(each.contest == frozen.contest for each in facts.frozen):
            return facts
        return replace(facts, frozen=tuple(sorted((*facts.frozen, frozen), key=lambda each: each.contest)))

    return _change(store, round_id, changed)


def record_incident(store: Store, round_id: RoundId, incident: Incident) -> Facts:
    """One more incident. The same one again changes nothing."""

    def changed(facts: Facts) -> Facts:
        if any((each.kind, each.text) == (incident.kind, incident.text) for each in facts.incidents):
            return facts
        return replace(facts, incidents=(*facts.incidents, incident))

    return _change(store, round_id, changed)


def complain(store: Store, round_id: RoundId, complaint: str) -> Facts:
    """One more complaint, not ruled on yet."""
    return _change(
        store,
        round_id,
        lambda facts: replace(facts, complaints=(*facts.complaints, Complaint(complaint, ""))),
    )


def rule_on(store: Store, round_id: RoundId, number: int, ruling: str) -> Facts:
    """What was ruled on the complaint with this number, counted from 0. Raises NoSuchComplaint."""

    def changed(facts: Facts) -> Facts:
        if not 0 <= number < len(facts.complaints):
            raise NoSuchComplaint(number)
        ruled = replace(facts.complaints[number], ruling=ruling)
        return replace(facts, complaints=(*facts.complaints[:number], ruled, *facts.complaints[number + 1 :]))

    return _change(store, round_id, changed)


def settle(connection: Connection, keyring: Keyring, round_id: RoundId, facts: Facts) -> None:
    """The papers that tell these facts are certified: the round moves on, and nothing is stated any more.

    In the caller's transaction, with the certificate itself. May be run again. Raises NoSuchRound,
    IllegalMove before the count, or StatedMeanwhile where something else is stated by now.
    """
    state = _state(connection, round_id)
    if has_reached(state, State.CERTIFIED):
        return
    if state is not State.COUNTING:
        raise IllegalMove(round_id, state.value, State.CERTIFIED.value)
    held = _read(connection, keyring, round_id)
    if (Facts() if held is None else held.facts) != facts:
        raise StatedMeanwhile(round_id)
    connection.execute(update(rounds).where(rounds.c.survey == round_id).values(state=State.CERTIFIED.value))


def reseal_conduct(store: Store) -> None:
    """Seal settings and facts with the ring's newest key, one round a transaction; may be killed and run
    again.
    """
    with store.reading() as connection:
        surveys = connection.scalars(select(conduct.c.survey)).all()
    for round_id in surveys:
        with store.begin() as connection:
            row = connection.execute(select(conduct).where(conduct.c.survey == round_id)).one()
            values = {
                place[1]: store.keyring.seal(*place, round_id, store.keyring.open(*place, round_id, sealed))
                for place in (_SETTINGS, _FACTS)
                if key_number(sealed := getattr(row, place[1])) != store.keyring.current
            }
            if values:
                connection.execute(update(conduct).where(conduct.c.survey == round_id).values(**values))


def _change(store: Store, round_id: RoundId, changed: Callable[[Facts], Facts]) -> Facts:
    with store.begin() as connection:
        state = _state(connection, round_id)
        if has_reached(state, State.CERTIFIED):
            raise IllegalMove(round_id, state.value, "stated otherwise")
        held = _read(connection, store.keyring, round_id)
        facts = changed(Facts() if held is None else held.facts)
        if held is None:
            # A round that was frozen on the command line is conducted on the desk too.
            _insert(connection, store.keyring, round_id, Settings(), facts)
        elif facts != held.facts:
            sealed = store.keyring.seal(*_FACTS, round_id, _encoded(facts))
            connection.execute(update(conduct).where(conduct.c.survey == round_id).values(facts=sealed))
        return facts


def _state(connection: Connection, round_id: RoundId) -> State:
    """The round's state, which no other transaction changes before this one ends."""
    state = connection.scalar(select(rounds.c.state).where(rounds.c.survey == round_id).with_for_update())
    if state is None:
        raise NoSuchRound(round_id)
    return State(state)


def _insert(
    connection: Connection, keyring: Keyring, round_id: RoundId, settings: Settings, facts: Facts
) -> None:
    connection.execute(
        insert(conduct).values(
            survey=round_id,
            settings=keyring.seal(*_SETTINGS, round_id, json.dumps(asdict(settings)).encode()),
            facts=keyring.seal(*_FACTS, round_id, _encoded(facts)),
        )
    )


def _read(connection: Connection, keyring: Keyring, round_id: RoundId) -> Conduct | None:
    row = connection.execute(select(conduct).where(conduct.c.survey == round_id)).one_or_none()
    if row is None:
        return None
    return Conduct(
        _settings(json.loads(keyring.open(*_SETTINGS, round_id, row.settings))),
        _facts(json.loads(keyring.open(*_FACTS, round_id, row.facts))),
    )


class _Happened(TypedDict):
    """An incident as it is kept."""

    at: str
    kind: str
    text: str


class _FactsKept(TypedDict):
    """Facts as they are kept."""

    log: Sequence[Act]
    chair: str
    secretary: str
    custodian: str
    frozen: Sequence[Frozen]
    incidents: Sequence[_Happened]
    complaints: Sequence[Complained]


class _SettingsKept(TypedDict):
    """Settings as they are kept."""

    presence: str
    by_clock: bool
    four_eyes: bool


def _encoded(facts: Facts) -> bytes:
    kept: _FactsKept = {
        "log": [act.as_json() for act in facts.log],
        "chair": facts.chair,
        "secretary": facts.secretary,
        "custodian": facts.custodian,
        "frozen": [each.as_json() for each in facts.frozen],
        "incidents": [
            {"at": instant_text(each.at), "kind": each.kind, "text": each.text} for each in facts.incidents
        ],
        "complaints": [each.as_json() for each in facts.complaints],
    }
    return json.dumps(kept).encode()


def _facts(kept: _FactsKept) -> Facts:
    return Facts(
        log=tuple(PollsAct.of(each) for each in kept["log"]),
        chair=kept["chair"],
        secretary=kept["secretary"],
        custodian=kept["custodian"],
        frozen=tuple(FrozenContest(**each) for each in kept["frozen"]),
        incidents=tuple(
            Incident(read_instant(each["at"]), IncidentKind(each["kind"]), each["text"])
            for each in kept["incidents"]
        ),
        complaints=tuple(Complaint(**each) for each in kept["complaints"]),
    )


def _settings(kept: _SettingsKept) -> Settings:
    return Settings(Presence(kept["presence"]), kept["by_clock"], kept["four_eyes"])
