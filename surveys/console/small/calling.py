"""A small vote is called: a list of names becomes an organisation of one unit and a round over it, ready for
its slips (docs/decisions/0052).

Underneath it is a round like any other: the same rule, the same committee with its key, the same smallest
group. Order: the organisation, then the round. Killed in between and run again with the same list it goes on;
with another list it is refused, because something is there already.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from surveys.accounts.roles import EVERYWHERE, Staff, require
from surveys.accounts.staff_log import Act, Actor, StaffLog
from surveys.console.preparation.drafting import ORGANIZERS, Drafting
from surveys.instants import instant
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.organisation.errors import OrganisationChanged
from surveys.organisation.register import import_organisation, load_held, unit_tree
from surveys.organisation.values import Organisation, Person, Post, PostKind, Scope, Unit
from surveys.protocol.definition import Visibility
from surveys.protocol.stationery import Stationery
from surveys.rounds import drafts
from surveys.rounds.definition import Terms
from surveys.rules.preset import Preset
from surveys.stores.store import Store

UNIT = UnitCode("CB01")
THRESHOLD = 2
POINTS = ("basics", "rule", "subjects", "calendar", "settings", "committee", "papers")
"""The points of a round that the one page of a small vote decides."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the list; `post` is what they are voted on as, empty for those who only vote."""

    name: str
    post: str


@dataclass(frozen=True, slots=True)
class Called:
    """What the organizer has said on the page: `hours` the polls stay open from now on."""

    unit: str
    members: Sequence[Member]
    trustees: tuple[str, ...]
    preset: str
    visibility: Visibility
    hours: int


@dataclass(frozen=True, slots=True)
class SmallVotes:
    """Small votes of an instance. `now` is in UTC."""

    store: Store
    log: StaffLog
    drafting: Drafting
    now: Callable[[], datetime]

    def empty(self) -> bool:
        """Whether nothing was imported yet, so that a list of names can be everything there is."""
        return not unit_tree(self.store.engine)

    def call(self, by: Staff, called: Called) -> RoundId:
        """The organisation, the round, and its id. Raises NotYours, or OrganisationChanged where another
        organisation is there already; nothing is stored then.
        """
        require(by, ORGANIZERS, EVERYWHERE, {})
        wanted = one_unit(called.unit, called.members)
        held = load_held(self.store).organisation
        if held.units and held != wanted:
            raise OrganisationChanged  # a small vote begins with an empty desk
        if not held.units:
            people = len(wanted.people)
            with self.log.acting(
                Actor.of(by), Act.ORGANISATION_IMPORTED, unit=UNIT, reason="small vote", added=people
            ):
                import_organisation(self.store, wanted, confirmed=False)
        terms = self._terms(called)
        with self.log.acting(
            Actor.of(by), Act.ROUND_CREATED, unit=UNIT, round_id=terms.round_id, year=terms.year
        ):
            drafts.save_draft(self.store, terms)
        return terms.round_id

    def _terms(self, called: Called) -> Terms:
        opens = instant(self.now().replace(second=0, microsecond=0))
        year = opens.year
        return Terms(
            survey=secrets.token_bytes(16),
            title_vi=f"Lấy phiếu tín nhiệm năm {year}, {called.unit}",
            title_en=f"Confidence vote {year}, {called.unit}",
            number="",
            place="",
            year=year,
            opens=opens,
            closes=instant(opens + timedelta(hours=called.hours)),
            preset=Preset.load(called.preset),
            trustees=called.trustees,
            threshold=THRESHOLD,
            visibility=called.visibility,
            clients=self.drafting.clients.named,
            time_zone=self.drafting.zone,
            unit=UNIT,
            on_desk=True,
            decided=POINTS,
            papers=Stationery(self.drafting.letterhead),
        )


def one_unit(name: str, members: Sequence[Member]) -> Organisation:
    """The organisation of one unit in which these people vote, and are voted on by it where they have a post
    on the list. A later import with the same codes makes it part of a larger one.
    """
    people = [
        (Person(PersonCode(f"{UNIT}-{number:03}"), each.name, UNIT, None, True), each.post)
        for number, each in enumerate(members, 1)
    ]
    return Organisation.of(
        [Unit(UNIT, None, name, None, "cell")],
        [person for person, _ in people],
        [
            Post(UNIT, person.code, post, PostKind.PARTY, False, True, Scope.UNIT)
            for person, post in people
            if post
        ],
    )
