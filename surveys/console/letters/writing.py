"""The letters of a round on the desk: what waits, what did not arrive, what came back, reminders
(docs/operations.md, "Mail").

Whoever organizes a part of the round sees and does what concerns that part; the first sending of the slips,
and what came back, are for whoever organizes the whole. Each verb that changes something writes the staff log
first, with numbers only. Danger: this desk is given the app store alone. It cannot see who has a ballot
paper, so nothing that it sends or shows can depend on it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from surveys.accounts.roles import Role, Staff, Tree, covers, may, require, within
from surveys.accounts.staff_log import Act, Actor, StaffLog
from surveys.console.letters import reminding
from surveys.console.letters.reminding import Preview
from surveys.instance.kinds import MAIL
from surveys.instance.mailing_job import Outgoing, whole_reminder
from surveys.instance.scope import from_the_top
from surveys.instants import instant
from surveys.jobs.queue import Job, Jobs
from surveys.letters import mailings as letters
from surveys.letters.delivery import Delivery, Mailing, delivery, mailings_of, slips_are_begun
from surveys.letters.letter import Letter, Units
from surveys.letters.member_letters import came_back, letters_to_members
from surveys.mail.bounces import read_bounces, reasons
from surveys.names import RoundId, UnitCode
from surveys.organisation.errors import NoSuchUnit
from surveys.organisation.register import unit_tree
from surveys.rounds import conduct, ledger
from surveys.rounds.errors import IllegalMove
from surveys.rounds.ledger import Round
from surveys.rounds.states import State, has_reached
from surveys.stores.store import Store

ORGANIZERS = frozenset({Role.ORGANIZER})
MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class LettersThere:
    """The letters of a round as an organizer sees them. `whole`: of all its units; `ready`: mail can leave;
    `open`: polls are not closed.

    `begun`: the sending of the slips has begun; `to_members`: letters went to the committee. `units` are
    (code, name) of what a reminder from here may go to, `names` those of all units.
    """

    round: Round
    whole: bool
    open: bool
    begun: bool
    to_members: bool
    outgoing: Outgoing
    delivery: Delivery
    mailings: tuple[Mailing, ...]
    undelivered: tuple[Letter, ...]
    units: tuple[tuple[str, str], ...]
    names: Mapping[UnitCode, str]
    job: Job | None


@dataclass(frozen=True, slots=True)
class CameBack:
    """What was read: letters of this round that came back now, bounces of other mail, other letters,
    unreadable ones.
    """

    ours: int
    foreign: int
    others: int
    unreadable: int
    more: bool


@dataclass(frozen=True, slots=True)
class LetterWriting:
    """The letters of an instance's rounds. `now` is in UTC."""

    store: Store
    log: StaffLog
    jobs: Jobs
    outgoing: Outgoing
    now: Callable[[], datetime]

    def delivery(self, round_id: RoundId, units: Units = None) -> Delivery | None:
        """The numbers, None for a round without letters. Stores nothing."""
        found = delivery(self.store.engine, round_id, units)
        return found if found.total else None

    def look(self, by: Staff, round_id: RoundId) -> LettersThere:
        """How the letters of the account's units stand. Stores nothing. Raises NoSuchRound."""
        found = ledger.find(self.store, round_id)
        units = self._units(by, found)
        names = {each.code: each.name for each in found.definition.units}
        tree = {each.code: each.parent for each in found.definition.units}
        voting = {
            unit for panel in found.definition.panels for unit in tree if covers(tree, unit, panel.unit)
        }
        mine = within(from_the_top(tree), by, ORGANIZERS, self._tree(found))
        return LettersThere(
            round=found,
            whole=units is None,
            open=not has_reached(found.state, State.CLOSING),
            to_members=bool(letters_to_members(self.store, round_id)),
            begun=slips_are_begun(self.store.engine, round_id),
            outgoing=self.outgoing,
            delivery=delivery(self.store.engine, round_id, units),
            mailings=mailings_of(self.store.engine, round_id, units),
            undelivered=letters.undelivered(self.store, round_id, units),
            units=tuple((code, names[code]) for code in mine if code in voting),
            names=names,
            job=self.jobs.look(MAIL, round_id),
        )

    def find(self, by: Staff, round_id: RoundId, words: str) -> tuple[Letter, ...]:
        """The letters to voters whose name or code holds these words, at most `MOST_FOUND`. Stores
        nothing.
        """
        wanted = _plain(words).split()
        found = ledger.find(self.store, round_id)
        there = letters.everything(self.store, round_id, self._units(by, found))
        fitting = (
            letter
            for letter in there
            if wanted and all(word in _plain(f"{letter.name} {letter.voter}") for word in wanted)
        )
        return tuple(letter for letter, _ in zip(fitting, range(MOST_FOUND), strict=False))

    def send(self, by: Staff, round_id: RoundId) -> Job:
        """Send everything that waits, in the background. Returns at once; while it is sent already, nothing
        more happens.

        Raises NotYours where the slips are not begun and the account does not organize the whole round,
        NoMailServer, NoSiteAddress, or IllegalMove after the close.
        """
        found = self._open(round_id)
        if not slips_are_begun(self.store.engine, round_id):
            require(by, ORGANIZERS, found.definition.top, self._tree(found))
        self.outgoing.require()
        waiting = delivery(self.store.engine, round_id).waiting
        with self._mailing(by, found, "send", waiting):
            return self.jobs.begin(MAIL, round_id)

    def send_again(self, by: Staff, round_id: RoundId, message: str, email: str) -> Job:
        """Send one letter again, with the same slip; to another address only where it did not arrive. A
        second press is refused.

        Raises NoSuchLetter (also for a letter of other units), AddressStands, NoMailServer, NoSiteAddress,
        LettersOver or IllegalMove.
        """
        found = self._open(round_id)
        self.outgoing.require()
        units = self._units(by, found)
        letter = letters.by_message(self.store, round_id, message, units)
        with self._mailing(by, found, "again", 1, corrected=int(email != letter.email)):
            letters.send_to(self.store, round_id, message, email, units)
        return self.jobs.begin(MAIL, round_id)

    def send_all_again(self, by: Staff, round_id: RoundId) -> Job:
        """Send everything again that did not arrive, in the account's units. Raises as `send_again` does."""
        found = self._open(round_id)
        self.outgoing.require()
        units = self._units(by, found)
        with self._mailing(by, found, "again", delivery(self.store.engine, round_id, units).undelivered):
            letters.resend_undelivered(self.store.engine, round_id, units)
        return self.jobs.begin(MAIL, round_id)

    def take_back(self, by: Staff, round_id: RoundId, mailboxes: Sequence[Path]) -> CameBack:
        """Read what came back (mbox or .eml files) and note it; believed is what names a message of this
        round. May be run again.

        Raises UnreadableMailbox or IllegalMove; nothing is noted then.
        """
        found = self._open(round_id)
        bags = [read_bounces(path) for path in mailboxes]
        bounces = [bounce for bag in bags for bounce in bag.bounces]
        with self._mailing(by, found, "bounces", len(bounces)):
            back = reasons(bounces)
            ours = letters.bounced(self.store, round_id, back) + came_back(self.store, round_id, back)
        return CameBack(
            ours,
            len(bounces) - ours,
            sum(bag.others for bag in bags),
            sum(bag.unreadable for bag in bags),
            any(bag.more for bag in bags),
        )

    def default_text(self, round_id: RoundId) -> str:
        """What a reminder says unless its writer says otherwise. Raises IllegalMove, NoMailServer or
        NoSiteAddress: no use to write one.
        """
        definition = self._open(round_id).definition
        self.outgoing.require()
        extended = conduct.find(self.store, round_id).facts.extended_to
        return reminding.default_text(definition, extended or definition.closes)

    def preview(self, by: Staff, round_id: RoundId, unit: UnitCode) -> Preview:
        """Whom a reminder to this unit would reach. Stores nothing. Raises NotYours or NoSuchUnit."""
        found = self._open(round_id)
        self._over(by, found, unit)
        return reminding.preview(self.store, found.definition, unit)

    def whole_text(self, round_id: RoundId, text: str) -> str:
        """A reminder with what stands under each."""
        definition = ledger.find(self.store, round_id).definition
        return whole_reminder(definition, self.outgoing.address, text)

    def remind(self, by: Staff, round_id: RoundId, unit: UnitCode, number: int, text: str) -> Job:
        """Write the reminder `number` to everybody in a unit who has an address, and send it.

        Raises NotYours or NoSuchUnit, NoMailServer, NoSiteAddress, IllegalMove, and what `reminding.write`
        refuses; nothing is sent then.
        """
        found = self._open(round_id)
        self._over(by, found, unit)
        self.outgoing.require()
        seen = reminding.preview(self.store, found.definition, unit)
        with self._mailing(by, found, "reminder", seen.letters, unit=unit, number=number):
            at = instant(self.now())
            reminding.write(self.store, found.definition, unit, number, at, text)
        return self.jobs.begin(MAIL, round_id)

    def _mailing(
        self,
        by: Staff,
        found: Round,
        what: str,
        number_of_letters: int,
        *,
        unit: UnitCode | None = None,
        **facts: int,
    ) -> AbstractContextManager[None]:
        """What is done with so many letters of a round stands in the staff log before it is done, a refusal
        after it.
        """
        return self.log.acting(
            Actor.of(by),
            Act.ROUND_MAIL,
            unit=unit or found.definition.top,
            round_id=found.round_id,
            reason="",
            what=what,
            letters=number_of_letters,
            **facts,
        )

    def _open(self, round_id: RoundId) -> Round:
        found = ledger.find(self.store, round_id)
        if has_reached(found.state, State.CLOSING):
            raise IllegalMove(round_id, found.state.value, "written to")
        return found

    def _over(self, by: Staff, found: Round, unit: UnitCode) -> None:
        if all(each.code != unit for each in found.definition.units):
            raise NoSuchUnit(unit)
        require(by, ORGANIZERS, unit, self._tree(found))

    def _units(self, by: Staff, found: Round) -> Units:
        """The units whose letters are the account's affair; None: all of them."""
        tree = self._tree(found)
        if may(by, ORGANIZERS, found.definition.top, tree):
            return None
        return within((panel.unit for panel in found.definition.panels), by, ORGANIZERS, tree)

    def _tree(self, found: Round) -> Tree:
        """The units as they stand, and those of the round as they were when it was frozen."""
        return {**{unit.code: unit.parent for unit in found.definition.units}, **unit_tree(self.store.engine)}


def _plain(text: str) -> str:
    """Small letters without tone and vowel marks, so that "nguyen" finds "Nguyễn" and "dang" finds "Đảng"."""
    apart = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
