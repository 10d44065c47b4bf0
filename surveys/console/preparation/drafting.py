"""A round is prepared on the desk: created, decided point by point, looked through, frozen
(docs/operations.md, "A round on the desk").

The page has asked whether the organizer's roles cover the round's top unit; what is asked here again is a
unit that a round moves to. Each verb that changes something writes the staff log first. Until freezing
everything may be changed, afterwards nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from surveys.accounts.links import Purpose, make_link
from surveys.accounts.roles import Role, Staff, require
from surveys.accounts.staff_log import Act, Actor, StaffLog
from surveys.errors import SurveysError
from surveys.instance.kinds import FREEZE
from surveys.instance.slip_service import proposed_entries
from surveys.instants import Instant, instant
from surveys.jobs.queue import Job, Jobs
from surveys.letters import mailings as letters
from surveys.names import RoundId, UnitCode
from surveys.organisation.kept import Shelf
from surveys.organisation.register import unit_tree
from surveys.protocol.definition import Slips
from surveys.protocol.roll_list import roll_root
from surveys.protocol.stationery import Letterhead, Stationery
from surveys.rounds import drafts, ledger
from surveys.rounds.contests import Danger, DangerKind, warnings, without_look_up
from surveys.rounds.definition import Terms
from surveys.rules.doubts import doubts
from surveys.rules.preset import Preset
from surveys.settings import Settings
from surveys.stages import preparing
from surveys.stages.errors import NotReady, ProgramChanged, RuleChanged, StillFreezing
from surveys.stages.preparing import Prepared
from surveys.stores.store import Stores
from surveys.web.clients import Clients

ORGANIZERS = frozenset({Role.ORGANIZER})
ZONE = Settings().time_zone
DAYS_OF_A_LINK = 14
FEWEST_TRUSTEES, MOST_TRUSTEES = 3, 15


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to decide or do. `standing` is missing, proposed (nobody has decided it yet), look (decided,
    with something to look at) or done.
    """

    name: str
    standing: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A round in preparation with what follows from it; `prepared` is None where the organisation does not
    allow it: `problem` says why.
    """

    round_id: RoundId
    terms: Terms
    prepared: Prepared | None
    problem: SurveysError | None
    dangers: tuple[Danger, ...]
    tasks: tuple[Task, ...]
    job: Job | None

    @property
    def ready(self) -> bool:
        """Whether everything is done that freezing needs."""
        return all(task.standing != "missing" for task in self.tasks)

    @property
    def next_task(self) -> str:
        """The first task that is missing, else the first as it was proposed, else `freeze`. Slips come last:
        they hold for the list as it is then.
        """
        of = {task.name: task.standing for task in self.tasks}
        for wanted in ("missing", "proposed"):
            for name, standing in of.items():
                if standing == wanted and name != "slips":
                    return name
        return "slips" if of["slips"] == "missing" else "freeze"


@dataclass(frozen=True, slots=True)
class PanelToFreeze:
    """A unit's voters and the root of their slips' keys (6.3), None where the server makes the slips."""

    unit: UnitCode
    name: str
    voters: int
    contests: int
    root: bytes | None


@dataclass(frozen=True, slots=True)
class ChangedSince:
    """What is different from an earlier round: leaders added and gone, and units whose number of voters has
    changed (before, now).
    """

    added: tuple[str, ...]
    gone: tuple[str, ...]
    panels: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Drafting:
    """Rounds in preparation. `now` is in UTC; new rounds are in the time zone `zone`, their papers
    under `letterhead`.

    Pages look things up in the organisation that is `kept`: a view of 5 000 people opens no sealed name.
    """

    stores: Stores
    log: StaffLog
    jobs: Jobs
    clients: Clients
    kept: Shelf
    now: Callable[[], datetime]
    zone: str = ZONE
    letterhead: Letterhead = Letterhead.PARTY

    def create(self, by: Staff, unit: UnitCode, year: int, preset: str) -> RoundId:
        """A new round over a unit and everything below it, with what is usual decided; its id. Raises
        NotYours or NoSuchPreset.
        """
        rule = Preset.load(preset)
        opens = self._on_the_hour(days=30)
        terms = Terms(
            survey=secrets.token_bytes(16),
            title_vi=f"Lấy phiếu tín nhiệm năm {year}",
            title_en=f"Confidence vote {year}",
            number="",
            place="",
            year=year,
            opens=opens,
            closes=instant(opens + timedelta(hours=10)),
            preset=rule,
            trustees=(),
            threshold=2,
            clients=self.clients.named,
            time_zone=self.zone,
            unit=unit,
            on_desk=True,
            papers=Stationery(self.letterhead),
        )
        return self._enter(by, terms)

    def clone(self, by: Staff, round_id: RoundId, year: int) -> RoundId:
        """A new round like an earlier one: rule, committee, settings; people and posts are those of the
        organisation as it stands.
        """
        before = ledger.find(self.stores.app, round_id).definition
        opens = self._on_the_hour(days=30)
        root = before.top
        terms = Terms(
            survey=secrets.token_bytes(16),
            title_vi=before.title_vi.replace(str(before.year), str(year)),
            title_en=before.title_en.replace(str(before.year), str(year)),
            number="",
            place=before.place,
            year=year,
            opens=opens,
            closes=instant(opens + timedelta(hours=10)),
            preset=Preset.from_json(before.rule),
            trustees=before.trustees,
            threshold=before.threshold,
            k=before.k,
            look_up=before.look_up,
            time_zone=before.time_zone,
            revoting=before.revoting,
            subjects_vote=before.subjects_vote,
            slips=before.slips,
            visibility=before.visibility,
            clients=self.clients.named,
            unit=root,
            on_desk=True,
            papers=before.papers or Stationery(self.letterhead),
        )
        return self._enter(by, terms, like=round_id)

    def decide(
        self, by: Staff, round_id: RoundId, point: str, *, seen: Preset | None = None, **changes: Any
    ) -> Terms:
        """Decide one point anew. One transaction. Raises NotYours for a unit beyond the roles, StillFreezing
        while it is being frozen.

        RuleChanged where the rule is no longer the one that was `seen`; nothing is stored then.
        """
        self._not_freezing(round_id)
        if "unit" in changes:
            require(by, ORGANIZERS, changes["unit"], unit_tree(self.stores.engines.app))
        root = ledger.root_of(self.stores.engines.app, round_id)

        def change(terms: Terms) -> Terms:
            if seen is not None and terms.preset != seen:
                raise RuleChanged("the rule was decided anew meanwhile")
            decided = terms.decided if point in terms.decided else (*terms.decided, point)
            return replace(terms, decided=decided, **changes)

        with self.log.acting(Actor.of(by), Act.ROUND_DECIDED, unit=root, round_id=round_id, point=point):
            return drafts.change_draft(self.stores.app, round_id, change)

    def discard(self, by: Staff, round_id: RoundId, reason: str) -> None:
        """Give a round up before it is frozen. Raises NoSuchDraft or StillFreezing."""
        self._not_freezing(round_id)
        drafts.load_draft(self.stores.app, round_id)
        root = ledger.root_of(self.stores.engines.app, round_id)
        with self.log.acting(Actor.of(by), Act.ROUND_DISCARDED, unit=root, round_id=round_id, reason=reason):
            drafts.drop_draft(self.stores.engines.app, round_id)
            letters.discard(self.stores.engines.app, round_id)  # a freezing that failed may have left codes

    def look(self, round_id: RoundId) -> Draft:
        """The round with its task list. Stores nothing. Raises NoSuchDraft."""
        terms = drafts.load_draft(self.stores.app, round_id)
        prepared, problem = None, None
        try:
            prepared = preparing.prepared_from(terms, self.kept.held().organisation)
        except SurveysError as error:
            problem = error
        dangers = () if prepared is None else warnings(prepared.electorate, terms.k, terms.trustees)
        dangers += without_look_up(terms.look_up)
        tasks = self._tasks(terms, prepared, dangers)
        return Draft(round_id, terms, prepared, problem, dangers, tasks, self.jobs.look(FREEZE, round_id))

    def slips_link(self, by: Staff, round_id: RoundId) -> str:
        """The token of a personal link to the page where slips are made in the browser; an earlier link ends.
        Raises NoSuchDraft.

        Slips name the program that voters will load: it is set to the present one.
        """
        root = ledger.root_of(self.stores.engines.app, round_id)
        with self.log.acting(Actor.of(by), Act.ROUND_LINK, unit=root, round_id=round_id, purpose="slips"):
            if round_id in drafts.roots(self.stores.engines.app):
                drafts.change_draft(
                    self.stores.app,
                    round_id,
                    lambda terms: replace(terms, clients=self.clients.named),
                )
            return make_link(self.stores.engines.app, round_id, Purpose.OFFICE, 0, self.now(), DAYS_OF_A_LINK)

    def panels(self, draft: Draft) -> tuple[PanelToFreeze, ...]:
        """What would be frozen, unit by unit. Raises NoSlips where slips are to be printed and none are made,
        or SlipsDoNotFit.
        """
        assert draft.prepared is not None
        electorate = draft.prepared.electorate
        keys: dict[int, list[bytes]] = {}
        if draft.terms.slips == Slips.PRINTED:
            entries = proposed_entries(self.stores, draft.round_id)
            preparing.check_fit(electorate, entries)
            for entry in entries:
                keys.setdefault(entry.voter.panel, []).append(entry.key)
        names = {unit.code: unit.name for unit in draft.prepared.organisation.units}
        contests = [set(contest.electorate) for contest in electorate.contests]
        return tuple(
            PanelToFreeze(
                unit,
                names[unit],
                len(voters),
                sum(unit in electorate_of for electorate_of in contests),
                roll_root(sorted(keys[p])) if p in keys else None,
            )
            for p, (unit, voters) in enumerate(electorate.panels.items())
        )

    def freeze(self, by: Staff, round_id: RoundId) -> Job:
        """Begin to freeze. Returns at once. Raises NotReady, ProgramChanged, or StillFreezing; nothing is
        begun then.
        """
        self._not_freezing(round_id)
        draft = self.look(round_id)
        missing = [task.name for task in draft.tasks if task.standing == "missing"]
        if missing:
            raise NotReady(missing)
        if draft.terms.clients != self.clients.named:
            raise ProgramChanged("the slips name another program")
        root = ledger.root_of(self.stores.engines.app, round_id)
        assert draft.prepared is not None
        electorate = draft.prepared.electorate
        with self.log.acting(
            Actor.of(by),
            Act.ROUND_FROZEN,
            unit=root,
            round_id=round_id,
            voters=sum(len(voters) for voters in electorate.panels.values()),
            contests=len(electorate.contests),
        ):
            return self.jobs.begin(FREEZE, round_id)

    def changed_since(self, draft: Draft, earlier: RoundId) -> ChangedSince:
        """What is different from a round that was frozen earlier. Raises NoSuchRound."""
        before = ledger.find(self.stores.app, earlier).definition
        if draft.prepared is None:
            return ChangedSince((), (), ())
        electorate = draft.prepared.electorate
        old = {(each.unit, each.person): each.name for each in before.contests}
        new = {(each.unit, each.person): each.name for each in electorate.contests}
        sizes = {panel.unit: panel.voters for panel in before.panels}
        now = {unit: len(voters) for unit, voters in electorate.panels.items()}
        return ChangedSince(
            tuple(f"{new[key]} ({key[0]})" for key in sorted(new.keys() - old.keys())),
            tuple(f"{old[key]} ({key[0]})" for key in sorted(old.keys() - new.keys())),
            tuple(
                (unit, sizes.get(unit, 0), now.get(unit, 0))
                for unit in sorted(sizes.keys() | now.keys())
                if sizes.get(unit, 0) != now.get(unit, 0)
            ),
        )

    def _enter(self, by: Staff, terms: Terms, **facts: str) -> RoundId:
        round_id = terms.round_id
        require(by, ORGANIZERS, terms.unit, unit_tree(self.stores.engines.app))
        with self.log.acting(
            Actor.of(by), Act.ROUND_CREATED, unit=terms.unit, round_id=round_id, year=terms.year, **facts
        ):
            drafts.save_draft(self.stores.app, terms)
        return round_id

    def _not_freezing(self, round_id: RoundId) -> None:
        job = self.jobs.look(FREEZE, round_id)
        if job is not None and job.under_way:
            raise StillFreezing("this round is being frozen")

    def _tasks(
        self, terms: Terms, prepared: Prepared | None, dangers: tuple[Danger, ...]
    ) -> tuple[Task, ...]:
        kinds = {danger.kind for danger in dangers}
        of_subjects = kinds - {DangerKind.COMMITTEE, DangerKind.LOOK_UP}
        members = len(terms.trustees)
        committee = FEWEST_TRUSTEES <= members <= MOST_TRUSTEES and 2 <= terms.threshold < members
        right_time = terms.opens < terms.closes and self.now() < terms.closes

        def of(name: str, *, there: bool, look: bool = False) -> Task:
            if not there:
                return Task(name, "missing")
            if name not in terms.decided:
                return Task(name, "proposed")
            return Task(name, "look" if look else "done")

        return (
            of("basics", there=bool(terms.title_vi and terms.title_en)),
            of("rule", there=True, look=bool(doubts(terms.preset))),
            of("subjects", there=prepared is not None, look=bool(of_subjects)),
            of("calendar", there=right_time),
            of("settings", there=True, look=DangerKind.LOOK_UP in kinds),
            of("committee", there=committee, look=DangerKind.COMMITTEE in kinds),
            Task("slips", self._slips(terms, prepared)),
            of("papers", there=True, look=not terms.papers.issued_at),
        )

    def _slips(self, terms: Terms, prepared: Prepared | None) -> str:
        if prepared is None:
            return "missing"
        if terms.slips == Slips.MAILED:
            return "done" if all(each.email for each in prepared.invited) else "missing"
        try:
            preparing.check_fit(prepared.electorate, proposed_entries(self.stores, terms.round_id))
        except SurveysError:
            return "missing"
        return "done"

    def _on_the_hour(self, days: int) -> Instant:
        """Eight in the morning of a day to come, where voters live."""
        day = self.now().astimezone(ZoneInfo(self.zone)) + timedelta(days=days)
        return instant(day.replace(hour=8, minute=0, second=0))


def deadlines(terms: Terms, now: datetime) -> tuple[tuple[str, datetime, bool], ...]:
    """The rule's deadlines before voting day: name, local day, whether it is over; the earliest first."""
    zone = ZoneInfo(terms.time_zone)
    day = terms.opens.astimezone(zone)
    found = [(name, day - timedelta(days=days)) for name, days in terms.preset.deadlines.items()]
    return tuple(
        (name, at, at.date() < now.astimezone(zone).date())
        for name, at in sorted(found, key=lambda each: each[1])
    )


def as_local(instant: Instant, zone: str) -> datetime:
    """An instant as local date and time, without a zone."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
