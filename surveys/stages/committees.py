"""The counting committee on the desk: personal links for its members, how far its ceremony is, the ceremony again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from surveys.accounts.links import Purpose, end_links, make_link
from surveys.accounts.staff_log import Act, Actor, StaffLog
from surveys.committee import ceremony
from surveys.committee.complaints import complaints
from surveys.committee.errors import ForeignTrustee
from surveys.rounds import ledger
from surveys.rounds.ledger import Round
from surveys.rounds.states import State
from surveys.stages.stating import root_of
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores

DAYS_OF_A_LINK = 30


@dataclass(frozen=True, slots=True)
class MemberThere:
    """A member and which of the ceremony's three steps they have done; `named` where another member has named a wrong deal of theirs."""

    number: int
    name: str
    steps: int
    named: bool


@dataclass(frozen=True, slots=True)
class CommitteeDesk:
    """The committees of an instance."""

    stores: Stores
    keyring: Keyring
    log: StaffLog
    now: Callable[[], datetime]

    def members(self, found: Round) -> tuple[MemberThere, ...]:
        """The members in order, with how far each is. Stores nothing."""
        definition = found.definition
        names = enumerate(definition.trustees, 1)
        if found.state is not State.FROZEN:
            return tuple(MemberThere(number, name, 3, False) for number, name in names)
        record = ceremony.record(self.stores.app, definition, found.attempt)
        steps = [
            {each.trustee for each in messages}
            for messages in (record.commits, record.deals, record.confirms)
        ]
        named = {each["dealer"] for each in complaints(self.stores.app, definition, found.attempt)}
        return tuple(
            MemberThere(number, name, sum(number in done for done in steps), number in named)
            for number, name in names
        )

    def link(self, by: Actor, survey: str, member: int, days: int = DAYS_OF_A_LINK) -> tuple[str, str]:
        """Name and token of a member's personal link; an earlier one ends. Raises NoSuchRound or ForeignTrustee."""
        definition = ledger.find(self.stores.app, self.keyring, survey).definition
        if not 1 <= member <= len(definition.trustees):
            raise ForeignTrustee(member)
        name = definition.trustees[member - 1]
        with self.log.acting(
            by,
            Act.ROUND_LINK,
            unit=root_of(definition),
            survey=survey,
            purpose="committee",
            member=name,
        ):
            token = make_link(self.stores.app, survey, Purpose.TRUSTEE, member, self.now(), days)
        return name, token

    def restart(self, by: Actor, survey: str, names: Sequence[str], threshold: int) -> int:
        """Begin the ceremony again, with the same members or with others (then their links end); the attempt's number.

        Raises IllegalMove once the ceremony is finished, Inconsistent for a committee that cannot be.
        """
        definition = ledger.find(self.stores.app, self.keyring, survey).definition
        changed = replace(definition, trustees=tuple(names), threshold=threshold)
        changed.check()
        same = changed == definition
        with self.log.acting(
            by,
            Act.ROUND_COMMITTEE,
            unit=root_of(definition),
            survey=survey,
            members="; ".join(names),
            threshold=threshold,
        ):
            if same:
                return ledger.next_attempt(self.stores.app, survey)
            attempt = ledger.change_committee(self.stores.app, self.keyring, changed)
            end_links(self.stores.app, survey, Purpose.TRUSTEE)
            return attempt
