"""The desks of an instance put together: what staff's pages and the clock work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from surveys.accounts.administration import Administration
from surveys.accounts.staff_log import StaffLog
from surveys.accounts.tokens import Tokens
from surveys.jobs.queue import Jobs
from surveys.organisation.desk import OrganisationDesk
from surveys.organisation.shelf import Shelf
from surveys.stages.committees import CommitteeDesk
from surveys.stages.conducting import PollsDesk
from surveys.stages.drafting import DraftDesk
from surveys.stages.exhibiting import ExhibitDesk
from surveys.stages.land import InstanceLand
from surveys.stages.letter_desk import LetterDesk
from surveys.stages.mailing import Outgoing
from surveys.stages.stating import StatingDesk
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores
from surveys.web.clients import Clients


@dataclass(frozen=True, slots=True)
class Desks:
    """Everything that staff's pages work with."""

    stores: Stores
    keyring: Keyring
    log: StaffLog
    jobs: Jobs
    land: InstanceLand
    administration: Administration
    tokens: Tokens
    drafts: DraftDesk
    polls: PollsDesk
    stating: StatingDesk
    committees: CommitteeDesk
    exhibits: ExhibitDesk
    organisation: OrganisationDesk
    letters: LetterDesk
    now: Callable[[], datetime]


def desks_of(
    stores: Stores,
    keyring: Keyring,
    jobs: Jobs,
    clients: Clients,
    exhibits: Path,
    now: Callable[[], datetime],
    outgoing: Outgoing,
) -> Desks:
    """The desks over these stores; `exhibits` is the folder of what voters are shown, `outgoing` how letters leave. `now` is in UTC."""
    land, log = InstanceLand(stores), StaffLog(stores.app, keyring, now)
    shown = ExhibitDesk(stores, keyring, log, exhibits, now)
    return Desks(
        stores,
        keyring,
        log,
        jobs,
        land,
        Administration(stores.app, keyring, log, land.parents, now),
        Tokens(stores.app, keyring, log, land.parents, now),
        DraftDesk(stores, keyring, log, jobs, clients, now),
        PollsDesk(stores, keyring, log, now, on_change=shown.tell),
        StatingDesk(stores, keyring, log, now, on_change=shown.tell),
        CommitteeDesk(stores, keyring, log, now),
        shown,
        OrganisationDesk(stores.app, keyring, log, jobs, Shelf(stores.app, keyring), now),
        LetterDesk(stores.app, keyring, log, jobs, outgoing, now),
        now,
    )
