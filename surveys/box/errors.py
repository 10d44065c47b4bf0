"""What the box refuses, one class for each kind (docs/protocol.md §8.6, §9, §10).

Nothing was stored when one of these is raised. None of them carries ballot bytes, keys or digests.
"""

from __future__ import annotations

from surveys.errors import SurveysError


class BoxError(SurveysError):
    """A refusal of the box."""


class BoxExists(BoxError):
    """The box is prepared already; preparing it twice would lose what it holds."""


class BoxNotPrepared(BoxError):
    """The box has no key or no slots yet."""


class ForeignBox(BoxError):
    """The box was made for another manifest."""


class NotOpenYet(BoxError):
    """9.1: the polls have not opened."""


class PollsClosed(BoxError):
    """9.1: the polls have closed; this ballot was not kept."""


class GateStillOpen(BoxError):
    """The box can be sealed only after the gate is shut."""


class NotSealed(BoxError):
    """There is no board before the box is sealed."""


class WrongSize(BoxError):
    """9.1: these bytes have not the length of a ballot of their panel."""

    def __init__(self, size: int) -> None:
        super().__init__(f"{size} bytes are not a ballot of this vote")
        self.size = size


class OlderBallot(BoxError):
    """9.2: the box holds a ballot of this key with the same or a higher sequence number, and it is not these
    bytes.
    """


class RevotingNotAllowed(BoxError):
    """9.2: the box holds a ballot of this key, and this vote does not let a later one take its place."""


class DuplicateComponent(BoxError):
    """8.6: a point of this ballot occurs in another ballot of the panel, or twice in this one."""


class TrackerClash(BoxError):
    """10.1: another ballot has the same tracker."""


class PanelFull(BoxError):
    """The panel has as many ballots as voters. It means forged tokens: an incident."""


class BoxDamaged(BoxError):
    """What is stored contradicts itself."""


class NotServed(BoxError):
    """No vote with this id is served here."""


class NotAPrefix(BoxError):
    """15.5: trackers of this vote are looked up by so many hex digits."""

    def __init__(self, digits: int) -> None:
        super().__init__(f"a prefix has {digits} hex digits here, or is 'all' where it has none")
        self.digits = digits
