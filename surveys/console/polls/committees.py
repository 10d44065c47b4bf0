"""The counting committee on the desk: personal links for its members, how far its ceremony is, the ceremony
again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from surveys.accounts.links import Purpose, end_links, make_link
from surveys.accounts.staff_log import Act, Actor, StaffLog
from surveys.committee import ceremony
from surveys.committee.complaints import complaints
from surveys.committee.errors import ForeignTrustee
from surveys.instance.member_mail_job import DAYS_OF_A_LINK
from surveys.letters.member_letters import forget_members
from surveys.names import RoundId
from surveys.rounds import ledger
from surveys.rounds.ledger import Round
from surveys.rounds.states import State
from surveys.stores.store import Stores


@dataclass(frozen=True, slots=True)
class MemberThere:
    """A member and which of the ceremony's three steps they have done; `named` where another member has named
    a wrong deal of theirs.
    """

    number: int
    name: str
    steps: int
    named: bool


@dataclass(frozen=True, slots=True)
class Committees:
    """The committees of an instance."""

    stores: Stores
    log: StaffLog
    now: Callable[[], datetime]

    def members(self, found: Round) -> tuple[MemberThere, ...]:
        """The members in order, with how far each is. Stores nothing."""
        definition = found.definition
        names = enumerate(definition.trustees, 1)
        if found.state is not State.FROZEN:
            return tuple(MemberThere(number, name, 3, False) for number, name in names)
        record = ceremony.record(self.stores.engines.app, definition, found.attempt)
        steps = [
            {each.trustee for each in messages}
            for messages in (record.commits, record.deals, record.confirms)
        ]
        named = {each.dealer for each in complaints(self.stores.engines.app, definition, found.attempt)}
        return tuple(
            MemberThere(number, name, sum(number in done for done in steps), number in named)
            for number, name in names
        )

    def link(self, by: Actor, round_id: RoundId, member: int, days: int = DAYS_OF_A_LINK) -> tuple[str, str]:
        """Name and token of a member's personal link; an earlier one ends. Raises NoSuchRound or
        ForeignTrustee.
        """
        definition = ledger.find(self.stores.app, round_id).definition
        if not 1 <= member <= len(definition.trustees):
            raise ForeignTrustee(member)
        name = definition.trustees[member - 1]
        with self.log.acting(
            by,
            Act.ROUND_LINK,
            unit=definition.top,
            round_id=round_id,
            purpose="committee",
            member=name,
        ):
            token = make_link(self.stores.engines.app, round_id, Purpose.TRUSTEE, member, self.now(), days)
        return name, token

    def restart(self, by: Actor, round_id: RoundId, names: Sequence[str], threshold: int) -> int:
        """Begin the ceremony again, with the same members or with others (then their links end); the
        attempt's number.

        Raises IllegalMove once the ceremony is finished, Inconsistent for a committee that cannot be.
        """
        definition = ledger.find(self.stores.app, round_id).definition
        changed = replace(definition, trustees=tuple(names), threshold=threshold)
        changed.check()
        same = changed == definition
        with self.log.acting(
            by,
            Act.ROUND_COMMITTEE,
            unit=definition.top,
            round_id=round_id,
            members="; ".join(names),
            threshold=threshold,
        ):
            if same:
                return ledger.next_attempt(self.stores.engines.app, round_id)
            attempt = ledger.change_committee(self.stores.app, changed)
            forget_members(self.stores.engines.app, round_id)
            end_links(self.stores.engines.app, round_id, Purpose.TRUSTEE)
            return attempt
