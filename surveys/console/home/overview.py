"""What an account finds on its desk: the rounds in its units that are under way, and what of each needs
somebody.

Stores nothing. Danger: a list of what waits must not tell what somebody may not read: a round stands here
only where the account's roles cover or touch its top unit, and what concerns organizers and committees only
where they cover it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from surveys.accounts.roles import EVERYWHERE, Staff, Tree, may, touches
from surveys.console.readers import COMMITTEE, CONDUCTORS, READERS
from surveys.console.services import ConsoleServices
from surveys.instance.kinds import ROUND_JOBS
from surveys.jobs.queue import Job
from surveys.names import RoundId, UnitCode
from surveys.rounds import drafts, ledger
from surveys.rounds.questions import CHANGEABLE
from surveys.rounds.states import State


@dataclass(frozen=True, slots=True)
class Waits:
    """Something that needs somebody: `kind` says what, `number` how many; `page` is the endpoint that takes
    one there.
    """

    kind: str
    page: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A round or draft that is not published yet."""

    round_id: RoundId
    title: Mapping[str, str]
    year: int
    unit: UnitCode
    state: State
    waits: tuple[Waits, ...]
    jobs: tuple[Job, ...]


def overview(desks: ConsoleServices, staff: Staff) -> tuple[UnderWay, ...]:
    """The rounds under way in this account's units, drafts first, then newest year first."""
    tree = desks.scope.parents()
    found = []
    for round_id, root in drafts.roots(desks.stores.engines.app).items():
        if may(staff, CONDUCTORS, root or EVERYWHERE, tree):
            terms = drafts.load_draft(desks.stores.app, round_id)
            jobs = _jobs(desks, round_id)
            waits = () if any(job.under_way for job in jobs) else (Waits("prepare", "rounds.prepare"),)
            found.append(UnderWay(round_id, terms.title, terms.year, root, State.DRAFT, waits, jobs))
    for heading in ledger.headings(desks.stores.engines.app):
        root = heading.root or EVERYWHERE
        if heading.state is State.PUBLISHED or not touches(staff, READERS, root, tree):
            continue
        found.append(
            UnderWay(
                heading.round_id,
                heading.title,
                heading.year,
                heading.root,
                heading.state,
                _waits(desks, staff, heading.round_id, root, tree),
                _jobs(desks, heading.round_id) if may(staff, COMMITTEE, root, tree) else (),
            )
        )
    return tuple(found)


def _waits(
    desks: ConsoleServices, staff: Staff, round_id: RoundId, root: UnitCode, tree: Tree
) -> tuple[Waits, ...]:
    conducts, counts = may(staff, CONDUCTORS, root, tree), may(staff, COMMITTEE, root, tree)
    there = desks.polls.look(round_id)
    state, found = there.round.state, []
    if there.stopped is not None:
        found.append(Waits("stopped", "rounds.one"))
    if state is State.FROZEN and counts:
        behind = sum(member.steps < 3 for member in desks.committees.members(there.round))
        found.append(Waits("ceremony", "rounds.committee", behind))
    if conducts:
        found += [Waits("asked", "rounds.polls") for _ in there.waiting]
        # By hand; or the clock should have opened it and has not: it has jumped, or the server was off.
        late = there.round.definition.opens <= desks.polls.now()
        if state is State.CONFIRMED and (late or not there.conduct.settings.by_clock):
            found.append(Waits("open", "rounds.polls"))
        if state is State.OPEN and there.closes <= desks.polls.now():
            found.append(Waits("over", "rounds.polls"))
        letters = (
            desks.letters.delivery(round_id) if state in (State.FROZEN, State.CONFIRMED, State.OPEN) else None
        )
        if letters is not None and letters.waiting:
            found.append(Waits("unsent", "rounds.letters", letters.waiting))
        if letters is not None and letters.undelivered:
            found.append(Waits("letters", "rounds.letters", letters.undelivered))
    if state in CHANGEABLE:
        asked = desks.exhibits.unanswered(staff, round_id)
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


def _jobs(desks: ConsoleServices, round_id: RoundId) -> tuple[Job, ...]:
    looked = (desks.jobs.look(kind, round_id) for kind in ROUND_JOBS)
    return tuple(job for job in looked if job is not None and job.standing != "done")
