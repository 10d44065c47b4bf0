"""A part of an organisation as an organisation of its own: a round may be held over one committee and its cells."""

from __future__ import annotations

from dataclasses import replace

from surveys.organisation.errors import NoSuchUnit
from surveys.organisation.values import Organisation


def subtree(organisation: Organisation, unit: str) -> Organisation:
    """The unit with everything below it; the unit is the root. Raises NoSuchUnit.

    A post there that somebody from elsewhere holds, and a result of somebody from elsewhere, bring that person along, who then votes
    nowhere: a leader is voted on by the unit's own members.
    """
    if all(each.code != unit for each in organisation.units):
        raise NoSuchUnit(unit)
    kept = {unit}
    while more := {each.code for each in organisation.units if each.parent in kept} - kept:
        kept |= more
    posts = [post for post in organisation.posts if post.unit in kept]
    history = [row for row in organisation.history if row.unit in kept]
    named = {post.person for post in posts} | {row.person for row in history}
    people = [person for person in organisation.people if person.unit in kept]
    people += [
        replace(person, unit=unit, votes=False)
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
