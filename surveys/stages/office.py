"""The office of an instance: rounds prepared in the organizer's browser (docs/protocol.md §17).

Token keys take a while, so freezing runs in one background thread of this process and the page asks how far it is. Killed
half-way, nothing is frozen, or everything; the organizer sends the same keys again.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from surveys.accounts.links import Purpose, holder_of
from surveys.errors import SurveysError
from surveys.protocol.manifest import Definition
from surveys.roll.listing import Entry
from surveys.roll.office import Invitation, OfficeState, ToInvite, Warned
from surveys.rounds import ledger
from surveys.rounds.contests import warnings
from surveys.rounds.errors import NoSuchRound
from surveys.stages import preparing
from surveys.stages.errors import StillFreezing
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores


class InstanceOffice:
    """`surveys.roll.office.Office` over the stores of an instance."""

    def __init__(
        self,
        stores: Stores,
        keyring: Keyring,
        now: Callable[[], datetime],
        jobs: int | None = None,
    ) -> None:
        self._stores, self._keyring, self._now = stores, keyring, now
        self._jobs = jobs or os.cpu_count() or 1
        self._lock = threading.Lock()
        self._working: dict[str, OfficeState] = {}

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
        """Check the keys and begin to freeze; returns at once. Raises SlipsDoNotFit, or StillFreezing while another one runs.

        What the freezing itself refuses is told by the state (`failed`).
        """
        self._admit(survey, token)
        here = preparing.prepared(self._stores, self._keyring, survey)
        preparing.check_fit(here.electorate, keys)
        with self._lock:
            if survey in self._working and self._working[survey].failed is None:
                raise StillFreezing("this round is being frozen already")
            self._working[survey] = OfficeState("freezing", 0, len(here.electorate.panels), None)
        threading.Thread(target=self._freeze, args=(survey, tuple(keys)), daemon=True).start()
        return self._state(survey)

    def replace(self, survey: str, token: str, entry: Entry) -> OfficeState:
        """Give a lost slip a new key (6.4). Raises NoSuchRound, UnknownVoter, PaperIssued or SlipTwice; nothing is changed then."""
        self._admit(survey, token)
        ledger.find(self._stores.app, self._keyring, survey)
        preparing.replace_lost_slip(self._stores, self._keyring, survey, entry)
        return self._state(survey)

    def _freeze(self, survey: str, keys: tuple[Entry, ...]) -> None:
        try:
            preparing.freeze_round(
                self._stores, self._keyring, survey, keys, self._jobs, lambda: self._step(survey)
            )
        except SurveysError as error:
            self._tell(survey, type(error).__name__)
        except Exception:
            self._tell(survey, "Broken")
            raise
        else:
            with self._lock:
                del self._working[survey]

    def _step(self, survey: str) -> None:
        with self._lock:
            at = self._working[survey]
            self._working[survey] = OfficeState("freezing", at.done + 1, at.all, None)

    def _tell(self, survey: str, failed: str) -> None:
        with self._lock:
            at = self._working[survey]
            self._working[survey] = OfficeState("draft", at.done, at.all, failed)

    def _state(self, survey: str) -> OfficeState:
        with self._lock:
            if survey in self._working:
                return self._working[survey]
        try:
            ledger.find(self._stores.app, self._keyring, survey)
        except NoSuchRound:
            return OfficeState("draft", 0, 0, None)
        return OfficeState("frozen", 0, 0, None)

    def _admit(self, survey: str, token: str) -> None:
        holder_of(self._stores.app, survey, Purpose.OFFICE, token, self._now())


def _to_invite(invited: Sequence[preparing.Invited]) -> tuple[ToInvite, ...]:
    return tuple(ToInvite(each.voter.panel, each.voter.code, each.name, each.unit) for each in invited)
