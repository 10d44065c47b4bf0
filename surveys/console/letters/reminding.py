"""Reminders: to everybody in a unit who has an address, whoever has voted and whoever has not
(docs/decisions/0021).

Danger: a reminder that left out those who have voted would tell whoever writes it who has not. So it cannot
be written: this module is given the app store alone, knows the organisation, the round and the letters, and a
contract (pyproject.toml, "reminders") keeps it from everything that could tell who has a ballot paper.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from surveys.accounts.roles import covers
from surveys.instants import Instant
from surveys.letters.delivery import slips_are_begun
from surveys.letters.reminders import Addressee, corrections, next_number, write_reminder
from surveys.names import PersonCode, UnitCode
from surveys.organisation.errors import NoSuchUnit
from surveys.organisation.register import load_organisation
from surveys.organisation.values import Organisation, Person
from surveys.protocol.codes import read_code
from surveys.protocol.errors import Malformed
from surveys.protocol.manifest import Definition
from surveys.rounds.contests import voters_by_unit
from surveys.stages.errors import NobodyToRemind, SlipsFirst
from surveys.stores.store import Store
from surveys.web.languages import Language, moment_in

# Four groups, as codes are written: other words of seventeen letters hardly ever have the right check
# character.
_CODE = re.compile(r"(?<![0-9A-Za-z])(?:[0-9A-Za-z]{4}[ \u00a0\t–—-]?){3}[0-9A-Za-z]{5}(?![0-9A-Za-z])")


@dataclass(frozen=True, slots=True)
class UnitToRemind:
    """A unit that votes: how many voters it has as the organisation stands, and how many of them have an
    address.
    """

    unit: UnitCode
    name: str
    voters: int
    addresses: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a reminder to a unit would reach; `number` is the one it would get."""

    unit: UnitCode
    name: str
    number: int
    units: tuple[UnitToRemind, ...]

    @property
    def voters(self) -> int:
        """Everybody."""
        return sum(each.voters for each in self.units)

    @property
    def letters(self) -> int:
        """Who has an address."""
        return sum(each.addresses for each in self.units)


def everybody(
    organisation: Organisation, definition: Definition, unit: UnitCode
) -> tuple[tuple[UnitCode, tuple[Person, ...]], ...]:
    """The units of the round that vote in `unit` and below it, with their voters as the organisation stands.
    Raises NoSuchUnit.
    """
    tree = {each.code: each.parent for each in definition.units}
    if unit not in tree:
        raise NoSuchUnit(unit)
    voting = voters_by_unit(organisation, subjects_vote=definition.subjects_vote)
    people = {person.code: person for person in organisation.people}
    panels = [panel.unit for panel in definition.panels if covers(tree, unit, panel.unit)]
    return tuple((panel, tuple(people[code] for code in voting.get(panel, ()))) for panel in panels)


def preview(store: Store, definition: Definition, unit: UnitCode) -> Preview:
    """Whom a reminder to this unit would reach. Stores nothing. Raises NoSuchUnit or NoOrganisation."""
    names = {each.code: each.name for each in definition.units}
    groups = everybody(load_organisation(store), definition, unit)
    rows = tuple(
        UnitToRemind(panel, names[panel], len(people), sum(person.email is not None for person in people))
        for panel, people in groups
    )
    return Preview(unit, names[unit], next_number(store.engine, definition.round_id), rows)


def write(store: Store, definition: Definition, unit: UnitCode, number: int, at: Instant, text: str) -> int:
    """Write the reminder `number` to everybody in a unit who has an address; how many letters wait now.

    An address that was corrected in a letter of this round is used as long as the organisation still holds
    the one it corrects. Raises SlipsFirst, NobodyToRemind, NoSuchUnit, ReminderWritten or LettersOver;
    nothing is kept then.
    """
    round_id = definition.round_id
    if not slips_are_begun(store.engine, round_id):
        raise SlipsFirst("the slips of this round wait to be sent")
    names = {each.code: each.name for each in definition.units}
    corrected = corrections(store, round_id)
    to = [
        _addressee(person, names[panel], corrected)
        for panel, people in everybody(load_organisation(store), definition, unit)
        for person in people
        if person.email
    ]
    if not to:
        raise NobodyToRemind(unit)
    write_reminder(store, round_id, number, unit, at, text, to)
    return len(to)


def default_text(definition: Definition, closes: Instant) -> str:
    """What a reminder says unless its writer says otherwise, in both languages."""
    (opens, ends), (opens_en, ends_en) = (
        [moment_in(language, at, definition.time_zone) for at in (definition.opens, closes)]
        for language in Language
    )
    return (
        f"Đợt “{definition.title_vi}”: bỏ phiếu từ {opens} đến {ends}. "
        "Ai chưa bỏ phiếu, xin bỏ phiếu trước giờ đóng. Ai đã bỏ phiếu, xin bỏ qua thư này.\n\n"
        f"“{definition.title_en}”: polls are open from {opens_en} to {ends_en}. "
        "If you have not voted, please do so before they close. If you have, please disregard this letter."
    )


def holds_a_code(text: str) -> bool:
    """Whether a slip's code stands in a text: a reminder goes to many, and a code is for one."""
    return any(_is_code(found.group()) for found in _CODE.finditer(text))


def _is_code(written: str) -> bool:
    try:
        read_code(written)
    except Malformed:
        return False
    return True


def _addressee(person: Person, unit: str, corrected: dict[PersonCode, tuple[str, str]]) -> Addressee:
    before, after = corrected.get(person.code, ("", ""))
    email = person.email or ""
    if before and before == email:
        return Addressee(person.code, person.name, unit, person.unit, after, before)
    return Addressee(person.code, person.name, unit, person.unit, email)
