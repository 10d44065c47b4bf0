"""The organisation as pages look it up: tree, people, posts, grading, contests, search. Read-only, kept in
memory.

`within` restricts it to a unit and everything below it; what lies outside is not there for any of its
answers. Danger: whoever adds an answer must give it through `_see`, `_units` or `_members`;
`tests/organisation/test_catalogue.py` holds every answer of a restricted catalogue against one that was made
of nothing but that part of the organisation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from surveys.names import PersonCode, UnitCode
from surveys.organisation.errors import NoSuchPerson, NoSuchUnit
from surveys.organisation.index import Index, Numbers
from surveys.organisation.values import Grading, Organisation, PaperResult, Person, Post, Scope, Unit
from surveys.web.fields import plain


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post and who holds it; `unified`: the holder has a party post and heads the agency in this unit."""

    post: Post
    person: Person
    unified: bool


@dataclass(frozen=True, slots=True)
class Contest:
    """One leader in one unit: the titles (the one voted on first), whose members vote, and how many
    they are.
    """

    person: Person
    unit: Unit
    titles: tuple[str, ...]
    electorate: Scope
    voters: int


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is missing before a vote can be held: units without members, without a grading of the last graded
    year, contests that nobody votes in, and how many voters have no mail address.
    """

    empty_units: tuple[Unit, ...]
    not_graded: tuple[Unit, ...]
    graded_year: int | None
    nobody_votes: tuple[Contest, ...]
    no_address: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The organisation at a revision, or the part of it below `top`."""

    revision: int
    top: Unit
    _index: Index
    _guests: dict[PersonCode, Person]

    @classmethod
    def of(cls, organisation: Organisation, revision: int) -> Catalogue:
        """The whole organisation, which has a root."""
        index = Index.of(organisation)
        return cls(revision, index.units[index.order[0]], index, {})

    def within(self, unit: UnitCode) -> Catalogue:
        """The unit and everything below it, and nothing else. Raises NoSuchUnit.

        Somebody from elsewhere who holds a post there is there by name, as somebody of that unit who does not
        vote.
        """
        top = self.unit(unit)
        if top is self.top:
            return self
        guests: dict[PersonCode, Person] = {}
        for code in self._index.below(unit):
            held = [post.person for post in self._index.posts_in.get(code, ())]
            for person in (*held, *(row.person for row in self._index.results_in.get(code, ()))):
                found = self._index.people[person]
                if not self._index.covers(unit, found.unit):
                    guests[person] = replace(found, unit=unit, votes=False, email=None)
        return Catalogue(self.revision, replace(top, parent=None), self._index, guests)

    def has(self, unit: UnitCode) -> bool:
        """Whether there is such a unit here."""
        return unit in self._index.units and self._index.covers(self.top.code, unit)

    def unit(self, code: UnitCode) -> Unit:
        """The unit of this code. Raises NoSuchUnit."""
        self._see(code)
        return self.top if code == self.top.code else self._index.units[code]

    def path(self, code: UnitCode) -> tuple[Unit, ...]:
        """From the top down to this unit. Raises NoSuchUnit."""
        units = [self.unit(code)]
        while (parent := units[-1].parent) is not None:
            units.append(self.unit(parent))
        return tuple(reversed(units))

    def children(self, code: UnitCode) -> tuple[Unit, ...]:
        """The units right below, by code. Raises NoSuchUnit."""
        self._see(code)
        return tuple(self._index.units[child] for child in self._index.children.get(code, ()))

    def units(self, code: UnitCode | None = None) -> tuple[Unit, ...]:
        """The unit (the top) and everything below it, each after its parent. Raises NoSuchUnit."""
        return tuple(self._units(code))

    def numbers(self, code: UnitCode | None = None) -> Numbers:
        """How many there are of everything in the unit and below it. Raises NoSuchUnit."""
        at = self.top.code if code is None else code
        self._see(at)
        found = self._index.numbers(at)
        if at != self.top.code or not self._guests:
            return found
        return replace(found, people=found.people + len(self._guests))

    def person(self, code: PersonCode) -> Person:
        """The person of this code. Raises NoSuchPerson."""
        if code in self._guests:
            return self._guests[code]
        found = self._index.people.get(code)
        if found is None or not self.has(found.unit):
            raise NoSuchPerson(code)
        return found

    def from_elsewhere(self, code: PersonCode) -> bool:
        """Whether the person belongs to a unit outside and only holds a post here. Raises NoSuchPerson."""
        return self.person(code).code in self._guests

    def people_of(self, code: UnitCode) -> tuple[Person, ...]:
        """The members of this very unit, by code. Raises NoSuchUnit."""
        self._see(code)
        guests = self._guests.values() if code == self.top.code else ()
        members = self._index.people_in.get(code, ())
        return tuple(sorted([*members, *guests], key=lambda each: each.code)) if guests else members

    def posts_in(self, code: UnitCode) -> tuple[HeldPost, ...]:
        """The posts in this very unit: heads and party posts first. Raises NoSuchUnit."""
        self._see(code)
        posts = sorted(
            self._index.posts_in.get(code, ()),
            key=lambda post: (not post.head, post.kind, post.title, post.person),
        )
        return self._held(posts)

    def posts_of(self, code: PersonCode) -> tuple[HeldPost, ...]:
        """The posts that this person holds here. Raises NoSuchPerson."""
        self.person(code)
        return self._held(post for post in self._index.posts_of.get(code, ()) if self.has(post.unit))

    def unified_in(self, code: UnitCode) -> frozenset[PersonCode]:
        """Who holds a unified post in this very unit. Raises NoSuchUnit."""
        return frozenset(each.person.code for each in self.posts_in(code) if each.unified)

    def gradings_of(self, code: UnitCode) -> tuple[Grading, ...]:
        """The unit's gradings, the newest first. Raises NoSuchUnit."""
        self._see(code)
        return tuple(sorted(self._index.gradings_of.get(code, ()), key=lambda each: -each.year))

    def grading(self, code: UnitCode, year: int) -> Grading | None:
        """The unit's grading in a year. Raises NoSuchUnit."""
        return next((each for each in self.gradings_of(code) if each.year == year), None)

    def graded_years(self) -> tuple[int, ...]:
        """The years in which some unit here was graded, the newest first."""
        gradings = self._index.gradings_of
        years = {each.year for unit in self._codes() for each in gradings.get(unit, ())}
        return tuple(sorted(years, reverse=True))

    def results_of(self, code: PersonCode) -> tuple[PaperResult, ...]:
        """The person's earlier results here, the newest first. Raises NoSuchPerson."""
        self.person(code)
        found = [row for row in self._index.results_of.get(code, ()) if self.has(row.unit)]
        return tuple(sorted(found, key=lambda row: (-row.year, row.unit)))

    def results_in(self, code: UnitCode) -> tuple[PaperResult, ...]:
        """The earlier results of this very unit, the newest first. Raises NoSuchUnit."""
        self._see(code)
        return tuple(sorted(self._index.results_in.get(code, ()), key=lambda row: (-row.year, row.person)))

    def contests_in(self, code: UnitCode) -> tuple[Contest, ...]:
        """Who is voted on in this very unit, and by how many. Raises NoSuchUnit."""
        self._see(code)
        titles: dict[PersonCode, list[Post]] = {}
        for post in self._index.posts_in.get(code, ()):
            titles.setdefault(post.person, []).append(post)
        found = []
        for person, posts in sorted(titles.items()):
            voted_on = [post for post in posts if post.subject]
            if voted_on:
                rest = [post for post in posts if not post.subject]
                scope = voted_on[0].electorate
                voters = (
                    len(self._index.voters_in(code))
                    if scope == Scope.UNIT
                    else self._index.numbers(code).voters
                )
                named = tuple(post.title for post in (*voted_on, *rest))
                found.append(Contest(self.person(person), self.unit(code), named, scope, voters))
        return tuple(found)

    def contests_over(self, code: UnitCode) -> tuple[Contest, ...]:
        """In which contests the members of this very unit vote: those of the unit, and of the units above it
        here. Raises NoSuchUnit.
        """
        above = self.path(code)[:-1]
        wide = [
            each for unit in above for each in self.contests_in(unit.code) if each.electorate == Scope.SUBTREE
        ]
        return (*wide, *self.contests_in(code))

    def find_units(self, words: str, code: UnitCode | None = None) -> tuple[Unit, ...]:
        """Units in and below this one with all these words in code or name, accents left aside. Raises
        NoSuchUnit.
        """
        sought = plain(words).split()
        texts = self._index.unit_texts
        return tuple(unit for unit in self._units(code) if all(word in texts[unit.code] for word in sought))

    def find_people(self, words: str, code: UnitCode | None = None) -> tuple[Person, ...]:
        """People in and below this unit with all these words in code or name, accents left aside. Raises
        NoSuchUnit.
        """
        sought = plain(words).split()
        texts = self._index.person_texts
        return tuple(each for each in self._members(code) if all(word in texts[each.code] for word in sought))

    def gaps(self) -> Gaps:
        """What is missing before a vote can be held."""
        units = self.units()
        years = self.graded_years()
        # Only kinds of units that are graded at all: cells may be graded by nobody.
        last = years[0] if years else None
        kinds = {
            unit.kind for unit in units if last is not None and self.grading(unit.code, last) is not None
        }
        return Gaps(
            # Of a branch in which nobody votes, the topmost unit tells it all.
            tuple(
                unit
                for unit in units
                if self.numbers(unit.code).voters == 0
                and (unit.parent is None or self.numbers(unit.parent).voters)
            ),
            tuple(
                unit
                for unit in units
                if unit.kind in kinds and last and self.grading(unit.code, last) is None
            ),
            last,
            tuple(each for unit in units for each in self.contests_in(unit.code) if each.voters == 0),
            sum(each.votes and each.email is None for each in self._members(None)),
        )

    def _see(self, code: UnitCode) -> None:
        if not self.has(code):
            raise NoSuchUnit(code)

    def _codes(self, code: UnitCode | None = None) -> Iterator[UnitCode]:
        at = self.top.code if code is None else code
        self._see(at)
        return iter(self._index.below(at))

    def _units(self, code: UnitCode | None) -> Iterator[Unit]:
        return (self.unit(each) for each in self._codes(code))

    def _members(self, code: UnitCode | None) -> Iterator[Person]:
        """Everybody in and below a unit."""
        if code is None or code == self.top.code:
            yield from self._guests.values()
        for each in self._codes(code):
            yield from self._index.people_in.get(each, ())

    def _held(self, posts: Iterable[Post]) -> tuple[HeldPost, ...]:
        unified = self._index.unified
        return tuple(
            HeldPost(each, self.person(each.person), (each.unit, each.person) in unified) for each in posts
        )
