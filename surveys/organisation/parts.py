"""A part of an organisation as an organisation of its own, and put back in its place.

A round may be held over one committee and its cells, and whoever looks after them sees and changes nothing
else. Danger: a part that is put back must not carry anything of what lies outside with it; what would is
refused with the place that it would have changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from surveys.names import UnitCode
from surveys.organisation.difference import Difference
from surveys.organisation.errors import NoSuchUnit, Outside
from surveys.organisation.values import Organisation, PaperResult, Person, Post, Record, Unit


def codes_below(organisation: Organisation, unit: UnitCode) -> frozenset[UnitCode]:
    """The unit and everything below it. Raises NoSuchUnit."""
    children: dict[UnitCode | None, list[UnitCode]] = {}
    for each in organisation.units:
        children.setdefault(each.parent, []).append(each.code)
    if all(each.code != unit for each in organisation.units):
        raise NoSuchUnit(unit)
    kept, waiting = {unit}, [unit]
    while waiting:
        below = children.get(waiting.pop(), [])
        kept.update(below)
        waiting.extend(below)
    return frozenset(kept)


def subtree(organisation: Organisation, unit: UnitCode) -> Organisation:
    """The unit with everything below it; the unit is the root. Raises NoSuchUnit.

    A post there that somebody from elsewhere holds, and a result of somebody from elsewhere, bring that
    person along, by name, who then votes nowhere: a leader is voted on by the unit's own members.
    """
    kept = codes_below(organisation, unit)
    posts = [post for post in organisation.posts if post.unit in kept]
    history = [row for row in organisation.history if row.unit in kept]
    named = {post.person for post in posts} | {row.person for row in history}
    people = [person for person in organisation.people if person.unit in kept]
    people += [
        guest(person, unit)
        for person in organisation.people
        if person.unit not in kept and person.code in named
    ]
    return Organisation.of(
        [
            replace(each, parent=None) if each.code == unit else each
            for each in organisation.units
            if each.code in kept
        ],
        people,
        posts,
        [grading for grading in organisation.gradings if grading.unit in kept],
        history,
    )


def guest(person: Person, unit: UnitCode) -> Person:
    """Somebody from elsewhere as they stand in a part: their own unit and address are no business of it."""
    return replace(person, unit=unit, votes=False, email=None)


def put_back(organisation: Organisation, unit: UnitCode, part: Organisation) -> Organisation:
    """The organisation with this part in place of the unit and everything below it.

    Raises NoSuchUnit, or Outside where the part is another unit's, or would change something outside: a unit
    or person there, or what somebody holds there.
    """
    inside = codes_below(organisation, unit)
    (root,) = [each for each in part.units if each.parent is None]
    if root.code != unit:
        raise Outside(root.code, unit)
    parent = next(each.parent for each in organisation.units if each.code == unit)
    outer_units = {each.code: each for each in organisation.units if each.code not in inside}
    outer_people = {each.code: each for each in organisation.people if each.unit not in inside}
    for added in part.units:
        if added.code in outer_units:
            raise Outside(added.code, unit)
    guests = {each.code: guest(each, unit) for each in outer_people.values()}
    members = []
    for person in part.people:
        if person.code not in outer_people:
            members.append(person)
        elif person != guests[person.code]:
            raise Outside(outer_people[person.code].unit, unit)
    whole = Organisation.of(
        [
            *outer_units.values(),
            *(replace(each, parent=parent) if each is root else each for each in part.units),
        ],
        [*outer_people.values(), *members],
        [*(post for post in organisation.posts if post.unit not in inside), *part.posts],
        [*(each for each in organisation.gradings if each.unit not in inside), *part.gradings],
        [*(row for row in organisation.history if row.unit not in inside), *part.history],
    )
    codes = {each.code for each in whole.people}
    holdings: tuple[Post | PaperResult, ...] = (*whole.posts, *whole.history)
    for holding in holdings:
        if holding.person not in codes:  # somebody of the part is gone who holds something outside
            raise Outside(holding.unit, unit)
    return whole


def require_within(before: Organisation, after: Organisation, changes: Difference, unit: UnitCode) -> None:
    """Raises Outside unless every change lies in the unit or below it, before and after; NoSuchUnit.

    The unit itself may be changed, but not moved. A post may be given only to somebody who belongs there, or
    holds one there already.
    """
    was, is_now = codes_below(before, unit), codes_below(after, unit)
    holdings: tuple[Post | PaperResult, ...] = (*before.posts, *before.history)
    guests = {each.person for each in holdings if each.unit in was}
    members = {each.code for each in after.people if each.unit in is_now}
    for old, new in _changed(changes):
        for record, inside in ((old, was), (new, is_now)):
            if record is not None and _place(record) not in inside:
                raise Outside(_place(record), unit)
        if isinstance(old, Unit) and isinstance(new, Unit) and old.code == unit and old.parent != new.parent:
            raise Outside(new.parent or old.parent or unit, unit)
        if isinstance(new, (Post, PaperResult)) and new.person not in members and new.person not in guests:
            raise Outside(next(each.unit for each in after.people if each.code == new.person), unit)


def _changed(changes: Difference) -> Iterator[tuple[Record | None, Record | None]]:
    for _, each in changes.sheets():
        yield from ((None, record) for record in each.added)
        yield from each.changed
        yield from ((record, None) for record in each.removed)


def _place(record: Record) -> str:
    return record.code if isinstance(record, Unit) else record.unit
