"""The office of an instance: rounds prepared in the organizer's browser (docs/protocol.md §17).

Token keys take a while, so freezing is a job in the background and the page asks how far it is. The slips' public keys are kept before it
begins: killed half-way, it goes on with them; nothing is frozen, or everything.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime

from surveys.accounts.links import Purpose, holder_of
from surveys.jobs.queue import Jobs, Standing, Tell, Work
from surveys.protocol.manifest import Definition
from surveys.roll.listing import Entry, Voter
from surveys.roll.office import Invitation, OfficeState, ToInvite, Warned
from surveys.rounds import drafts, ledger
from surveys.rounds.contests import warnings
from surveys.rounds.drafts import Proposed
from surveys.rounds.errors import NoSuchRound
from surveys.stages import preparing
from surveys.stages.errors import NoSlips, StillFreezing
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores

FREEZE = "freeze"


def freezing(stores: Stores, keyring: Keyring, workers: int | None = None) -> Work:
    """The job that freezes a round (its survey id is what the job is about), with the slips that are kept for it."""

    def freeze(survey: str, tell: Tell) -> None:
        try:
            ledger.find(stores.app, keyring, survey)
        except NoSuchRound:
            pass
        else:
            return  # a kill came between the freezing and the end of the job
        here = preparing.prepared(stores, keyring, survey)
        tell.begin("keys", len(here.electorate.panels))
        jobs = workers or os.cpu_count() or 1
        if here.terms.slips == "mailed":
            preparing.freeze_mailed(stores, keyring, survey, jobs, tell.step)
        else:
            preparing.freeze_round(
                stores, keyring, survey, proposed_entries(stores, keyring, survey), jobs, tell.step
            )

    return freeze


def proposed_entries(stores: Stores, keyring: Keyring, survey: str) -> list[Entry]:
    """The slips that are kept for a round. Raises NoSlips."""
    kept = drafts.proposed_roll(stores.app, keyring, survey)
    if kept is None:
        raise NoSlips("no slips are made for this round yet")
    return [Entry(Voter(each.panel, each.voter), each.key) for each in kept]


class InstanceOffice:
    """`surveys.roll.office.Office` over the stores of an instance."""

    def __init__(
        self,
        stores: Stores,
        keyring: Keyring,
        now: Callable[[], datetime],
        jobs: Jobs,
    ) -> None:
        self._stores, self._keyring, self._now, self._jobs = stores, keyring, now, jobs

    def state(self, survey: str, token: str) -> OfficeState:
        """17.1. Stores nothing."""
        self._admit(survey, token)
        return self._state(survey)

    def invitation(self, survey: str, token: str) -> Invitation:
        """17.2, of a draft or of a frozen round. Raises NoSuchRound, and what planning the electorate refuses."""
        self._admit(survey, token)
        if self._state(survey).stage == "frozen":
            return self._of_frozen(ledger.find(self._stores.app, self._keyring, survey).definition)
        here = preparing.prepared(self._stores, self._keyring, survey)
        terms = here.terms
        return Invitation(
            title=terms.title_vi,
            opens=terms.opens,
            closes=terms.closes,
            time_zone=terms.time_zone,
            client=dict(terms.clients)["booth"].hex(),
            k=terms.k,
            warnings=tuple(
                Warned(w.kind, w.where, w.number) for w in warnings(here.electorate, terms.k, terms.trustees)
            ),
            voters=_to_invite(here.invited),
        )

    def _of_frozen(self, definition: Definition) -> Invitation:
        return Invitation(
            title=definition.title_vi,
            opens=definition.opens,
            closes=definition.closes,
            time_zone=definition.time_zone,
            client=dict(definition.clients)["booth"].hex(),
            k=definition.k,
            warnings=(),
            voters=_to_invite(preparing.invited_to(self._stores, self._keyring, definition)),
        )

    def freeze(self, survey: str, token: str, keys: Sequence[Entry]) -> OfficeState:
        """Check the keys, keep them, and begin to freeze; a round that is prepared on the desk waits for its organizer there.

        Returns at once. Raises SlipsDoNotFit, or StillFreezing while a freezing runs. What the freezing itself refuses is told by
        the state (`failed`).
        """
        self._admit(survey, token)
        here = preparing.prepared(self._stores, self._keyring, survey)
        preparing.check_fit(here.electorate, keys)
        job = self._jobs.look(FREEZE, survey)
        if job is not None and job.under_way:
            raise StillFreezing("this round is being frozen already")
        proposed = [Proposed(each.voter.panel, each.voter.code, each.key) for each in keys]
        drafts.propose_roll(self._stores.app, self._keyring, survey, proposed)
        if not here.terms.on_desk:
            self._jobs.begin(FREEZE, survey)
        return self._state(survey)

    def replace(self, survey: str, token: str, entry: Entry) -> OfficeState:
        """Give a lost slip a new key (6.4). Raises NoSuchRound, UnknownVoter, PaperIssued or SlipTwice; nothing is changed then."""
        self._admit(survey, token)
        ledger.find(self._stores.app, self._keyring, survey)
        preparing.replace_lost_slip(self._stores, self._keyring, survey, entry)
        return self._state(survey)

    def _state(self, survey: str) -> OfficeState:
        try:
            ledger.find(self._stores.app, self._keyring, survey)
        except NoSuchRound:
            pass
        else:
            return OfficeState("frozen", 0, 0, None)
        job = self._jobs.look(FREEZE, survey)
        if job is not None and job.standing in (Standing.WAITING, Standing.RUNNING, Standing.SILENT):
            return OfficeState("freezing", job.done, job.total, None)
        failed = None if job is None or job.failed is None else job.failed.rpartition(".")[2]
        if drafts.load_draft(self._stores.app, self._keyring, survey).on_desk:
            kept = drafts.proposed_roll(self._stores.app, self._keyring, survey) is not None
            return OfficeState("kept" if kept else "draft", 0, 0, failed)
        return OfficeState("draft", 0, 0, failed)

    def _admit(self, survey: str, token: str) -> None:
        holder_of(self._stores.app, survey, Purpose.OFFICE, token, self._now())


def _to_invite(invited: Sequence[preparing.Invited]) -> tuple[ToInvite, ...]:
    return tuple(ToInvite(each.voter.panel, each.voter.code, each.name, each.unit) for each in invited)
