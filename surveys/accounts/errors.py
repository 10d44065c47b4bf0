"""What the accounts refuse."""

from __future__ import annotations

from surveys.errors import SurveysError
from surveys.names import UnitCode


class NoSuchLink(SurveysError):
    """The link is not, or no longer, one that lets anybody in."""


class LinkExpired(SurveysError):
    """The link was good until a moment that has passed."""


class NotVouchedFor(SurveysError):
    """The answer of the organisation's sign-in is not one to believe; `why` in English."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"the organisation's sign-in: {why}")


class NotInvited(SurveysError):
    """Whom the organisation's sign-in names has no account here."""


class ProviderUnreachable(SurveysError):
    """The organisation's sign-in does not answer."""


class NotYours(SurveysError):
    """The account has no role that covers this: another unit, or another kind of work. `roles` are those that
    would do.
    """

    def __init__(self, roles: tuple[str, ...], unit: UnitCode) -> None:
        self.roles, self.unit = roles, unit
        super().__init__(f"none of the roles {', '.join(roles)} over {unit}")


class NoSuchStaff(SurveysError):
    """There is no such account, or none that this account may see."""

    def __init__(self, staff: str) -> None:
        self.staff = staff
        super().__init__(f"there is no account {staff}")


class AddressTaken(SurveysError):
    """Another account has this e-mail address."""


class LastAdministrator(SurveysError):
    """Nobody could give roles over the whole organisation any more."""


class BadGrant(SurveysError):
    """A role over a unit that does not exist, or a leader without a person."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class NoSuchInvitation(SurveysError):
    """The invitation is not, or no longer, good: accepted, replaced by a newer one, or over its time."""


class WeakPassword(SurveysError):
    """The password is shorter than accounts need, or is what anybody would try first."""


class TokenNeeded(SurveysError):
    """The request came without a token."""


class TokenRefused(SurveysError):
    """The token is not, or no longer, good: never made, ended, over its time, or of an account that has
    ended.
    """


class NoSuchToken(SurveysError):
    """The account has no token of this id."""


class TokenNotMade(SurveysError):
    """A token without a role, for too long, or one too many."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class CodeSpent(SurveysError):
    """The code of the authenticator app was used before, or is older than one that was."""


class AccountChanged(SurveysError):
    """What the account signs in with was changed by another request meanwhile; this one would have
    undone it.
    """


class LogBroken(SurveysError):
    """The chain of the staff log does not hold: an entry was changed, removed or put in."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"the staff log is broken at entry {number}")
