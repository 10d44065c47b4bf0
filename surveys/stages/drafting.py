"""A round is prepared on the desk: created, decided point by point, looked through, frozen (docs/operations.md, "A round on the desk").

The page has asked whether the organizer's roles cover the round's top unit; what is asked here again is a unit that a round moves to.
Each verb that changes something writes the staff log first. Until freezing everything may be changed, afterwards nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from surveys.accounts.links import Purpose, make_link
from surveys.accounts.roles import Role, Staff, require
from surveys.accounts.staff_log import Act, Actor, StaffLog
from surveys.errors import SurveysError
from surveys.jobs.queue import Job, Jobs
from surveys.organisation.register import unit_tree
from surveys.protocol.roll_list import roll_root
from surveys.roll import letters
from surveys.rounds import drafts, ledger
from surveys.rounds.contests import Danger, warnings
from surveys.rounds.definition import Terms
from surveys.rules.doubts import doubts
from surveys.rules.preset import Preset
from surveys.stages import preparing
from surveys.stages.errors import NotReady, ProgramChanged, RuleChanged, StillFreezing
from surveys.stages.office import FREEZE, proposed_entries
from surveys.stages.preparing import Prepared
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores
from surveys.stores.instants import INSTANT
from surveys.web.clients import Clients

ORGANIZERS = frozenset({Role.ORGANIZER})
ZONE = "Asia/Ho_Chi_Minh"
DAYS_OF_A_LINK = 14
FEWEST_TRUSTEES, MOST_TRUSTEES = 3, 15


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to decide or do. `standing` is done, missing, or look (done, with something to look at)."""

    name: str
    standing: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A round in preparation with what follows from it; `prepared` is None where the organisation does not allow it: `problem` says why."""

    survey: str
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


@dataclass(frozen=True, slots=True)
class PanelToFreeze:
    """A unit's voters and the root of their slips' keys (6.3), None where the server makes the slips."""

    unit: str
    name: str
    voters: int
    contests: int
    root: bytes | None


@dataclass(frozen=True, slots=True)
class ChangedSince:
    """What is different from an earlier round: leaders added and gone, and units whose number of voters has changed (before, now)."""

    added: tuple[str, ...]
    gone: tuple[str, ...]
    panels: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class DraftDesk:
    """Rounds in preparation. `now` is in UTC."""

    stores: Stores
    keyring: Keyring
    log: StaffLog
    jobs: Jobs
    clients: Clients
    now: Callable[[], datetime]

    def create(self, by: Staff, unit: str, year: int, preset: str) -> str:
        """A new round over a unit and everything below it, with what is usual decided; its id. Raises NotYours or NoSuchPreset."""
        rule = Preset.load(preset)
        opens = self._on_the_hour(days=30)
        terms = Terms(
            survey=secrets.token_bytes(16),
            title_vi=f"Lấy phiếu tín nhiệm năm {year}",
            title_en=f"Confidence vote {year}",
            number="",
            place="",
            year=year,
            opens=opens.strftime(INSTANT),
            closes=(opens + timedelta(hours=10)).strftime(INSTANT),
            preset=rule,
            trustees=(),
            threshold=2,
            clients=self.clients.named,
            unit=unit,
            on_desk=True,
        )
        return self._enter(by, terms)

    def clone(self, by: Staff, survey: str, year: int) -> str:
        """A new round like an earlier one: rule, committee, settings; people and posts are those of the organisation as it stands."""
        before = ledger.find(self.stores.app, self.keyring, survey).definition
        opens = self._on_the_hour(days=30)
        root = next(unit.code for unit in before.units if unit.parent is None)
        terms = Terms(
            survey=secrets.token_bytes(16),
            title_vi=before.title_vi.replace(str(before.year), str(year)),
            title_en=before.title_en.replace(str(before.year), str(year)),
            number="",
            place=before.place,
            year=year,
            opens=opens.strftime(INSTANT),
            closes=(opens + timedelta(hours=10)).strftime(INSTANT),
            preset=Preset.from_json(before.rule),
            trustees=before.trustees,
            threshold=before.threshold,
            k=before.k,
            time_zone=before.time_zone,
            revoting=before.revoting,
            subjects_vote=before.subjects_vote,
            slips=before.slips,
            visibility=before.visibility,
            clients=self.clients.named,
            unit=root,
            on_desk=True,
        )
        return self._enter(by, terms, like=survey)

    def decide(
        self, by: Staff, survey: str, point: str, *, seen: Preset | None = None, **changes: Any
    ) -> Terms:
        """Decide one point anew. One transaction. Raises NotYours for a unit beyond the roles, StillFreezing while it is being frozen.

        RuleChanged where the rule is no longer the one that was `seen`; nothing is stored then.
        """
        self._not_freezing(survey)
        if "unit" in changes:
            require(by, ORGANIZERS, changes["unit"], unit_tree(self.stores.app))
        root = ledger.root_of(self.stores.app, survey)

        def change(terms: Terms) -> Terms:
            if seen is not None and terms.preset != seen:
                raise RuleChanged("the rule was decided anew meanwhile")
            return replace(terms, **changes)

        with self.log.acting(Actor.of(by), Act.ROUND_DECIDED, unit=root, survey=survey, point=point):
            return drafts.change_draft(self.stores.app, self.keyring, survey, change)

    def discard(self, by: Staff, survey: str, reason: str) -> None:
        """Give a round up before it is frozen. Raises NoSuchDraft or StillFreezing."""
        self._not_freezing(survey)
        drafts.load_draft(self.stores.app, self.keyring, survey)
        root = ledger.root_of(self.stores.app, survey)
        with self.log.acting(Actor.of(by), Act.ROUND_DISCARDED, unit=root, survey=survey, reason=reason):
            drafts.drop_draft(self.stores.app, survey)
            letters.discard(self.stores.app, survey)  # a freezing that failed may have left codes

    def look(self, survey: str) -> Draft:
        """The round with its task list. Stores nothing. Raises NoSuchDraft."""
        terms = drafts.load_draft(self.stores.app, self.keyring, survey)
        prepared, problem = None, None
        try:
            prepared = preparing.prepared(self.stores, self.keyring, survey)
        except SurveysError as error:
            problem = error
        dangers = () if prepared is None else warnings(prepared.electorate, terms.k, terms.trustees)
        tasks = self._tasks(terms, prepared, dangers)
        return Draft(survey, terms, prepared, problem, dangers, tasks, self.jobs.look(FREEZE, survey))

    def slips_link(self, by: Staff, survey: str) -> str:
        """The token of a personal link to the page where slips are made in the browser; an earlier link ends. Raises NoSuchDraft.

        Slips name the program that voters will load: it is set to the present one.
        """
        root = ledger.root_of(self.stores.app, survey)
        with self.log.acting(Actor.of(by), Act.ROUND_LINK, unit=root, survey=survey, purpose="slips"):
            if survey in drafts.roots(self.stores.app):
                drafts.change_draft(
                    self.stores.app,
                    self.keyring,
                    survey,
                    lambda terms: replace(terms, clients=self.clients.named),
                )
            return make_link(self.stores.app, survey, Purpose.OFFICE, 0, self.now(), DAYS_OF_A_LINK)

    def panels(self, draft: Draft) -> tuple[PanelToFreeze, ...]:
        """What would be frozen, unit by unit. Raises NoSlips where slips are to be printed and none are made, or SlipsDoNotFit."""
        assert draft.prepared is not None
        electorate = draft.prepared.electorate
        keys: dict[int, list[bytes]] = {}
        if draft.terms.slips == "printed":
            entries = proposed_entries(self.stores, self.keyring, draft.survey)
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

    def freeze(self, by: Staff, survey: str) -> Job:
        """Begin to freeze. Returns at once. Raises NotReady, ProgramChanged, or StillFreezing; nothing is begun then."""
        self._not_freezing(survey)
        draft = self.look(survey)
        missing = [task.name for task in draft.tasks if task.standing == "missing"]
        if missing:
            raise NotReady(missing)
        if draft.terms.clients != self.clients.named:
            raise ProgramChanged("the slips name another program")
        root = ledger.root_of(self.stores.app, survey)
        assert draft.prepared is not None
        electorate = draft.prepared.electorate
        with self.log.acting(
            Actor.of(by),
            Act.ROUND_FROZEN,
            unit=root,
            survey=survey,
            voters=sum(len(voters) for voters in electorate.panels.values()),
            contests=len(electorate.contests),
        ):
            return self.jobs.begin(FREEZE, survey)

    def changed_since(self, draft: Draft, earlier: str) -> ChangedSince:
        """What is different from a round that was frozen earlier. Raises NoSuchRound."""
        before = ledger.find(self.stores.app, self.keyring, earlier).definition
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

    def _enter(self, by: Staff, terms: Terms, **facts: str) -> str:
        survey = terms.survey.hex()
        require(by, ORGANIZERS, terms.unit, unit_tree(self.stores.app))
        with self.log.acting(
            Actor.of(by), Act.ROUND_CREATED, unit=terms.unit, survey=survey, year=terms.year, **facts
        ):
            drafts.save_draft(self.stores.app, self.keyring, terms)
        return survey

    def _not_freezing(self, survey: str) -> None:
        job = self.jobs.look(FREEZE, survey)
        if job is not None and job.under_way:
            raise StillFreezing("this round is being frozen")

    def _tasks(
        self, terms: Terms, prepared: Prepared | None, dangers: tuple[Danger, ...]
    ) -> tuple[Task, ...]:
        kinds = {danger.kind for danger in dangers}
        subjects = "missing" if prepared is None else "look" if kinds - {"committee"} else "done"
        members = len(terms.trustees)
        committee = FEWEST_TRUSTEES <= members <= MOST_TRUSTEES and 2 <= terms.threshold < members
        right_time = terms.opens < terms.closes and self.now().strftime(INSTANT) < terms.closes
        return (
            Task("basics", "done" if terms.title_vi and terms.title_en else "missing"),
            Task("rule", "look" if doubts(terms.preset) else "done"),
            Task("subjects", subjects),
            Task("calendar", "done" if right_time else "missing"),
            Task("settings", "done"),
            Task("committee", "missing" if not committee else "look" if "committee" in kinds else "done"),
            Task("slips", self._slips(terms, prepared)),
        )

    def _slips(self, terms: Terms, prepared: Prepared | None) -> str:
        if prepared is None:
            return "missing"
        if terms.slips == "mailed":
            return "done" if all(each.email for each in prepared.invited) else "missing"
        try:
            preparing.check_fit(
                prepared.electorate, proposed_entries(self.stores, self.keyring, terms.survey.hex())
            )
        except SurveysError:
            return "missing"
        return "done"

    def _on_the_hour(self, days: int) -> datetime:
        """Eight in the morning of a day to come, where voters live."""
        day = self.now().astimezone(ZoneInfo(ZONE)) + timedelta(days=days)
        return day.replace(hour=8, minute=0, second=0, microsecond=0).astimezone(UTC)


def deadlines(terms: Terms, now: datetime) -> tuple[tuple[str, datetime, bool], ...]:
    """The rule's deadlines before voting day: name, local day, whether it is over; the earliest first."""
    zone = ZoneInfo(terms.time_zone)
    day = datetime.fromisoformat(terms.opens).astimezone(zone)
    found = [(name, day - timedelta(days=days)) for name, days in terms.preset.deadlines.items()]
    return tuple(
        (name, at, at.date() < now.astimezone(zone).date())
        for name, at in sorted(found, key=lambda each: each[1])
    )


def as_instant(local: datetime, zone: str) -> str:
    """A local date and time as a UTC instant (`…Z`)."""
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).strftime(INSTANT)


def as_local(instant: str, zone: str) -> datetime:
    """A UTC instant as local date and time, without a zone."""
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
