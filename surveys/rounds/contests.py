"""Who is voted on by whom: contests and panels out of an organisation (docs/protocol.md 4.1).

One contest for each (person, unit) with a post that is voted on this year; one panel for each unit where
people vote.
Danger: a panel smaller than k singles its voters out; `warnings` says so before anything is frozen.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from surveys.names import PersonCode, UnitCode
from surveys.organisation.values import Organisation, PaperResult, Post, Scope
from surveys.protocol.manifest import Previous
from surveys.rounds.errors import NobodyVotes, NoSubjects

MAX_PLACES = 2


@dataclass(frozen=True, slots=True)
class PlannedContest:
    """A contest before it has indices: electorate as unit codes, sorted as UTF-8 bytes."""

    person: PersonCode
    name: str
    unit: UnitCode
    titles: tuple[str, ...]
    electorate: tuple[UnitCode, ...]
    previous: Previous | None


@dataclass(frozen=True, slots=True)
class Electorate:
    """The panels (unit → voters' codes, both sorted) and the contests over them."""

    panels: Mapping[UnitCode, tuple[PersonCode, ...]]
    contests: tuple[PlannedContest, ...]


class DangerKind(StrEnum):
    """What is legal but dangerous."""

    SMALL_PANEL = "small_panel"
    SMALL_ELECTORATE = "small_electorate"
    PLACES = "places"
    COMMITTEE = "committee"
    LOOK_UP = "look_up"


@dataclass(frozen=True, slots=True)
class Danger:
    """Something the organizer should know before freezing."""

    kind: DangerKind
    where: str
    number: int


def plan_electorate(
    organisation: Organisation,
    year: int,
    levels: Collection[str],
    *,
    subjects_vote: bool = True,
    excluded: Collection[tuple[PersonCode, UnitCode]] = (),
) -> Electorate:
    """The panels and contests of a year's vote; `excluded` are (person, unit) that are not voted on this
    time.

    `levels` are the rule's level ids: history is carried over only where it counts the same levels. Without
    `subjects_vote` a person voted on in a unit is not on the roll of that unit. Panels that would have no
    contest are left out. Raises NoSubjects when nobody is voted on, NobodyVotes naming the contests without a
    voter.
    """
    voters = voters_by_unit(organisation, subjects_vote=subjects_vote)
    children = _children(organisation)
    names = {person.code: person.name for person in organisation.people}
    history = _history(organisation, year - 1, levels)
    posts = {
        (unit, person): held
        for (unit, person), held in _posts_by_subject(organisation).items()
        if (person, unit) not in excluded
    }
    if not posts:
        raise NoSubjects
    contests, empty = [], []
    for (unit, person), held in sorted(posts.items(), key=lambda item: _bytes(item[0])):
        scope = {unit} if held[0].electorate == Scope.UNIT else _subtree(unit, children)
        electorate = tuple(sorted((code for code in scope if code in voters), key=str.encode))
        if not electorate:
            empty.append((names[person], unit))
            continue
        titles = tuple(post.title for post in held)
        contests.append(
            PlannedContest(person, names[person], unit, titles, electorate, history.get((person, unit)))
        )
    if empty:
        raise NobodyVotes(empty)
    used = {code for contest in contests for code in contest.electorate}
    panels = {code: voters[code] for code in sorted(used, key=str.encode)}
    return Electorate(panels, tuple(contests))


def warnings(electorate: Electorate, k: int, committee: Collection[str] = ()) -> tuple[Danger, ...]:
    """What is legal but dangerous: panels and electorates under k voters, persons voted on in too many
    places, and names of the committee that are also those of leaders (nobody who is voted on may count).
    """
    found = [
        Danger(DangerKind.SMALL_PANEL, unit, len(voters))
        for unit, voters in electorate.panels.items()
        if len(voters) < k
    ]
    places: dict[PersonCode, int] = {}
    for contest in electorate.contests:
        size = sum(len(electorate.panels[unit]) for unit in contest.electorate)
        if size < k:
            found.append(Danger(DangerKind.SMALL_ELECTORATE, f"{contest.name} ({contest.unit})", size))
        places[contest.person] = places.get(contest.person, 0) + 1
    names = {contest.person: contest.name for contest in electorate.contests}
    found += [Danger(DangerKind.COMMITTEE, name, 1) for name in committee if name in names.values()]
    found += [Danger(DangerKind.PLACES, names[p], n) for p, n in places.items() if n > MAX_PLACES]
    return tuple(found)


def without_look_up(look_up: int) -> tuple[Danger, ...]:
    """That nobody can find out that a ballot is missing before the count is opened, where there is no look-up
    time (11.4).
    """
    return (Danger(DangerKind.LOOK_UP, "", 0),) if look_up == 0 else ()


def voters_by_unit(
    organisation: Organisation, *, subjects_vote: bool
) -> dict[UnitCode, tuple[PersonCode, ...]]:
    """The codes of a unit's voters, sorted: without `subjects_vote` those who are voted on in their own unit
    are left out.
    """
    off = {(post.unit, post.person) for post in organisation.posts if post.subject and not subjects_vote}
    voters: dict[UnitCode, list[PersonCode]] = {}
    for person in organisation.people:
        if person.votes and (person.unit, person.code) not in off:
            voters.setdefault(person.unit, []).append(person.code)
    return {unit: tuple(sorted(codes, key=str.encode)) for unit, codes in voters.items()}


def _children(organisation: Organisation) -> dict[UnitCode, list[UnitCode]]:
    children: dict[UnitCode, list[UnitCode]] = {}
    for unit in organisation.units:
        if unit.parent is not None:
            children.setdefault(unit.parent, []).append(unit.code)
    return children


def _subtree(unit: UnitCode, children: Mapping[UnitCode, list[UnitCode]]) -> set[UnitCode]:
    found, waiting = {unit}, [unit]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return found


def _posts_by_subject(organisation: Organisation) -> dict[tuple[UnitCode, PersonCode], list[Post]]:
    """(unit, person) voted on → all posts the person holds in that unit, the one voted on first."""
    subjects = {(post.unit, post.person) for post in organisation.posts if post.subject}
    held: dict[tuple[UnitCode, PersonCode], list[Post]] = {}
    for post in organisation.posts:
        if (post.unit, post.person) in subjects:
            held.setdefault((post.unit, post.person), []).append(post)
    return {
        key: sorted(posts, key=lambda post: (not post.subject, post.kind, post.title))
        for key, posts in held.items()
    }


def _history(
    organisation: Organisation, year: int, levels: Collection[str]
) -> dict[tuple[str, str], Previous]:
    if set(levels) != {"high", "plain", "low"}:
        return {}
    return {(row.person, row.unit): _previous(row) for row in organisation.history if row.year == year}


def _previous(row: PaperResult) -> Previous:
    counts = {"high": row.high, "plain": row.plain, "low": row.low}
    return Previous(row.year, row.returned, row.summoned, counts)


def _bytes(key: tuple[str, str]) -> tuple[bytes, bytes]:
    return key[0].encode(), key[1].encode()
