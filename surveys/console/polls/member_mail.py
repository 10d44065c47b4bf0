"""Personal links of the counting committee by e-mail: asked for here, sent in the background, with how far
each letter is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from surveys.accounts.staff_log import Act, Actor, StaffLog
from surveys.committee.errors import ForeignTrustee
from surveys.instance.kinds import MEMBERS
from surveys.instance.mailing_job import Outgoing
from surveys.jobs.queue import Job, Jobs
from surveys.letters.member_letters import MemberLetter, letters_to_members, write_to_member
from surveys.mail.message import Message
from surveys.names import RoundId
from surveys.rounds import ledger
from surveys.rounds.errors import IllegalMove
from surveys.rounds.ledger import Round
from surveys.rounds.states import State, has_reached
from surveys.stores.store import Store


@dataclass(frozen=True, slots=True)
class MemberMail:
    """The letters to members of an instance's committees."""

    store: Store
    log: StaffLog
    jobs: Jobs
    outgoing: Outgoing

    def possible(self, found: Round) -> bool:
        """Whether letters can leave, and members still have something to do."""
        return self.outgoing.ready and not has_reached(found.state, State.PUBLISHED)

    def letters(self, round_id: RoundId) -> Mapping[int, MemberLetter]:
        """Member → the last letter to them. Stores nothing."""
        return letters_to_members(self.store, round_id)

    def job(self, round_id: RoundId) -> Job | None:
        """How their sending stands."""
        return self.jobs.look(MEMBERS, round_id)

    def send_link(self, by: Actor, round_id: RoundId, member: int, address: str) -> str:
        """Let a letter with a new personal link go to this address; the member's name. Returns at once.

        The link is made, and the earlier one ends, when the letter leaves. Asked a second time, the later
        letter takes the place of one that waits. Raises NoSuchRound, ForeignTrustee, NoMailServer,
        NoSiteAddress, BadMessage, or IllegalMove once the results are published; nothing is kept then.
        """
        found = self._unpublished(round_id)
        definition = found.definition
        if not 1 <= member <= len(definition.trustees):
            raise ForeignTrustee(member)
        self.outgoing.require()
        Message(address, "-", "-")
        name = definition.trustees[member - 1]
        facts = {"purpose": "committee", "member": name}
        with self.log.acting(by, Act.ROUND_LINK, unit=definition.top, round_id=round_id, **facts):
            write_to_member(self.store, round_id, member, address)
        self.jobs.begin(MEMBERS, round_id)
        return name

    def send_what_waits(self, round_id: RoundId) -> Job:
        """Try again, after the mail server was not to be had. Raises as `send_link` does."""
        self._unpublished(round_id)
        self.outgoing.require()
        return self.jobs.begin(MEMBERS, round_id)

    def _unpublished(self, round_id: RoundId) -> Round:
        found = ledger.find(self.store, round_id)
        if has_reached(found.state, State.PUBLISHED):
            raise IllegalMove(round_id, found.state.value, "written to")
        return found
