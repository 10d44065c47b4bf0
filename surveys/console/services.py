"""The desks of an instance put together: what staff's pages and the clock work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from surveys.accounts.administration import Administration
from surveys.accounts.staff_log import StaffLog
from surveys.accounts.tokens import Tokens
from surveys.console.exhibits.exhibiting import Exhibiting
from surveys.console.letters.writing import LetterWriting
from surveys.console.organisation.upkeep import OrganisationUpkeep
from surveys.console.polls.committees import Committees
from surveys.console.polls.conducting import Conducting
from surveys.console.polls.member_mail import MemberMail
from surveys.console.preparation.drafting import ZONE, Drafting
from surveys.console.small.calling import SmallVotes
from surveys.console.statements.stating import Stating
from surveys.instance.clock import Standstill
from surveys.instance.mailing_job import Outgoing
from surveys.instance.scope import InstanceScope
from surveys.jobs.queue import Jobs
from surveys.organisation.kept import Shelf
from surveys.protocol.stationery import Letterhead
from surveys.stores.store import Stores
from surveys.web.clients import Clients


@dataclass(frozen=True, slots=True)
class ConsoleServices:
    """Everything that staff's pages work with."""

    stores: Stores
    log: StaffLog
    jobs: Jobs
    scope: InstanceScope
    administration: Administration
    tokens: Tokens
    drafts: Drafting
    small: SmallVotes
    polls: Conducting
    stating: Stating
    committees: Committees
    member_mail: MemberMail
    exhibits: Exhibiting
    organisation: OrganisationUpkeep
    letters: LetterWriting
    standstill: Standstill
    now: Callable[[], datetime]


def console_services(
    stores: Stores,
    jobs: Jobs,
    clients: Clients,
    exhibits: Path,
    now: Callable[[], datetime],
    outgoing: Outgoing,
    standstill: Standstill,
    zone: str = ZONE,
    letterhead: Letterhead = Letterhead.PARTY,
) -> ConsoleServices:
    """The desks over these stores; `exhibits` is the folder of what voters are shown, `outgoing` how letters
    leave, `standstill` whether the clock has jumped, `zone` where new rounds are held, `letterhead` that of
    their papers. `now` is in UTC.
    """
    scope, log = InstanceScope(stores.engines), StaffLog(stores.app, now)
    kept = Shelf(stores.app)
    drafting = Drafting(stores, log, jobs, clients, kept, now, zone, letterhead)
    shown = Exhibiting(stores, log, exhibits, now)
    return ConsoleServices(
        stores,
        log,
        jobs,
        scope,
        Administration(stores.app, log, scope.parents, now),
        Tokens(stores.app, log, scope.parents, now),
        drafting,
        SmallVotes(stores.app, log, drafting, now),
        Conducting(stores, log, now, on_change=shown.tell),
        Stating(stores, log, now, on_change=shown.tell),
        Committees(stores, log, now),
        MemberMail(stores.app, log, jobs, outgoing),
        shown,
        OrganisationUpkeep(stores.app, log, jobs, kept, now),
        LetterWriting(stores.app, log, jobs, outgoing, now),
        standstill,
        now,
    )
