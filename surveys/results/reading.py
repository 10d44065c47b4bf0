"""Reading links: with one, whoever belongs to a unit reads its results without an account
(docs/decisions/0024).

Only for rounds whose definition says `unit`. Who has a link reads as somebody who belongs to that unit does,
in that round alone. Danger: a link can be handed on, and nobody is told; so it is made on purpose by the
unit's organizer, opens nothing that the definition does not open to the whole unit, ends by itself, and ends
when another one is made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from surveys.accounts.errors import LinkExpired, NoSuchLink
from surveys.accounts.links import Purpose, end_link, links_held, make_link, opened_by
from surveys.accounts.roles import Role, Staff, Tree, may, require
from surveys.accounts.staff_log import Act, Actor, StaffLog
from surveys.instants import Instant
from surveys.names import RoundId, UnitCode
from surveys.organisation.values import Organisation
from surveys.protocol.definition import Visibility
from surveys.protocol.manifest import Unit
from surveys.results.book import Book
from surveys.results.errors import (
    NoSuchReadingLink,
    NoSuchUnit,
    NotForUnits,
    NothingForUnit,
    NotPublished,
    NotWithThisLink,
    ReadingLinkOver,
)
from surveys.results.shelf import Shelf, Volume, find
from surveys.results.units import Question, UnitPage, figures_for_unit
from surveys.results.visibility import Reader, may_open, upwards, visible

MOST_DAYS = 90
ORGANIZERS = frozenset({Role.ORGANIZER})


@dataclass(frozen=True, slots=True)
class Linked:
    """A unit that a link may be made for; `until` the end of the one that it has, None where it has none."""

    unit: Unit
    until: Instant | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a link shows: the unit it was made for, all units whose pages it opens (the root first), and one
    of these pages.
    """

    own: Unit
    opens: tuple[Unit, ...]
    page: UnitPage


@dataclass(frozen=True, slots=True)
class OneVolume:
    """A shelf on which one round stands: a link's holder compares it with no other one."""

    volume: Volume
    shelf: Shelf

    def volumes(self) -> Sequence[Volume]:
        """The round."""
        return (self.volume,)

    def standing(self) -> Organisation:
        """The organisation as it stands now."""
        return self.shelf.standing()


@dataclass(frozen=True, slots=True)
class ReadingLinks:
    """The reading links of an instance. `tree` gives the units as they stand, `now` is in UTC."""

    engine: Engine
    shelf: Shelf
    log: StaffLog
    tree: Callable[[], Tree]
    now: Callable[[], datetime]

    def of(self, by: Staff, round_id: RoundId) -> tuple[Linked, ...]:
        """The units of this organizer in which somebody would see something, by code. Reads only.

        Raises NotPublished or NotForUnits.
        """
        volume = self._volume(round_id)
        book, tree = volume.book, self.tree()
        held = links_held(self.engine, round_id, Purpose.READER)
        return tuple(
            Linked(unit, held.get(index))
            for index, unit in enumerate(book.definition.units)
            if may(by, ORGANIZERS, unit.code, book.definition.parents)
            and may(by, ORGANIZERS, unit.code, tree)
            and _sees_something(volume, unit.code)
        )

    def make(self, by: Staff, round_id: RoundId, code: UnitCode, days: int) -> tuple[Unit, str]:
        """A new link's token for a unit, good for 1 to MOST_DAYS days; an earlier one ends. The log first,
        then the store.

        Raises, in this order: NotPublished, NotForUnits, NoSuchUnit, NotYours, NothingForUnit; nothing was
        written then.
        """
        if not 1 <= days <= MOST_DAYS:
            raise ValueError(f"{days} is not 1 to {MOST_DAYS} days")
        volume, index, unit = self._own(by, round_id, code)
        if not _sees_something(volume, code):
            raise NothingForUnit(code)
        with self.log.acting(
            Actor.of(by), Act.ROUND_LINK, unit=code, round_id=round_id, purpose="reading", days=days
        ):
            return unit, make_link(self.engine, round_id, Purpose.READER, index, self.now(), days)

    def end(self, by: Staff, round_id: RoundId, code: UnitCode) -> Unit:
        """End the unit's link, if it has one. The log first, then the store; may be run again. Raises as
        `make`.
        """
        _, index, unit = self._own(by, round_id, code)
        with self.log.acting(
            Actor.of(by), Act.ROUND_LINK_ENDED, unit=code, round_id=round_id, purpose="reading"
        ):
            end_link(self.engine, round_id, Purpose.READER, index)
        return unit

    def read(self, token: str, code: UnitCode, question: Question) -> Reading:
        """A page that a token opens: its unit's own where `code` is empty, or one of a unit above. Reads
        only.

        Raises NoSuchReadingLink, ReadingLinkOver, NoSuchUnit or NotWithThisLink.
        """
        try:
            round_id, index = opened_by(self.engine, Purpose.READER, token, self.now())
            volume = self._volume(round_id)
            own = volume.book.definition.units[index]
        except LinkExpired as error:
            raise ReadingLinkOver from error
        except (NoSuchLink, NotPublished, NotForUnits, IndexError) as error:
            raise NoSuchReadingLink from error
        book, reader = volume.book, Reader(units=frozenset({own.code}))
        wanted = code or own.code
        if wanted not in book.units:
            raise NoSuchUnit(wanted)
        opens = _opens(book, reader, own)
        if wanted not in {unit.code for unit in opens}:
            raise NotWithThisLink(wanted)
        page = figures_for_unit(OneVolume(volume, self.shelf), reader, wanted, question, round_id)
        return Reading(own, opens, page)

    def _volume(self, round_id: RoundId) -> Volume:
        volume = find(self.shelf, round_id)
        if volume.book.definition.visibility != Visibility.UNIT:
            raise NotForUnits(round_id)
        return volume

    def _own(self, by: Staff, round_id: RoundId, code: UnitCode) -> tuple[Volume, int, Unit]:
        """The unit with its number, for whoever organizes it both as the round knew the units and as they
        stand.
        """
        volume = self._volume(round_id)
        definition = volume.book.definition
        for index, unit in enumerate(definition.units):
            if unit.code == code:
                require(by, ORGANIZERS, code, definition.parents)
                require(by, ORGANIZERS, code, self.tree())
                return volume, index, unit
        raise NoSuchUnit(code)


def _opens(book: Book, reader: Reader, own: Unit) -> tuple[Unit, ...]:
    """The unit and those above it, as far as their pages open to its members; the root first."""
    codes = [code for code in upwards(book, own.code) if may_open(reader, book, code)]
    return tuple(book.units[code] for code in reversed(codes))


def _sees_something(volume: Volume, code: UnitCode) -> bool:
    """Whether there is any contest that those who belong to the unit may see."""
    return bool(visible(Reader(units=frozenset({code})), volume.sums, volume.sums.contests))
