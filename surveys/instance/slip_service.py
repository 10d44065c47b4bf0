"""The office of an instance: rounds prepared in the organizer's browser (docs/protocol.md §17).

Token keys take a while, so freezing is a job in the background and the page asks how far it is. The slips'
public keys are kept before it begins: killed half-way, it goes on with them; nothing is frozen, or
everything.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime

from surveys.accounts.links import Purpose, holder_of
from surveys.instance.kinds import FREEZE
from surveys.jobs.queue import Jobs, Standing, Tell, Work
from surveys.names import RoundId
from surveys.protocol.definition import Slips
from surveys.protocol.manifest import Definition
from surveys.roll.listing import Entry, Voter
from surveys.roll.slip_service import Invitation, OfficeState, ToInvite, Warned
from surveys.rounds import drafts, ledger
from surveys.rounds.contests import warnings
from surveys.rounds.drafts import Proposed
from surveys.rounds.errors import NoSuchRound
from surveys.stages import preparing
from surveys.stages.errors import NoSlips, StillFreezing
from surveys.stores.store import Stores


def freezing(stores: Stores, workers: int | None = None) -> Work:
    """The job that freezes a round, with the slips that are kept for it. It is about the round's id."""

    def freeze(about: str, tell: Tell) -> None:
        round_id = RoundId(about)
        try:
            ledger.find(stores.app, round_id)
        except NoSuchRound:
            pass
        else:
            return  # a kill came between the freezing and the end of the job
        here = preparing.prepared(stores, round_id)
        tell.begin("keys", len(here.electorate.panels))
        jobs = workers or os.cpu_count() or 1
        if here.terms.slips == Slips.MAILED:
            preparing.freeze_mailed(stores, round_id, jobs, tell.step)
        else:
            preparing.freeze_round(stores, round_id, proposed_entries(stores, round_id), jobs, tell.step)

    return freeze


def proposed_entries(stores: Stores, round_id: RoundId) -> list[Entry]:
    """The slips that are kept for a round. Raises NoSlips."""
    kept = drafts.proposed_roll(stores.app, round_id)
    if kept is None:
        raise NoSlips("no slips are made for this round yet")
    return [Entry(Voter(each.panel, each.voter), each.key) for each in kept]


class InstanceOffice:
    """`surveys.roll.slip_service.Office` over the stores of an instance; `contact` is who helps voters."""

    def __init__(
        self,
        stores: Stores,
        now: Callable[[], datetime],
        jobs: Jobs,
        contact: str,
    ) -> None:
        self._stores, self._now, self._jobs, self._contact = stores, now, jobs, contact

    def state(self, round_id: RoundId, token: str) -> OfficeState:
        """17.1. Stores nothing."""
        self._admit(round_id, token)
        return self._state(round_id)

    def invitation(self, round_id: RoundId, token: str) -> Invitation:
        """17.2, of a draft or of a frozen round. Raises NoSuchRound, and what planning the electorate
        refuses.
        """
        self._admit(round_id, token)
        if self._state(round_id).stage == "frozen":
            return self._of_frozen(ledger.find(self._stores.app, round_id).definition)
        here = preparing.prepared(self._stores, round_id)
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
            contact=self._contact,
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
            voters=_to_invite(preparing.invited_to(self._stores, definition)),
            contact=self._contact,
        )

    def freeze(self, round_id: RoundId, token: str, keys: Sequence[Entry]) -> OfficeState:
        """Check the keys, keep them, and begin to freeze; a round that is prepared on the desk waits for its
        organizer there.

        Returns at once. Raises SlipsDoNotFit, or StillFreezing while a freezing runs. What the freezing
        itself refuses is told by the state (`failed`).
        """
        self._admit(round_id, token)
        here = preparing.prepared(self._stores, round_id)
        preparing.check_fit(here.electorate, keys)
        job = self._jobs.look(FREEZE, round_id)
        if job is not None and job.under_way:
            raise StillFreezing("this round is being frozen already")
        proposed = [Proposed(each.voter.panel, each.voter.code, each.key) for each in keys]
        drafts.propose_roll(self._stores.app, round_id, proposed)
        if not here.terms.on_desk:
            self._jobs.begin(FREEZE, round_id)
        return self._state(round_id)

    def replace(self, round_id: RoundId, token: str, entry: Entry) -> OfficeState:
        """Give a lost slip a new key (6.4). Raises NoSuchRound, UnknownVoter, PaperIssued or SlipTwice;
        nothing is changed then.
        """
        self._admit(round_id, token)
        ledger.find(self._stores.app, round_id)
        preparing.replace_lost_slip(self._stores, round_id, entry)
        return self._state(round_id)

    def _state(self, round_id: RoundId) -> OfficeState:
        try:
            ledger.find(self._stores.app, round_id)
        except NoSuchRound:
            pass
        else:
            return OfficeState("frozen", 0, 0, None)
        job = self._jobs.look(FREEZE, round_id)
        if job is not None and job.standing in (Standing.WAITING, Standing.RUNNING, Standing.SILENT):
            return OfficeState("freezing", job.done, job.total, None)
        failed = None if job is None or job.failed is None else job.failed.rpartition(".")[2]
        if drafts.load_draft(self._stores.app, round_id).on_desk:
            kept = drafts.proposed_roll(self._stores.app, round_id) is not None
            return OfficeState("kept" if kept else "draft", 0, 0, failed)
        return OfficeState("draft", 0, 0, failed)

    def _admit(self, round_id: RoundId, token: str) -> None:
        holder_of(self._stores.engines.app, round_id, Purpose.OFFICE, token, self._now())


def _to_invite(invited: Sequence[preparing.Invited]) -> tuple[ToInvite, ...]:
    return tuple(ToInvite(each.voter.panel, each.voter.code, each.name, each.unit) for each in invited)
