"""What an account finds on its desk: the rounds in its units that are under way, and what of each needs somebody.

Stores nothing. Danger: a list of what waits must not tell what somebody may not read: a round stands here only where the account's
roles cover or touch its top unit, and what concerns organizers and committees only where they cover it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from surveys.accounts.roles import EVERYWHERE, Role, Staff, Tree, may, touches
from surveys.jobs.queue import Job
from surveys.rounds import drafts, ledger
from surveys.rounds.questions import CHANGEABLE
from surveys.rounds.states import State
from surveys.stages.desks import Desks
from surveys.stages.mailing import MAIL
from surveys.stages.office import FREEZE
from surveys.stores.instants import INSTANT

CONDUCTORS = frozenset({Role.ORGANIZER})
COMMITTEE = frozenset({Role.ORGANIZER, Role.COMMITTEE_HEAD})
READERS = frozenset(Role) - {Role.ADMINISTRATOR}
KINDS = (FREEZE, MAIL, "count")


@dataclass(frozen=True, slots=True)
class Waits:
    """Something that needs somebody: `kind` says what, `number` how many; `page` is the endpoint that takes one there."""

    kind: str
    page: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A round or draft that is not published yet."""

    survey: str
    title: Mapping[str, str]
    year: int
    unit: str
    state: State
    waits: tuple[Waits, ...]
    jobs: tuple[Job, ...]


def overview(desks: Desks, staff: Staff) -> tuple[UnderWay, ...]:
    """The rounds under way in this account's units, drafts first, then newest year first."""
    tree = desks.land.parents()
    found = []
    for survey, root in drafts.roots(desks.stores.app).items():
        if may(staff, CONDUCTORS, root or EVERYWHERE, tree):
            terms = drafts.load_draft(desks.stores.app, desks.keyring, survey)
            jobs = _jobs(desks, survey)
            waits = () if any(job.under_way for job in jobs) else (Waits("prepare", "rounds.prepare"),)
            found.append(UnderWay(survey, terms.title, terms.year, root, State.DRAFT, waits, jobs))
    for heading in ledger.headings(desks.stores.app):
        root = heading.root or EVERYWHERE
        if heading.state is State.PUBLISHED or not touches(staff, READERS, root, tree):
            continue
        found.append(
            UnderWay(
                heading.survey,
                heading.title,
                heading.year,
                heading.root,
                heading.state,
                _waits(desks, staff, heading.survey, root, tree),
                _jobs(desks, heading.survey) if may(staff, COMMITTEE, root, tree) else (),
            )
        )
    return tuple(found)


def _waits(desks: Desks, staff: Staff, survey: str, root: str, tree: Tree) -> tuple[Waits, ...]:
    conducts, counts = may(staff, CONDUCTORS, root, tree), may(staff, COMMITTEE, root, tree)
    there = desks.polls.look(survey)
    state, found = there.round.state, []
    if state is State.FROZEN and counts:
        behind = sum(member.steps < 3 for member in desks.committees.members(there.round))
        found.append(Waits("ceremony", "rounds.committee", behind))
    if conducts:
        found += [Waits("asked", "rounds.polls") for _ in there.waiting]
        if state is State.CONFIRMED and not there.conduct.settings.by_clock:
            found.append(Waits("open", "rounds.polls"))
        if state is State.OPEN and there.closes <= desks.polls.now().strftime(INSTANT):
            found.append(Waits("over", "rounds.polls"))
        letters = (
            desks.letters.delivery(survey) if state in (State.FROZEN, State.CONFIRMED, State.OPEN) else None
        )
        if letters is not None and letters.waiting:
            found.append(Waits("unsent", "rounds.letters", letters.waiting))
        if letters is not None and letters.undelivered:
            found.append(Waits("letters", "rounds.letters", letters.undelivered))
    if state in CHANGEABLE:
        asked = desks.exhibits.unanswered(staff, survey)
        found += [Waits("questions", "rounds.exhibits", asked)] if asked else []
    if state is State.OPEN:
        below = sum(not panel.quorate and may(staff, CONDUCTORS, panel.unit, tree) for panel in there.panels)
        found += [Waits("quorum", "rounds.attendance", below)] if below else []
    if counts:
        open_complaints = sum(not each.ruling for each in there.conduct.facts.complaints)
        found += [Waits("complaints", "rounds.statement", open_complaints)] if open_complaints else []
        if state is State.COUNTING:
            found.append(Waits("count", "rounds.one"))
    return tuple(found)


def _jobs(desks: Desks, survey: str) -> tuple[Job, ...]:
    looked = (desks.jobs.look(kind, survey) for kind in KINDS)
    return tuple(job for job in looked if job is not None and job.standing != "done")
