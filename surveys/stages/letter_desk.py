"""The letters of a round on the desk: what waits, what did not arrive, what came back, reminders (docs/operations.md, "Mail").

Whoever organizes a part of the round sees and does what concerns that part; the first sending of the slips, and what came back, are for
whoever organizes the whole. Each verb that changes something writes the staff log first, with numbers only. Danger: this desk is given the
app store alone. It cannot see who has a ballot paper, so nothing that it sends or shows can depend on it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from surveys.accounts.roles import Role, Staff, Tree, covers, may, require, within
from surveys.accounts.staff_log import Act, Actor, StaffLog
from surveys.jobs.queue import Job, Jobs
from surveys.mail.bounces import read_bounces, reasons
from surveys.organisation.errors import NoSuchUnit
from surveys.organisation.register import unit_tree
from surveys.roll import letters
from surveys.roll.letters.delivery import Delivery, Mailing, delivery, mailings_of, slips_are_begun
from surveys.roll.letters.letter import Letter, Units
from surveys.rounds import conduct, ledger
from surveys.rounds.errors import IllegalMove
from surveys.rounds.ledger import Round
from surveys.rounds.states import State, has_reached
from surveys.stages import reminding
from surveys.stages.land import from_the_top
from surveys.stages.mailing import MAIL, Outgoing, whole_reminder
from surveys.stages.reminding import Preview
from surveys.stages.stating import root_of
from surveys.stores.columns import Keyring
from surveys.stores.instants import INSTANT

ORGANIZERS = frozenset({Role.ORGANIZER})
MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class LettersThere:
    """The letters of a round as an organizer sees them. `whole`: of all its units; `ready`: mail can leave; `open`: polls are not closed.

    `begun`: the sending of the slips has begun. `units` are (code, name) of what a reminder from here may go to, `names` those of all units.
    """

    round: Round
    whole: bool
    open: bool
    begun: bool
    outgoing: Outgoing
    delivery: Delivery
    mailings: tuple[Mailing, ...]
    undelivered: tuple[Letter, ...]
    units: tuple[tuple[str, str], ...]
    names: Mapping[str, str]
    job: Job | None


@dataclass(frozen=True, slots=True)
class CameBack:
    """What was read: letters of this round that came back now, bounces of other mail, other letters, unreadable ones."""

    ours: int
    foreign: int
    others: int
    unreadable: int
    more: bool


@dataclass(frozen=True, slots=True)
class LetterDesk:
    """The letters of an instance's rounds. `now` is in UTC."""

    app: Engine
    keyring: Keyring
    log: StaffLog
    jobs: Jobs
    outgoing: Outgoing
    now: Callable[[], datetime]

    def delivery(self, survey: str, units: Units = None) -> Delivery | None:
        """The numbers, None for a round without letters. Stores nothing."""
        found = delivery(self.app, survey, units)
        return found if found.total else None

    def look(self, by: Staff, survey: str) -> LettersThere:
        """How the letters of the account's units stand. Stores nothing. Raises NoSuchRound."""
        found = ledger.find(self.app, self.keyring, survey)
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
            begun=slips_are_begun(self.app, survey),
            outgoing=self.outgoing,
            delivery=delivery(self.app, survey, units),
            mailings=mailings_of(self.app, survey, units),
            undelivered=letters.undelivered(self.app, self.keyring, survey, units),
            units=tuple((code, names[code]) for code in mine if code in voting),
            names=names,
            job=self.jobs.look(MAIL, survey),
        )

    def find(self, by: Staff, survey: str, words: str) -> tuple[Letter, ...]:
        """The letters to voters whose name or code holds these words, at most `MOST_FOUND`. Stores nothing."""
        wanted = _plain(words).split()
        found = ledger.find(self.app, self.keyring, survey)
        there = letters.everything(self.app, self.keyring, survey, self._units(by, found))
        fitting = (
            letter
            for letter in there
            if wanted and all(word in _plain(f"{letter.name} {letter.voter}") for word in wanted)
        )
        return tuple(letter for letter, _ in zip(fitting, range(MOST_FOUND), strict=False))

    def send(self, by: Staff, survey: str) -> Job:
        """Send everything that waits, in the background. Returns at once; while it is sent already, nothing more happens.

        Raises NotYours where the slips are not begun and the account does not organize the whole round, NoMailServer, NoSiteAddress, or
        IllegalMove after the close.
        """
        found = self._open(survey)
        if not slips_are_begun(self.app, survey):
            require(by, ORGANIZERS, root_of(found.definition), self._tree(found))
        self.outgoing.require()
        waiting = delivery(self.app, survey).waiting
        with self.log.acting(
            Actor.of(by),
            Act.ROUND_MAIL,
            unit=root_of(found.definition),
            survey=survey,
            what="send",
            letters=waiting,
        ):
            return self.jobs.begin(MAIL, survey)

    def send_again(self, by: Staff, survey: str, message: str, email: str) -> Job:
        """Send one letter again, with the same slip; to another address only where it did not arrive. A second press is refused.

        Raises NoSuchLetter (also for a letter of other units), AddressStands, NoMailServer, NoSiteAddress, LettersOver or IllegalMove.
        """
        found = self._open(survey)
        self.outgoing.require()
        units = self._units(by, found)
        letter = letters.by_message(self.app, self.keyring, survey, message, units)
        with self.log.acting(
            Actor.of(by),
            Act.ROUND_MAIL,
            unit=root_of(found.definition),
            survey=survey,
            what="again",
            letters=1,
            corrected=int(email != letter.email),
        ):
            letters.send_to(self.app, self.keyring, survey, message, email, units)
        return self.jobs.begin(MAIL, survey)

    def send_all_again(self, by: Staff, survey: str) -> Job:
        """Send everything again that did not arrive, in the account's units. Raises as `send_again` does."""
        found = self._open(survey)
        self.outgoing.require()
        units = self._units(by, found)
        with self.log.acting(
            Actor.of(by),
            Act.ROUND_MAIL,
            unit=root_of(found.definition),
            survey=survey,
            what="again",
            letters=delivery(self.app, survey, units).undelivered,
        ):
            letters.resend_undelivered(self.app, survey, units)
        return self.jobs.begin(MAIL, survey)

    def take_back(self, by: Staff, survey: str, mailboxes: Sequence[Path]) -> CameBack:
        """Read what came back (mbox or .eml files) and note it; believed is what names a message of this round. May be run again.

        Raises UnreadableMailbox or IllegalMove; nothing is noted then.
        """
        found = self._open(survey)
        bags = [read_bounces(path) for path in mailboxes]
        bounces = [bounce for bag in bags for bounce in bag.bounces]
        with self.log.acting(
            Actor.of(by),
            Act.ROUND_MAIL,
            unit=root_of(found.definition),
            survey=survey,
            what="bounces",
            letters=len(bounces),
        ):
            ours = letters.bounced(self.app, self.keyring, survey, reasons(bounces))
        return CameBack(
            ours,
            len(bounces) - ours,
            sum(bag.others for bag in bags),
            sum(bag.unreadable for bag in bags),
            any(bag.more for bag in bags),
        )

    def default_text(self, survey: str) -> str:
        """What a reminder says unless its writer says otherwise. Raises IllegalMove, NoMailServer or NoSiteAddress: no use to write one."""
        definition = self._open(survey).definition
        self.outgoing.require()
        extended = conduct.find(self.app, self.keyring, survey).facts.extended_to
        return reminding.default_text(definition, extended or definition.closes)

    def preview(self, by: Staff, survey: str, unit: str) -> Preview:
        """Whom a reminder to this unit would reach. Stores nothing. Raises NotYours or NoSuchUnit."""
        found = self._open(survey)
        self._over(by, found, unit)
        return reminding.preview(self.app, self.keyring, found.definition, unit)

    def whole_text(self, survey: str, text: str) -> str:
        """A reminder with what stands under each."""
        definition = ledger.find(self.app, self.keyring, survey).definition
        return whole_reminder(definition, self.outgoing.address, text)

    def remind(self, by: Staff, survey: str, unit: str, number: int, text: str) -> Job:
        """Write the reminder `number` to everybody in a unit who has an address, and send it.

        Raises NotYours or NoSuchUnit, NoMailServer, NoSiteAddress, IllegalMove, and what `reminding.write` refuses; nothing is sent then.
        """
        found = self._open(survey)
        self._over(by, found, unit)
        self.outgoing.require()
        seen = reminding.preview(self.app, self.keyring, found.definition, unit)
        with self.log.acting(
            Actor.of(by),
            Act.ROUND_MAIL,
            unit=unit,
            survey=survey,
            what="reminder",
            number=number,
            letters=seen.letters,
        ):
            at = self.now().strftime(INSTANT)
            reminding.write(self.app, self.keyring, found.definition, unit, number, at, text)
        return self.jobs.begin(MAIL, survey)

    def _open(self, survey: str) -> Round:
        found = ledger.find(self.app, self.keyring, survey)
        if has_reached(found.state, State.CLOSING):
            raise IllegalMove(survey, found.state.value, "written to")
        return found

    def _over(self, by: Staff, found: Round, unit: str) -> None:
        if all(each.code != unit for each in found.definition.units):
            raise NoSuchUnit(unit)
        require(by, ORGANIZERS, unit, self._tree(found))

    def _units(self, by: Staff, found: Round) -> Units:
        """The units whose letters are the account's affair; None: all of them."""
        tree = self._tree(found)
        if may(by, ORGANIZERS, root_of(found.definition), tree):
            return None
        return within((panel.unit for panel in found.definition.panels), by, ORGANIZERS, tree)

    def _tree(self, found: Round) -> Tree:
        """The units as they stand, and those of the round as they were when it was frozen."""
        return {**{unit.code: unit.parent for unit in found.definition.units}, **unit_tree(self.app)}


def _plain(text: str) -> str:
    """Small letters without tone and vowel marks, so that "nguyen" finds "Nguyễn" and "dang" finds "Đảng"."""
    apart = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
