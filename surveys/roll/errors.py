"""What the roll refuses, one class for each kind (docs/protocol.md §6, §7).

Nothing was stored when one of these is raised. None of them carries a slip's code, a key or a person.
"""

from __future__ import annotations

from surveys.errors import SurveysError


class RollError(SurveysError):
    """A refusal of the roll."""


class RollFrozen(RollError):
    """The roll is frozen already; freezing it again would lose who has asked for a paper."""


class RollNotFrozen(RollError):
    """There is no frozen roll yet."""


class EmptyPanel(RollError):
    """A panel without voters."""

    def __init__(self, panel: int) -> None:
        super().__init__(f"panel {panel} has no voter")
        self.panel = panel


class SlipTwice(RollError):
    """Two lines of the roll carry the same slip key."""


class VoterTwice(RollError):
    """Two lines of the roll name the same voter."""


class ReferenceTooLong(RollError):
    """A voter's code does not fit the fixed width of its column."""


class UnknownPanel(RollError):
    """There is no such panel."""

    def __init__(self, panel: int) -> None:
        super().__init__(f"there is no panel {panel}")
        self.panel = panel


class ImpossibleAttendance(RollError):
    """More people present than summoned, or fewer than have a ballot paper already."""

    def __init__(self, panel: int, present: int, issued: int, summoned: int) -> None:
        super().__init__(
            f"panel {panel}: {issued} issued ≤ {present} present ≤ {summoned} summoned does not hold"
        )
        self.panel, self.present, self.issued, self.summoned = panel, present, issued, summoned


class NoQuorum(RollError):
    """Too few people are present for papers to be issued."""

    def __init__(self, panel: int, present: int, summoned: int) -> None:
        super().__init__(f"panel {panel}: {present} of {summoned} present, too few for the rule")
        self.panel, self.present, self.summoned = panel, present, summoned


class IssuingNotOpen(RollError):
    """7.3: no paper has been issued in this panel yet."""


class IssuingClosed(RollError):
    """7.3: no more papers are issued in this panel."""


class UnknownSlip(RollError):
    """7.3: this slip is not on this panel's roll."""


class SecondBlindedMessage(RollError):
    """7.3: this slip has asked for its paper with another blinded message."""


class AllPapersIssued(RollError):
    """As many papers have been issued in this panel as people are present (13.1)."""


class TokenKeysDestroyed(RollError):
    """The private halves of the token keys have been destroyed."""


class ForeignTokenKey(RollError):
    """A stored private token key is not the other half of the public one in the manifest."""


class NoSuchVote(RollError):
    """No vote with this id is served here."""


class WrongLength(RollError):
    """15.2, 15.3: these bytes have not the length of such a request."""

    def __init__(self, size: int, wanted: int) -> None:
        super().__init__(f"{size} bytes, {wanted} wanted")
        self.size, self.wanted = size, wanted


class SlipReplaced(RollError):
    """6.4: this slip was replaced by a newer one."""


class PaperIssued(RollError):
    """6.4: the slip's paper is issued; a new slip would get a second one."""


class UnknownVoter(RollError):
    """6.4: nobody with this code is on this panel's roll."""
