"""What the committee refuses."""

from __future__ import annotations

from surveys.errors import SurveysError


class StaleMessage(SurveysError):
    """A trustee's message of this round is in already, and this is another one."""

    def __init__(self, kind: str, trustee: int) -> None:
        self.kind, self.trustee = kind, trustee
        super().__init__(f"trustee {trustee} has given another {kind} before; the first one stands")


class TooEarly(SurveysError):
    """A round of the ceremony begins only when the one before it is complete."""

    def __init__(self, kind: str, waiting_for: tuple[int, ...]) -> None:
        self.kind, self.waiting_for = kind, waiting_for
        listed = ", ".join(map(str, waiting_for))
        super().__init__(f"{kind} is not possible yet: waiting for trustee {listed}")


class SecondPlan(SurveysError):
    """One board is opened under one plan only: the difference of two would open smaller groups."""

    def __init__(self) -> None:
        super().__init__("a plan was proposed for this count before, and this is another one")


class ForeignTrustee(SurveysError):
    """The message names a trustee that this committee does not have."""

    def __init__(self, trustee: int) -> None:
        self.trustee = trustee
        super().__init__(f"this committee has no trustee {trustee}")


class NotEnoughShares(SurveysError):
    """The count needs t valid shares."""

    def __init__(self, given: int, needed: int) -> None:
        self.given, self.needed = given, needed
        super().__init__(f"{given} valid shares are in, {needed} are needed")


class RefusedByTrustee(SurveysError):
    """A trustee's own check of what it should open has failed; nothing was signed."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"the trustee signs nothing: {what}")


class TooFewCosigned(SurveysError):
    """Fewer members than needed have cosigned this board: `missing` are to be called, and named absent if
    they cannot come.
    """

    def __init__(self, missing: tuple[int, ...]) -> None:
        self.missing = missing
        listed = ", ".join(map(str, missing))
        super().__init__(f"too few members have cosigned this board; call member {listed}")


class LookUpTime(SurveysError):
    """Voters may still look their ballots up: nothing is opened before that time is over."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"voters look their ballots up for another {seconds:.0f} seconds")


class CountNotReady(SurveysError):
    """The count, or its papers, are not there yet."""


class EnoughShares(SurveysError):
    """The count has the shares that it needs."""

    def __init__(self, given: int) -> None:
        self.given = given
        super().__init__(f"{given} valid shares are in; no more are needed")


class BadLink(SurveysError):
    """What was given is no personal link."""


class ServerUnreachable(SurveysError):
    """The server did not answer, or with something that is not its own."""


class ServerRefused(SurveysError):
    """The server has answered: no. Its sentences are for people."""

    def __init__(self, name: str, en: str, vi: str) -> None:
        self.name, self.en, self.vi = name, en, vi
        super().__init__(f"{name}: {en}")


class WrongSheet(SurveysError):
    """The sheet is not this member's, or the ceremony cannot go on with it."""
